-- What runs inside the nginx of the specs: a function for each location or phase.
-- luacheck: globals ngx
local ddokta = require "ddokta"
local tasks = require "spec.loop.tasks"

local M = {}
local options, dd

-- one line that says how a call went
local function outcome(accounts, err)
  return accounts and #accounts .. " accounts" or ("%s: %s"):format(err.kind, err.message)
end

local function note(name, ...)
  ngx.shared.notes:set(name, outcome(...))
end

-- In nginx's master, before it forks: the client is made, and used once, so that it has a connection.
function M.init(given)
  options = given
  dd = assert(ddokta.client(options))
  M.at_init = outcome(dd:list_okta_accounts())
end

function M.init_worker()
  note("init_worker", dd:list_okta_accounts())
  ddokta.spawn(function() return assert(dd:list_okta_accounts()) end, function(err, accounts)
    note("spawned in init_worker", accounts, err)
  end)
end

function M.exit_worker()
  note("exit_worker", dd:list_okta_accounts())
  ngx.log(ngx.WARN, "exit_worker: ", ngx.shared.notes:get "exit_worker")
end

-- GET /note?name
function M.note()
  ngx.print(ngx.shared.notes:get(ngx.unescape_uri(ngx.var.args)) or "nothing")
end

function M.content()
  ngx.print(outcome(dd:list_okta_accounts()))
end

-- in rewrite and access: the content phase then prints what came
function M.before_content()
  ngx.ctx.outcome = outcome(dd:list_okta_accounts())
end

function M.print_outcome()
  ngx.print(ngx.ctx.outcome)
end

-- in phases that cannot wait
function M.try(phase)
  note(phase, dd:list_okta_accounts())
end

function M.spawn_in(phase)
  ddokta.spawn(function()
    return assert(dd:list_okta_accounts())
  end, function(err, accounts)
    note("spawned in " .. phase, accounts, err)
  end)
end

function M.set()
  return outcome(dd:list_okta_accounts())
end

function M.timer()
  assert(ngx.timer.at(0, function()
    note("timer", dd:list_okta_accounts())
  end))
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
  for i, result in ipairs(ddokta.parallel(10, items, function(n)
    ngx.sleep(0.001)
    return n, (assert(dd:list_okta_accounts()))
  end)) do
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
    local ok, message = pcall(task.run, ddokta, dd, options)
    ngx.say(task.name, "=", ok and "ok" or tostring(message):gsub("\n", " "))
  end
end

-- in a thread of ngx.run_worker_thread; see nginx_thread.lua
function M.thread()
  local ok, answer = ngx.run_worker_thread("pool", "spec.loop.nginx_thread", "list", options)
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

-- what is left when nothing is under way
function M.state()
  local waiting = 0
  for _ in pairs(dd.engine.waiting) do
    waiting = waiting + 1
  end
  ngx.print(dd:stats().in_flight, " in flight, ", waiting, " waiting, timer ",
    tostring(dd.engine.stepped ~= nil))
end

return M
