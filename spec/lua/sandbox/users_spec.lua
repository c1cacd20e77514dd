-- lua/ddokta/sandbox/datadog/users.lua and invitations.lua; every answer is held against the OpenAPI
local house = require "spec.lua.sandbox.house"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local USERS, NOBODY = "/api/v2/users", "00000000-0000-4000-8000-000000000000"

describe("the sandbox's users", function()
  local box

  before_each(
    function()
      box = house.new {
        users = {
          { email = "cid@example.com", name = "Cid", id = "user-c" },
          { email = "ann@example.com", name = "Ann", id = "user-a", status = "Pending" },
          { email = "bea@example.com", name = "Bea", id = "user-b", status = "Disabled" },
        },
      }
    end
  )

  local function ids(query)
    local list = {}
    local answer = box:must(200, "GET", USERS .. query)
    for i, user in ipairs(answer.data) do
      list[i] = user.id:match("^user%-(.)") or "sandbox"
    end
    return table.concat(list, " "), answer.meta.page
  end

  local function document(attributes, id, relationships)
    return { data = { type = "users", id = id, attributes = attributes, relationships = relationships } }
  end

  it("are listed in pages that count from 0", function()
    assert.equal("sandbox c a b", (ids ""))
    local first, page = ids "?page[size]=3"
    assert.equal("sandbox c a", first)
    assert.same({ total_count = 4, total_filtered_count = 4 }, page)
    assert.equal("b", (ids "?page[size]=3&page[number]=1"))
    assert.equal("", (ids "?page[size]=3&page[number]=2"))
    assert.equal("sandbox c a b", (ids "?page[size]=1000"))
    assert.equal(400, box:ask("GET", USERS .. "?page[number]=x").status)
  end)

  it("are filtered by text and by status", function()
    local found, page = ids "?filter=BEA"
    assert.equal("b", found)
    assert.same({ total_count = 4, total_filtered_count = 1 }, page)
    assert.equal("a b", (ids "?filter[status]=Pending,Disabled"))
    assert.equal("c", (ids "?filter=example.com&filter[status]=Active&page[size]=1&page[number]=1"))
  end)

  it("are sorted when asked, and again after a change", function()
    assert.equal("a b c sandbox", (ids "?sort=name"))
    assert.equal("sandbox c b a", (ids "?sort=-name"))
    assert.equal("sandbox c b a", (ids "?sort=name&sort_dir=desc"))
    box:must(200, "PATCH", USERS .. "/user-a", document({ name = "Zoe" }, "user-a"))
    assert.equal("b c sandbox a", (ids "?sort=name"))
    assert.equal(400, box:ask("GET", USERS .. "?sort=shoe_size").status)
  end)

  it("are created pending, with their roles", function()
    local role = { type = "roles", id = organisation.STANDARD_ROLE_ID }
    local made = box:must(
      201,
      "POST",
      USERS,
      document({ email = "Dan@example.com", name = "Dan" }, nil, { roles = { data = { role } } })
    ).data
    assert.equal("Dan@example.com", made.attributes.handle)
    assert.equal("Pending", made.attributes.status)
    assert.is_false(made.attributes.verified)
    assert.same({ role }, made.relationships.roles.data)
    assert.same(made, box:must(200, "GET", USERS .. "/" .. made.id).data)
    local again = box:ask("POST", USERS, document { email = "dan@EXAMPLE.com" })
    assert.equal(409, again.status)
    assert.same({ "User dan@EXAMPLE.com already exists" }, again.json.errors)
  end)

  local WRONG = {
    { "{", "Invalid JSON" },
    { { data = { type = "user", attributes = {} } }, "data.type must be users" },
    { { data = { type = "users", attributes = {} } }, "email is a required attribute" },
    { { data = { type = "users", attributes = { email = 5 } } }, "email must be a string" },
    {
      {
        data = {
          type = "users",
          attributes = { email = "x" },
          relationships = { roles = { data = { { type = "roles", id = NOBODY } } } },
        },
      },
      "Role " .. NOBODY .. " not found",
    },
    {
      {
        data = {
          type = "users",
          attributes = { email = "x" },
          relationships = { roles = { data = { 5 } } },
        },
      },
      "relationships.roles must name roles by id",
    },
  }

  it("are not created from what is not right", function()
    for _, row in ipairs(WRONG) do
      local answer = box:ask("POST", USERS, row[1])
      assert.equal(400, answer.status)
      assert.same({ row[2] }, answer.json.errors)
    end
    assert.equal(4, box.state.users.count)
  end)

  it("are updated under the id of the path alone", function()
    box.now = box.now + 5
    local changed = box:must(
      200,
      "PATCH",
      USERS .. "/user-c",
      document({ name = json.null(), title = "Chief", email = "new@example.com" }, "user-c")
    ).data
    assert.equal(json.null(), changed.attributes.name)
    assert.equal("Chief", changed.attributes.title)
    assert.equal("new@example.com", changed.attributes.email)
    assert.equal("cid@example.com", changed.attributes.handle)
    assert.equal("2023-11-14T22:13:25.000000+00:00", changed.attributes.modified_at)
    for _, id in ipairs { "user-a", false } do
      local answer = box:ask("PATCH", USERS .. "/user-c", document({ name = "x" }, id or nil))
      assert.equal(422, answer.status)
      assert.same({ "UUID's in the URL and request body do not match" }, answer.json.errors)
    end
    assert.equal(400, box:ask("PATCH", USERS .. "/user-c", document({ disabled = "yes" }, "user-c")).status)
  end)

  it("are disabled by DELETE, not deleted, and enabled again by an update", function()
    assert.equal(204, box:ask("DELETE", USERS .. "/user-c").status)
    local user = box:must(200, "GET", USERS .. "/user-c").data
    assert.is_true(user.attributes.disabled)
    assert.equal("Disabled", user.attributes.status)
    assert.equal(404, box:ask("DELETE", USERS .. "/user-c").status)
    user = box:must(200, "PATCH", USERS .. "/user-c", document({ disabled = false }, "user-c")).data
    assert.equal("Active", user.attributes.status)
  end)

  it("are unknown by other ids", function()
    for _, method in ipairs { "GET", "PATCH", "DELETE" } do
      local answer = box:ask(method, USERS .. "/" .. NOBODY, document({}, NOBODY))
      assert.equal(404, answer.status)
      assert.same({ "User " .. NOBODY .. " not found" }, answer.json.errors)
    end
  end)

  it("need permissions, of which one may be enough", function()
    box.state.settings.permissions = { "service_account_write" }
    assert.equal(204, box:ask("DELETE", USERS .. "/user-c").status)
    assert.equal(403, box:ask("GET", USERS).status)
    box.state.settings.permissions = { "user_access_manage" }
    assert.equal(204, box:ask("DELETE", USERS .. "/user-a").status)
    box.state.settings.permissions = {}
    assert.equal(403, box:ask("DELETE", USERS .. "/user-b").status)
  end)

  it("are paged quickly when there are many", function()
    local many = {}
    for i = 1, 20000 do
      many[i] = { email = ("%05d@example.com"):format(i), name = ("%d"):format(-i % 777) }
    end
    box = house.new { users = many }
    box.state.settings.limit = 1e6
    local from, seen = os.clock(), 0
    for number = 0, 200 do
      local path = ("%s?sort=name&page[size]=100&page[number]=%d"):format(USERS, number)
      seen = seen + #box:must(200, "GET", path).data
    end
    assert.equal(20001, seen)
    assert.is_true(os.clock() - from < 20) -- sorting for every page takes minutes
  end)
end)

