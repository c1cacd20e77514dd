-- lua/ddokta/sandbox/datadog/validation.lua: what says whether keys are right.
local direct = require "spec.lua.sandbox.direct"
local organisation = require "ddokta.sandbox.datadog.organisation"

describe("the sandbox's checks of keys", function()
  local box, ask

  before_each(function()
    box = direct.new()
    ask = box.ask
  end)

  it("validate_keys asks for both keys", function()
    assert.same({ status = "ok" }, ask("GET", "/api/v2/validate_keys").json)
    for _, headers in ipairs { {}, { ["dd-api-key"] = box.state.settings.api_key } } do
      local answer = ask("GET", "/api/v2/validate_keys", nil, headers)
      assert.equal(403, answer.status)
      assert.same({ "Forbidden" }, answer.json.errors)
    end
  end)

  it("validate of version 1 asks for the API key alone", function()
    local answer = ask("GET", "/api/v1/validate", nil, { ["dd-api-key"] = box.state.settings.api_key })
    assert.equal(200, answer.status)
    assert.same({ valid = true }, answer.json)
    for text, headers in pairs { ["API key required"] = {}, ["Forbidden"] = { ["dd-api-key"] = "x" } } do
      answer = ask("GET", "/api/v1/validate", nil, headers)
      assert.equal(403, answer.status)
      assert.same({ text }, answer.json.errors)
    end
  end)

  it("validate of version 2 says which key it is", function()
    local made = ask("POST", "/api/v2/api_keys", direct.document("api_keys", { name = "new" })).json.data
    local data = ask("GET", "/api/v2/validate", nil, { ["dd-api-key"] = made.attributes.key }).json.data
    assert.equal(organisation.ID, data.id)
    assert.equal(made.id, data.attributes.api_key_id)
    assert.is_true(data.attributes.valid)
    for _, headers in ipairs { {}, { ["dd-api-key"] = "x" } } do
      local answer = ask("GET", "/api/v2/validate", nil, headers)
      assert.equal(403, answer.status)
      assert.equal("403", answer.json.errors[1].status)
    end
  end)
end)
