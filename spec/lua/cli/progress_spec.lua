-- Progress: one line that is drawn anew, or a line now and then.
local new_progress = require("ddokta.cli.progress").new

local function watch(terminal, columns)
  local at, out = 0, {}
  local w = new_progress {
    terminal = terminal,
    now = function() return at end,
    columns = function() return columns end,
    write = function(text) out[#out + 1] = text end,
  }
  return w, out, function(seconds) at = at + seconds end
end

local function progress(changes)
  local p = { done = 1, failed = 0, unknown = 0, total = 10, rate = 45.2, left = 20 }
  for name, value in pairs(changes or {}) do
    p[name] = value
  end
  return p
end

describe("cli.progress", function()
  it("draws at most ten times a second on a terminal, at once the first time", function()
    local w, out, pass = watch(true)
    w.start(10)
    for i = 1, 100 do
      w.on_progress(progress { done = i })
      pass(0.01)
    end
    assert.is_true(#out >= 9 and #out <= 11, tostring(#out))
    assert.same("\r  1/10 done, 0 failed, 45/s, 20 s left\27[K", out[1])
    w.finish()
    assert.same("\r\27[K", out[#out])
  end)

  it("takes one line of the terminal, however narrow", function()
    local w, out = watch(true, 24)
    w.start(10)
    w.on_progress(progress())
    assert.same("\r  1/10 done, 0 failed,…\27[K", out[1])
    w, out = watch(true, 80)
    w.start(10)
    w.on_progress(progress())
    assert.same("\r  1/10 done, 0 failed, 45/s, 20 s left\27[K", out[1])
  end)

  it("writes plain lines every five seconds to a log, and none for what is over at once", function()
    local w, out, pass = watch(false)
    w.start(10)
    w.on_progress(progress())
    pass(4)
    w.on_progress(progress())
    assert.same({}, out)
    for _ = 1, 12 do
      w.on_progress(progress { done = 3, failed = 2, unknown = 1, rate = 0.2, left = 600 })
      pass(1)
    end
    w.finish()
    assert.same({ "ddokta: 3/10 done, 2 failed, 1 unknown, 0.2/s, 10 min left\n" }, { out[1] })
    assert.same(4, #out) -- at 5, 10 and 15 seconds, and an end that writes nothing
    assert.same("", out[4])
  end)

  it("says that it waits for the rate limit, while it does", function()
    local w, out, pass = watch(true)
    w.on_event { type = "limit", seconds = 30 } -- while planning: there is no line yet
    assert.same({}, out)
    w.start(10)
    w.on_progress(progress())
    pass(1)
    w.on_event { type = "limit", seconds = 30 }
    assert.truthy(out[#out]:find("45/s, waiting 30 s for the rate limit, 20 s left", 1, true), out[#out])
    pass(10)
    w.on_progress(progress())
    assert.truthy(out[#out]:find("waiting 20 s", 1, true))
    pass(25)
    w.on_progress(progress())
    assert.is_nil(out[#out]:find("waiting", 1, true))
    w.on_event { type = "wait", kind = "rate_limited", seconds = 2 }
    pass(1)
    w.on_event { type = "wait", kind = "network", seconds = 50 }
    w.on_progress(progress())
    assert.truthy(out[#out]:find("waiting 1 s", 1, true))
  end)

  it("says so on a terminal at once, and not again with each call that waits", function()
    local w, out, pass = watch(true)
    w.start(10)
    w.on_progress(progress())
    for _ = 1, 5 do
      pass(0.01)
      w.on_event { type = "limit", seconds = 2 }
    end
    assert.same(2, #out)
    assert.truthy(out[2]:find("waiting 2 s for the rate limit", 1, true))
  end)

  it("knows no time that is left before something is done", function()
    local w, out = watch(true)
    w.start(7200)
    w.on_event { type = "limit", seconds = 5 }
    assert.truthy(out[1]:find("0/7200 done, 0 failed, 0/s, waiting 5 s for the rate limit, ? left", 1, true))
  end)

  it("erases nothing where nothing was drawn", function()
    local w, out = watch(true)
    w.start(0)
    w.finish()
    assert.same({}, out)
  end)
end)
