-- lua/ddokta/sandbox/datadog/service.lua
local answers = require "ddokta.sandbox.answers"
local service = require "ddokta.sandbox.datadog.service"

describe("the sandbox's Datadog", function()
  it("refuses in the shape that is documented for an endpoint", function()
    local refusal = answers.errors(400, "wrong")
    assert.equal(refusal, service.refused({}, refusal))
    assert.equal(
      '{"errors":[{"detail":"wrong","status":"400","title":"Bad Request"}]}',
      service.refused({ errors = "json_api" }, refusal).body
    )
    assert.equal('{"errors":["Forbidden"]}', service.forbidden({}).body)
    assert.matches('"title":"Forbidden"', service.forbidden({ errors = "json_api" }).body)
  end)

  it("answers with the status of the operation, a 204 with nothing", function()
    local state = { settings = { scim_content_type = "application/scim+json" } }
    local answer = service.answer({ status = 201, media = "scim_content_type" }, { a = 1 }, state)
    assert.equal(201, answer.status)
    assert.equal("application/scim+json", answer.headers["Content-Type"])
    assert.equal(204, service.answer({ status = 200 }, nil, state).status)
  end)

  it("tells its rate limit in seconds from 1 up", function()
    local window = { limit = 5, used = 7, start = 100, period = 10 }
    local headers = service.rate_headers(window, "teams", 109.99)
    assert.equal("0", headers["X-RateLimit-Remaining"])
    assert.equal("1", headers["X-RateLimit-Reset"])
    assert.equal("teams", headers["X-RateLimit-Name"])
    assert.equal("10", headers["X-RateLimit-Period"])
  end)
end)
