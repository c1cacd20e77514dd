-- What tasks must do under every loop. Each row is a name and a function(ddokta, dd, box) that runs
-- where that loop may wait; it raises where something is wrong. Every loop's spec runs all of them,
-- Neovim's and nginx's inside those programs: no busted here.
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

local function add(name, run)
  M[#M + 1] = { name = name, run = run }
end

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
    if n == 2 then
      return (buggy())
    end
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
    ddokta.spawn(function()
      return #assert(dd:list_okta_accounts())
    end, function(err, count)
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
  local results = ddokta.parallel(4, { dd, other, dd, other }, function(client)
    return #assert(client:list_okta_accounts())
  end)
  for i = 1, 4 do
    equal(3, results[i][1])
  end
  other:close()
end)

add("a task sleeps, and others go on", function(ddokta, dd)
  local now = require("ddokta.core").system.now
  local from, order = now(), {}
  local results = ddokta.parallel(3, { 0.2, 0.1, 0 }, function(seconds)
    if seconds == 0 then
      assert(dd:list_okta_accounts())
    end
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
  if slept > 2 then
    error(("took %g seconds"):format(slept))
  end
  ddokta.parallel(2, { "alone" }, function() assert(dd:sleep(0.01)) end)
  from = now()
  assert(dd:sleep(0.05)) -- outside of them
  if now() - from < 0.05 then
    error("did not sleep")
  end
  equal(false, (pcall(dd.sleep, dd, "long")))
end)

add("a call that cannot be made is an error at once", function(ddokta, dd)
  local results = ddokta.parallel(2, { 1, 2 }, function()
    return dd:get_okta_account("a\0b")
  end)
  equal("invalid_request", results[1][2].kind)
  equal("invalid_request", results[2][2].kind)
end)

add("an iterator and a sink keep the memory flat", function(ddokta, dd)
  local n, sunk, most = 0, 0, 0
  local before
  ddokta.parallel(50, function()
    if n < 5000 then
      n = n + 1
      return ("item %d with some text of its own"):format(n)
    end
  end, function(item, i)
    if i % 100 == 0 then
      assert(dd:list_okta_accounts())
    end
    return item .. " is done"
  end, function(_, item, result)
    sunk = sunk + 1
    equal(item .. " is done", result)
    if sunk % 500 == 0 then
      collectgarbage()
      collectgarbage()
      before = before or collectgarbage "count"
      most = math.max(most, collectgarbage "count")
    end
  end)
  equal(5000, sunk)
  if most - before > 200 then
    error(("grew by %d KiB over 5,000 items"):format(most - before))
  end
end)

return M
