-- lua/ddokta/sandbox/limits.lua
local datadog = require "ddokta.sandbox.datadog.service"
local limits = require "ddokta.sandbox.limits"
local okta = require "ddokta.sandbox.okta.service"

describe("the sandbox's rate limits", function()
  local windows, settings

  before_each(function()
    windows = limits.new()
    settings = { limit = 2, period = 10, limits = {} }
  end)

  local function take(now, name) return limits.take(windows, settings, name or "x", now, datadog.rate_headers) end

  it("lets as many pass as the limit says", function()
    assert.is_true((take(1000)))
    assert.is_true((take(1001)))
    assert.is_false((take(1002)))
  end)

  it("are aligned to the clock", function()
    take(1008)
    take(1009.5)
    assert.is_false((take(1009.9)))
    assert.is_true((take(1010)))
  end)

  it("say what remains and when the next period begins", function()
    local _, headers = take(1003.5)
    assert.same({
      ["X-RateLimit-Limit"] = "2",
      ["X-RateLimit-Period"] = "10",
      ["X-RateLimit-Remaining"] = "1",
      ["X-RateLimit-Reset"] = "7",
      ["X-RateLimit-Name"] = "x",
    }, headers)
    take(1003.5)
    _, headers = take(1009.99)
    assert.equal("0", headers["X-RateLimit-Remaining"])
    assert.equal("1", headers["X-RateLimit-Reset"])
  end)

  it("count each name by itself", function()
    take(1000)
    take(1000)
    assert.is_false((take(1000)))
    assert.is_true((take(1000, "y")))
  end)

  it("can be set for one name", function()
    settings.limits.y = { limit = 1, period = 60 }
    assert.is_true((take(1019, "y")))
    local allowed, headers = take(1020.5, "y")
    assert.is_true(allowed)
    assert.equal("60", headers["X-RateLimit-Period"])
    assert.equal("60", headers["X-RateLimit-Reset"])
    assert.is_false((take(1050, "y")))
  end)

  it("can be looked at without being used", function()
    local headers
    for _ = 1, 5 do
      headers = limits.look(windows, settings, "x", 1000, datadog.rate_headers)
    end
    assert.equal("2", headers["X-RateLimit-Remaining"])
  end)

  it("are told in Okta's headers, with the second of the epoch when the next period begins", function()
    local _, headers = limits.take(windows, settings, "x", 1003.5, okta.rate_headers)
    assert.same(
      { ["X-Rate-Limit-Limit"] = "2", ["X-Rate-Limit-Remaining"] = "1", ["X-Rate-Limit-Reset"] = "1010" },
      headers
    )
  end)

  it("know how many requests are being worked on, per service", function()
    limits.occupy(windows, "okta", 1005)
    limits.occupy(windows, "okta", 1003)
    limits.occupy(windows, "datadog", 1009)
    assert.equal(2, limits.busy(windows, "okta", 1002))
    assert.equal(1, limits.busy(windows, "okta", 1003))
    assert.equal(0, limits.busy(windows, "okta", 1005))
    assert.equal(1, limits.busy(windows, "datadog", 1005))
  end)

  it(
    "of requests at once have a limit of 0 and a hint",
    function()
      assert.same(
        { ["X-Rate-Limit-Limit"] = "0", ["X-Rate-Limit-Remaining"] = "0", ["X-Rate-Limit-Reset"] = "1004" },
        limits.crowded(1002.5, "x", okta.rate_headers)
      )
    end
  )

  it("can be changed while they are used", function()
    take(1000)
    take(1000)
    settings.limit = 3
    assert.is_true((take(1000)))
    settings.limit = 1
    local allowed, headers = take(1000)
    assert.is_false(allowed)
    assert.equal("0", headers["X-RateLimit-Remaining"])
  end)
end)
