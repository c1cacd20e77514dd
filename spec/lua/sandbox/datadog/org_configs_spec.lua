-- lua/ddokta/sandbox/datadog/org_configs.lua
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"

local CONFIGS = "/api/v2/org_configs"
local ZONE = CONFIGS .. "/monitor_timezone"
local SESSION = "/api/v2/login/org_configs/max_session_duration"

describe("the sandbox's org configs", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function document(value) return datadog.document("org_configs", { value = value }) end

  it("are found by their names", function()
    local config = ask("GET", CONFIGS).json.data[1]
    assert.equal("monitor_timezone", config.attributes.name)
    assert.equal("UTC", config.attributes.value)
    assert.equal(json.null(), config.attributes.modified_at)
    assert.same(config, ask("GET", ZONE).json.data)
    assert.equal(404, ask("GET", CONFIGS .. "/other").status)
    assert.equal(404, ask("PATCH", CONFIGS .. "/other", document "x").status)
  end)

  it("change their value, until a reset", function()
    local answer = ask("PATCH", ZONE, document "Europe/Vienna")
    assert.equal(200, answer.status)
    assert.equal("Europe/Vienna", answer.json.data.attributes.value)
    assert.equal("2024-05-05T12:26:40.000000+00:00", answer.json.data.attributes.modified_at)
    assert.same(answer.json, ask("GET", ZONE).json)
    box.admin("POST", "/_sandbox/reset")
    assert.equal("UTC", ask("GET", ZONE).json.data.attributes.value)
  end)

  it("refuse a value of another type", function()
    assert.same({ "value must be a string" }, ask("PATCH", ZONE, document(5)).json.errors)
    assert.same({ "value must be a string" }, ask("PATCH", ZONE, document(json.null())).json.errors)
    assert.same({ "value is a required attribute" }, ask("PATCH", ZONE, document()).json.errors)
  end)

  it("can be read by everybody, changed with org_management", function()
    box.state.settings.permissions = {}
    assert.equal(200, ask("GET", CONFIGS).status)
    assert.equal(200, ask("GET", ZONE).status)
    assert.equal(403, ask("PATCH", ZONE, document "x").status)
  end)

  it("say how long a login lasts", function()
    local function set(seconds)
      return ask("PUT", SESSION, datadog.document("max_session_duration", { max_session_duration = seconds }))
    end
    assert.is_nil(box.admin("GET", "/_sandbox/state").json.max_session_duration)
    assert.equal(204, set(3600).status)
    assert.equal(3600, box.admin("GET", "/_sandbox/state").json.max_session_duration)
    assert.same({ "max_session_duration must be at least 1" }, set(0).json.errors)
    assert.same({ "max_session_duration must be a whole number" }, set(1.5).json.errors)
    assert.same({ "max_session_duration is a required attribute" }, set().json.errors)
    assert.equal(3600, box.admin("GET", "/_sandbox/state").json.max_session_duration)
  end)
end)
