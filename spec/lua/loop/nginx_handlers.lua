-- What runs inside the nginx of the specs: a function for each location or phase.
-- luacheck: globals ngx
local ddokta = require "ddokta"
local tasks = require "spec.lua.loop.tasks"

local M = {}
local options, dd

-- one line that says how a call went
local function outcome(accounts, err)
  return accounts and #accounts .. " accounts" or ("%s: %s"):format(err.kind, err.message)
end

local function note(name, ...) ngx.shared.notes:set(name, outcome(...)) end

-- In nginx's master, before it forks: the client is made, and used once, so that it has a connection.
function M.init(given)
  options = given
  dd = assert(ddokta.client(options))
  M.at_init = outcome(dd:list_okta_accounts())
end

function M.init_worker()
  note("init_worker", dd:list_okta_accounts())
  ddokta.spawn(
    function() return assert(dd:list_okta_accounts()) end,
    function(err, accounts) note("spawned in init_worker", accounts, err) end
  )
end

function M.exit_worker()
  note("exit_worker", dd:list_okta_accounts())
  ngx.log(ngx.WARN, "exit_worker: ", ngx.shared.notes:get "exit_worker")
end

-- GET /note?name
function M.note() ngx.print(ngx.shared.notes:get(ngx.unescape_uri(ngx.var.args)) or "nothing") end

function M.content() ngx.print(outcome(dd:list_okta_accounts())) end

-- in rewrite and access: the content phase then prints what came
function M.before_content() ngx.ctx.outcome = outcome(dd:list_okta_accounts()) end

function M.print_outcome() ngx.print(ngx.ctx.outcome) end

-- in phases that cannot wait
function M.try(phase) note(phase, dd:list_okta_accounts()) end

function M.spawn_in(phase)
  ddokta.spawn(
    function() return assert(dd:list_okta_accounts()) end,
    function(err, accounts) note("spawned in " .. phase, accounts, err) end
  )
end

function M.set() return outcome(dd:list_okta_accounts()) end

function M.timer()
  assert(ngx.timer.at(0, function() note("timer", dd:list_okta_accounts()) end))
end

-- GET /account?id
function M.account()
  local account, err = dd:get_okta_account(ngx.unescape_uri(ngx.var.args))
  ngx.print(account and account.name or tostring(err), " by ", ngx.worker.pid())
end

