-- csrc/binding/module.c: what ddokta.core has.
local core = require "ddokta.core"

describe("ddokta.core", function()
  it("is these things, and nothing of it is global", function()
    local names = {}
    for name in pairs(core) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.equal(
      "client csv curl_version error find_site fingerprint interrupt journal json libraries mark operations rows "
        .. "show sites system text version wait",
      table.concat(names, " ")
    )
    assert.is_nil(_G.ddokta)
  end)

  it("knows the sites by any of their names", function()
    assert.equal("datadoghq.com", core.sites[1])
    for _, site in ipairs(core.sites) do
      assert.equal(site, core.find_site(site))
    end
    assert.equal("datadoghq.eu", core.find_site "APP.datadoghq.eu")
    assert.is_nil(core.find_site "datadoghq.example")
    assert.is_nil(core.find_site "datadoghq.com\0")
  end)

  it("says which libcurl it runs with", function() assert.matches("^%d+%.%d+", core.curl_version) end)

  it("says which libraries it runs with", function()
    local libraries = core.libraries()
    assert.equal(core.curl_version, libraries.curl)
    assert.matches("^%a+/%d", libraries.tls)
    assert.is_true(libraries.http2)
    assert.matches("^%d+%.%d+%.%d+$", libraries.utf8proc)
  end)
end)
