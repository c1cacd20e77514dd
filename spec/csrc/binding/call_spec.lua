-- csrc/binding/call.c: a call from its begin to its result.
local sending = require "spec.csrc.binding.sending"

describe("a call", function()
  it("is done when its result is there, which is fetched once", function()
    local client = assert(sending.client())
    local call = assert(client:submit(nil, sending.row "list_okta_accounts"))
    assert.equal("ddokta call list_okta_accounts", tostring(call))
    assert.is_false(call:done())
    assert.is_false(pcall(call.result, call))
    assert.equal(2, #assert(sending.finish(client, call)))
    assert.is_true(call:done())
    assert.equal("ddokta call (over)", tostring(call))
    local ok, message = pcall(call.result, call)
    assert.is_false(ok)
    assert.matches("already fetched", message)
  end)

  it("is used again after that, and by its own client alone", function()
    local client, other = assert(sending.client()), assert(sending.client())
    local call = assert(client:submit(nil, sending.row "list_okta_accounts"))
    assert.are_not.equal(call, (client:submit(call, sending.row "list_okta_accounts")))
    sending.finish(client, call)
    assert.are_not.equal(call, (other:submit(call, sending.row "list_okta_accounts")))
    assert.equal(call, (client:submit(call, sending.row "list_okta_accounts")))
    assert.equal(2, #assert(sending.finish(client, call)))
  end)

  it("that is cancelled before it was sent says so", function()
    local client = assert(sending.client())
    local call = assert(
      client:submit(
        nil,
        sending.row "create_okta_account",
        { name = "a", domain = "a.okta.com", auth_method = "oauth", client_secret = "swordfish" }
      )
    )
    call:cancel()
    local result, err = call:result()
    assert.is_nil(result)
    assert.same({ "cancelled", false }, { err.kind, err.ambiguous })
  end)

  it("that is withdrawn ends unless it has left", function()
    local client = assert(sending.client())
    local left, waits =
      assert(client:submit(nil, sending.row "list_okta_accounts")),
      assert(client:submit(nil, sending.row "list_okta_accounts"))
    waits:withdraw()
    local result, err = waits:result()
    assert.same({ nil, "cancelled", 0 }, { result, err.kind, 0 * err.attempts })
    waits:withdraw() -- over: harmless
    assert.equal(2, #assert(sending.finish(client, left)))
    left:withdraw()
  end)

  it("outlives its client's object", function()
    local client = assert(sending.client())
    local call = assert(client:submit(nil, sending.row "list_okta_accounts"))
    client = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    local result, err = call:result() -- nobody could have stepped it any more
    assert.is_nil(result)
    assert.equal("cancelled", err.kind)
  end)
end)
