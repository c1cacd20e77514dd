-- Columns whose items are ids to the service and names to people.
local refers = require "ddokta.bulk.refers"
local service = require "spec.lua.bulk.service"

local ID = "b46e5f1a-0000-4000-8000-000000000001"
local column = {
  name = "roles",
  form = "list",
  refers = { list = "list_roles", by = "name", noun = "role", plural = "roles" },
}
local kind = { columns = { { name = "userName" }, column } }

local function roles(...)
  local list = {}
  for i, name in ipairs { ... } do
    list[i] = { id = "r" .. i, name = name }
  end
  return list
end

local function known(...) return assert(refers.read(service.new { list_roles = roles(...) }, column)) end

local function forbidden()
  local dd = service.new {}
  dd.list_roles = function() return nil, { kind = "forbidden", message = "no", status = 403 } end
  return dd
end

describe("bulk.refers", function()
  it("makes ids of names in any letter case, and of ids", function()
    assert.same({ "r1", "r2" }, refers.resolve(known("Admin", "Standard"), column, { "STANDARD", "r1" }))
    assert.same({}, refers.resolve(known "Admin", column, {}))
  end)

  it("says what there is where a name is unknown, first what is most like it, and not too much", function()
    local ids, reason = refers.resolve(
      known("Admin", "Read Only", "Standard", "a", "b", "c", "d"),
      column,
      { "Admin", "Read Onyl", "x" }
    )
    assert.is_nil(ids)
    assert.same(
      "there is no role 'Read Onyl', 'x'; there are 'Read Only', 'Admin', 'Standard', 'a', 'd' and "
        .. "2 more",
      reason
    )
    local _, several = refers.resolve(known "a", column, { "a, b" })
    assert.same(
      "there is no role 'a, b' (where ',' separates items, say so: list separator); there is 'a'",
      several
    )
    assert.same({ nil, "there is no role 'x'" }, { refers.resolve(known(), column, { "x" }) })
  end)

  it("does not choose between two of a name", function()
    local ids, reason = refers.resolve(known("Admin", "admin"), column, { "Admin" })
    assert.is_nil(ids)
    assert.same("2 roles have the name 'Admin', say which one by its id: r1, r2", reason)
    assert.same({ "r2" }, refers.resolve(known("Admin", "admin"), column, { "r2" }))
  end)

  it("takes ids from whoever may not read the names", function()
    local ids_alone = assert(refers.read_for(forbidden(), column, { [ID] = true }))
    assert.same({ ID }, refers.resolve(ids_alone, column, { ID }))
    local found, err = refers.read_for(forbidden(), column, { Admin = true })
    assert.is_nil(found)
    assert.same({ "forbidden", 403 }, { err.kind, err.status })
    assert.truthy(err.message:find("the id of 'Admin' is not known", 1, true))
  end)

  it("gives rows of the service names, an id where the name would not lead back", function()
    local dd = service.new { list_roles = roles("Admin", "Twin", "twin") }
    local rows = { { userName = "a", roles = { "r1", "r2", "gone" } }, { userName = "b", roles = {} }, {} }
    assert.is_true((refers.name_rows(dd, kind, rows)))
    assert.same({ "Admin", "gone", "r2" }, rows[1].roles)
    assert.same(2, dd.calls.list_roles) -- its pages, once
    dd = service.new { list_roles = roles "Admin" }
    assert.is_true((refers.name_rows(dd, kind, { { userName = "a", roles = {} } })))
    assert.is_nil(dd.calls.list_roles)
    rows = { { userName = "a", roles = { "r1" } } }
    assert.is_true((refers.name_rows(forbidden(), kind, rows)))
    assert.same({ "r1" }, rows[1].roles)
  end)
end)
