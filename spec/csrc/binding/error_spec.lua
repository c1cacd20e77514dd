-- csrc/binding/error.c: an error's fields where nothing was sent, and its one line.
local core = require "ddokta.core"
local errors = require "ddokta.error"
local sending = require "spec.csrc.binding.sending"

describe("an error", function()
  it("of what was not sent has the fields of all errors", function()
    local call, err = assert(sending.client()):submit(nil, sending.row "create_okta_account", { name = "a" })
    assert.is_nil(call)
    assert.equal(core.error, getmetatable(err))
    assert.same({ "invalid_request", "create_okta_account", "POST" }, { err.kind, err.operation, err.method })
    assert.same({ {}, 0, false, false }, { err.errors, err.attempts, err.retryable, err.ambiguous })
    assert.matches("^create_okta_account: invalid_request: missing: ", tostring(err))
  end)

  it("is told in one line, with what to do next", function()
    local err = errors.new {
      kind = "forbidden",
      operation = "create_team",
      status = 403,
      message = "Forbidden\r\n\27[2Jtwice",
      permission = "teams_manage",
      hint = "wrong keys",
      retry_after = 2,
      ambiguous = true,
      id = "R1",
    }
    assert.equal(
      "create_team: forbidden (403): Forbidden  <U+001B>[2Jtwice; the key needs the permission teams_manage; "
        .. "wrong keys; try again in 2 s; it may have taken effect: look before you try again [id R1]",
      tostring(err)
    )
  end)

  it("bears whatever was written into it", function()
    local err = errors.new { kind = "config", message = "no key" }
    assert.equal("config: no key", tostring(err))
    err.kind, err.message, err.status = nil, {}, "x"
    assert.equal("error", tostring(err))
    assert.has_error(function() getmetatable(err).__tostring(5) end)
  end)
end)
