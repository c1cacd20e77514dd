-- Out of memory in the command: whatever stops it, the exit status says so, and a word on standard error.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"

local ROWS = 20000

describe("the command", function()
  local dir

  setup(function() dir = assert(require("ddokta.core").system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  -- bin/ddokta with another `check`, which runs that, in so much memory (KiB)
  local function run(source, limit)
    local path = dir .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write(([[
      package.preload["ddokta.cli.check"] = function()
        return { configure = function() end, run = function() %s end }
      end
      arg = { [0] = "ddokta", "check" }
      dofile "bin/ddokta"
    ]]):format(source))
    file:close()
    return command.shell(
      ("ulimit -v %s; LUA_PATH=%s %s %s"):format(
        limit or "unlimited",
        command.quote(package.path),
        os.getenv "DDOKTA_LUA",
        path
      )
    )
  end

  local function failed(words, result)
    assert.equal(1, result.status, result.err)
    assert.is_truthy(result.err:find("^ddokta: [^\n]*" .. words), result.err)
  end

  -- a sanitizer takes more than there is for itself
  local function is_checked() return run("return 0", 400000).status ~= 0 end

  it("ends as it is told", function()
    assert.equal(0, run("return 0").status)
    assert.equal(3, run("return 3").status)
  end)

  it("without a status has failed", function()
    failed("the command came to no end", run "return nil")
    failed("the command came to no end", run "return 'done'")
  end)

  it("out of memory says so, and has failed", function()
    if is_checked() then return end
    failed("out of memory", run("local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end", 400000))
    failed("out of memory", run "error('not enough memory', 0)") -- as the binding raises it
    local coroutines = "coroutine.wrap(function() error('not enough memory', 0) end)()"
    failed("out of memory", run(coroutines))
  end)

  it("has failed where the handler of errors fails", function()
    local result = run "error(setmetatable({}, { __tostring = function() error 'again' end }))"
    assert.equal(1, result.status)
    assert.matches("^ddokta: internal error: ", result.err)
  end)

  local function write_source(name, header, row, rows)
    local source = dir .. "/" .. name
    local file = assert(io.open(source, "w"))
    file:write(header, "\n")
    for i = 1, rows do
      file:write((row:gsub("%%d", i)), "\n")
    end
    file:close()
    return source
  end

  local sources = {
    ACCOUNTS = function(rows)
      return write_source(
        "accounts.csv",
        "name,domain,auth_method,client_id,client_secret",
        "account number %d,https://a%d.okta.com/,oauth,0oa%d,secret-%d",
        rows
      )
    end,
    USERS = function(rows) return write_source("users.csv", "userName,name", "u%d@example.com,Name %d", rows) end,
  }

  -- MiB that the command has at most
  local function most_memory(server, rows, arguments)
    local words = {}
    for i, word in ipairs(arguments) do
      words[i] = sources[word] and sources[word](rows) or word
    end
    local line = command.line(words, command.environment(server))
    -- only the last line is of time(1)
    local result = command.shell("/usr/bin/time -f %M " .. line .. " > /dev/null")
    assert.equal(0, result.status, result.err)
    return tonumber(result.err:match "(%d+)%s*$") / 1024
  end

  local report = "REPORT"
  -- {rows, MiB that a million may take by these, arguments}. The garbage of a moment counts as well, so that
  -- more is allowed here than is measured: bench/run report_rss_mb has a million, in 150. Accounts are not
  -- applied: the service has them in one list, which is read behind a run.
  local streamed = {
    { 60000, 200, "accounts", "plan", "ACCOUNTS", "--out", report .. ".plan", "--report", report .. ".html" },
    { 60000, 200, "--json", "accounts", "import", "ACCOUNTS", "--dry-run", "--report", report .. ".csv" },
    { 60000, 200, "--jsonl", "accounts", "plan", "ACCOUNTS" },
    { 10000, 350, "--json", "users", "import", "USERS", "--yes", "--report", report .. ".json" },
  }

  it("keeps no rows of plans and reports in memory but packed ones", function()
    if is_checked() then return end
    local server = box.start { limit = 1000000 }
    finally(function()
      server:stop()
      box.remove()
    end)
    for _, case in ipairs(streamed) do
      local rows, limit = case[1], case[2]
      local arguments = { (unpack or table.unpack)(case, 3) } -- luacheck: std max
      for i, word in ipairs(arguments) do
        arguments[i] = word:gsub("^REPORT", dir .. "/report")
      end
      box.reset(server, {})
      local few = most_memory(server, rows / 10, arguments)
      box.reset(server, {})
      local many = most_memory(server, rows, arguments)
      local million = few + (many - few) / (rows * 0.9) * 1e6
      assert(
        million < limit,
        ("%s: %.1f and %.1f MiB, %.0f for a million"):format(table.concat(arguments, " "), few, many, million)
      )
    end
  end)

  it("imports wholly or says that it did not", function()
    if is_checked() then return end
    local server = box.start()
    finally(function()
      server:stop()
      box.remove()
    end)
    local source = sources.ACCOUNTS(ROWS)
    local line =
      command.line({ "--json", "accounts", "import", source, "--dry-run" }, command.environment(server))
    local whole = command.shell(line)
    assert.equal(0, whole.status, whole.err)
    local out_of_memory = 0
    for limit = 20000, 40000, 1500 do
      local result = command.shell(("ulimit -v %d; %s"):format(limit, line))
      if result.status == 0 then
        assert.equal(#whole.out, #result.out)
      else
        assert.are_not.equal("", result.err, limit)
        out_of_memory = out_of_memory + (result.err:find "memory" and 1 or 0)
      end
    end
    assert.is_true(out_of_memory > 0)
  end)
end)
