-- lua/ddokta/latch.lua
local ddokta = require "ddokta"
local latches = require "ddokta.latch"

local client

--- Runs fn(i) in n tasks beside each other -> what each returned, {value} or {nil, err}
local function together(n, fn)
  local items = {}
  for i = 1, n do
    items[i] = i
  end
  return ddokta.parallel(n, items, fn)
end

describe("latch", function()
  setup(
    function()
      client = assert(ddokta.client { base_url = "http://127.0.0.1:9", api_key = "key", app_key = "key" })
    end
  )

  teardown(function() client:close() end)

  it("does once what all need who join in the same turn", function()
    local batches = {}
    local latch = latches.new(function(batch)
      batches[#batches + 1] = batch.count
      return #batches, "more"
    end)
    local results = together(5, function()
      return latch:join(function(batch) batch.count = (batch.count or 0) + 1 end)
    end)
    assert.same({ 5 }, batches)
    for i = 1, 5 do
      assert.same({ 1, "more" }, { results[i][1], results[i][2] })
    end
  end)

  it("keeps who comes while it is done for the next batch", function()
    local batches = {}
    local latch = latches.new(function(batch)
      table.sort(batch)
      batches[#batches + 1] = table.concat(batch, " ")
      client:sleep(0.02)
      return true
    end)
    together(6, function(i)
      if i > 2 then client:sleep(0.01) end
      return latch:join(function(batch) batch[#batch + 1] = i end)
    end)
    assert.same({ "1 2", "3 4 5 6" }, batches)
  end)

  --- A bug in the first batch, which three join; three more come meanwhile.
  local function bug_in_the_first(own)
    local runs, what = 0, { kind = "a bug" }
    local latch = latches.new(function()
      runs = runs + 1
      own:sleep(0.02)
      if runs == 1 then error(what) end
      return runs
    end)
    local results = together(6, function(i)
      if i > 3 then own:sleep(0.01) end
      return latch:join()
    end)
    for i = 1, 3 do
      assert.is_nil(results[i][1])
      assert.equal(what, results[i][2])
    end
    for i = 4, 6 do
      assert.equal(2, results[i][1])
    end
    assert.equal(2, runs)
  end

  it(
    "raises in each who joined what the work raises, and goes on with the next",
    function() bug_in_the_first(client) end
  )

  it("does so in the coroutines of a loop too", function()
    local found, cqueues = pcall(require, "cqueues")
    if not found then return pending "no cqueues for this Lua" end
    local loop, ended = cqueues.new(), false
    loop:wrap(function()
      local own = assert(ddokta.client {
        base_url = "http://127.0.0.1:9",
        api_key = "key",
        app_key = "key",
        loop = "cqueues",
      })
      bug_in_the_first(own)
      own:close()
      ended = true
    end)
    assert(loop:loop())
    assert.is_true(ended)
  end)

  it("works at once outside of any task", function()
    local latch = latches.new(function(batch) return batch[1], "more" end)
    assert.same({ 7, "more" }, { latch:join(function(batch) batch[1] = 7 end) })
    assert.has_error(function()
      latches.new(function() error("a bug", 0) end):join()
    end, "a bug")
  end)

  it("wakes one, or all that wait, in their order", function()
    local latch, order = latches.new(), {}
    together(4, function(i)
      if i < 4 then
        latch:wait()
        order[#order + 1] = i
        return true
      end
      latch:wake_one()
      client:sleep(0)
      assert.same({ 1 }, order)
      latch:wake()
      latch:wake_one() -- nobody is left
      return true
    end)
    assert.same({ 1, 2, 3 }, order)
  end)
end)
