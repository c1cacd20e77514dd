-- lua/ddokta/sandbox/okta/provisioning.lua
local okta = require "spec.lua.sandbox.okta"

local CONNECTION, FEATURES = "/connections/default", "/features"

describe("the sandbox's provisioning by API", function()
  local box

  before_each(
    function()
      box = okta.new {
        apps = {
          { name = "datadog", id = "0oadatadog" },
          { name = "okta_org2org", id = "0oaorg" },
          { name = "zscalerbyz", id = "0oaz" },
        },
      }
    end
  )

  local function of(app, rest) return "/api/v1/apps/0oa" .. app .. rest end

  local function connect(app, profile)
    return box:must(
      200,
      "POST",
      of(app, CONNECTION) .. "?activate=true",
      { profile = profile or { authScheme = "TOKEN", token = "t" }, baseUrl = "https://example.com" }
    )
  end

  local function not_enabled(method, path, body)
    local problem = box:must(400, method, path, body)
    assert.equal("E0000001", problem.errorCode)
    assert.equal("Api validation failed: feature", problem.errorSummary)
    assert.equal("Provisioning is not enabled for the app instance.", problem.errorCauses[1].errorSummary)
  end

  it("is not there for Datadog, whatever an administrator has done by hand", function()
    not_enabled("GET", of("datadog", CONNECTION))
    not_enabled("POST", of("datadog", CONNECTION), { profile = { authScheme = "TOKEN", token = "t" } })
    not_enabled("POST", of("datadog", CONNECTION .. "/lifecycle/activate"))
    not_enabled("POST", of("datadog", CONNECTION .. "/lifecycle/deactivate"))
    not_enabled("GET", of("datadog", FEATURES))
    not_enabled("GET", of("datadog", FEATURES .. "/USER_PROVISIONING"))
    not_enabled("PUT", of("datadog", FEATURES .. "/USER_PROVISIONING"), {})
    box:must(404, "GET", of("none", CONNECTION))
  end)

  it("connects the apps that Okta has it for, and never tells the token", function()
    assert.same({ "UNKNOWN", "UNKNOWN" }, {
      box:must(200, "GET", of("z", CONNECTION)).status,
      box:must(200, "GET", of("z", CONNECTION)).profile.authScheme,
    })
    not_enabled("POST", of("z", CONNECTION .. "/lifecycle/activate"))
    local made = connect "z"
    assert.same(
      { "TOKEN", "ENABLED", "https://example.com", { authScheme = "TOKEN" } },
      { made.authScheme, made.status, made.baseUrl, made.profile }
    )
    assert.matches("/lifecycle/deactivate$", made._links.deactivate.href)
    box:must(204, "POST", of("z", CONNECTION .. "/lifecycle/deactivate"))
    assert.equal("DISABLED", box:must(200, "GET", of("z", CONNECTION)).status)
    box:must(204, "POST", of("z", CONNECTION .. "/lifecycle/activate"))
    assert.equal("ENABLED", box:must(200, "GET", of("z", CONNECTION)).status)
    assert.equal(
      "OAUTH2",
      connect("org", { authScheme = "OAUTH2", clientId = "x", signing = { rotationMode = "AUTO" } }).profile.authScheme
    )
  end)

  it("connects only in a way that the app has", function()
    for _, body in ipairs {
      {},
      { profile = {} },
      { profile = "x" },
      { profile = { authScheme = "TOKEN" } },
      { profile = { authScheme = "OAUTH2" } },
      { profile = { authScheme = "x", token = "t" } },
      { profile = { authScheme = "TOKEN", token = "t" }, baseUrl = 7 },
    } do
      assert.equal("E0000001", box:must(400, "POST", of("z", CONNECTION), body).errorCode)
    end
  end)

  it("has features while the connection is on", function()
    not_enabled("GET", of("org", FEATURES))
    connect "org"
    local list = box:must(200, "GET", of("org", FEATURES))
    assert.same({ "USER_PROVISIONING", "INBOUND_PROVISIONING" }, { list[1].name, list[2].name })
    assert.equal("DISABLED", list[1].status)
    connect "z"
    assert.equal(1, #box:must(200, "GET", of("z", FEATURES)))
    box:must(404, "GET", of("z", FEATURES .. "/INBOUND_PROVISIONING"))
    box:must(404, "GET", of("z", FEATURES .. "/X"))
  end)

  it("sets what is sent and leaves the rest", function()
    connect "z"
    local path = of("z", FEATURES .. "/USER_PROVISIONING")
    local feature = box:must(200, "PUT", path, { create = { lifecycleCreate = { status = "ENABLED" } } })
    assert.equal("ENABLED", feature.status)
    box:must(200, "PUT", path, { update = { profile = { status = "ENABLED" } } })
    local known = box:must(200, "GET", path).capabilities
    assert.equal("ENABLED", known.create.lifecycleCreate.status)
    assert.equal("ENABLED", known.update.profile.status)
    assert.equal("DISABLED", known.update.lifecycleDeactivate.status)
    for _, body in ipairs {
      { delete = {} },
      { create = "x" },
      { create = { lifecycleCreate = { status = "x" } } },
    } do
      box:must(400, "PUT", path, body)
    end
    assert.equal("ENABLED", box:must(200, "GET", path).capabilities.create.lifecycleCreate.status)
  end)
end)
