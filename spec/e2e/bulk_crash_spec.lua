-- What must not happen happens within bulk.apply: memory is out, a function of the caller raises, an element
-- of a list is none. Nothing is orphaned, no lock is left, and the next run goes on as after a kill.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local journals = require "ddokta.bulk.journal_maintenance"
local system = require("ddokta.core").system

local ROWS = 40

local server, dd, dir
local count = 0

local function path()
  count = count + 1
  return ("%s/%d.journal"):format(dir, count)
end

local function rows()
  local list = {}
  for i = 1, ROWS do
    list[i] = box.account(("n%02d"):format(i))
  end
  return list
end

local function plan() return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows()))) end

--- The client, whose method does act(number of the call) before it calls.
local function wrapped(method, act)
  local calls = 0
  return setmetatable({
    [method] = function(_, ...)
      calls = calls + 1
      act(calls)
      return dd[method](dd, ...)
    end,
    step = function() return dd:step() end,
  }, {
    __index = function(_, name)
      local value = dd[name]
      if type(value) ~= "function" then return value end
      return function(_, ...) return value(dd, ...) end
    end,
  })
end

--- The journal can be locked, and what is left is done once.
local function goes_on(file)
  local report = assert(bulk.apply(dd, plan(), { journal = file, settle = 0 }))
  assert.same(0, report.counts.failed + report.counts.unknown, tostring(report))
  assert.same(ROWS, select(2, box.accounts(server))) -- which raises where one is there twice
  assert.is_true(assert(journals.show(file)).finished)
end

describe("bulk.apply in trouble", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)
  before_each(function() box.reset(server, {}) end)

  it("leaves it as a kill would where memory runs out, whichever call it was", function()
    for _, nth in ipairs { 1, 2, 17, 33, ROWS } do
      box.reset(server, {})
      local file = path()
      local short = wrapped("create_okta_account", function(n)
        if n == nth then error("not enough memory", 0) end
      end)
      local ran, message = pcall(bulk.apply, short, plan(), { journal = file, settle = 0, max_in_flight = 4 })
      assert.is_false(ran)
      assert.truthy(tostring(message):find("not enough memory", 1, true), tostring(message))
      assert.is_true(journals.show(file).counts.unknown > 0)
      goes_on(file)
    end
  end)

  it("leaves it as a kill would where a plan, or what reads it, raises", function()
    for _, nth in ipairs { 1, 20 } do
      box.reset(server, {})
      local file, result = path(), plan()
      local bad = setmetatable({}, {
        __name = "ddokta.plan",
        __index = function(_, name)
          local value = result[name]
          if name ~= "each" then
            if type(value) ~= "function" then return value end
            return function(_, ...) return value(result, ...) end
          end
          return function()
            local each, n = result:each { changes_of_creates = false }, 0
            return function()
              n = n + 1
              if n == nth then error "a bug" end
              return each()
            end
          end
        end,
      })
      local ran, message = pcall(bulk.apply, dd, bad, { journal = file, settle = 0, max_in_flight = 4 })
      assert.is_false(ran)
      assert.truthy(tostring(message):find("a bug", 1, true), tostring(message))
      goes_on(file)
    end
  end)

  it("takes a bug in one row for that row's, which nobody knows what became of", function()
    local file = path()
    local odd = wrapped("create_okta_account", function(n)
      if n == 3 then error "a bug" end
    end)
    local report = assert(bulk.apply(odd, plan(), { journal = file, settle = 0 }))
    assert.same({ ROWS - 1, 1 }, { report.counts.done, report.counts.unknown })
    goes_on(file)
  end)

  it("goes on where who watches raises, and says so once", function()
    for _, name in ipairs { "on_row", "on_progress" } do
      box.reset(server, {})
      local file, calls = path(), 0
      local report = assert(bulk.apply(dd, plan(), {
        journal = file,
        settle = 0,
        [name] = function()
          calls = calls + 1
          error "the watcher's bug"
        end,
      }))
      assert.same({ ROWS, 1 }, { report.counts.done, calls })
      goes_on(file)
    end
  end)

  it("refuses what max_in_flight cannot be before a journal is there", function()
    for _, most in ipairs { 0, -1, 1.5, 0 / 0 } do
      local file = path()
      local ran, message = pcall(bulk.apply, dd, plan(), { journal = file, max_in_flight = most })
      assert.is_false(ran)
      assert.truthy(message:find("option 'max_in_flight': a whole number above 0", 1, true), message)
      assert.is_nil(system.stat(file))
    end
  end)

  it("takes an element that is none for no answer, and tells the rows so", function()
    local file = path()
    box.fault(server, { method = "POST", reset = "stream", when = "after", times = "always" })
    box.fault(server, {
      method = "GET",
      path = "/api/v2/integrations/okta/accounts",
      status = 200,
      body = '{"data":[1,2]}',
      times = "always",
      after = 1,
    })
    local report = assert(bulk.apply(dd, plan(), { journal = file, settle = 0 }))
    assert.same(ROWS, report.counts.unknown, tostring(report))
    box.admin(server, "DELETE", "faults")
    goes_on(file)
  end)

  it("spawned, tells once what became of it although who is told raises", function()
    local told = 0
    local ran, message = pcall(
      ddokta.spawn,
      function() return bulk.apply(dd, plan(), { settle = 0 }) end,
      function(err, report)
        told = told + 1
        assert.is_nil(err)
        assert.same(ROWS, report.counts.done)
        error "who is told"
      end
    )
    assert.is_false(ran)
    assert.truthy(tostring(message):find("who is told", 1, true))
    assert.same(1, told)
    local ended = 0
    ddokta.parallel(3, { 1, 2, 3 }, function()
      ddokta.spawn(function() return dd:list_okta_accounts() end, function() error "a child's" end)
      assert(dd:list_okta_accounts())
      ended = ended + 1
    end)
    assert.same(3, ended)
  end)
end)
