-- lua/ddokta/bulk/write_ahead.lua: what is handed out is on the disk, and what comes next too.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local kinds = require "ddokta.bulk.kinds"
local run_journal = require "ddokta.bulk.run_journal"
local system = require("ddokta.core").system
local write_ahead = require "ddokta.bulk.write_ahead"

local ROWS = 150

local server, dd, dir, plan
local count = 0

--- A journal of the plan, and what hands out its changes. over: whether nothing is to be sent any more
local function new(over)
  count = count + 1
  local path = ("%s/%d.journal"):format(dir, count)
  local journal = assert(run_journal.open(dd, plan, assert(kinds.get "okta_accounts"), { journal = path }))
  local stopped = {}
  local queue = write_ahead.new {
    client = dd,
    journal = journal,
    take = plan:changes { changes_of_creates = false },
    stop = function(err) stopped[#stopped + 1] = err end,
    crash = error,
    is_over = function() return over.over or stopped[1] ~= nil end,
  }
  return queue, journal, stopped
end

describe("bulk.write_ahead", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    dir = assert(system.mkdtemp "ddokta-spec-")
    local rows = {}
    for i = 1, ROWS do
      rows[i] = box.account(("n%03d"):format(i))
    end
    plan = assert(bulk.plan(dd, "okta_accounts", bulk.read(rows)))
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("hands out all in their order, each with its intent on the disk", function()
    local queue, journal, stopped = new {}
    local numbers = {}
    ddokta.parallel(8, function() return queue:next() end, function(change)
      assert(journal.journal:begun(change.number), change.number)
      numbers[#numbers + 1] = change.number
      dd:sleep(0)
      return assert(journal:outcome(change, { outcome = "done", id = "x", attempts = 1 }))
    end)
    table.sort(numbers)
    assert.equal(ROWS, #numbers)
    assert.same({ 1, ROWS }, { numbers[1], numbers[ROWS] })
    assert.same({}, stopped)
    assert.same({ done = ROWS, failed = 0, unknown = 0 }, journal.journal:counts())
    assert(journal:close())
  end)

  it("has what it did not hand out for who withdraws it", function()
    local over = {}
    local queue, journal = new(over)
    assert.equal(1, queue:next().number)
    over.over = true
    assert.is_nil(queue:next())
    local left = 0
    for change in queue:left() do
      left = left + 1
      assert.is_true(journal.journal:begun(change.number))
      assert(journal:withdraw(change, { attempts = 0, error = { kind = "cancelled", message = "not sent" } }))
    end
    assert.is_true(left > 0 and left < ROWS, tostring(left))
    assert.same({ done = 0, failed = left, unknown = 1 }, journal.journal:counts())
    journal:abandon()
  end)
end)
