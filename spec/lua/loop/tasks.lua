-- What tasks must do under every loop. Each row is a name and a function(ddokta, dd, options, sleep) that
-- runs where that loop may wait; it raises where something is wrong. options: those of the client dd;
-- sleep(seconds): the surroundings' own, which knows nothing of ddokta, or nil where there is none. Every
-- loop's spec runs all of them, Neovim's and nginx's inside those programs: no busted here.
-- luacheck: globals ngx vim, ignore 122
local cancel_scope = require "ddokta.cancel_scope"
local now = require("ddokta.core").system.now

local M = {}

local function equal(expected, actual)
  if expected ~= actual then
    error(("expected %s, got %s"):format(tostring(expected), tostring(actual)), 2)
  end
end

local function has(text, part)
  if not tostring(text):find(part, 1, true) then
    error(("%q does not have %q"):format(tostring(text), part), 2)
  end
end

local function add(name, run) M[#M + 1] = { name = name, run = run } end

add("parallel keeps the order of its items", function(ddokta, dd)
  local results = ddokta.parallel(4, { 5, 4, 3, 2, 1 }, function(n, i)
    local accounts = assert(dd:list_okta_accounts())
    return #accounts, n, i
  end)
  equal(5, #results)
  for i = 1, 5 do
    equal(3, results[i][1])
    equal(6 - i, results[i][2])
    equal(i, results[i][3])
  end
end)

add("what a task raises is its result, with the traceback", function(ddokta, dd)
  local function buggy()
    local accounts = dd:list_okta_accounts()
    return accounts[99].name
  end
  local results = ddokta.parallel(2, { 1, 2, 3 }, function(n)
    if n == 2 then return (buggy()) end
    return n, (assert(dd:list_okta_accounts()))
  end)
  equal(1, results[1][1])
  equal(nil, results[2][1])
  has(results[2][2], "tasks.lua")
  has(results[2][2], "traceback")
  equal(3, results[3][1])
end)

add("an error that is an object stays one", function(ddokta, dd)
  local results = ddokta.parallel(2, { "no such account" }, function(id)
    local _, err = dd:get_okta_account(id)
    error(err)
  end)
  equal(nil, results[1][1])
  equal("table", type(results[1][2]))
  equal("get_okta_account", results[1][2].operation)
end)

add("parallel in parallel", function(ddokta, dd)
  local outer = ddokta.parallel(2, { "a", "b" }, function(letter)
    local inner = ddokta.parallel(2, { 1, 2 }, function(n)
      assert(dd:list_okta_accounts())
      return letter .. n
    end)
    return inner[1][1] .. inner[2][1]
  end)
  equal("a1a2", outer[1][1])
  equal("b1b2", outer[2][1])
end)

add("spawn in parallel runs beside it", function(ddokta, dd)
  local came = 0
  local results = ddokta.parallel(2, { 1, 2 }, function(n)
    ddokta.spawn(function() return #assert(dd:list_okta_accounts()) end, function(err, count)
      equal(nil, err)
      equal(3, count)
      came = came + 1
    end)
    assert(dd:list_okta_accounts())
    assert(dd:list_okta_accounts())
    return n
  end)
  equal(2, #results)
  equal(2, came)
end)

add("two clients in one parallel", function(ddokta, dd, options)
  local other = assert(ddokta.client(options))
  local results = ddokta.parallel(
    4,
    { dd, other, dd, other },
    function(client) return #assert(client:list_okta_accounts()) end
  )
  for i = 1, 4 do
    equal(3, results[i][1])
  end
  other:close()
end)

add("a task sleeps, and others go on", function(ddokta, dd)
  local from, order = now(), {}
  local results = ddokta.parallel(3, { 0.2, 0.1, 0 }, function(seconds)
    if seconds == 0 then assert(dd:list_okta_accounts()) end
    assert(dd:sleep(seconds))
    order[#order + 1] = seconds
    return now() - from
  end)
  local slept = now() - from
  for i, seconds in ipairs { 0.2, 0.1 } do
    if type(results[i][1]) ~= "number" or results[i][1] < seconds then
      error(("slept %s instead of %g"):format(tostring(results[i][1] or results[i][2]), seconds))
    end
  end
  equal("0.1 0.2", table.concat(order, " "):gsub("0 ", "", 1):gsub(" 0$", ""))
  if slept > 2 then error(("took %g seconds"):format(slept)) end
  ddokta.parallel(2, { "alone" }, function() assert(dd:sleep(0.01)) end)
  from = now()
  assert(dd:sleep(0.05)) -- outside of them
  if now() - from < 0.05 then error("did not sleep") end
  equal(false, (pcall(dd.sleep, dd, "long")))
end)

add("a call that cannot be made is an error at once", function(ddokta, dd)
  local results = ddokta.parallel(2, { 1, 2 }, function() return dd:get_okta_account("a\0b") end)
  equal("invalid_request", results[1][2].kind)
  equal("invalid_request", results[2][2].kind)
end)

add("an iterator and a sink keep the memory flat", function(ddokta, dd)
  local n, sunk, most = 0, 0, 0
  local before
  ddokta.parallel(50, function()
    if n < 20000 then
      n = n + 1
      return ("item %d with some text of its own"):format(n)
    end
  end, function(item, i)
    if i % 100 == 0 then assert(dd:list_okta_accounts()) end
    return item .. " is done"
  end, function(_, item, result)
    sunk = sunk + 1
    equal(item .. " is done", result)
    if sunk >= 10000 and sunk % 1000 == 0 then -- all tasks have begun, and waited
      collectgarbage()
      collectgarbage()
      before = before or collectgarbage "count"
      most = math.max(most, collectgarbage "count")
    end
  end)
  equal(20000, sunk)
  if most - before > 200 then error(("grew by %d KiB over 10,000 items"):format(most - before)) end
end)

-- --- tasks among others: one that waits for something else holds up nobody ------------------------

local function soon(seconds, from)
  local took = now() - from
  if took > seconds then error(("took %g seconds, not %g"):format(took, seconds), 2) end
end

local function sleeper(dd, sleep)
  return sleep or function(seconds) assert(dd:sleep(seconds)) end
end

add("ten tasks that sleep take the time of one", function(ddokta, dd, _, sleep)
  sleep = sleeper(dd, sleep)
  for _, calls in ipairs { false, true } do
    local from = now()
    local results = ddokta.parallel(10, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function(n)
      assert(not calls or dd:list_okta_accounts())
      sleep(0.2)
      return n
    end)
    soon(0.6, from)
    for i = 1, 10 do
      equal(i, results[i][1])
    end
  end
end)

add("a task that sleeps holds up no call and no deadline", function(ddokta, dd, options, sleep)
  sleep = sleeper(dd, sleep)
  local given = { timeout = 1 }
  for name, value in pairs(options) do
    given[name] = value
  end
  local hasty = assert(ddokta.client(given))
  local from = now()
  local results = ddokta.parallel(3, { 0, 1.5, 0 }, function(seconds)
    if seconds > 0 then
      sleep(seconds)
      return true
    end
    for _ = 1, 3 do
      assert(hasty:list_okta_accounts())
    end
    return now() - from < 1
  end)
  for i = 1, 3 do
    if results[i][1] ~= true then
      error(("task %d: %s"):format(i, tostring(results[i][2] or "its calls waited for the one that slept")))
    end
  end
  hasty:close()
end)

add("a task may wait for what another does", function(ddokta, dd, _, sleep)
  sleep = sleeper(dd, sleep)
  local from, posted = now(), false
  local results = ddokta.parallel(3, { "waits", "calls", "posts" }, function(what)
    if what == "waits" then
      while not posted and now() - from < 2 do
        sleep(0.01)
      end
    elseif what == "posts" then
      sleep(0.05)
      posted = true
    end
    return #assert(dd:list_okta_accounts())
  end)
  soon(1, from)
  for i = 1, 3 do
    equal(3, results[i][1])
  end
end)

add(
  "what a task raises after a sleep of its own is its result, and others go on",
  function(ddokta, dd, _, sleep)
    if sleep and not jit and _VERSION == "Lua 5.1" and package.loaded["ddokta.loop.uv"] then
      return -- it is raised in whoever resumed the coroutine, and 5.1 can put nothing between
    end
    sleep = sleeper(dd, sleep)
    local results = ddokta.parallel(2, { 1, 2, 3, 4, 5 }, function(n)
      sleep(0.01)
      if n % 2 == 0 then error("a bug of " .. n) end
      assert(dd:list_okta_accounts())
      return n
    end)
    for i = 1, 5, 2 do
      equal(i, results[i][1])
    end
    has(results[2][2], "a bug of 2")
    has(results[4][2], "a bug of 4")
  end
)

add("five hundred tasks that raise at once are five hundred results", function(ddokta)
  local n = 0
  local results = ddokta.parallel(3, function()
    n = n + 1
    return n <= 500 and n or nil
  end, function(i) error("a bug of " .. i) end)
  equal(500, #results)
  has(results[500][2], "a bug of 500")
end)

add("an iterator or a sink that raises ends parallel, when what was begun is done", function(ddokta, dd)
  for _, raises in ipairs { "iterator", "sink" } do
    local n, begun, done = 0, 0, 0
    local ok, message = pcall(function()
      if not jit and _VERSION == "Lua 5.1" then
        error("a bug of the " .. raises) -- which cannot wait within pcall
      end
      ddokta.parallel(3, function()
        n = n + 1
        assert(raises == "sink" or n < 5, "a bug of the iterator")
        return n <= 9 and n or nil
      end, function()
        begun = begun + 1
        assert(dd:list_okta_accounts())
        done = done + 1
      end, function(i) assert(raises == "iterator" or i ~= 3, "a bug of the sink") end)
    end)
    equal(false, ok)
    has(message, "a bug of the " .. raises)
    equal(begun, done)
  end
end)

add("the sink of a task that raised may make calls", function(ddokta, dd)
  local told = 0
  ddokta.parallel(2, { 1, 2, 3 }, function(n)
    if n == 2 then error "a bug" end
    assert(dd:list_okta_accounts())
  end, function(_, _, _, err)
    local count = #assert(dd:list_okta_accounts())
    told = told + count + (err and 100 or 0)
  end)
  equal(109, told)
end)

add("a callback that raises does not end the task that spawned", function(ddokta, dd)
  local calls = 0
  local stderr, log = io.stderr, ""
  -- where there is no other log
  io.stderr = { write = function(_, ...) log = log .. table.concat { ... } end }
  local results = ddokta.parallel(2, { 1, 2 }, function(n)
    ddokta.spawn(function() return #assert(dd:list_okta_accounts()) end, function()
      calls = calls + 1
      error "the callback's own bug"
    end)
    for _ = 1, 5 do
      assert(dd:list_okta_accounts())
    end
    return n
  end)
  io.stderr = stderr
  equal(1, results[1][1])
  equal(2, results[2][1])
  equal(2, calls)
  if type(ngx) ~= "table" and type(vim) ~= "table" then
    has(log, "ddokta: the callback of a spawned task failed: ")
    has(log, "the callback's own bug")
  end
end)

add("what a task spawns is told once, also where it outlives the task", function(ddokta, dd, _, sleep)
  sleep = sleeper(dd, sleep)
  local told = 0
  ddokta.parallel(2, { 1, 2 }, function()
    ddokta.spawn(function() assert(dd:sleep(0.05)) end, function(err)
      equal(nil, err)
      told = told + 1
    end)
  end)
  local from = now()
  while told < 2 and now() - from < 2 do
    sleep(0.01)
  end
  equal(2, told)
end)

-- --- what is asked to stop --------------------------------------------------------------------------

add("what is asked to stop waits for what has left, and for nothing else", function(ddokta, _, options)
  local given = { max_in_flight = 1 }
  for name, value in pairs(options) do
    given[name] = given[name] or value
  end
  local client, answered, refused = assert(ddokta.client(given)), 0, 0
  local from, left = now(), nil
  local returned, second = cancel_scope.run(function() return answered > 0 end, function()
    local items = {}
    for i = 1, 100 do
      items[i] = i
    end
    ddokta.parallel(100, items, function()
      if client:list_okta_accounts() then
        answered = answered + 1
        cancel_scope.is_stopped()
        left = left or client:stats().attempts
        return
      end
      local _, err = client:list_okta_accounts() -- nothing new is sent
      refused = refused + 1
      equal("cancelled", err.kind)
      equal(0, err.attempts)
    end)
    local slept, why = client:sleep(60)
    equal(nil, slept)
    equal("cancelled", why.kind)
    return "ended", nil
  end)
  soon(5, from)
  equal("ended", returned)
  equal(nil, second)
  equal(100, answered + refused)
  equal(true, answered >= 1)
  equal(left, client:stats().attempts) -- some may leave before the first answer is told, none behind it
  equal(3, #assert(client:list_okta_accounts())) -- the client is as it was
  client:close()
end)

add("what is asked to stop while it sleeps stops at once, within another too", function(_, dd)
  local from, asked = now(), 0
  local _, err = cancel_scope.run(function()
    asked = asked + 1
    return asked > 1
  end, function()
    return cancel_scope.run(function() return false end, function() return dd:sleep(60) end)
  end)
  soon(5, from)
  equal("cancelled", err.kind)
end)

add("a run that may be asked to stop raises what it raises, and leaves nobody behind", function(_, dd)
  local asked = 0
  local function should_stop()
    asked = asked + 1
    if asked == 1 then error "the question's own bug" end
  end
  local stderr = io.stderr
  io.stderr = { write = function() end } -- where there is no other log
  local from = now()
  if jit or _VERSION ~= "Lua 5.1" then -- which cannot wait within pcall
    local ok, message = pcall(cancel_scope.run, should_stop, function()
      assert(dd:sleep(0.25))
      error "a bug of the run"
    end)
    equal(false, ok)
    has(message, "a bug of the run")
    equal(1, asked)
  end
  equal(3, #assert(cancel_scope.run(should_stop, function() return dd:list_okta_accounts() end)))
  io.stderr = stderr
  soon(5, from)
end)

add("pages are asked for many at once, and a loop that is left leaves nothing behind", function(ddokta, dd)
  local names = {}
  for i = 1, 12 do
    names[i] = "team-" .. i
  end
  local made = ddokta.parallel(
    12,
    names,
    function(name) return assert(dd:create_team { name = name, handle = name }).id end
  )
  local from, calls, came = now(), dd:stats().calls, 0
  for _ in dd:each_team { page_size = 1 } do
    came = came + 1
  end
  equal(12, came)
  equal(12, dd:stats().calls - calls)
  soon(0.3 * 7, from) -- where twelve, one after the other, take 3.6 s
  from, came = now(), 0
  equal(
    12,
    (
      require("ddokta.pages").walk(
        { client = dd, operation = "list_teams", query = { page_size = 1 } },
        function() came = came + 1 end
      )
    )
  )
  equal(12, came)
  soon(0.3 * 5, from)
  calls, came = dd:stats().calls, 0
  for _ in dd:each_team { page_size = 1 } do
    came = came + 1
    if came == 3 then break end
  end
  equal(0, dd:stats().in_flight)
  if (jit or _VERSION ~= "Lua 5.1") and dd:stats().calls - calls > 6 then
    error(dd:stats().calls - calls .. " calls for three teams")
  end
  ddokta.parallel(12, made, function(result) return assert(dd:delete_team(result[1])) end)
end)

add("await has what calls back before it returns", function(ddokta)
  local results = ddokta.parallel(2, { "a", "b" }, function(letter)
    local first, second
    local function values(...) return select("#", ...), ... end
    local n, x, y, z = values(ddokta.await(function(resume)
      first, second = resume(letter, nil, 3, nil), resume "once more"
    end))
    equal(4, n)
    equal(nil, y)
    equal(3, z)
    equal(true, first)
    equal(false, second)
    return x
  end)
  equal("a", results[1][1])
  equal("b", results[2][1])
end)

add("await has what calls back later, from another task, and calls go on meanwhile", function(ddokta, dd)
  local later, made
  local results = ddokta.parallel(3, { "waits", "calls", "tells" }, function(what)
    if what == "calls" then
      made = #assert(dd:list_okta_accounts())
      return made
    elseif what == "tells" then
      while not (made and later) do
        dd:sleep(0.005)
      end
      return later(made), later "once more"
    end
    return ddokta.await(function(resume) later = resume end), #assert(dd:list_okta_accounts())
  end)
  equal(3, results[1][1])
  equal(3, results[1][2])
  equal(3, results[2][1])
  equal(true, results[3][1])
  equal(false, results[3][2])
end)

add("await has what the surroundings call back, and none of another's", function(ddokta, dd, _, sleep)
  if not sleep then return end
  assert(dd:sleep(0)) -- a loop of which sleep alone is known is known by this
  local results = ddokta.parallel(2, { 0.05, 0.02 }, function(seconds)
    local got = ddokta.await(function(resume)
      ddokta.spawn(function()
        sleep(seconds)
        resume(seconds)
      end)
    end)
    return got, (ddokta.await(function(resume) resume "at once" end))
  end)
  equal(0.05, results[1][1])
  equal(0.02, results[2][1])
  equal("at once", results[2][2])
end)

add("await says that nobody can call back any more, and the others go on", function(ddokta, dd)
  local results = ddokta.parallel(2, { "lost", "calls" }, function(what)
    if what == "lost" then
      local never = ddokta.await(function() end) -- no tail call: it has a line
      return never
    end
    local accounts = assert(dd:list_okta_accounts())
    collectgarbage()
    collectgarbage()
    return #accounts
  end)
  equal(nil, results[1][1])
  has(results[1][2], "tasks.lua")
  has(results[1][2], "call back")
  equal(3, results[2][1])
end)

add("what await's function raises is raised, and it may come late", function(ddokta, dd)
  local later
  local results = ddokta.parallel(1, { 1 }, function()
    ddokta.await(function(resume)
      later = resume
      error "a bug"
    end)
  end)
  has(results[1][2], "a bug")
  equal(true, later "nobody waits")
  equal(false, later "nobody waits")
  equal(3, #assert(dd:list_okta_accounts()))
end)

add("a plan is applied with a journal", function(ddokta, dd)
  local bulk = require "ddokta.bulk"
  local rows = {}
  for i = 1, 50 do
    rows[i] = {
      name = "Applied " .. i,
      domain = ("https://applied-%d.okta.com/"):format(i),
      auth_method = "oauth",
      client_id = "id",
      client_secret = "secret",
    }
  end
  local journal = os.tmpname()
  os.remove(journal)
  local plan = assert(bulk.plan(dd, "okta_accounts", bulk.read(rows)))
  local report = assert(bulk.apply(dd, plan, { journal = journal, max_in_flight = 10 }))
  os.remove(journal)
  local deleted = ddokta.parallel(
    10,
    report.rows,
    function(row) return assert(dd:delete_okta_account(row.id)) end
  )
  equal(50, report.counts.done)
  equal(50, #deleted)
  equal(true, deleted[50][1])
  equal(3, #assert(dd:list_okta_accounts()))
end)

return M
