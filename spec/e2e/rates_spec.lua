-- Rate limits by the service's clock: csrc/http/ratelimit.c, queue.c and header.c against a server whose
-- clock is off, whose resets are absurd, that hangs, that counts calls at once, and whose limits have many
-- names. What is said of waits is what a user sees.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system

-- Begins a script of the server. limited(kind, limit, period, ahead) counts a request in a window of the
-- server's clock, which is `ahead` of the machine's, and answers whether it is over the limit, and headers.
local SERVICE = [[
  local request, number = ...
  local socket = require "socket"
  windows = windows or {}
  local function stamp(now) return os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(now)) end
  local function limited(kind, limit, period, ahead)
    local now = socket.gettime() + ahead
    local window = windows[kind] or {}
    windows[kind] = window
    local at = math.floor(now / period)
    if window.at ~= at then window.at, window.used = at, 0 end
    local over = window.used >= limit
    if not over then window.used = window.used + 1 end
    local left, ends = limit - window.used, (at + 1) * period
    local headers = { Date = stamp(now), ["Content-Type"] = "application/json" }
    if kind:find "okta" then
      headers["X-Rate-Limit-Limit"], headers["X-Rate-Limit-Remaining"] = limit, left
      headers["X-Rate-Limit-Reset"] = ("%d"):format(ends)
    else
      headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"] = limit, left
      headers["X-RateLimit-Period"] = period
      headers["X-RateLimit-Reset"] = ("%d"):format(math.ceil(ends - now))
    end
    return over, headers
  end
]]

