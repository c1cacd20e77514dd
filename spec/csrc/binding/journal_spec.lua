-- csrc/binding/journal.c: lines and states as Lua sees them. What a disk can do wrong is in
-- spec/csrc/journal/journal_test.c.
local core = require "ddokta.core"

describe("core.journal", function()
  local dir, count = nil, 0

  setup(function() dir = assert(core.system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new(steps)
    count = count + 1
    local path = ("%s/%d"):format(dir, count)
    local journal = assert(core.journal.open(path, "spec"))
    assert(journal:start { steps = steps })
    assert(journal:load(steps))
    return journal, path
  end

  it("knows each step's state, also when it is read again", function()
    local journal, path = new(3)
    assert(journal:step(1, "begin", { key = "a" }))
    assert(journal:commit())
    assert(journal:step(1, "done", { id = "1" }))
    assert(journal:step(2, "begin"))
    assert(journal:close())
    journal = assert(core.journal.open(path, "spec", "read"))
    assert(journal:load(3))
    assert.matches('"steps":3', journal:header())
    assert.same({ "done", "begin", nil }, { journal:state(1), journal:state(2), journal:state(3) })
    assert.same({ begin = 1, done = 1, failed = 0, unknown = 0, saved = 0 }, journal:counts())
    assert.equal(2, journal:next(0, "begin"))
    assert.is_nil(journal:next(2, "begin"))
    assert.matches('"id":"1"', journal:last(1))
    assert.is_nil(journal:last(3))
    journal:close()
  end)

  it("gives its lines one after the other", function()
    local journal = new(2)
    assert(journal:step(1, "begin", { key = "a" }))
    assert(journal:line { note = "b" })
    assert.is_true(journal:pending() > 0)
    assert(journal:commit())
    assert.equal(0, journal:pending())
    local text, offset, number = journal:read()
    assert.matches('"key":"a"', text)
    text, offset, number = journal:read(offset, number)
    assert.matches('"note":"b"', text)
    assert.is_nil((journal:read(offset, number)))
    journal:close()
  end)

  it("raises for what is a mistake of the script's", function()
    local journal = new(1)
    for words, fn in pairs {
      ["cannot be 'done' now"] = function() journal:step(1, "done") end,
      ["there are not that many"] = function() journal:step(2, "begin") end,
      ["no step can be 'over'"] = function() journal:step(1, "over") end,
      ["a whole number is wanted"] = function() journal:state(1.5) end,
      ["a line has members"] = function() journal:line {} end,
      ["a table with names is wanted"] = function() journal:line { 1 } end,
      ["a function cannot be sent"] = function() journal:line { a = print } end,
      ["a short word is wanted"] = function() core.journal.open(dir .. "/x", ("x"):rep(16)) end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.is_truthy(message:find(words, 1, true), message)
    end
    journal:abandon()
    assert.matches("this journal is closed", select(2, pcall(journal.commit, journal)))
  end)
end)
