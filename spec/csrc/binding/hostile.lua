--- The scenes of scenes.lua with a collector that runs a whole cycle at each of its chances, and finalizers
--- that call back into what the scene holds. A program of its own, for a small heap: each cycle walks it.
--- usage: hostile.lua FOLDER SEED RUNS; prints "seed N: collections N, calls N, wrong N" at its end.
--- What goes wrong in C is seen by a sanitizer, or kills it.

local core = require "ddokta.core"
local arguments = require("spec.csrc.binding.scenes").arguments
local entries = require "spec.csrc.binding.entries"
local make_scenes = require("spec.csrc.binding.scenes").scenes
local server = require "spec.csrc.binding.server"

local dir, seed, runs = arg[1], tonumber(arg[2]), tonumber(arg[3])
if jit then jit.off() end
math.randomseed(seed)

-- --- finalizers ---------------------------------------------------------------------------------------

local watched, counts = {}, { collections = 0, calls = 0, wrong = 0 }
local changing = {} -- tables that a scene hands to the binding
local metatables = {} -- by metatable, {name, methods}
for fn, name in pairs(entries(core)) do
  local kind, method = name:match "^(ddokta%..*):(.*)$"
  if kind then
    for key, value in pairs(debug.getregistry()) do
      if key == kind and type(value) == "table" then
        metatables[value] = metatables[value] or { name = kind, methods = {} }
        metatables[value].methods[method] = fn
      end
    end
  end
end

local world = {
  core = core,
  dir = dir,
  serve = server.serve,
  serving = server.serving,
  refusing = server.refusing,
  watch = function(...)
    for i = 1, select("#", ...) do
      local object = select(i, ...)
      watched[#watched + 1] = object
    end
    return ...
  end,
  change = function(list)
    changing[#changing + 1] = list
    return list
  end,
}

-- What the next finalizers do: call the method of all that is watched at the collection `at`, or, often, all
-- methods that do not end it; or change the tables that are handed over.
local act
local ends = { close = true, __gc = true, __close = true, result = true, cancel = true, finish = true }

local function call(object, kind, method)
  local make = (arguments[kind.name] or {})[method] or function() end
  counts.calls = counts.calls + 1
  pcall(kind.methods[method], object, make(world))
end

local function call_back(objects, method)
  for _, object in ipairs(objects) do
    local kind = metatables[debug.getmetatable(object)]
    for name in pairs(kind.methods) do
      if name == method or not method and not ends[name] then call(object, kind, name) end
    end
  end
end

local function change()
  for _, list in ipairs(changing) do
    for i = 1, 40 do
      list["more" .. i .. ("x"):rep(50)] = i
    end
    list.name, list.member1, list.c = nil, nil, nil
  end
end

local function callback()
  act.seen = act.seen + 1
  if act.often and act.seen % 3 == 1 and act.seen < 150 then
    call_back(watched)
  elseif act.at == act.seen and act.changes then
    change()
  elseif act.at == act.seen then
    call_back(watched, act.method)
  end
end

local function arm()
  local function finalize()
    if not act then return end
    counts.collections = counts.collections + 1
    if watched[1] or changing[1] then callback() end
    arm()
  end
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = finalize -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = finalize })
  end
end

-- --- runs -----------------------------------------------------------------------------------------------

local scenes = make_scenes(world)
for name in pairs {
  list_okta_accounts = true,
  create_okta_account = true,
  list_scim_users = true,
  create_service_account_application_key = true,
} do
  world.row(name)
end
core.operations = nil -- the largest part of the heap

local function pressure(on)
  if on then
    if _VERSION == "Lua 5.5" then
      collectgarbage("incremental")
      collectgarbage("param", "pause", 0)
      collectgarbage("param", "stepmul", 100000)
    else
      if _VERSION == "Lua 5.4" then collectgarbage "incremental" end
      collectgarbage("setpause", 0)
      collectgarbage("setstepmul", _VERSION == "Lua 5.4" and 1000 or 1000000)
    end
    collectgarbage "restart"
  else
    collectgarbage "stop"
  end
end

-- Plays a scene; answers at how many collections it held something, and the methods of what it held.
local function play(scene, what)
  watched, changing = {}, {}
  act = what
  act.seen = 0
  collectgarbage "stop"
  arm()
  pressure(true)
  local ok, result, err = pcall(scene.run)
  act = nil
  pressure(false)
  if what.quiet and not (ok and result) then -- else its objects were used, or ended, under its hands
    counts.wrong = counts.wrong + 1
    print("wrong: " .. scene.name .. ": " .. tostring(ok and err or result))
  end
  local names, known = {}, {}
  for _, object in ipairs(watched) do
    for name in pairs(metatables[debug.getmetatable(object)].methods) do
      -- not __gc: while a method is at work its object is on the stack, and is not collected
      if name ~= "__gc" and not known[name] then
        names[#names + 1] = name
        known[name] = true
      end
    end
  end
  table.sort(names)
  return what.seen, names
end

-- Runs when the state is closed: before the own finalizers of objects that are made before it, and after
-- those of objects that are made later.
local function at_the_end(objects)
  local function finalize()
    call_back(objects)
    call_back(objects, "close")
    call_back(objects, "cancel")
  end
  if newproxy then -- luacheck: ignore 113
    local proxy = newproxy(true) -- luacheck: ignore 113
    getmetatable(proxy).__gc = finalize
    return proxy
  end
  return setmetatable({}, { __gc = finalize })
end

local kept = {}
kept.last = at_the_end(kept)

for _, scene in ipairs(scenes) do
  local seen, names = play(scene, { quiet = true }) -- only the collections
  play(scene, { often = true })
  for _ = 1, #names > 0 and runs or 0 do
    play(scene, { method = names[math.random(#names)], at = math.random(math.max(seen, 1)) })
  end
  for _ = 1, runs do
    play(scene, { at = math.random(math.max(seen, 1)), changes = true })
  end
end

pressure(true)
watched = kept
for _, scene in ipairs(scenes) do
  pcall(scene.run)
end
kept.first = at_the_end(kept)
print(
  ("seed %d: collections %d, calls %d, wrong %d"):format(seed, counts.collections, counts.calls, counts.wrong)
)