describe("rates", function()
  local server

  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  local function okta(options)
    local all = {
      base_url = server.url,
      domain = "example.okta.com",
      token = "a-token-of-okta",
      proxy = "",
      timeout = 20,
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return assert(ddokta.okta(all))
  end

  describe("with a clock that is off", function()
    -- the server's clock less ours: from the beginning, and from the tenth request on
    local cases = {
      { "600 s behind", 600, 600 },
      { "600 s ahead", -600, -600 },
      { "a fraction off", -1.6, -1.6 },
      { "set an hour back", 0, 3600 },
      { "set an hour on", 0, -3600 },
    }

    it("24 calls under 6 per 4 s succeed, and 2 are refused at most", function()
      server:script(SERVICE .. [[
        local kind = request.headers["user-agent"]
        seen = seen or {}
        seen[kind] = (seen[kind] or 0) + 1
        local first, then_ = kind:match "([%-%d.]+) ([%-%d.]+)$"
        local over, headers = limited(kind, 6, 4, tonumber(seen[kind] <= 10 and first or then_))
        return { { status = over and 429 or 200, headers = headers, body = kind:find "okta" and "[]"
          or '{"data":[]}' } } ]])
      local runs = {}
      for _, case in ipairs(cases) do
        for _, service in ipairs { "okta", "datadog" } do
          for _, at_once in ipairs { 1, 4 } do
            runs[#runs + 1] = {
              name = ("%s, our clock is %s, %d at once"):format(service, case[1], at_once),
              agent = ("%s/%d %s %s"):format(service, at_once, case[2], case[3]),
              service = service,
              at_once = at_once,
              refused = 0,
            }
          end
        end
      end
      local started = system.now()
      ddokta.parallel(#runs, runs, function(run)
        local options = {
          user_agent = run.agent,
          timeout = 30,
          max_retries = 4,
          on_event = function(event)
            if event.type == "answer" and event.status == 429 then run.refused = run.refused + 1 end
          end,
        }
        local client = run.service == "okta" and okta(options) or server:client(options)
        local list = run.service == "okta" and "list_groups" or "list_okta_accounts"
        local calls = {}
        for i = 1, 24 do
          calls[i] = i
        end
        run.results = ddokta.parallel(run.at_once, calls, function() return client[list](client) end)
        run.seconds = system.now() - started
        client:close()
      end)
      for _, run in ipairs(runs) do
        for i = 1, 24 do
          local list, why = run.results[i][1], tostring(run.results[i][2])
          assert.is_table(list, ("%s, call %d: %s"):format(run.name, i, why))
        end
        assert.is_true(run.refused <= 2, ("%s: %d refused"):format(run.name, run.refused))
        assert.is_true(run.seconds < 20, ("%s: took %.1f s"):format(run.name, run.seconds))
      end
    end)

    it("response.rate_limit counts from the answer", function()
      server:script(SERVICE .. [[ return { { status = 200, body = "[]", headers = { Date = stamp(1800000000),
        ["Content-Type"] = "application/json", ["X-Rate-Limit-Limit"] = 600, ["X-Rate-Limit-Remaining"] = 9,
        ["X-Rate-Limit-Reset"] = 1800000030 } } } ]])
      local groups, response = okta():list_groups()
      assert.is_table(groups, tostring(response))
      assert.equal(30, response.rate_limit.reset)
    end)

    it("a date in Retry-After is the service's time", function()
      server:script(
        SERVICE
          .. [[
        local now = socket.gettime() + 600
        local headers = { Date = stamp(now), ["Retry-After"] = stamp(now + 1) }
        return { number == 1 and { status = 429, headers = headers }
          or { status = 200, headers = { ["Content-Type"] = "application/json" }, body = '{"data":[]}' } } ]]
      )
      local started = system.now()
      assert(server:client({ timeout = 10, max_retries = 2 }):list_okta_accounts())
      local took = system.now() - started
      assert.is_true(took >= 0.9 and took < 2.5, ("took %.2f"):format(took))
    end)
  end)

  describe("with a reset that is absurd", function()
    -- one answer that uses the limit up, then plain ones
    local function after_reset(reset)
      server:script(SERVICE .. ([[
        local headers = { ["Content-Type"] = "application/json" }
        if number == 1 then
          headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"] = 600, 0
          headers["X-RateLimit-Reset"] = %s
        end
        return { { status = 200, headers = headers, body = '{"data":[]}' } } ]]):format(reset))
      local client = server:client { timeout = 5 }
      assert(client:list_okta_accounts())
      local started = system.now()
      local list, err = client:list_okta_accounts()
      return list, err, system.now() - started
    end

    it("milliseconds since 1970 are understood", function()
      local list, err, took = after_reset [[("%.0f"):format((socket.gettime() + 1.5) * 1000)]]
      assert.is_table(list, tostring(err))
      assert.is_true(took > 0.9 and took < 3, ("took %.2f"):format(took))
    end)

    for _, reset in ipairs { "86400", "999999999", '"99999999999999999"', "os.time() + 7 * 86400" } do
      it(reset .. " shuts for less than a minute", function()
        local list, err, took = after_reset(reset)
        assert.is_nil(list)
        assert.equal("rate_limited", err.kind)
        assert.is_true(err.retry_after < 60, tostring(err.retry_after))
        assert.is_true(took < 1)
      end)
    end

    it("an epoch that is over is none: a 429 is waited out shortly", function()
      server:script(SERVICE .. [[
        local headers = { ["X-Rate-Limit-Limit"] = 600, ["X-Rate-Limit-Remaining"] = 0,
          ["X-Rate-Limit-Reset"] = os.time() - 3600, ["Content-Type"] = "application/json",
          Date = stamp(socket.gettime()) }
        return { { status = number <= 4 and 429 or 200, headers = headers, body = "[]" } } ]])
      local started = system.now()
      assert(okta():list_groups())
      assert.equal(5, #server:requests())
      assert.is_true(system.now() - started < 3)
    end)
  end)

  it("a call that hangs at a window's begin holds up no other", function()
    server:script(SERVICE .. [[
      local _, headers = limited("datadog", 3, 1, 0)
      local list = { { status = 200, headers = headers, body = '{"data":[]}' } }
      if number == 4 then table.insert(list, 1, { sleep = 4 }) end
      return list ]])
    local client = server:client { timeout = 20, attempt_timeout = 10 }
    local now = socket.gettime()
    socket.sleep(math.floor(now) + 1.05 - now) -- three in one window
    for _ = 1, 3 do
      assert(client:list_okta_accounts())
    end
    local started, took = system.now(), {}
    ddokta.parallel(3, { 1, 2, 3 }, function(i)
      assert(client:list_okta_accounts())
      took[i] = system.now() - started
    end)
    table.sort(took)
    assert.is_true(took[2] < 2.5, ("the others took %.2f and %.2f"):format(took[1], took[2]))
    assert.is_true(took[3] > 3.5)
  end)

  describe("of Okta", function()
    it("a 429 for too many calls at once is tried again soon", function()
      server:script(
        SERVICE
          .. [[
        local crowded = number <= 3
        return { { status = crowded and 429 or 200, body = "[]", headers = {
          ["Content-Type"] = "application/json", Date = stamp(socket.gettime()),
          ["X-Rate-Limit-Limit"] = crowded and 0 or 600,
          ["X-Rate-Limit-Remaining"] = crowded and 0 or 500, ["X-Rate-Limit-Reset"] = os.time() + 60 } } } ]]
      )
      local client = okta { timeout = 5 }
      local started = system.now()
      local groups, response = client:list_groups()
      assert.is_table(groups, tostring(response))
      assert.equal(4, response.attempts)
      assert.is_true(system.now() - started < 2)
      assert(client:list_groups()) -- and does not shut the lane
      assert.is_true(system.now() - started < 2)
      assert.equal(600, client:stats().limits[1].limit)
    end)

    -- how many of 60 calls are refused under 10 per 2 s
    local function refused(names)
      server:script(SERVICE .. [[
        local over, headers = limited("okta", 10, 2, 0)
        return { { status = over and 429 or 200, headers = headers, body = "[]" } } ]])
      local refusals = 0
      local client = okta {
        timeout = 60,
        on_event = function(event)
          if event.type == "answer" and event.status == 429 then refusals = refusals + 1 end
        end,
      }
      local jobs = {}
      for i = 1, 60 do
        jobs[i] = i
      end
      local results = ddokta.parallel(
        8,
        jobs,
        function(i) return client[names[i % #names + 1]](client, "an-app") end
      )
      for i = 1, 60 do
        assert.is_table(results[i][1], tostring(results[i][2]))
      end
      return refusals, client:stats().limits
    end

    it("operations share their bucket", function()
      local n, limits = refused {
        "list_application_users",
        "list_application_group_assignments",
        "list_group_push_mappings",
        "list_features_for_application",
      }
      assert.equal(1, #limits)
      assert.equal("/api/v1/apps", limits[1].name)
      assert.equal(10, limits[1].limit)
      assert.is_true(n <= 2, n .. " refused")
    end)
  end)

  it("the clock of deadlines goes on while the machine sleeps", function()
    -- a machine that slept for a day, as far as a process of its own can see
    local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
    local pipe = io.popen(
      (
        "unshare -T --boottime 86400 --fork %s -e "
        .. [['io.write(require("ddokta.core").system.now())' 2> /dev/null]]
      ):format(lua)
    )
    local slept = tonumber((pipe:read "*a"))
    pipe:close()
    if not slept then return pending "no time namespaces here, or no right to them" end
    assert.is_true(math.abs(slept - 86400 - system.now()) < 60, ("%f, here %f"):format(slept, system.now()))
  end)

  it("500 names of limits are not 500 lanes", function()
    server:script [[
      local request, number = ...
      return { { status = 200, body = '{"data":[]}', headers = { ["Content-Type"] = "application/json",
        ["X-RateLimit-Name"] = "tenant_" .. number, ["X-RateLimit-Limit"] = 600,
        ["X-RateLimit-Remaining"] = 500, ["X-RateLimit-Reset"] = 10, ["X-RateLimit-Period"] = 10 } } } ]]
    local client = server:client { timeout = 20 }
    local jobs, most = {}, 0
    for i = 1, 500 do
      jobs[i] = i
    end
    ddokta.parallel(16, jobs, function() return client:list_okta_accounts() end, function(_, _, list, err)
      assert(list, tostring(err))
      most = math.max(most, #client:stats().limits)
    end)
    assert.equal(500, client:stats().calls)
    assert.is_true(most <= 64, most .. " lanes")
    local last = {}
    for _, limit in ipairs(client:stats().limits) do
      assert.equal(0, limit.in_flight)
      assert.equal(600, limit.limit)
      last[limit.name] = true
    end
    assert.is_true(last.tenant_500)
  end)
end)
