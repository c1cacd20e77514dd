-- lua/ddokta/sandbox/datadog/user_access.lua and anonymize_users.lua
local direct = require "spec.lua.sandbox.direct"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

describe("the sandbox's users", function()
  local box, ask, id

  before_each(function()
    box = direct.new {
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
      direct.document("anonymize_users_request", { user_ids = ids and json.array(ids) })
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
    local again = direct.document("users", { email = "a@example.com" })
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
