-- lua/ddokta/driver.lua: what a client and its views share, and what loops keep of it.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"

describe("driver", function()
  local server

  setup(function()
    server = serving.start()
    server:answer(serving.json(200, serving.ACCOUNT))
  end)
  teardown(function() server:stop() end)

  local function driver_of(client) return getmetatable(client).driver end

  it("is one for a client and its views", function()
    local dd = server:client()
    assert.equal(driver_of(dd), driver_of(dd:with { timeout = 5 }))
    dd:close()
  end)

  it("keeps one state for each loop, and lets go of all before it closes", function()
    local dd, let_go, made = server:client(), {}, 0
    local driver = driver_of(dd)
    local function loop()
      return {
        attach = function(given)
          made = made + 1
          assert.equal(driver, given)
          return {}
        end,
        let_go = function(state) let_go[state] = driver.native:pending() end,
      }
    end
    local one, other, careless = loop(), loop(), { attach = function() return {} end }
    local state = driver:attach(one)
    assert.equal(state, driver:attach(one))
    local another = driver:attach(other)
    driver:attach(careless)
    assert.equal(2, made)
    assert(dd:start("get_okta_account", "x"))
    dd:close()
    assert.same({ [state] = 1, [another] = 1 }, let_go)
  end)

  it("wakes who waits for a call once it is done, also when it closes", function()
    local dd, woken = server:client(), 0
    local driver = driver_of(dd)
    local _, id = driver.native:submit(nil, 1)
    driver.waiting[id] = { ready = function() woken = woken + 1 end }
    dd:close()
    driver:dispatch()
    assert.same({ 1, nil }, { woken, driver.waiting[id] })
  end)

  it("tells events where the loop wants it, all that came in one go", function()
    local events, runs = 0, {}
    local dd = server:client { on_event = function() events = events + 1 end }
    driver_of(dd):attach { attach = function() return {} end, later = function(run) runs[#runs + 1] = run end }
    assert(dd:get_okta_account "x")
    assert.same({ 0, 1 }, { events, #runs })
    runs[1]()
    assert.is_true(events >= 2)
    dd:close()
  end)

  it("goes on where on_event raises, which is not called again", function()
    local calls, loops = 0, require "ddokta.loop"
    local dd = server:client {
      on_event = function()
        calls = calls + 1
        error "a bug"
      end,
    }
    local log, logged = loops.log, {}
    loops.log = function(what) logged[#logged + 1] = what end
    local account = dd:get_okta_account "x"
    loops.log = log
    assert.is_table(account)
    assert.same({ 1, { "on_event failed and is not called again" } }, { calls, logged })
    dd:close()
  end)

  it("is what the library's own tasks drive", function()
    local dd = server:client()
    local results = ddokta.parallel(3, { 1, 2, 3 }, function() return (assert(dd:get_okta_account "x")) end)
    assert.equal(3, #results)
    assert.is_nil(next(driver_of(dd).waiting))
    dd:close()
  end)
end)
