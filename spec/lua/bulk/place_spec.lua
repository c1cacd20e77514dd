-- Where in a resource a column lives.
local json = require("ddokta.core").json
local place = require "ddokta.bulk.place"
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
    }, place.row(users, user))
    assert.same({}, place.row(users, {}))
    assert.same({}, place.row(users, { name = "text", emails = "text", roles = "text" }))
    local email = { name = "email", at = "emails[work].value" }
    assert.is_nil(place.get(email, { emails = { 1, { type = "home" } } }))
    assert.same({ "r" }, place.get({ name = "roles", at = "roles[].value" }, { roles = { "r", {} } }))
  end)

  it("puts it back where it was", function()
    local made = place.resource(users, place.row(users, user))
    assert.same({ { type = "work", value = "w@b.c", primary = true } }, made.emails)
    made.emails = user.emails
    made.id = "1"
    assert.same(user, made)
    assert.same("[]", json.encode(place.resource(users, { roles = {} }).roles))
  end)

  it(
    "makes operations of SCIM",
    function()
      assert.same({
        { op = "replace", path = "name.formatted", value = "N" },
        { op = "replace", path = 'emails[type eq "work"].value', value = "n@b.c" },
        { op = "replace", path = "active", value = false },
        { op = "replace", path = "roles", value = { { value = "r" } } },
      }, place.patch(users, { name = "N", email = "n@b.c", active = false, roles = { "r" } }))
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
      place.patch(groups, { externalId = "", members = { "u3", "u4" } }, { members = { "u1", '"u2', "u3" } })
    )
    assert.same(
      { { op = "add", path = "members", value = { { value = "u1" } } } },
      place.patch(groups, { members = { "u1" } })
    )
    assert.same({}, place.patch(groups, { members = { "u1" } }, { members = { "u1" } }))
    assert.same({ { op = "replace", path = "title", value = "" } }, place.patch(users, { title = "" }))
  end)

  it(
    "names what stands at the head of the paths",
    function() assert.same({ name = true, emails = true, roles = true }, place.heads(users)) end
  )

  it("never shows a secret that a service sends", function()
    local kind = { columns = { { name = "a" }, { name = "s", secret = true } } }
    assert.same({ a = 1 }, place.row(kind, { a = 1, s = "x", other = 2 }))
  end)
end)