-- 20 calls, 10 at once, each after a sleep of nginx's own
function M.parallel()
  local items = {}
  for i = 1, 20 do
    items[i] = i
  end
  for i, result in
    ipairs(ddokta.parallel(10, items, function(n)
      ngx.sleep(0.001)
      return n, (assert(dd:list_okta_accounts()))
    end))
  do
    assert(result[1] == i, result[2])
    assert(#result[2] >= 3)
  end
  ngx.print "all"
end

-- beside what it spawns, the request goes on
function M.spawn()
  local order = {}
  ddokta.spawn(function()
    ngx.sleep(0.01)
    return #assert(dd:list_okta_accounts())
  end, function(err, count)
    order[#order + 1] = err or count
    ngx.print(table.concat(order, " "))
  end)
  order[1] = "spawned"
end

function M.tasks()
  for _, task in ipairs(tasks) do
    local ok, message = pcall(task.run, ddokta, dd, options, ngx.sleep)
    ngx.say(task.name, "=", ok and "ok" or tostring(message):gsub("\n", " "))
  end
end

-- in a thread of ngx.run_worker_thread; see nginx_thread.lua
function M.thread()
  local ok, answer = ngx.run_worker_thread("pool", "spec.lua.loop.nginx_thread", "list", options)
  ngx.print(ok and answer or "the thread failed: " .. tostring(answer))
end

-- all of nginx's running timers are taken for a second
function M.occupy_timers()
  for _ = 1, 20 do
    ngx.timer.at(0, function() ngx.sleep(1) end)
  end
end

function M.closed()
  local other = assert(ddokta.client(options))
  ngx.thread.spawn(function()
    ngx.sleep(0.05)
    other:close()
  end)
  ngx.print(outcome(other:list_okta_accounts()))
end

-- GET /flood?n: so many spawned in the log phase, each of which waits a little; see /flooded
function M.flood()
  local told, notes = 0, ngx.shared.notes
  for i = 1, tonumber(ngx.var.args) do
    ddokta.spawn(function()
      ngx.sleep(0.001)
      return i % 100 ~= 0 or #assert(dd:list_okta_accounts()) == 3
    end, function(err, right)
      notes:incr(right and "flood_right" or "flood_refused", 1, 0)
      if err then notes:set("flood_error", err.kind .. ": " .. err.message) end
      told = told + 1
    end)
  end
end

function M.flooded()
  local notes = ngx.shared.notes
  ngx.print(
    notes:get "flood_right" or 0,
    " right, ",
    notes:get "flood_refused" or 0,
    " refused, ",
    notes:get "flood_error" or "no error"
  )
end

-- spawned in the log phase: ten that wait, and between them one that leaves as a handler does
function M.leave_in_log()
  for i = 1, 11 do
    ddokta.spawn(function()
      if i == 6 then
        ngx.sleep(0.05)
        ngx.exit(403)
      end
      ngx.sleep(0.2)
      return "done"
    end, function(err, what) ngx.shared.notes:incr("left " .. (err and err.code or what), 1, 0) end)
  end
end

-- spawned in the log phase, told in the error log, which outlives the worker
function M.spawn_for_quit()
  for i = 1, 50 do
    ddokta.spawn(
      function() return #assert(dd:list_okta_accounts()) end,
      function(err, count) ngx.log(ngx.WARN, "quit: ", i, " ", err or count, ".") end
    )
  end
end

-- Two calls at once, each of which creates an account.
local narrow

local function create()
  narrow = narrow or assert(ddokta.client(setmetatable({ max_in_flight = 2 }, { __index = options })))
  return narrow:create_okta_account {
    name = "Abandoned",
    domain = "https://abandoned.okta.com/",
    auth_method = "oauth",
    client_id = "id",
    client_secret = "secret",
  }
end

function M.create()
  local account, err = create()
  ngx.print(account and "created" or tostring(err))
end

-- as many at once, all of which end with the thread that waits for them
function M.killed_parallel()
  local thread = ngx.thread.spawn(function()
    local items = {}
    for i = 1, 50 do
      items[i] = i
    end
    ddokta.parallel(20, items, create)
  end)
  ngx.sleep(0.1)
  ngx.print(tostring(ngx.thread.kill(thread)))
end

-- Awaits in threads that are killed, and what calls back comes after that; then what a timer calls.
function M.awaits()
  local late, later
  local thread = ngx.thread.spawn(function()
    ddokta.await(function(resume)
      late = resume
      ngx.sleep(0.05)
    end)
  end)
  local waits = ngx.thread.spawn(function()
    ddokta.await(function(resume) later = resume end)
  end)
  ngx.sleep(0.02)
  ngx.thread.kill(thread) -- while it begins
  ngx.thread.kill(waits) -- while it waits
  collectgarbage()
  local results = { tostring(late()), tostring(later()), tostring(late()) }
  ngx.timer.at(0.02, function() later "a timer's" end)
  results[4] = ddokta.await(function(resume) later = resume end)
  ngx.say(table.concat(results, " "))
end

-- a walk whose thread is killed while pages are under way that it has asked for ahead: how many calls were
-- under way before, and are half a second later
function M.killed_walk()
  local names = {}
  for i = 1, 12 do
    names[i] = "walked-" .. i
  end
  local made = ddokta.parallel(
    12,
    names,
    function(name) return assert(dd:create_team { name = name, handle = name }).id end
  )
  local thread = ngx.thread.spawn(function()
    require("ddokta.pages").walk(
      { client = dd, operation = "list_teams", query = { page_size = 1 } },
      function() end
    )
  end)
  local before = 0
  for _ = 1, 1000 do -- until those behind the second page are
    before = dd:stats().in_flight
    if before > 2 then break end
    ngx.sleep(0.005)
  end
  ngx.thread.kill(thread)
  ngx.sleep(0.5)
  local after = dd:stats().in_flight
  ddokta.parallel(12, made, function(result) assert(dd:delete_team(result[1])) end)
  ngx.print(before, " then ", after)
end

-- what is spawned without a callback and raises
function M.spawn_bug()
  ddokta.spawn(function()
    error(setmetatable({}, { __tostring = function() return "a text of its own" end }))
  end)
  ngx.print "spawned"
end

-- what is left when nothing is under way
function M.state()
  local driver, waiting = getmetatable(dd).driver, 0
  for _ in pairs(driver.waiting) do
    waiting = waiting + 1
  end
  ngx.print(
    dd:stats().in_flight,
    " in flight, ",
    waiting,
    " waiting, timer ",
    tostring(driver:attach(require "ddokta.loop.nginx").stepped ~= nil)
  )
end

return M
