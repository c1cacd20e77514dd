-- Shards: parts of a source and of a service that have nothing in common and leave nothing out.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local json = require("ddokta.core").json
local part = require("ddokta.core").rows.part
local service = require "spec.lua.bulk.service"
local shard = require "ddokta.bulk.shard"

local function user(i)
  local name = ("user%05d@example.com"):format(i)
  return { userName = name, name = "Name " .. i, email = name, active = true }
end

local function existing(i)
  local name = ("user%05d@example.com"):format(i)
  return {
    id = "id" .. i,
    userName = name,
    name = { formatted = "Old " .. i },
    active = true,
    emails = { { type = "work", value = name } },
  }
end

local function range(first, last, make)
  local list = {}
  for i = first, last do
    list[#list + 1] = make(i)
  end
  return list
end

local function plan(rows, there, options)
  return assert(bulk.plan(service.new { list_scim_users = there }, "scim_users", bulk.read(rows), options))
end

describe("bulk.shard", function()
  after_each(box.remove)

  it("answers the same on every Lua and machine", function()
    -- by another implementation of SipHash-2-4
    local known = {
      [""] = { 156, 4 },
      a = { 255, 3 },
      ["ada@example.com"] = { 82, 2 },
      ["palinkaskftproduction"] = { 52, 4 },
      ["0123456789abcdef"] = { 223, 3 },
    }
    for key, parts in pairs(known) do
      assert.same(parts, { part(key, 1000), part(key, 4) }, key)
    end
    for _, alike in ipairs { "ADA@Example.COM", "\208\176da@example.com", "ada @example.com" } do
      assert.same(part("ada@example.com", 1000), part(alike, 1000))
    end
    assert.same({ 52, 4 }, { part("Pálinkás Kft Production", 1000), part("Pálinkás Kft Production", 4) })
    assert.same(1, part("anything", 1))
    for _, count in ipairs { 0, -1, 1.5, 1e9, 0 / 0 } do
      assert.is_false((pcall(part, "a", count)))
    end
  end)

  it("reads i/n, and says what is wrong with others", function()
    assert.same("2/4", tostring(assert(shard.parse("2/4"))))
    for text, words in pairs {
      ["0/4"] = "the first shard is 1/4",
      ["5/4"] = "the last shard is 4/4",
      ["2"] = "such as 2/4",
      ["a/b"] = "such as 2/4",
      ["1/0"] = "1 to 10000 shards",
      ["-1/4"] = "such as 2/4",
      ["1/99999"] = "1 to 10000 shards",
    } do
      local value, message = shard.parse(text)
      assert.is_nil(value)
      assert.truthy(message:find(words, 1, true), text .. ": " .. message)
    end
    assert.has_error(
      function() bulk.plan({}, "scim_users", bulk.read {}, { shard = "5/4" }) end,
      "option 'shard': '5/4': the last shard is 4/4"
    )
  end)

  local function auto(variables)
    return shard.parse("auto", function(name) return variables[name] end)
  end

  it("takes its part from Slurm, Kubernetes or GNU parallel", function()
    local function slurm(id, min, step, count)
      return {
        SLURM_ARRAY_TASK_ID = id,
        SLURM_ARRAY_TASK_MIN = min,
        SLURM_ARRAY_TASK_STEP = step,
        SLURM_ARRAY_TASK_COUNT = count,
        SLURM_ARRAY_TASK_MAX = "9",
      }
    end
    assert.same("1/4", tostring(assert(auto(slurm("0", "0", "1", "4")))))
    assert.same("4/4", tostring(assert(auto(slurm("3", "0", "1", "4")))))
    assert.same("4/4", tostring(assert(auto(slurm("4", "1", "1", "4")))))
    assert.same("3/4", tostring(assert(auto(slurm("5", "1", "2", "4")))))
    assert.same("1/4", tostring(assert(auto { JOB_COMPLETION_INDEX = "0", DDOKTA_SHARDS = "4" })))
    assert.same("4/4", tostring(assert(auto { JOB_COMPLETION_INDEX = "3", DDOKTA_SHARDS = "4" })))
    assert.same("3/4", tostring(assert(auto { PARALLEL_SEQ = "3", DDOKTA_SHARDS = "4" })))
  end)

  it("says what is missing where no scheduler, or more than one, says which part it is", function()
    local array = {
      SLURM_ARRAY_TASK_ID = "3",
      SLURM_ARRAY_TASK_MIN = "3",
      SLURM_ARRAY_TASK_STEP = "1",
      SLURM_ARRAY_TASK_COUNT = "1",
      DDOKTA_SHARDS = "4",
    }
    for words, variables in pairs {
      ["there is none of $SLURM_ARRAY_TASK_ID of Slurm, $JOB_COMPLETION_INDEX of Kubernetes, " .. "$PARALLEL_SEQ of GNU parallel"] = {},
      ["Kubernetes: $DDOKTA_SHARDS is not set: it says how many parts"] = { JOB_COMPLETION_INDEX = "0" },
      ["$JOB_COMPLETION_INDEX is 'x', not a whole number"] = { JOB_COMPLETION_INDEX = "x" },
      ["Kubernetes: part 4 of those from 0 in steps of 1 is none of 4"] = {
        JOB_COMPLETION_INDEX = "4",
        DDOKTA_SHARDS = "4",
      },
      ["both Kubernetes ($JOB_COMPLETION_INDEX) and GNU parallel ($PARALLEL_SEQ) are there"] = {
        JOB_COMPLETION_INDEX = "0",
        PARALLEL_SEQ = "1",
        DDOKTA_SHARDS = "4",
      },
      -- an array of listed ids
      ["Slurm: part 2 of those from 1 in steps of 3 is none"] = {
        SLURM_ARRAY_TASK_ID = "2",
        SLURM_ARRAY_TASK_MIN = "1",
        SLURM_ARRAY_TASK_STEP = "3",
        SLURM_ARRAY_TASK_COUNT = "2",
      },
      -- one part submitted once more
      ["1 parts by $SLURM_ARRAY_TASK_COUNT and 4 by $DDOKTA_SHARDS"] = array,
    } do
      local value, message = auto(variables)
      assert.is_nil(value)
      assert.truthy(message:find(words, 1, true), message)
    end
  end)

  it("has each of 10,000 keys in one part, the parts of about the same size", function()
    local sizes = { 0, 0, 0, 0, 0, 0, 0 }
    local parts = {}
    for i = 1, #sizes do
      parts[i] = assert(shard.parse(i .. "/" .. #sizes))
    end
    for i = 1, 10000 do
      local found = 0
      for p, one in ipairs(parts) do
        if one:has(("user%05d@example.com"):format(i)) then
          found, sizes[p] = found + 1, sizes[p] + 1
        end
      end
      assert.same(1, found)
    end
    for _, size in ipairs(sizes) do
      assert.is_true(size > 1250 and size < 1610, tostring(size))
    end
  end)

  it("makes the plans of all parts the plan of the whole, deletions too", function()
    local rows, there = range(1, 10000, user), range(9001, 10500, existing)
    local options = { prune = true, max_deactivations = "50%" }
    local whole = plan(rows, there, options)
    local seen, sums, count = {}, {}, 4
    for i = 1, count do
      options.shard = i .. "/" .. count
      local mine = plan(rows, there, options)
      assert.same({ options.shard, 10000 }, { mine.shard, mine.counts.whole })
      assert.is_nil(mine.blocked)
      for name, n in pairs(mine.counts) do
        sums[name] = (sums[name] or 0) + n
      end
      for step in mine:each() do
        assert.is_nil(seen[step.key])
        seen[step.key] = step.action
      end
    end
    sums.whole = nil
    assert.same(whole.counts, sums)
    for step in whole:each() do
      assert.same(step.action, seen[step.key])
    end
    assert.same({ 9000, 1000, 500 }, { whole.counts.create, whole.counts.update, whole.counts.delete })
  end)

  it("never deletes another's, and counts with all the others for the guards", function()
    local there = range(1, 100, existing)
    local mine = plan({ user(1) }, there, { prune = true, shard = "1/3" })
    assert.truthy(mine.blocked:find("99 of 100 active users would be deactivated", 1, true))
    assert.is_true(mine.counts.service < 60)
    for step in mine:each() do
      assert.is_true(assert(shard.parse("1/3")):has(step.key))
    end
    -- a part may have no row; an empty source is none for any part
    local empty = 0
    for i = 1, 3 do
      local one = plan({ user(1) }, there, { prune = true, max_deactivations = "100%", shard = i .. "/3" })
      assert.is_nil(one.blocked)
      if one.counts.source == 0 then empty = empty + 1 end
      one = plan({}, there, { prune = true, max_deactivations = "100%", shard = i .. "/3" })
      assert.truthy(one.blocked:find("has no rows", 1, true))
    end
    assert.same(2, empty)
  end)

  it("counts a limit over all parts, a number too", function()
    local there = range(1, 100, existing)
    local rows = range(1, 80, user)
    for i = 1, 4 do
      local options = { prune = true, max_deactivations = 8, shard = i .. "/4" }
      local mine = plan(rows, there, options)
      assert.truthy(mine.blocked:find("20 of 100 active users would be deactivated", 1, true), mine.blocked)
      assert.is_true(mine.counts.delete < 20)
      options.max_deactivations = 20
      assert.is_nil(plan(rows, there, options).blocked)
    end
  end)

  it("has numbers of its own for those who become inactive and active", function()
    local there, rows, sums = range(1, 60, existing), {}, { 0, 0 }
    for i = 1, 60 do
      rows[i] = user(i)
      if i % 3 == 0 then rows[i].active = false end
      if i % 5 == 1 then there[i].active = false end
    end
    local whole = plan(rows, there, { max_deactivations = "100%" })
    for i = 1, 4 do
      local mine = plan(rows, there, { max_deactivations = "100%", shard = i .. "/4" })
      sums[1], sums[2] = sums[1] + (mine.deactivations or 0), sums[2] + (mine.reactivations or 0)
      assert.same(whole.counts, mine:whole().counts)
    end
    assert.same({ whole.deactivations, whole.reactivations }, sums)
    assert.is_true(sums[1] > 5 and sums[2] > 5)
  end)

  it("writes its steps alone as JSON", function()
    local rows = range(1, 20, user)
    local seen = 0
    for i = 1, 4 do
      local mine = plan(rows, {}, { shard = i .. "/4" })
      local data = json.decode(assert(mine:to_json()))
      assert.same(mine.counts.create, #data.rows)
      assert.same(#data.rows, #mine:to_table().rows)
      seen = seen + #data.rows
    end
    assert.same(20, seen)
  end)

  it("sees a name's other spelling in the same part, and a bad row in each", function()
    for i = 1, 3 do
      local options = { shard = i .. "/3" }
      local dd = service.new { list_scim_users = {} }
      local _, err = bulk.plan(dd, "scim_users", bulk.read { user(7), { name = "nobody" } }, options)
      assert.truthy(err.message:find("is empty, and is required", 1, true), err.message)
      local rows = { { userName = "Ada@example.com" }, { userName = "ada@EXAMPLE.com" } }
      local found
      found, err = bulk.plan(dd, "scim_users", bulk.read(rows), options)
      if found then
        assert.same(0, found.counts.source)
      else
        assert.same(1, err.problem_count)
      end
    end
  end)

  it("reads CSV, JSON Lines and envelopes", function()
    local csv, lines = { "userName,name" }, {}
    for i = 1, 50 do
      local row = user(i)
      csv[i + 1] = row.userName .. "," .. row.name
      lines[i] = ('{"id":"x","attributes":{"userName":"%s","name":"%s"}}'):format(row.userName, row.name)
    end
    local counts = {}
    for name, text in pairs { ["a.csv"] = table.concat(csv, "\n"), ["a.jsonl"] = table.concat(lines, "\n") } do
      local path = box.write(name, text .. "\n")
      for i = 1, 2 do
        local mine = assert(
          bulk.plan(
            service.new { list_scim_users = {} },
            "scim_users",
            bulk.read(path),
            { shard = i .. "/2" }
          )
        )
        counts[i] = counts[i] or mine.counts.source
        assert.same(counts[i], mine.counts.source)
        for step in mine:each() do
          local line = tonumber(step.position:match ":(%d+)$")
          assert.same(step.key, user(line - (name == "a.csv" and 1 or 0)).userName)
        end
      end
    end
    assert.same(50, counts[1] + counts[2])
  end)

  it("is in the fingerprint to which a journal is bound", function()
    local rows = { user(1) }
    local function print_of(options) return plan(rows, {}, options):source_fingerprint() end
    local mine = assert(shard.parse("1/2")):has(rows[1].userName) and "1/2" or "2/2"
    assert.same(print_of { shard = mine }, print_of { shard = mine })
    assert.are_not.same(print_of {}, print_of { shard = mine })
    assert.are_not.same(print_of { shard = "1/1" }, print_of { shard = mine })
  end)

  it(
    "says in the plan which part it is",
    function()
      assert.truthy(
        tostring(plan({ user(1) }, {}, { shard = "1/2" })):find("from table, shard 1/2\n", 1, true)
      )
    end
  )

  it("has a thing where its row is, whatever its name there", function()
    local there, rows = {}, {}
    for i = 1, 40 do
      there[i] = { id = "id" .. i, userName = ("old%02d@x.com"):format(i), active = true }
      rows[i] = { id = "id" .. i, userName = ("new%02d@x.com"):format(i) }
    end
    there[41], rows[41] = { id = "id41", userName = "gone@x.com", active = true }, nil
    local conflicts, deletions, creates = 0, 0, 0
    for i = 1, 3 do
      local counts = plan(rows, there, { shard = i .. "/3", prune = true, max_deactivations = "100%" }).counts
      conflicts, deletions, creates =
        conflicts + counts.conflict, deletions + counts.delete, creates + counts.create
    end
    assert.same({ 40, 1, 0 }, { conflicts, deletions, creates })
  end)
end)
