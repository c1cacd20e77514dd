-- lua/ddokta/sandbox/datadog/users.lua; every answer is held against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local USERS, NOBODY = "/api/v2/users", "00000000-0000-4000-8000-000000000000"

describe("the sandbox's users", function()
  local box

  before_each(
    function()
      box = datadog.new {
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
    box = datadog.new { users = many }
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

  before_each(function() box = datadog.new { users = { { email = "ann@example.com", id = "user-a" } } } end)

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

local WHO = "/api/v2/current_user"

describe("the sandbox's current user", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function update(attributes, id)
    local document = datadog.document("users", attributes, { id = id or organisation.CURRENT_USER_ID })
    return ask("PATCH", WHO, document)
  end

  it("is the owner of the key", function()
    local answer = ask("GET", WHO)
    assert.equal(200, answer.status)
    assert.equal(organisation.CURRENT_USER_ID, answer.json.data.id)
    assert.is_true(answer.json.data.attributes.service_account)
  end)

  it("comes with the organisation, its roles and what they allow", function()
    local included = ask("GET", WHO).json.included
    assert.equal(organisation.ID, included[1].id)
    assert.equal("Datadog Admin Role", included[2].attributes.name)
    assert.equal("permissions", included[3].type)
    assert.equal(2 + box.state.permissions.count, #included)
  end)

  it("changes what is sent and keeps the rest", function()
    local before = ask("GET", WHO).json.data.attributes
    box.now = datadog.NOW + 1
    local after = update { name = "New", title = "T" }.json.data.attributes
    assert.equal("New", after.name)
    assert.equal("T", after.title)
    assert.equal(before.email, after.email)
    assert.are_not.equal(before.modified_at, after.modified_at)
    assert.same(after, ask("GET", "/api/v2/users/" .. organisation.CURRENT_USER_ID).json.data.attributes)
  end)

  it("refuses a body with another id, as recorded for users", function()
    local answer = update({ name = "New" }, organisation.ID)
    assert.equal(422, answer.status)
    assert.same({ "UUID's in the URL and request body do not match" }, answer.json.errors)
  end)

  it("refuses what is not right", function()
    local answer = update { name = 5 }
    assert.equal(400, answer.status)
    assert.same({ "name must be a string" }, answer.json.errors)
  end)

  it("can disable itself, and is locked out then", function()
    assert.is_true(update { disabled = true }.json.data.attributes.disabled)
    assert.equal(403, ask("GET", WHO).status)
  end)

  it("asks for a permission to change, for none to look", function()
    box.state.settings.permissions = { "teams_read" }
    assert.equal(403, update { name = "New" }.status)
    assert.equal(200, ask("GET", WHO).status)
  end)
end)

describe("the sandbox's users", function()
  local box, ask, id

  before_each(function()
    box = datadog.open {
      users = {
        {
          email = "a@example.com",
          name = "Ann",
          title = "T",
          roles = { "Datadog Read Only Role", "Datadog Standard Role" },
        },
      },
    }
    ask = box.ask
    id = ask("GET", "/api/v2/users?filter=a@example").json.data[1].id
  end)

  it("are in one organisation", function()
    ask("PUT", "/api/v1/org/" .. organisation.PUBLIC_ID, { name = "Renamed" })
    local answer = ask("GET", ("/api/v2/users/%s/orgs"):format(id))
    assert.equal(200, answer.status)
    assert.equal(id, answer.json.data.id)
    assert.equal(1, #answer.json.included)
    assert.equal(organisation.ID, answer.json.included[1].id)
    assert.equal("Renamed", answer.json.included[1].attributes.name)
  end)

  it("may do what their roles allow, each permission once", function()
    local seen, count = {}, 0
    for _, permission in ipairs(ask("GET", ("/api/v2/users/%s/permissions"):format(id)).json.data) do
      assert.is_nil(seen[permission.attributes.name])
      seen[permission.attributes.name], count = true, count + 1
    end
    assert.is_true(seen.teams_read and seen.user_access_invite)
    assert.is_nil(seen.user_access_manage)
    local own = ("/api/v2/users/%s/permissions"):format(organisation.CURRENT_USER_ID)
    local everything = ask("GET", own).json.data
    assert.equal(box.state.permissions.count, #everything)
    assert.is_true(count < #everything)
  end)

  it("are not found when there is none", function()
    for _, what in ipairs { "orgs", "permissions" } do
      assert.equal(404, ask("GET", ("/api/v2/users/%s/%s"):format(organisation.ID, what)).status)
    end
  end)

  local function anonymize(ids)
    return ask(
      "PUT",
      "/api/v2/anonymize_users",
      datadog.document("anonymize_users_request", { user_ids = ids and json.array(ids) })
    )
  end

  it("are anonymized for good, those who are known", function()
    local answer = anonymize { id, organisation.ID }
    assert.equal(200, answer.status)
    assert.same({
      anonymized_user_ids = { id },
      anonymize_errors = { { user_id = organisation.ID, error = "User not found" } },
    }, answer.json.data.attributes)
    local attributes = ask("GET", "/api/v2/users/" .. id).json.data.attributes
    assert.equal("Anonymized User", attributes.name)
    assert.equal(json.null(), attributes.title)
    assert.equal("Disabled", attributes.status)
    assert.is_nil(ask("GET", "/api/v2/users").body:find('"a@example', 1, true))
    local again = datadog.document("users", { email = "a@example.com" })
    assert.equal(201, ask("POST", "/api/v2/users", again).status)
  end)

  it("are not anonymized by a wrong request", function()
    for problem, ids in pairs {
      ["user_ids is a required attribute"] = false,
      ["user_ids must be a list of strings"] = { 1 },
    } do
      local answer = anonymize(ids or nil)
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(403, anonymize { id }.status)
  end)
end)

local ACCOUNTS = "/api/v2/service_accounts"

describe("the sandbox's Datadog service accounts", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function create(attributes, roles)
    local more = roles and { relationships = { roles = { data = json.array(roles) } } }
    return ask("POST", ACCOUNTS, datadog.document("users", attributes, more))
  end

  local ATTRIBUTES = { email = "robot@example.com", name = "Robot", title = "R", service_account = true }

  it("are users with roles", function()
    local answer = create(ATTRIBUTES, { { type = "roles", id = organisation.STANDARD_ROLE_ID } })
    assert.equal(201, answer.status)
    local data = answer.json.data
    assert.equal("Robot", data.attributes.name)
    assert.equal("R", data.attributes.title)
    assert.is_true(data.attributes.service_account)
    assert.equal("Active", data.attributes.status)
    assert.same({ { type = "roles", id = organisation.STANDARD_ROLE_ID } }, data.relationships.roles.data)
    assert.same(data, ask("GET", "/api/v2/users/" .. data.id).json.data)
    assert.is_truthy(ask("GET", "/api/v2/users?filter=robot").body:find(data.id, 1, true))
  end)

  it("may share an email, for their handles are their ids", function()
    local one, other = create(ATTRIBUTES).json.data, create(ATTRIBUTES).json.data
    assert.are_not.equal(one.id, other.id)
    assert.equal(one.id, one.attributes.handle)
    assert.equal(other.id, other.attributes.handle)
  end)

  it("are disabled among the users", function()
    local id = create(ATTRIBUTES).json.data.id
    assert.equal(204, ask("DELETE", "/api/v2/users/" .. id).status)
    assert.equal("Disabled", ask("GET", "/api/v2/users/" .. id).json.data.attributes.status)
  end)

  local WRONG = {
    ["email is a required attribute"] = { { service_account = true } },
    ["service_account is a required attribute"] = { { email = "a@b.c" } },
    ["service_account must be true"] = { { email = "a@b.c", service_account = false } },
    ["service_account must be a boolean"] = { { email = "a@b.c", service_account = "true" } },
    ["role x does not exist"] = { ATTRIBUTES, { { type = "roles", id = "x" } } },
    ["relationships.roles must name roles by id"] = { ATTRIBUTES, { { type = "users", id = "x" } } },
  }

  it("refuse what is not right, and say why", function()
    for problem, given in pairs(WRONG) do
      local answer = create(given[1], given[2])
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal(1, box.state.users.count)
  end)

  it("ask for their permission", function()
    box.state.settings.permissions = { "user_access_manage" }
    assert.equal(403, create(ATTRIBUTES).status)
  end)
end)
