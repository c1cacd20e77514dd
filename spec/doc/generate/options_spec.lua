-- doc/generate/options.lua: the clients' options as types.
local generated = require "doc.generate.options"
local options = require "ddokta.options"

describe("doc.generate.options", function()
  local by_name = {}
  for _, class in ipairs(generated.all()) do
    by_name[class.name] = {}
    for _, field in ipairs(class.fields) do
      by_name[class.name][field.name] = field
    end
  end

  it("has every option of both services, none of which is required", function()
    for service, name in pairs { datadog = "ddokta.DatadogOptions", okta = "ddokta.OktaOptions" } do
      for option in pairs(options.services[service]) do
        assert.is_true(by_name[name][option].optional, option)
      end
      for option in pairs(by_name[name]) do
        assert.truthy(options.services[service][option], option)
      end
    end
  end)

  it("has of a view what may differ there alone", function()
    assert.truthy(by_name["ddokta.ViewOptions"].timeout)
    assert.is_nil(by_name["ddokta.ViewOptions"].api_key)
  end)

  it("says types and defaults", function()
    local datadog = by_name["ddokta.DatadogOptions"]
    assert.equal("string|fun(): string", datadog.api_key.type)
    assert.equal("default: $DD_API_KEY", datadog.api_key.words)
    assert.same({ "integer", "default: 4" }, { datadog.max_retries.type, datadog.max_retries.words })
    assert.equal("default: $DD_SITE, datadoghq.com", datadog.site.words)
    assert.truthy(datadog.loop.type:find('"nginx"', 1, true))
  end)
end)
