-- lua/ddokta/sandbox/datadog/team_details.lua: notification rules; links and permissions: teams_spec.lua
local datadog = require "spec.lua.sandbox.datadog"

describe("the sandbox's team notification rules", function()
  local box, ask, path, team

  before_each(function()
    box = datadog.open { teams = { { name = "One", handle = "one" } } }
    ask = box.ask
    team = "/api/v2/team/" .. ask("GET", "/api/v2/team").json.data[1].id
    path = team .. "/notification-rules"
  end)

  local function document(attributes) return datadog.document("team_notification_rules", attributes) end

  local SLACK = { slack = { channel = "#c", workspace = "w" }, email = { enabled = true } }

  it("are made, found and listed", function()
    assert.equal(0, ask("GET", path).json.meta.page.total)
    local answer = ask("POST", path, document(SLACK))
    assert.equal(201, answer.status)
    assert.same(SLACK, answer.json.data.attributes)
    assert.same(answer.json, ask("GET", path .. "/" .. answer.json.data.id).json)
    local listed = ask("GET", path).json
    assert.same({ answer.json.data }, listed.data)
    assert.equal(1, listed.meta.page.total)
  end)

  it("are replaced", function()
    local id = ask("POST", path, document(SLACK)).json.data.id
    local other = { pagerduty = { service_name = "s" }, ms_teams = { connector_name = "c" } }
    local answer = ask("PUT", path .. "/" .. id, document(other))
    assert.equal(200, answer.status)
    assert.same(other, answer.json.data.attributes)
    assert.same(other, ask("GET", path .. "/" .. id).json.data.attributes)
  end)

  it("are deleted once", function()
    local id = ask("POST", path, document(SLACK)).json.data.id
    assert.equal(204, ask("DELETE", path .. "/" .. id).status)
    for _, method in ipairs { "GET", "DELETE", "PUT" } do
      local answer = ask(method, path .. "/" .. id, method == "PUT" and document(SLACK) or nil)
      assert.equal(404, answer.status)
      assert.same({ ("Notification rule %s not found"):format(id) }, answer.json.errors)
    end
  end)

  it("end with their team", function()
    local id = ask("POST", path, document(SLACK)).json.data.id
    ask("DELETE", team)
    assert.equal(404, ask("GET", path).status)
    assert.equal(404, ask("GET", path .. "/" .. id).status)
    assert.equal(404, ask("POST", path, document(SLACK)).status)
  end)

  it("are not made twice; the error is in the recorded shape", function()
    ask("POST", path, document(SLACK))
    box.undescribed = 409
    local answer = ask("POST", path, document(SLACK))
    assert.equal(409, answer.status)
    assert.equal("Conflict", answer.json.errors[1].title)
    assert.equal(1, #ask("GET", path).json.data)
  end)

  it("refuse what is not right, and say why", function()
    for problem, attributes in pairs {
      ["a rule needs a channel"] = {},
      ["slack must be an object"] = { slack = "#c" },
      ["email: enabled must be a boolean"] = { email = { enabled = "yes" } },
    } do
      box.undescribed = 400
      local answer = ask("POST", path, document(attributes))
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal(0, #ask("GET", path).json.data)
  end)

  it("ask for their permission", function()
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(403, ask("GET", path).status)
  end)
end)
