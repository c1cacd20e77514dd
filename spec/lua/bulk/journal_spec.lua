-- lua/ddokta/bulk/journal.lua, and below it csrc/binding/journal.c; what the disk itself can do wrong is
-- in spec/csrc/journal/journal_test.c.
local backup = require "ddokta.bulk.backup"
local ddokta = require "ddokta"
local journal = require "ddokta.bulk.journal"
local json = require("ddokta.core").json
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

describe("bulk.journal", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path()
    count = count + 1
    return ("%s/%d.journal"):format(dir, count)
  end

  local function options(changes)
    local o = { kind = "okta_accounts", organisation = "https://api.datadoghq.com", plan = "p1", steps = 10 }
    for name, value in pairs(changes or {}) do
      o[name] = value
    end
    return o
  end

  local function open(path, changes) return assert(journal.open(path, options(changes))) end

  local function read(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local text = file:read "*a"
    file:close()
    return text
  end

  local function mode(path)
    local pipe = io.popen("stat -c %a '" .. path .. "'")
    local text = pipe:read "*l"
    pipe:close()
    return text
  end

  local function all_of(iterator)
    local list = {}
    for value in iterator do
      list[#list + 1] = value
    end
    return list
  end

  it("begins with what it belongs to, and is ours alone", function()
    local path = new_path()
    local book = open(path)
    assert.is_false(book.resumed)
    assert.truthy(book.started:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    assert(book:close())
    local header = json.decode((read(path):match "^[^\n]+"))
    assert.same({ 1, "okta_accounts", "https://api.datadoghq.com", "p1", 10, book.started }, {
      header.ddokta_journal,
      header.kind,
      header.organisation,
      header.plan,
      header.steps,
      header.started,
    })
    assert.equal("600", mode(path))
    assert.is_nil(read(path .. ".backup"))
  end)

  it("has a line of JSON for each intent and each outcome", function()
    local path = new_path()
    local book = open(path)
    assert(book:begin(1, { action = "create", key = "prod" }))
    assert(book:begin(2, { action = "delete", key = "old", id = "7" }))
    assert(book:sync())
    assert(book:done(1, { id = "x-1", attempts = 2 }))
    assert(book:failed(2, { error = { kind = "forbidden", status = 403, message = "no" }, attempts = 1 }))
    assert(book:close())
    local lines, synced = {}, {}
    for line in read(path):gmatch "[^\n]+" do
      local value = assert(json.decode(line))
      assert.truthy(value.crc:find "^%x%x%x%x%x%x%x%x$")
      value.crc = nil
      synced[#lines + 1], value.synced = value.synced or false, nil
      lines[#lines + 1] = value
    end
    assert.same({
      { step = 1, state = "begin", action = "create", key = "prod" },
      { step = 2, state = "begin", action = "delete", key = "old", id = "7" },
      { step = 1, state = "done", id = "x-1", attempts = 2 },
      {
        step = 2,
        state = "failed",
        attempts = 1,
        error = { kind = "forbidden", status = 403, message = "no" },
      },
    }, { lines[2], lines[3], lines[4], lines[5] })
    assert.equal(5, #lines)
    assert.same({ true, true, false, true, false }, synced) -- the first line of each commit says so
  end)

  it("knows when it is opened again what is done, failed and unknown", function()
    local path = new_path()
    local book = open(path)
    for step = 1, 5 do
      assert(book:begin(step, { key = "k" .. step }))
    end
    assert(book:sync())
    assert(book:done(1, { id = "a" }))
    assert(book:failed(2, { error = { kind = "conflict", message = "taken" } }))
    assert(book:unknown(3, { error = { kind = "timeout", message = "?", ambiguous = true } }))
    assert(book:failed(6, { error = { kind = "config", message = "never left" } }))
    assert(book:close())
    book = open(path)
    assert.is_true(book.resumed)
    local states = {}
    for step = 1, 7 do
      states[step] = book:state(step) or "none"
    end
    assert.same({ "done", "failed", "unknown", "unknown", "unknown", "failed", "none" }, states)
    assert.same({ done = 1, failed = 2, unknown = 3 }, book:counts())
    assert.same({ 3, 4, 5 }, all_of(book:steps "unknown"))
    assert.same({ 1 }, all_of(book:steps "done"))
    assert.same({ 2, 6 }, all_of(book:steps "failed"))
    assert.equal("a", book:last(1).id)
    assert.equal("taken", book:last(2).error.message)
    assert.is_true(book:last(3).error.ambiguous)
    assert.equal("k4", book:last(4).key)
    assert.is_nil(book:last(7))
    assert.is_nil(book:state(11))
    assert(book:close())
  end)

  it("goes on with what is unknown or failed, and not with what is done", function()
    local path = new_path()
    local book = open(path)
    for step = 1, 3 do
      assert(book:begin(step))
    end
    assert(book:sync())
    assert(book:done(1))
    assert(book:failed(2))
    assert(book:close())
    book = open(path)
    assert.has_error(function() book:begin(1) end)
    assert(book:begin(2))
    assert(book:done(3, { id = "found" })) -- its intent is on the disk since the first run
    assert(book:sync())
    assert(book:done(2))
    assert(book:close())
    book = open(path)
    assert.same({ done = 3, failed = 0, unknown = 0 }, book:counts())
    assert(book:close())
  end)

  it("takes intents ahead, and says from when on they count", function()
    local book = open(new_path())
    for step = 1, 3 do
      assert(book:begin(step))
    end
    assert.is_false(book:begun(1))
    assert(book:sync())
    assert.same({ true, true, false }, { book:begun(1), book:begun(3), book:begun(4) })
    assert(book:done(3)) -- in any order
    assert(book:failed(1, { error = { kind = "cancelled", message = "not sent" } }))
    assert.same({ false, true, false }, { book:begun(1), book:begun(2), book:begun(3) })
    assert(book:close())
  end)

  it("raises where the order of things is broken", function()
    local book = open(new_path())
    local function breaks(words, run)
      local ok, message = pcall(run)
      assert.is_false(ok)
      assert.truthy(message:find(words, 1, true), message)
    end
    breaks("step 1 cannot be 'done' now", function() book:done(1) end)
    assert(book:begin(1))
    breaks("step 1 cannot be 'done' now: it is 'begin'", function() book:done(1) end) -- not synced
    assert(book:sync())
    assert(book:done(1))
    breaks("step 1 cannot be 'done' now: it is 'done'", function() book:done(1) end)
    breaks("step 11 cannot be 'begin' now", function() book:begin(11) end)
    breaks("step 0", function() book:begin(0) end)
    breaks("a whole number is wanted", function() book:begin(1.5) end)
    assert(book:close())
    breaks("closed", function() book:begin(2) end)
    assert.is_true(book:close())
    breaks(
      "needs to know its plan",
      function() journal.open(new_path(), { kind = "k", organisation = "o", steps = 1 }) end
    )
  end)

  it("takes no member that could hold a secret", function()
    local path = new_path()
    local book = open(path)
    assert.has_error(function() book:begin(1, { client_secret = "s3cret" }) end)
    assert.has_error(function() book:begin(1, { secrets = { client_secret = "s3cret" } }) end)
    local err = {
      kind = "server",
      message = "odd \233\255 bytes",
      status = 500,
      body = "s3cret",
      request = { x = "s3cret" },
    }
    assert(book:failed(1, { error = err }))
    assert(book:close())
    assert.is_nil(read(path):find("s3cret", 1, true))
    assert.truthy(read(path):find('"message":"odd ?? bytes"', 1, true))
    assert.equal("s3cret", err.body) -- the caller's own is as it was
  end)

  describe("sync", function()
    -- counts commits
    local function counted(book)
      local file = book.file
      local proxy = { commits = 0 }
      book.file = setmetatable(proxy, {
        __index = function(_, name)
          return function(_, ...)
            if name == "commit" then proxy.commits = proxy.commits + 1 end
            return file[name](file, ...)
          end
        end,
      })
      return proxy
    end

    it("is one for all tasks of a turn", function()
      local book = open(new_path(), { steps = 1000 })
      local file = counted(book)
      local steps = {}
      for i = 1, 320 do
        steps[i] = i
      end
      local results = ddokta.parallel(32, steps, function(step)
        assert(book:begin(step))
        assert(book:sync())
        assert(book:done(step))
        return step
      end)
      for i = 1, 320 do
        assert.equal(i, results[i][1])
      end
      assert.same({ done = 320, failed = 0, unknown = 0 }, book:counts())
      assert.is_true(file.commits <= 20, file.commits .. " commits")
      assert(book:close())
    end)

    it("tells every task that the disk failed", function()
      local book = open(new_path())
      local err = { kind = "config" }
      book.file = setmetatable(
        { commit = function() return nil, err end, step = function() return true end },
        { __index = book.file }
      )
      local results = ddokta.parallel(3, { 1, 2, 3 }, function(step)
        book:begin(step)
        return book:sync()
      end)
      for i = 1, 3 do
        assert.same({ nil, err }, { results[i][1], results[i][2] })
      end
    end)

    it("lets no task wait for ever where it is a bug", function()
      local book = open(new_path())
      local results = ddokta.parallel(3, { 1, 2, 3 }, function(step)
        assert(book:begin(step))
        if step == 3 then assert(book:close()) end
        return book:sync()
      end)
      for i = 1, 3 do
        assert.is_nil(results[i][1])
        assert.truthy(tostring(results[i][2]):find("this journal is closed", 1, true))
      end
    end)

    it("lets an error of one task stay that task's own", function()
      local book = open(new_path())
      local results = ddokta.parallel(3, { 1, 2, 3 }, function(step)
        if step == 2 then error("mine", 0) end
        assert(book:begin(step))
        return book:sync()
      end)
      assert.same({ true, true }, { results[1][1], results[3][1] })
      assert.truthy(tostring(results[2][2]):find("mine", 1, true))
      assert.same({ 1, 3 }, all_of(book:steps "unknown"))
      assert(book:close())
    end)
  end)

  it("is left by the collector as a death would leave it, and free", function()
    local path = new_path()
    local function forget()
      local book = open(path)
      assert(book:begin(1))
      assert(book:sync())
      assert(book:done(1))
    end
    forget()
    collectgarbage()
    collectgarbage()
    local book = open(path)
    assert.equal("unknown", book:state(1))
    assert(book:done(1))
    book:abandon()
    book = open(path)
    assert.equal("unknown", book:state(1))
    assert(book:close())
  end)

  it("keeps nothing of a million steps in Lua's memory", function()
    local path, STEPS = new_path(), 1000000
    local book = open(path, { steps = STEPS })
    local file = book.file
    for step = 1, STEPS, 10 do
      file:step(step, "begin")
      if step % 50001 == 0 then assert(book:sync()) end
    end
    assert(book:close())
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    book = open(path, { steps = STEPS })
    assert.equal(100000, book:counts().unknown)
    assert.equal(999991, book:last(999991).step)
    assert.is_true(collectgarbage "count" - before < 100) -- the states are C's: 8 bytes a step
    assert(book:close())
  end)

  -- start(arguments, before) -> a writer: {pid, pipe}
  local function start(arguments, before)
    local pipe = io.popen(
      ("echo $$; %s exec %s spec/lua/bulk/journal_writer.lua %s 2>&1"):format(before or "", LUA, arguments)
    )
    return { pid = tonumber(pipe:read "*l"), pipe = pipe }
  end

  local function finish(writer)
    local said = {}
    for line in writer.pipe:lines() do
      said[#said + 1] = line
    end
    writer.pipe:close()
    return said
  end

  it("cannot be shared by two processes, and is free when its holder dies", function()
    local path = new_path()
    local writer = start(path .. " 100000 1")
    assert.equal("open 0", writer.pipe:read "*l")
    local book, err = journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 100000 })
    assert.is_nil(book)
    assert.same({ "conflict", "in_use", writer.pid }, { err.kind, err.code, err.pid })
    assert.truthy(tostring(err):find(("%s is in use by process %d"):format(path, writer.pid), 1, true))
    system.kill(writer.pid, 9)
    finish(writer)
    assert(assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 100000 })):close())
  end)

  it("cannot be opened twice in one process", function()
    local path = new_path()
    local book = open(path)
    local second, err = journal.open(path, options())
    assert.is_nil(second)
    assert.same({ "conflict", "in_use" }, { err.kind, err.code })
    assert(book:close())
    assert(open(path):close())
  end)

  it("goes to one of many that want it at once", function()
    local path, writers, winners = new_path(), {}, 0
    for i = 1, 6 do
      writers[i] = start(("%s 1000000 %d 3000"):format(path, i))
    end
    local first = {}
    for i, writer in ipairs(writers) do
      first[i] = writer.pipe:read "*l"
    end
    for i, writer in ipairs(writers) do
      local said = finish(writer)
      if first[i] == "open 0" then
        winners = winners + 1
        assert.equal("closed 0", said[#said])
      else
        assert.truthy(first[i]:find("is in use", 1, true), first[i])
      end
    end
    assert.is_true(winners >= 1)
    local book = assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 1000000 }))
    assert.equal(0, book:counts().unknown)
    assert(book:close())
  end)

  it("has after any death all that it said was on the disk", function()
    math.randomseed(os.time() + system.pid())
    local path, STEPS, KILLS = new_path(), 1000000, 40
    local reported, kills = {}, 0
    for run = 1, KILLS do
      local writer = start(("%s %d %d"):format(path, STEPS, run))
      if run % 4 ~= 0 then writer.pipe:read "*l" end -- or while it opens the journal
      system.sleep(math.random() * 0.04)
      if system.kill(writer.pid, 9) then kills = kills + 1 end
      for _, line in ipairs(finish(writer)) do
        local state, step = line:match "^(%l+) (%d+)$"
        assert.truthy(state, line)
        step = tonumber(step)
        if step > 0 then
          assert.is_false(state == "begin" and reported[step] ~= nil, "step " .. step .. " was begun twice")
          reported[step] = state
        end
      end
      local book = assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = STEPS }))
      for step, state in pairs(reported) do
        local found = book:state(step)
        if not (found == "done" or (state == "begin" and found == "unknown")) then
          error(("step %d was reported as '%s' and is '%s'"):format(step, state, tostring(found)))
        end
      end
      assert(book:close())
    end
    assert.equal(KILLS, kills)
    local saved = {}
    for line in select(2, backup.read(path .. ".backup")) do
      assert.is_nil(saved[line.step])
      assert.equal(("old %d"):format(line.step), line.object.name)
      saved[line.step] = true
    end
    for step in pairs(reported) do
      assert.is_true(step % 3 ~= 0 or saved[step])
    end
  end)

  it("can be begun anew after a death at its very beginning", function()
    math.randomseed(os.time())
    for run = 1, 15 do
      local path = new_path()
      local writer = start(("%s 100 %d"):format(path, run))
      system.sleep(math.random() * 0.012)
      system.kill(writer.pid, 9)
      finish(writer)
      assert(assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 100 })):close())
    end
  end)

  -- What is left after the disk was full: every step that was reported, and no torn line that matters.
  local function check_full(said, path, words)
    assert.truthy(said[#said]:find("^error .*" .. words), said[#said])
    local file = read(path)
    local reported = 0
    for _, line in ipairs(said) do
      local step = line:match "^begin (%d+)"
      if step then
        reported = reported + 1
        assert.truthy(file:find('"step":' .. step .. ",", 1, true), line)
      end
    end
    return reported
  end

  it("says so when the file may not grow, and keeps what it has", function()
    local path = new_path()
    local said = finish(start(path .. " 100000 1", "ulimit -f 64;"))
    assert.is_true(check_full(said, path, "cannot be written: File too large") > 10)
    assert(assert(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = 100000 })):close())
  end)

  it("says so when the disk is full, and keeps what it has", function()
    local mounted = dir .. "/full"
    os.execute("mkdir '" .. mounted .. "'")
    local path, copy = mounted .. "/journal", new_path()
    -- a namespace of its own: the file system goes with its last process. Root needs no other user's for it,
    -- which nobody may have in a changed root.
    local pipe = io.popen(
      ([[unshare -m$([ "$(id -u)" = 0 ] || echo r) sh -c 'mount -t tmpfs -o size=64k none "%s" || exit 1
      %s spec/lua/bulk/journal_writer.lua "%s" 100000 1; cp "%s" "%s"' 2>&1]]):format(
        mounted,
        LUA,
        path,
        path,
        copy
      )
    )
    local said = finish { pipe = pipe }
    if not read(copy) then return pending("no file system can be mounted here: " .. tostring(said[1])) end
    assert.is_true(check_full(said, copy, "cannot be written: No space left") > 10)
    assert(assert(journal.open(copy, { kind = "k", organisation = "o", plan = "p", steps = 100000 })):close())
  end)
end)
