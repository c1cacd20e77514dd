-- doc/generate/rows.lua: the rows of the operation map, with what doc/resources.lua says of them.
local ddokta = require "ddokta"
local resources = require "doc.resources"
local rows = require "doc.generate.rows"

local function rows_of(service)
  local list = {}
  for _, row in ipairs(ddokta.operations) do
    if row.service == service then list[#list + 1] = row end
  end
  return list
end

describe("doc.resources", function()
  it("knows resources and operations that there are alone", function()
    for service, known in pairs(resources) do
      local names, queries = {}, {}
      for _, row in ipairs(rows_of(service)) do
        names[row.name] = true
        for _, query in ipairs(row.query) do
          queries[query], queries[row.name .. " " .. query] = true, true
        end
      end
      for name in pairs(known.operations) do
        assert.is_true(names[name], name)
      end
      for name in pairs(known.queries) do
        assert.is_true(queries[name], name)
      end
      for name, own in pairs(known.own_queries) do
        for query in pairs(own) do
          assert.is_true(queries[name .. " " .. query], name)
        end
      end
    end
  end)
end)

describe("doc.generate.rows", function()
  it("has every row of a service once, by name and by family", function()
    for _, service in ipairs { "datadog", "okta" } do
      local list, count = rows.of(service), 0
      assert.equal(#rows_of(service), #list)
      for i = 2, #list do
        assert.is_true(list[i - 1].name < list[i].name, list[i].name)
      end
      for _, family in ipairs(rows.families(service)) do
        for _, row in ipairs(family.rows) do
          assert.equal(family.name, row.family)
          count = count + 1
        end
      end
      assert.equal(#list, count)
    end
  end)

  it("tells an item's type and whether there are many", function()
    assert.same({ "Team", true }, { rows.item "Team[]" })
    assert.equal("Team", (rows.item "Team"))
    assert.falsy(select(2, rows.item "Team"))
  end)
end)
