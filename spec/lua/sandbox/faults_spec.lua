-- lua/ddokta/sandbox/faults.lua: which requests a rule strikes. What the client then sees is in
-- delivery_spec.lua.
local faults = require "ddokta.sandbox.faults"

describe("a fault rule", function()
  local rules

  before_each(function() rules = faults.new() end)

  local function strikes(method, path, body)
    return faults.take(rules, { method = method or "GET", path = path or "/a", body = body or "" }) ~= nil
  end

  it("strikes once unless it says more", function()
    faults.add(rules, { status = 500 })
    assert.is_true(strikes())
    assert.is_false(strikes())
  end)

  it("strikes `times` times", function()
    faults.add(rules, { status = 500, times = 3 })
    assert.same({ true, true, true, false }, { strikes(), strikes(), strikes(), strikes() })
  end)

  it("can strike always", function()
    faults.add(rules, { status = 500, times = "always" })
    for _ = 1, 100 do
      assert.is_true(strikes())
    end
  end)

  it("lets the first `after` pass", function()
    faults.add(rules, { status = 500, after = 2 })
    assert.same({ false, false, true, false }, { strikes(), strikes(), strikes(), strikes() })
  end)

  it("looks at the method", function()
    faults.add(rules, { status = 500, method = "POST" })
    assert.is_false(strikes("GET"))
    assert.is_true(strikes("POST"))
  end)

  it("looks at the path: exact, a template or a pattern", function()
    faults.add(rules, { status = 500, times = "always", path = "/a-b" })
    assert.is_true(strikes("GET", "/a-b"))
    assert.is_false(strikes("GET", "/a-b/c"))
    faults.add(rules, { status = 500, times = "always", path = "/x/{id}" })
    assert.is_true(strikes("GET", "/x/1"))
    assert.is_false(strikes("GET", "/x/1/2"))
    faults.add(rules, { status = 500, times = "always", path = "^/y/%d+$" })
    assert.is_true(strikes("GET", "/y/12"))
    assert.is_false(strikes("GET", "/y/ab"))
  end)

  it("looks at the body, as plain text", function()
    faults.add(rules, { status = 500, contains = "row.7" })
    assert.is_false(strikes("POST", "/a", '{"name":"rowx7"}'))
    assert.is_true(strikes("POST", "/a", '{"name":"row.7"}'))
  end)

  it("strikes by chance, the same way again for the same random seed", function()
    local function outcomes()
      math.randomseed(7)
      rules = faults.new()
      faults.add(rules, { status = 500, probability = 0.3, times = "always" })
      local list, struck = {}, 0
      for i = 1, 400 do
        list[i] = strikes()
        if list[i] then struck = struck + 1 end
      end
      return list, struck
    end
    local first, struck = outcomes()
    assert.is_true(struck > 60 and struck < 180, struck)
    assert.same(first, (outcomes()))
  end)

  it("leaves a request to the next rule when it is used up", function()
    faults.add(rules, { status = 500 })
    faults.add(rules, { status = 503 })
    local request = { method = "GET", path = "/a", body = "" }
    assert.equal(500, faults.take(rules, request).status)
    assert.equal(503, faults.take(rules, request).status)
    assert.is_nil(faults.take(rules, request))
  end)

  it("is refused when a field is unknown or wrong", function()
    assert.matches('no field "statuss"', faults.problem { statuss = 500 })
    for field, value in pairs {
      status = 99,
      times = 0,
      after = -1,
      path = "^%",
      reset = "half",
      when = "now",
      truncate = "x",
      rate_limit = "x",
      delay = "1",
      slow = -1,
      method = 1,
      headers = "x",
      body = {},
      probability = 2,
    } do
      assert.matches("^" .. field .. " must be ", faults.problem { [field] = value })
    end
    assert.is_string(faults.problem("status"))
    assert.is_nil(faults.problem { status = 500, when = "after", reset = true, truncate = "json" })
  end)
end)
