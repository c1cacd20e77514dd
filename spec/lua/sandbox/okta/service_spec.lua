-- lua/ddokta/sandbox/okta/service.lua, protocol.lua and auth.lua through app.lua: who may ask Okta, how it
-- refuses, how it limits
local auth = require "ddokta.sandbox.auth"
local faults = require "ddokta.sandbox.faults"
local okta = require "spec.lua.sandbox.okta"

describe("the sandbox's Okta as a service", function()
  local box

  before_each(function() box = okta.new() end)

  local function refused(status, code, answer)
    assert.equal(status, answer.status)
    assert.equal(code, answer.json.errorCode)
    assert.equal(code, answer.json.errorLink)
    assert.matches("^oae%w+$", answer.json.errorId)
    assert.equal("table", type(answer.json.errorCauses))
    return answer.json
  end

  it("takes an API token or an access token, and nothing else", function()
    assert.equal(200, box:ask("GET", "/api/v1/apps").status)
    assert.equal(
      200,
      box:ask("GET", "/api/v1/apps", nil, { authorization = "Bearer sandbox-okta-access-token" }).status
    )
    for _, headers in ipairs {
      {},
      { authorization = "SSWS x" },
      { authorization = "sandbox-okta-token" },
      { authorization = "Bearer sandbox-okta-token" },
      { authorization = "SSWS sandbox-okta-access-token" },
      { authorization = "Bearer sandbox-app-key" },
      { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "sandbox-app-key" },
    } do
      local answer = box:ask("GET", "/api/v1/apps", nil, headers)
      assert.equal("Invalid token provided", refused(401, "E0000011", answer).errorSummary)
      assert.equal("998", answer.headers["X-Rate-Limit-Remaining"])
    end
  end)

  it("is not opened by its token on Datadog's side", function()
    local answer = box:ask("GET", "/api/v1/apps", nil, { authorization = "SSWS sandbox-okta-token" })
    assert.equal(200, answer.status)
    box.state.settings.okta_token = "another"
    assert.equal(
      401,
      box:ask("GET", "/api/v1/apps", nil, { authorization = "SSWS sandbox-okta-token" }).status
    )
  end)

  it("asks for every scope of an endpoint", function()
    box.state.settings.okta_permissions = { "okta.apps.read" }
    assert.equal(200, box:ask("GET", okta.APP).status)
    refused(403, "E0000006", box:ask("GET", okta.APP .. "/group-push/mappings"))
    box.state.settings.okta_permissions = { "okta.groups.read", "okta.apps.read" }
    assert.equal(200, box:ask("GET", okta.APP .. "/group-push/mappings").status)
  end)

  it("does not know paths and methods in its own words", function()
    assert.equal(
      "Not found: Resource not found: /api/v1/users/x/y (Resource)",
      refused(404, "E0000007", box:ask("GET", "/api/v1/users/x/y")).errorSummary
    )
    refused(404, "E0000007", box:ask("GET", "/privileged-access/api/v1/x"))
    local answer = box:ask("PUT", "/api/v1/apps")
    refused(405, "E0000022", answer)
    assert.equal("GET", answer.headers["Allow"])
  end)

  it("leaves Datadog's paths to Datadog", function()
    for _, path in ipairs { "/api/v1/nothing", "/api/v1/usersx", "/nowhere" } do
      local answer = require("ddokta.sandbox.app").answer(box.state, {
        method = "GET",
        path = path,
        headers = {},
        body = "",
        now = 1000,
        protocol = "HTTP/1.1",
        connection = 1,
      })
      assert.equal('{"errors":["Not found"]}', answer.body)
    end
  end)

  it("tells its rate limit with the second of the epoch, and refuses what is over it", function()
    box.state.settings.limits = { okta_apps = { limit = 1, period = 60 } }
    local answer = box:ask("GET", "/api/v1/apps")
    assert.equal("1", answer.headers["X-Rate-Limit-Limit"])
    assert.equal("0", answer.headers["X-Rate-Limit-Remaining"])
    assert.equal(("%d"):format(okta.NOW - okta.NOW % 60 + 60), answer.headers["X-Rate-Limit-Reset"])
    assert.is_nil(answer.headers["X-RateLimit-Limit"])
    refused(429, "E0000047", box:ask("GET", "/api/v1/apps"))
    assert.equal(200, box:ask("GET", "/api/v1/groups").status)
  end)

  it("works on so many requests at once: then limit and remaining are 0", function()
    box.state.settings.latency, box.state.settings.okta_at_once = 2, 2
    assert.equal(200, box:ask("GET", "/api/v1/apps").status)
    assert.equal(200, box:ask("GET", "/api/v1/apps").status)
    local answer = box:ask("GET", "/api/v1/apps")
    refused(429, "E0000047", answer)
    assert.equal("0", answer.headers["X-Rate-Limit-Limit"])
    assert.equal("0", answer.headers["X-Rate-Limit-Remaining"])
    assert.is_true(tonumber(answer.headers["X-Rate-Limit-Reset"]) > okta.NOW)
    box:scim("GET", "/Users") -- Datadog counts none of its own, and not with Okta's
    box.now = okta.NOW + 1
    box.now = okta.NOW + 2
    assert.equal(200, box:ask("GET", "/api/v1/apps").status)
  end)

  it("fails on demand in its own shape", function()
    faults.add(box.state.faults, { status = 503, path = "/api/v1/apps" })
    local answer = refused(503, "E0000009", box:ask("GET", "/api/v1/apps"))
    assert.equal("Fault on demand", answer.errorSummary)
    faults.add(box.state.faults, { rate_limit = "doubled", path = "/api/v1/apps" })
    assert.equal("1000, 1000", box:ask("GET", "/api/v1/apps").headers["X-Rate-Limit-Limit"])
  end)

  it("refuses a body that is no JSON", function()
    refused(400, "E0000003", box:ask("POST", okta.APP .. "/users", "{"))
    refused(400, "E0000003", box:ask("POST", "/privileged-access/api/v1/service-accounts", ""))
  end)
end)

describe("what a key may do", function()
  it("is everything, or what it holds of all that is needed", function()
    assert.is_true(auth.may("a", "all"))
    assert.is_true(auth.may(nil, {}))
    assert.is_true(auth.may("a", { "b", "a" }))
    assert.is_false(auth.may("a", { "b" }))
    assert.is_true(auth.may({ "a", "b" }, { "b", "a" }))
    assert.is_false(auth.may({ "a", "b" }, { "b" }))
    assert.is_true(auth.may({ any = { "a", "b" } }, { "b" }))
    assert.is_false(auth.may({ any = { "a", "b" } }, { "c" }))
  end)
end)
