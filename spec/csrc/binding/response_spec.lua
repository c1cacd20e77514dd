-- csrc/binding/response.c: what a method answers beside the resource.
local json = require("ddokta.core").json
local make_calls = require "spec.csrc.binding.calls"
local sending = require "spec.csrc.binding.sending"
local serving = require "spec.support.serving"

describe("a response", function()
  local calls = make_calls(setup, teardown, it)

  it("has status, headers and body, made when they are asked for", function()
    local _, response = assert(sending.send(assert(sending.client()), "list_okta_accounts"))
    assert.is_nil(rawget(response, "headers"))
    assert.equal(200, response.status)
    assert.equal(1, response.attempts)
    assert.is_true(response.seconds >= 0 and response.seconds < 5)
    assert.equal("R1", response.headers["x-request-id"])
    assert.equal(rawget(response, "headers"), response.headers)
    assert.equal("1", response.body.data[1].id)
    assert.equal('{"limit":5,"name":"a","remaining":4,"reset":5}', json.encode(response.rate_limit))
    assert.is_nil(response.anything)
    assert.is_nil(response[1])
  end)

  it("joins headers that come again", function()
    calls.server:answer {
      send = "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 11\r\nx-a: 2\r\n\r\n" .. '{"data":[]}',
    }
    local _, response = assert(calls.clients.dd:list_okta_accounts())
    assert.equal("1, 2", response.headers["x-a"])
  end)

  it("a create without what the service may need says so", function()
    calls.server:answer(serving.json(200, '{"id":"1"}'))
    local account = { name = "n", username = "u", containerOrn = "o" }
    local _, response = assert(calls.clients.okta:create_app_service_account(account))
    assert.equal(1, #response.warnings)
    assert.matches("^sent without password, which the service may need: https://", response.warnings[1])
    account.password = "p"
    _, response = assert(calls.clients.okta:create_app_service_account(account))
    assert.is_nil(response.warnings)
  end)
end)
