-- Every entry of the binding (entries.lua): none is without a scene, and each is run under a hostile
-- collector (hostile.lua). Allocations that fail: alloc_test.c, with the same scenes.
local binding = require "spec.csrc.binding.scenes"
local core = require "ddokta.core"
local entries = require "spec.csrc.binding.entries"
local server = require "spec.csrc.binding.server"

local system = core.system
local dir

local function new_world()
  return {
    core = core,
    dir = dir,
    serve = server.serve,
    serving = server.serving,
    refusing = server.refusing,
    watch = function(...) return ... end,
    change = function(list) return list end,
  }
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
end)
