-- lua/ddokta/bulk/document.lua: a plan or a report as JSON.
local document = require "ddokta.bulk.document"
local json = require("ddokta.core").json

local function each(rows)
  local i = 0
  return function()
    i = i + 1
    return rows[i]
  end
end

local function written(object, rows)
  local parts = {}
  local ok, err = document.write(function(text) parts[#parts + 1] = text end, object, each(rows))
  return ok and table.concat(parts) or nil, err
end

describe("bulk.document", function()
  local object = { kind = "k", counts = { create = 1 }, rows = { "those that are in memory" } }

  it("is the same at once and piece by piece", function()
    local rows = { { key = "a" }, { key = "b" } }
    assert.same(rows, json.decode(written(object, rows)).rows)
    assert.same(
      json.decode(assert(json.encode(document.table(object, each(rows))))),
      json.decode(written(object, rows))
    )
    assert.truthy(written(object, {}):find('"rows":[]', 1, true))
    assert.truthy(assert(json.encode(document.table(object, each {}))):find('"rows":[]', 1, true))
  end)

  it("has fields of its own", function()
    local fields = document.fields(object)
    fields.kind = "other"
    assert.same("k", object.kind)
  end)

  it("answers with what cannot be written", function()
    local text, err = written(object, { { key = "\255" } })
    assert.is_nil(text)
    assert.truthy(err)
    assert.is_nil((written({ kind = "\255" }, {})))
  end)
end)
