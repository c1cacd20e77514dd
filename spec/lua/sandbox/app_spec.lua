-- lua/ddokta/sandbox/app.lua without nginx: the order of its checks, and a handler that breaks.
local answers = require "ddokta.sandbox.answers"
local app = require "ddokta.sandbox.app"
local faults = require "ddokta.sandbox.faults"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

describe("the sandbox's app", function()
  local state, logged, calls

  local function rows()
    return {
      {
        method = "GET",
        path = "/works",
        limit = "x",
        permission = "may",
        handler = function()
          calls = calls + 1
          return answers.json(200, { ok = true })
        end,
      },
      { method = "GET", path = "/breaks", limit = "x", handler = function() error("no such thing") end },
      {
        method = "GET",
        path = "/open",
        limit = "x",
        auth = { "none" },
        handler = function() return answers.json(200, {}) end,
      },
    }
  end

  before_each(function()
    logged, calls = {}, 0
    state = state_of.new({ settings = settings.defaults(), seed = {} }, rows())
    state.log_error = function(message) logged[#logged + 1] = message end
  end)

  local KEYS = { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "sandbox-app-key" }

  local function ask(path, headers, method)
    return app.answer(state, {
      method = method or "GET",
      path = path,
      headers = headers or KEYS,
      body = "",
      now = 1000,
      protocol = "HTTP/1.1",
      connection = 1,
    })
  end

  it("runs the handler of the row", function()
    local answer = ask("/works")
    assert.equal(200, answer.status)
    assert.equal('{"ok":true}\n', answer.body)
  end)

  it("shows a handler's error to the caller and to the log", function()
    local answer = ask("/breaks")
    assert.equal(500, answer.status)
    assert.matches("sandbox error: .*no such thing", answer.body)
    assert.matches("no such thing.*traceback", logged[1])
  end)

  it("refuses wrong keys before it counts them", function()
    for _, headers in ipairs {
      {},
      { ["dd-api-key"] = "sandbox-api-key" },
      { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "x" },
      { ["dd-api-key"] = "x", ["dd-application-key"] = "sandbox-app-key" },
      { authorization = "Bearer sandbox-api-key" },
      { authorization = "sandbox-app-key" },
    } do
      local answer = ask("/works", headers)
      assert.equal(403, answer.status)
      assert.equal('{"errors":["Forbidden"]}', answer.body)
      assert.equal("1000", answer.headers["X-RateLimit-Remaining"])
    end
    assert.equal(0, calls)
  end)

  it(
    "takes a bearer token instead of the keys",
    function() assert.equal(200, ask("/works", { authorization = "Bearer sandbox-app-key" }).status) end
  )

  it("asks no key where a row says so", function() assert.equal(200, ask("/open", {}).status) end)

  it("refuses what the key may not do", function()
    state.settings.permissions = { "other" }
    assert.equal(403, ask("/works").status)
    assert.equal(0, calls)
    state.settings.permissions = { "other", "may" }
    assert.equal(200, ask("/works").status)
  end)

  it("refuses what is over the limit before the handler runs", function()
    state.settings.limit = 1
    ask("/works")
    local answer = ask("/works")
    assert.equal(429, answer.status)
    assert.equal('{"errors":["Too many requests"]}', answer.body)
    assert.equal("0", answer.headers["X-RateLimit-Remaining"])
    assert.equal(1, calls)
  end)

  it("knows unknown paths and methods", function()
    assert.equal(404, ask("/nowhere").status)
    assert.equal('{"errors":["Not found"]}', ask("/nowhere").body)
    local answer = ask("/works", KEYS, "PUT")
    assert.equal(405, answer.status)
    assert.equal("GET", answer.headers["Allow"])
  end)

  it("does not act when a fault comes before, and acts when it comes after", function()
    faults.add(state.faults, { status = 500 })
    assert.equal(500, ask("/works").status)
    assert.equal(0, calls)
    faults.add(state.faults, { reset = true, when = "after" })
    assert.is_true(ask("/works").reset)
    assert.equal(1, calls)
  end)
end)
