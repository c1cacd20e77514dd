-- lua/ddokta/sandbox/settings.lua
local settings = require "ddokta.sandbox.settings"

describe("the sandbox's settings", function()
  it("have defaults that are right, and not shared", function()
    assert.is_nil(settings.problem(settings.defaults()))
    settings.defaults().limits.x = 1
    assert.same({}, settings.defaults().limits)
  end)

  it("take what is right", function()
    for _, values in ipairs {
      { limit = 0 },
      { period = 1 },
      { latency = 0.25 },
      { permissions = "all" },
      { permissions = {} },
      { permissions = { "integrations_read" } },
      { limits = { okta_integration = { limit = 5, period = 60 } } },
    } do
      assert.is_nil(settings.problem(values))
    end
  end)

  local WRONG = {
    api_key = { 1, "", "two\nlines" },
    app_key = { {} },
    limit = { "5", -1 },
    period = { 0, 0.5 },
    permissions = { "some", { 1 }, { a = "b" }, true },
    latency = { -1, "0" },
    log_size = { -1 },
    limits = { 5, { x = 5 }, { x = { limit = 1 } }, { [1] = { limit = 1, period = 1 } } },
    random_seed = { "x" },
    managed_delay = { -1 },
    scim_content_type = { "", 5 },
  }

  it("name the setting that is wrong", function()
    for name, values in pairs(WRONG) do
      for _, value in ipairs(values) do
        assert.matches("^" .. name .. " must be ", settings.problem { [name] = value })
      end
    end
  end)

  it(
    "name the setting that there is not",
    function() assert.equal('there is no setting "limitt"', settings.problem { limitt = 5 }) end
  )
end)
