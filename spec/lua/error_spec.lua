-- lua/ddokta/error.lua: the error table, made in Lua. What calls make of it: spec/e2e/errors_spec.lua.
local core = require "ddokta.core"
local errors = require "ddokta.error"

describe("error", function()
  it("has what every error has", function()
    local err = errors.new { kind = "conflict", message = "two of them", status = 409 }
    assert.same({ {}, 0, false, false }, { err.errors, err.attempts, err.retryable, err.ambiguous })
    assert.same({ "conflict", 409 }, { err.kind, err.status })
    assert.truthy(tostring(err):find("two of them", 1, true))
    assert.is_nil(tostring(err):find("\n", 1, true))
  end)

  it("keeps what is known", function()
    local err = errors.new {
      kind = "server",
      message = "x",
      errors = { "a" },
      attempts = 3,
      retryable = true,
      ambiguous = true,
    }
    assert.same({ { "a" }, 3, true, true }, { err.errors, err.attempts, err.retryable, err.ambiguous })
  end)

  it("says that what was given cannot be used", function()
    local err = errors.config("no such site", "list_users")
    assert.same({ "config", "no such site", "list_users" }, { err.kind, err.message, err.operation })
    assert.is_nil(errors.config("x").operation)
  end)

  it(
    "has no message that a terminal obeys",
    function() assert.equal("a<U+001B>[2Jb<U+202E>", errors.config("a\27[2Jb\226\128\174").message) end
  )

  it("knows which kinds are the keys'", function()
    assert.is_true(errors.is_refusal "unauthorized" and errors.is_refusal "forbidden")
    assert.is_false(errors.is_refusal "not_found" or errors.is_refusal(nil))
  end)

  it("knows its own, of C too", function()
    assert.is_true(errors.is(errors.config "x"))
    local _, err = core.client { service = "datadog", base_url = "ftp://x" }
    assert.is_true(errors.is(err))
    for _, value in ipairs { "x", 1, {}, setmetatable({}, {}) } do
      assert.is_false(errors.is(value))
    end
    assert.is_false(errors.is(nil))
  end)
end)
