-- lua/ddokta/sandbox/datadog/scim/users.lua and protocol.lua; every answer is held against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local USERS, NOBODY = "/api/v2/scim/Users", "00000000-0000-4000-8000-000000000000"
local ADMIN, STANDARD = organisation.ADMIN_ROLE_ID, organisation.STANDARD_ROLE_ID

describe("the sandbox's SCIM users", function()
  local box

  before_each(
    function()
      box = datadog.new {
        users = {
          { email = "Ann@example.com", name = "Ann", id = "user-a", title = "Chief", roles = { STANDARD } },
          { email = "bot@example.com", id = "bot", service_account = true },
        },
      }
    end
  )

  local function patch(id, ...)
    return box:ask(
      "PATCH",
      USERS .. "/" .. id,
      { schemas = { "urn:ietf:params:scim:api:messages:2.0:PatchOp" }, Operations = { ... } }
    )
  end

  local function get(id) return box:must(200, "GET", USERS .. "/" .. id) end

  local function found(query) return box:must(200, "GET", USERS .. "?" .. query) end

  describe("may be asked for", function()
    it("with the application key as a bearer token alone", function()
      local keys = { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "sandbox-app-key" }
      for _, headers in ipairs { {}, keys, { authorization = "Bearer sandbox-api-key" } } do
        local answer = box:ask("GET", USERS, nil, { headers = headers })
        assert.is_true(answer.status == 401 or answer.status == 403)
        assert.equal("string", type(answer.json.errors[1]))
      end
    end)

    it("with both permissions", function()
      for _, held in ipairs { { "user_access_invite" }, { "user_access_manage" } } do
        box.state.settings.permissions = held
        assert.equal(403, box:ask("GET", USERS).status)
      end
      box.state.settings.permissions = { "user_access_invite", "user_access_manage" }
      box:must(200, "GET", USERS)
    end)
  end)

  describe("are listed", function()
    before_each(function()
      local many = {}
      for i = 1, 250 do
        many[i] = { email = ("user%03d@example.com"):format(i) }
      end
      box = datadog.new { users = many }
    end)

    local function page(query)
      local list = found(query)
      local first = list.Resources[1]
      return #list.Resources, first and first.userName:match("%d+"), list
    end

    it("20 by 20, from 1", function()
      local count, first, list = page ""
      assert.equal(20, count)
      assert.equal("001", first)
      assert.equal(250, list.totalResults)
      assert.equal(20, list.itemsPerPage)
      assert.equal(1, list.startIndex)
      assert.same({ "urn:ietf:params:scim:api:messages:2.0:ListResponse" }, list.schemas)
    end)

    it("as many as are wished for, and never more than 100", function()
      for _, row in ipairs {
        { "count=3&startIndex=249", 2, "249" },
        { "count=1000", 100, "001" },
        { "startIndex=201&count=100", 50, "201" },
        { "count=0", 0 },
        { "count=-5", 0 },
        { "startIndex=0&count=1", 1, "001" },
        { "startIndex=-7&count=1", 1, "001" },
        { "startIndex=251", 0 },
        { "startIndex=9999", 0 },
      } do
        local count, first, list = page(row[1])
        assert.equal(row[2], count, row[1])
        assert.equal(row[3], first)
        assert.equal(count, list.itemsPerPage)
        assert.equal(250, list.totalResults)
      end
      assert.equal("[]", box:ask("GET", USERS .. "?count=0").body:match('"Resources":(%b[])'))
      for _, wrong in ipairs { "count=x", "startIndex=1.5", "count=" } do
        assert.equal(400, box:ask("GET", USERS .. "?" .. wrong).status)
      end
    end)

    it("without those who were deleted", function()
      local _, _, list = page "count=1"
      assert.equal(204, box:ask("DELETE", USERS .. "/" .. list.Resources[1].id).status)
      local _, first, rest = page "count=1"
      assert.equal("002", first)
      assert.equal(249, rest.totalResults)
    end)
  end)

  it("are people, not service accounts", function()
    assert.equal(1, found("").totalResults)
    assert.equal(404, box:ask("GET", USERS .. "/bot").status)
    assert.equal(404, box:ask("GET", USERS .. "/" .. organisation.CURRENT_USER_ID).status)
  end)

  it("are found by user name, in any case", function()
    for _, filter in ipairs {
      'userName eq "ann@example.com"',
      'USERNAME EQ "ANN@example.com"',
      'userName eq "\\u0041nn@example.com"',
      '  userName  eq  "Ann@example.com" ',
    } do
      assert.equal(1, found("filter=" .. filter:gsub(" ", "+"):gsub('"', "%%22")).totalResults, filter)
    end
    assert.equal(0, found('filter=userName+eq+"nobody"').totalResults)
  end)

  it("are found by nothing else", function()
    for _, filter in ipairs {
      "",
      'id eq "user-a"',
      "userName eq Ann",
      'userName co "Ann"',
      'userName eq "Ann',
      'userName eq "a" and active eq "x"',
      'userName eq "a" or userName eq "b"',
      "userName pr",
      "userName eq 5",
      'userName eq "a" x',
      'externalId eq "a"',
      'userName eq "a" and',
      'userName eq "\\x"',
    } do
      local answer = box:ask("GET", USERS .. "?filter=" .. filter:gsub(" ", "+"):gsub("\\", "%%5C"))
      assert.equal(400, answer.status, filter)
      assert.matches("the filter is not supported", answer.json.errors[1])
    end
  end)

  it("show what Datadog's schema has", function()
    local user = get "user-a"
    assert.equal("Ann@example.com", user.userName)
    assert.same({ formatted = "Ann" }, user.name)
    assert.same({ { value = "Ann@example.com", type = "work", primary = true } }, user.emails)
    assert.same({ { value = STANDARD, display = "Datadog Standard Role" } }, user.roles)
    assert.equal("Chief", user.title)
    assert.is_true(user.active)
    assert.equal("https://app.datadoghq.com/api/scim/v2/Users/user-a", user.meta.location)
    assert.same({ "urn:ietf:params:scim:schemas:core:2.0:User" }, user.schemas)
  end)

  -- what Okta's agent sends first
  local FROM_OKTA = {
    schemas = { "urn:ietf:params:scim:schemas:core:2.0:User" },
    userName = "test.user@okta.local",
    name = { givenName = "Test", familyName = "User" },
    displayName = "Test User",
    locale = "en-US",
    emails = { { primary = true, value = "test.user@okta.local", type = "work" } },
    externalId = "00ujl29",
    groups = json.array(),
    password = "1mz050nq",
    active = true,
  }

  it("are created from what Okta's agent sends", function()
    local answer = box:ask("POST", USERS, FROM_OKTA)
    assert.equal(201, answer.status)
    assert.same({ formatted = "Test User" }, answer.json.name)
    assert.is_true(answer.json.active)
    assert.is_nil(answer.json.externalId)
    assert.is_nil(answer.body:find("1mz050nq", 1, true))
    assert.same(answer.json, get(answer.json.id))
    local user = box:must(200, "GET", "/api/v2/users/" .. answer.json.id).data
    assert.equal("Pending", user.attributes.status)
    assert.equal("test.user@okta.local", user.attributes.handle)
  end)

  it("are unique by user name, in any case", function()
    for _, name in ipairs { "Ann@example.com", "ANN@EXAMPLE.COM" } do
      local answer = box:ask("POST", USERS, { userName = name })
      assert.equal(409, answer.status)
      assert.same({ ("User %s already exists"):format(name) }, answer.json.errors)
    end
    assert.equal(409, box:ask("POST", USERS, { userName = organisation.CURRENT_USER_ID }).status)
    assert.equal(1, found("").totalResults)
  end)

  it("are read by names in any case, with the primary address or that of work", function()
    local user = box:must(201, "POST", USERS, {
      USERNAME = "x",
      Name = { Formatted = "X Y", givenName = "Z" },
      EMAILS = { { Value = "home@x" }, { value = "work@x", type = "work" } },
      TITLE = "t",
      Active = false,
    })
    assert.equal("X Y", user.name.formatted)
    assert.equal("work@x", user.emails[1].value)
    assert.equal("t", user.title)
    assert.is_false(user.active)
    user = box:must(201, "POST", USERS, {
      userName = "y",
      emails = { { value = "work@y", type = "work" }, { value = "first@y", primary = true } },
    })
    assert.equal("first@y", user.emails[1].value)
    assert.equal("z", box:must(201, "POST", USERS, { userName = "z" }).emails[1].value)
  end)

  local WRONG = {
    { "[1]", "the body must be a JSON object" },
    { "", "the body must be a JSON object" },
    { {}, "'userName' is required" },
    { { userName = "" }, "'userName' is required" },
    { { userName = 5 }, "'userName' must be a string" },
    { { userName = "x", active = "True" }, "'active' must be a boolean" },
    { { userName = "x", roles = { "admin" } }, "'roles' should be object" },
    { { userName = "x", roles = "admin" }, "'roles' should be object" },
    { { userName = "x", emails = { "x@y" } }, "'emails' must be objects with a value" },
    { { userName = "x", emails = "x@y" }, "'emails' must be a list" },
    { { userName = "x", name = "X" }, "'name' must be an object" },
    { { userName = "x", title = 5 }, "'title' must be a string" },
  }

  it("are not created from what is not right", function()
    for _, row in ipairs(WRONG) do
      local answer = box:ask("POST", USERS, row[1])
      assert.equal(400, answer.status)
      assert.same({ row[2] }, answer.json.errors)
    end
    assert.equal(1, found("").totalResults)
  end)

  it("get the roles that there are, and no others", function()
    local user = box:must(
      201,
      "POST",
      USERS,
      { userName = "x", roles = { { value = NOBODY }, { value = ADMIN }, { value = ADMIN } } }
    )
    assert.same({ { value = ADMIN, display = "Datadog Admin Role" } }, user.roles)
    assert.equal(
      "[]",
      box:ask("POST", USERS, { userName = "y", roles = { { value = NOBODY } } }).body:match('"roles":(%b[])')
    )
  end)

  it("are replaced by PUT: what is not sent is cleared, but not the address and the roles", function()
    box.now = box.now + 60
    local user = box:must(200, "PUT", USERS .. "/user-a", { userName = "ann@EXAMPLE.com", active = false })
    assert.is_false(user.active)
    assert.is_nil(user.title)
    assert.same({}, user.name)
    assert.equal("Ann@example.com", user.userName)
    assert.equal("Ann@example.com", user.emails[1].value)
    assert.equal(STANDARD, user.roles[1].value)
    assert.equal("2023-11-14T22:14:20.000000+00:00", user.meta.lastModified)
    assert.equal("Disabled", box:must(200, "GET", "/api/v2/users/user-a").data.attributes.status)
    user = box:must(
      200,
      "PUT",
      USERS .. "/user-a",
      { userName = "Ann@example.com", roles = json.array(), active = true }
    )
    assert.same({}, user.roles)
    assert.is_true(user.active)
  end)

  it("keep their user name", function()
    local body = { userName = "other@example.com" }
    for _, answer in ipairs {
      box:ask("PUT", USERS .. "/user-a", body),
      patch("user-a", { op = "replace", value = body }),
      patch("user-a", { op = "replace", path = "userName", value = "other@example.com" }),
    } do
      assert.equal(400, answer.status)
      assert.same({ "'userName' is immutable" }, answer.json.errors)
    end
    assert.equal(400, box:ask("PUT", USERS .. "/user-a", {}).status)
    assert.equal(
      200,
      patch("user-a", { op = "replace", path = "userName", value = "ANN@example.com" }).status
    )
  end)

  it("are deactivated and activated as Okta's agent does", function()
    assert.is_false(patch("user-a", { op = "replace", value = { active = false } }).json.active)
    assert.is_true(box.state.users:get("user-a").disabled)
    assert.is_true(patch("user-a", { op = "Replace", value = { Active = true } }).json.active)
  end)

  it("are patched with paths", function()
    local answer = patch(
      "user-a",
      { op = "replace", path = "name.formatted", value = "Ann B" },
      { op = "Add", path = "urn:ietf:params:scim:schemas:core:2.0:User:title", value = "Queen" },
      { op = "replace", path = 'emails[type eq "work"].value', value = "b@example.com" },
      { op = "replace", path = "displayName", value = "ignored" },
      { op = "replace", path = "roles", value = { { value = ADMIN } } }
    )
    assert.equal(200, answer.status)
    assert.equal("Ann B", answer.json.name.formatted)
    assert.equal("Queen", answer.json.title)
    assert.equal("b@example.com", answer.json.emails[1].value)
    assert.equal(ADMIN, answer.json.roles[1].value)
    assert.equal(1, #answer.json.roles)
  end)

  it("gain roles by add and change them by replace", function()
    assert.equal(
      2,
      #patch("user-a", { op = "add", path = "roles", value = { { value = ADMIN } } }).json.roles
    )
    assert.equal(2, #patch("user-a", { op = "add", value = { roles = { { value = ADMIN } } } }).json.roles)
    local replaced = patch("user-a", { op = "replace", value = { roles = { { value = ADMIN } } } })
    assert.equal(1, #replaced.json.roles)
  end)

  it("are patched wholly or not at all", function()
    local before = get "user-a"
    local good = { op = "replace", value = { title = "x", active = false } }
    for _, wrong in ipairs {
      { op = "remove", path = "title" },
      { op = "replace", path = "shoeSize", value = 5 },
      { op = "replace", path = 5, value = 5 },
      { op = "replace" },
      { op = "replace", value = "x" },
      { op = "replace", path = "active", value = "False" },
      { path = "title", value = "x" },
      "x",
      { op = "replace", path = "roles", value = { "x" } },
    } do
      assert.equal(400, patch("user-a", good, wrong).status)
      assert.same(before, get "user-a")
    end
    assert.equal(400, patch("user-a").status)
    assert.equal(400, box:ask("PATCH", USERS .. "/user-a", { Operations = "x" }).status)
    assert.equal(400, box:ask("PATCH", USERS .. "/user-a", "no json").status)
  end)

  it("are deleted once; Datadog keeps them disabled, and a second creation brings them back", function()
    assert.equal(204, box:ask("DELETE", USERS .. "/user-a").status)
    for _, method in ipairs { "GET", "DELETE", "PUT", "PATCH" } do
      local answer = box:ask(method, USERS .. "/user-a", { userName = "x", Operations = {} })
      assert.equal(404, answer.status)
      assert.same({ "User user-a not found" }, answer.json.errors)
    end
    assert.equal(0, found('filter=userName+eq+"ann@example.com"').totalResults)
    assert.equal("Disabled", box:must(200, "GET", "/api/v2/users/user-a").data.attributes.status)
    local back = box:must(201, "POST", USERS, { userName = "ann@example.com" })
    assert.equal("user-a", back.id)
    assert.is_true(back.active)
    assert.same({}, back.roles)
    assert.equal(1, found("").totalResults)
  end)

  it("are seen again when Datadog enables them", function()
    box:ask("DELETE", USERS .. "/user-a")
    box:must(
      200,
      "PATCH",
      "/api/v2/users/user-a",
      { data = { type = "users", id = "user-a", attributes = { disabled = false } } }
    )
    assert.is_true(get("user-a").active)
  end)

  it("come as the content type that is set, errors as JSON", function()
    assert.equal("application/json", box:ask("GET", USERS).headers["Content-Type"])
    box.state.settings.scim_content_type = "application/scim+json"
    assert.equal("application/scim+json", box:ask("GET", USERS).headers["Content-Type"])
    assert.equal("application/json", box:ask("GET", USERS .. "/x").headers["Content-Type"])
  end)
end)
