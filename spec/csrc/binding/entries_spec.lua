-- Every entry of the binding (entries.lua): none is without a scene, each is run under a hostile
-- collector (hostile.lua), and no object that has ended does more than say so. Allocations that fail:
-- alloc_test.c, with the same scenes.
local binding = require "spec.csrc.binding.scenes"
local core = require "ddokta.core"
local entries = require "spec.csrc.binding.entries"
local server = require "spec.csrc.binding.server"

local system = core.system
local dir

local function new_world(watch)
  return {
    core = core,
    dir = dir,
    serve = server.serve,
    serving = server.serving,
    refusing = server.refusing,
    watch = watch or function(...) return ... end,
    change = function(list) return list end,
  }
end

-- objects of each type, by its name, as the scenes leave them
local function objects_of_scenes()
  local by_type = {}
  local world = new_world(function(...)
    for i = 1, select("#", ...) do
      local object = select(i, ...)
      for name, value in pairs(debug.getregistry()) do
        if value == debug.getmetatable(object) and type(name) == "string" then
          by_type[name] = by_type[name] or {}
          table.insert(by_type[name], object)
        end
      end
    end
    return ...
  end)
  for _, scene in ipairs(binding.scenes(world)) do
    assert(scene.run())
  end
  return by_type, world
end

-- fn(...), and the rest of what pcall says of it
local function try(fn, ...)
  local results = { pcall(fn, ...) }
  return table.remove(results, 1), results
end

local function run_program(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status $?"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("the binding's entries", function()
  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  it("have a scene each", function()
    local called = {}
    if jit then jit.off() end -- luacheck: ignore 113
    local scenes = binding.scenes(new_world())
    local all = entries(core)
    debug.sethook(function() called[debug.getinfo(2, "f").func] = true end, "c")
    local outcomes = {}
    for _, scene in ipairs(scenes) do
      local outcome = { try(scene.run) }
      outcomes[scene.name] = outcome[1] and outcome[2][1] or tostring(outcome[2][1] or outcome[2][2])
    end
    debug.sethook()
    if jit then jit.on() end -- luacheck: ignore 113
    for name, outcome in pairs(outcomes) do
      assert.equal(true, outcome, name)
    end
    local without = {}
    for fn, name in pairs(all) do
      -- the collector's are called where hooks are not
      if not called[fn] and not name:find ":__gc$" and not name:find ":__close$" then
        without[#without + 1] = name
      end
    end
    table.sort(without)
    assert.same({}, without)
  end)

  it("bear a collection at each allocation, and finalizers that call back", function()
    -- what finalizers make while the state is closed is Lua's loss: nobody finalizes it
    local text = run_program(
      ("DDOKTA_LEAKS=0 LUA_PATH='%s' %s spec/csrc/binding/hostile.lua '%s' %d %d"):format(
        package.path,
        os.getenv "DDOKTA_LUA",
        dir,
        os.time(),
        tonumber(os.getenv "DDOKTA_HOSTILE_RUNS") or 15
      )
    )
    assert.matches("status 0%s*$", text)
    local seed, collections, calls, wrong =
      text:match "seed (%d+): collections (%d+), calls (%d+), wrong (%d+)"
    assert.equal("0", wrong, text)
    assert.is_true(tonumber(collections) > 10000 and tonumber(calls) > 1000, seed .. ": " .. text)
  end)

  -- What an ended object may answer: that it has ended, or nothing.
  local function check_ended(by_type, world, how)
    local ended = {
      ["ddokta.core.client"] = "the client is gone",
      ["ddokta.call"] = "this call is over",
      ["ddokta.csv.reader"] = "this reader is closed",
      ["ddokta.rows"] = "these rows are closed",
      ["ddokta.match"] = "this match is gone",
      ["ddokta.journal"] = "this journal is closed",
      ["ddokta.fingerprint.key"] = "this key is closed",
    }
    for fn, name in pairs(entries(core)) do
      local kind, method = name:match "^(ddokta%..*):(.*)$"
      for _, object in ipairs(kind and by_type[kind] or {}) do
        local arguments = (binding.arguments[kind] or {})[method] or function() end
        local ok, results = try(fn, object, arguments(world))
        local where = how .. ", " .. name .. ": " .. tostring(results[1])
        if not ok then
          assert.is_truthy(tostring(results[1]):find(ended[kind], 1, true), where)
        elseif method == "__tostring" then
          assert.matches("gone", (results[1]:gsub("over", "gone")), where)
        else
          assert.is_nil(results[1], where)
        end
      end
    end
  end

  it("say that it has ended, of what the collector has ended", function()
    local by_type, world = objects_of_scenes()
    local kinds = 0
    for _, list in pairs(by_type) do
      kinds = kinds + 1
      for _, object in ipairs(list) do
        debug.getmetatable(object).__gc(object)
        debug.getmetatable(object).__gc(object)
      end
    end
    assert.equal(7, kinds)
    check_ended(by_type, world, "collected")
  end)

  it("say that it is closed, of what was closed", function()
    local by_type, world = objects_of_scenes()
    for name, list in pairs(by_type) do
      for _, object in ipairs(list) do
        if name ~= "ddokta.core.client" and debug.getmetatable(object).__index.close then object:close() end
      end
    end
    by_type["ddokta.core.client"], by_type["ddokta.call"], by_type["ddokta.match"] = nil, nil, nil
    check_ended(by_type, world, "closed")
  end)

  it("take no object of another type", function()
    local by_type, world = objects_of_scenes()
    local others = { 1, "text", true, {}, io.stdout, print }
    for _, list in pairs(by_type) do
      others[#others + 1] = list[1]
    end
    for fn, name in pairs(entries(core)) do
      local kind, method = name:match "^(ddokta%..*):(.*)$"
      if by_type[kind] then
        for _, other in ipairs(others) do
          if by_type[kind][1] ~= other then
            local arguments = (binding.arguments[kind] or {})[method] or function() end
            assert.is_false((try(fn, other, arguments(world))), name .. " of " .. tostring(other))
          end
        end
      end
    end
  end)
end)
