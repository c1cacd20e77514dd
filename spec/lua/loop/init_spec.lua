-- lua/ddokta/loop/init.lua: which loop waits for calls, and where what nobody waits for is told.
local loops = require "ddokta.loop"

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

describe("the loop", function()
  it("of a plain script blocks", function()
    assert.equal("blocking", loops.pick("auto")().name)
    assert.equal("blocking", loops.pick("blocking")().name)
    assert.is_nil(loops.around { waits = true })
    assert.is_nil(loops.around { waits = false })
  end)

  it("of a function is made of it", function()
    local slept = {}
    local loop = loops.pick(function(seconds) slept[#slept + 1] = seconds end)()
    loop.pause({}, {}, 0.002)
    assert.equal("sleep", loop.name)
    assert.is_true(#slept == 1 and slept[1] <= 0.002, slept[1])
  end)

  it("is a file of the folder; the names are told where there is none of that name", function()
    for _, name in ipairs { "copas", "sleep", "init", "../task", "" } do
      local pick, message = loops.pick(name)
      assert.is_nil(pick)
      assert.equal(
        ('there is no loop "%s": auto, blocking, cqueues, nginx, uv or a function sleep(seconds)'):format(
          name
        ),
        message
      )
    end
  end)

  it("that needs other surroundings says so", function()
    local pick, message = loops.pick "nginx"
    assert.is_nil(pick)
    assert.truthy(message:find("the loop nginx cannot be used here: ", 1, true), message)
  end)

  it("calls back where the host wants it", function()
    local function fn() end
    assert.equal(fn, loops.callback(fn)) -- in a plain script anywhere
  end)

  it("tells what nobody waits for on standard error", function()
    local script = [[local log = require("ddokta.loop").log; log("it failed", "a bug")
      log("it failed", { message = "mine" }) log("it failed", setmetatable({}, { __tostring = function()
      return "its own" end }))]]
    local pipe = io.popen(("%s -e '%s' 2>&1"):format(LUA, script))
    local text = pipe:read "*a"
    pipe:close()
    assert.equal("ddokta: it failed: a bug\nddokta: it failed: mine\nddokta: it failed: its own\n", text)
  end)
end)
