-- lua/ddokta/bulk/resources.lua: where a column lives in a resource, and names for ids.
local json = require("ddokta.core").json
local resources = require "ddokta.bulk.resources"
local service = require "spec.lua.bulk.service"
local users = require "ddokta.bulk.kinds.scim_users"

local user = {
  id = "1",
  userName = "a@b.c",
  name = { formatted = "A B" },
  active = true,
  roles = { { value = "r1" }, { value = "r2" } },
  emails = { { type = "home", value = "h@b.c" }, { type = "work", value = "w@b.c", primary = true } },
}

describe("bulk.place", function()
  it("finds a value, however deep", function()
    assert.same({
      userName = "a@b.c",
      name = "A B",
      email = "w@b.c",
      active = true,
      roles = { "r1", "r2" },
    }, resources.row(users, user))
    assert.same({}, resources.row(users, {}))
    assert.same({}, resources.row(users, { name = "text", emails = "text", roles = "text" }))
    local email = { name = "email", at = "emails[work].value" }
    assert.is_nil(resources.get(email, { emails = { 1, { type = "home" } } }))
    assert.same({ "r" }, resources.get({ name = "roles", at = "roles[].value" }, { roles = { "r", {} } }))
  end)

  it("puts it back where it was", function()
    local made = resources.of(users, resources.row(users, user))
    assert.same({ { type = "work", value = "w@b.c", primary = true } }, made.emails)
    made.emails = user.emails
    made.id = "1"
    assert.same(user, made)
    assert.same("[]", json.encode(resources.of(users, { roles = {} }).roles))
  end)

  it(
    "makes operations of SCIM",
    function()
      assert.same({
        { op = "replace", path = "name.formatted", value = "N" },
        { op = "replace", path = 'emails[type eq "work"].value', value = "n@b.c" },
        { op = "replace", path = "active", value = false },
        { op = "replace", path = "roles", value = { { value = "r" } } },
      }, resources.patch(users, { name = "N", email = "n@b.c", active = false, roles = { "r" } }))
    end
  )

  it("adds and removes what differs in a list that is changed by item, and clears", function()
    local groups = require "ddokta.bulk.kinds.scim_groups"
    assert.same(
      {
        { op = "remove", path = "externalId" },
        { op = "remove", path = 'members[value eq "u1"]' },
        { op = "remove", path = 'members[value eq "\\"u2"]' },
        { op = "add", path = "members", value = { { value = "u4" } } },
      },
      resources.patch(
        groups,
        { externalId = "", members = { "u3", "u4" } },
        { members = { "u1", '"u2', "u3" } }
      )
    )
    assert.same(
      { { op = "add", path = "members", value = { { value = "u1" } } } },
      resources.patch(groups, { members = { "u1" } })
    )
    assert.same({}, resources.patch(groups, { members = { "u1" } }, { members = { "u1" } }))
    assert.same({ { op = "replace", path = "title", value = "" } }, resources.patch(users, { title = "" }))
  end)

  it(
    "names what stands at the head of the paths",
    function() assert.same({ name = true, emails = true, roles = true }, resources.heads(users)) end
  )

  it("never shows a secret that a service sends", function()
    local kind = { columns = { { name = "a" }, { name = "s", secret = true } } }
    assert.same({ a = 1 }, resources.row(kind, { a = 1, s = "x", other = 2 }))
  end)
end)

-- --- references ---

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

local function known(...) return assert(resources.read_names(service.new { list_roles = roles(...) }, column)) end

local function forbidden()
  local dd = service.new {}
  dd.list_roles = function() return nil, { kind = "forbidden", message = "no", status = 403, hint = "h" } end
  return dd
end

describe("bulk.refers", function()
  it("makes ids of names in any letter case, and of ids", function()
    assert.same({ "r1", "r2" }, resources.ids(known("Admin", "Standard"), column, { "STANDARD", "r1" }))
    assert.same({}, resources.ids(known "Admin", column, {}))
  end)

  it("says what there is where a name is unknown, first what is most like it, and not too much", function()
    local ids, reason = resources.ids(
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
    local _, several = resources.ids(known "a", column, { "a, b" })
    assert.same(
      "there is no role 'a, b' (where ',' separates items, say so: list separator); there is 'a'",
      several
    )
    assert.same({ nil, "there is no role 'x'" }, { resources.ids(known(), column, { "x" }) })
  end)

  it("does not choose between two of a name", function()
    local ids, reason = resources.ids(known("Admin", "admin"), column, { "Admin" })
    assert.is_nil(ids)
    assert.same("2 roles have the name 'Admin', say which one by its id: r1, r2", reason)
    assert.same({ "r2" }, resources.ids(known("Admin", "admin"), column, { "r2" }))
  end)

  it("takes ids from whoever may not read the names", function()
    local ids_alone = assert(resources.read_names_for(forbidden(), column, { [ID] = true }))
    assert.same({ ID }, resources.ids(ids_alone, column, { ID }))
    local found, err = resources.read_names_for(forbidden(), column, { Admin = true })
    assert.is_nil(found)
    assert.same({ "forbidden", 403, "h" }, { err.kind, err.status, err.hint })
    assert.truthy(err.message:find("the id of 'Admin' is not known", 1, true))
  end)

  it("gives rows of the service names, an id where the name would not lead back", function()
    local dd = service.new { list_roles = roles("Admin", "Twin", "twin") }
    local rows = { { userName = "a", roles = { "r1", "r2", "gone" } }, { userName = "b", roles = {} }, {} }
    assert.is_true((resources.name_rows(dd, kind, rows)))
    assert.same({ "Admin", "gone", "r2" }, rows[1].roles)
    assert.same(2, dd.calls.list_roles) -- its pages, once
    dd = service.new { list_roles = roles "Admin" }
    assert.is_true((resources.name_rows(dd, kind, { { userName = "a", roles = {} } })))
    assert.is_nil(dd.calls.list_roles)
    rows = { { userName = "a", roles = { "r1" } } }
    assert.is_true((resources.name_rows(forbidden(), kind, rows)))
    assert.same({ "r1" }, rows[1].roles)
  end)
end)