describe("the sandbox's invitations", function()
  local box
  local INVITATIONS = "/api/v2/user_invitations"

  before_each(function() box = house.new { users = { { email = "ann@example.com", id = "user-a" } } } end)

  local function invite(...)
    local data = {}
    for i, id in ipairs { ... } do
      data[i] = {
        type = "user_invitations",
        relationships = { user = { data = { type = "users", id = id } } },
      }
    end
    return box:ask("POST", INVITATIONS, { data = data })
  end

  it("are sent, found, and valid for two days", function()
    local sent = invite("user-a", organisation.CURRENT_USER_ID)
    assert.equal(201, sent.status)
    assert.equal(2, #sent.json.data)
    local first = sent.json.data[1]
    assert.equal("user-a", first.relationships.user.data.id)
    assert.equal("2023-11-14T22:13:20.000000+00:00", first.attributes.created_at)
    assert.equal("2023-11-16T22:13:20.000000+00:00", first.attributes.expires_at)
    assert.same(first, box:must(200, "GET", INVITATIONS .. "/" .. first.id).data)
  end)

  it("are taken back, all of a user", function()
    local mine, other = invite("user-a", "user-a").json.data, invite(organisation.CURRENT_USER_ID).json.data
    box:must(200, "DELETE", USERS .. "/user-a/invitations")
    for _, invitation in ipairs(mine) do
      assert.equal(404, box:ask("GET", INVITATIONS .. "/" .. invitation.id).status)
    end
    box:must(200, "GET", INVITATIONS .. "/" .. other[1].id)
    box:must(200, "DELETE", USERS .. "/user-a/invitations")
    assert.equal(404, box:ask("DELETE", USERS .. "/" .. NOBODY .. "/invitations").status)
  end)

  it("are not sent to nobody", function()
    local answer = invite("user-a", NOBODY)
    assert.equal(400, answer.status)
    assert.same({ "User " .. NOBODY .. " not found" }, answer.json.errors)
    assert.equal(0, box.state.invitations.count)
    for _, body in ipairs {
      "[]",
      { data = 5 },
      { data = { { type = "user_invitations" } } },
      { data = { { type = "x" } } },
    } do
      assert.equal(400, box:ask("POST", INVITATIONS, body).status)
    end
    assert.equal(404, box:ask("GET", INVITATIONS .. "/" .. NOBODY).status)
  end)
end)
