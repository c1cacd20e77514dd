-- lua/ddokta/cli/ending.lua: what a command says at its end, and what Ctrl-C does to an import.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local ending = require "ddokta.cli.ending"

local account = box.account
local server, environment

local function csv(name, rows)
  local lines = { "name,domain,auth_method,client_id" }
  for i, row in ipairs(rows) do
    lines[i + 1] = table.concat({ row.name, row.domain, row.auth_method, row.client_id }, ",")
  end
  return box.write(name, table.concat(lines, "\n") .. "\n")
end

local function accounts(count)
  local rows = {}
  for i = 1, count do
    rows[i] = account("n" .. i)
  end
  return rows
end

local function has(text, words) assert.truthy(text:find(words, 1, true), words .. "\n--- is not in\n" .. text) end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Runs a line that was printed to be pasted.
local function paste(line)
  local words = line:gsub("^ddokta ", "")
  return command.shell(command.line({}, environment) .. " " .. words .. " </dev/null")
end

describe("the end of a command", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function()
    box.reset(server, { account "same", account "other" })
    box.admin(server, "PUT", "config", { latency = 0 })
  end)

  it("quotes what a shell would take apart, and says where the command worked", function()
    local app = {
      arguments = { "users", "import", "it's.csv", "--map", 'name="First Name"', "--yes" },
      args = { site = "us5.datadoghq.com", ca_file = "my ca.pem" },
    }
    assert.same([[ddokta users import 'it'\''s.csv' --map 'name="First Name"' --yes]], ending.again(app))
    assert.same(
      "ddokta --site us5.datadoghq.com --ca-file 'my ca.pem' users restore j.backup",
      ending.command(app, { "users", "restore", "j.backup" })
    )
  end)

  it("names what was written, and the command that undoes it, which can be pasted", function()
    local path = csv("a.csv", { account("other", { client_id = "changed" }) })
    local journal = path:gsub("a%.csv$", "the journal")
    local report = path:gsub("a%.csv$", "r.html")
    local out = command.run(
      environment,
      "accounts",
      "import",
      path,
      "--yes",
      "--journal",
      journal,
      "--report",
      report
    ).out
    has(
      out,
      "\n  report   " .. report .. "\n  journal  " .. journal .. "\n  backup   " .. journal .. ".backup\n"
    )
    local undo = assert(out:match "\n  undo     ([^\n]*)", out)
    assert.same(("ddokta accounts restore '%s.backup' --dry-run"):format(journal), undo)
    local result = paste(undo)
    assert.same(0, result.status)
    has(result.out, "client_id  changed -> id-other")
    assert.is_nil(out:find("again", 1, true))
    -- nothing to do: no journal is made, and none is named
    local idle = command.run(environment, "accounts", "import", path, "--yes", "--journal", path .. ".j").out
    assert.is_nil(idle:find("journal", 1, true), idle)
  end)

  it("names a saved plan, and the command that applies it", function()
    local path = csv("p.csv", accounts(2))
    local saved = path .. ".json"
    local out = command.run(environment, "accounts", "plan", path, "--out", saved).out
    has(out, "\n  plan     " .. saved .. "\n")
    local result = paste(assert(out:match "\n  apply    ([^\n]*)", out) .. " --yes")
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "2 created")
    -- one that a guard stops could not be applied
    out = command.run(environment, "accounts", "plan", path, "--prune", "--out", saved).out
    has(out, "\n  plan     ")
    assert.is_nil(out:find("\n  apply ", 1, true), out)
  end)

  it("says each thing once", function()
    local path = csv("once.csv", accounts(1))
    local out = command.run(environment, "accounts", "import", path, "--yes").out
    for _, words in ipairs { "Sandbox (", "keys of", "Plan: ", "1 created", "secrets were" } do
      assert.is_true(
        select(2, out:gsub(words:gsub("%p", "%%%0"), "")) <= 1,
        words .. " is there twice\n" .. out
      )
    end
    out = command.run(environment, "accounts", "import", path, "--yes").out
    assert.same(3, select(2, out:gsub("\n", "")), out) -- whose it is, the source, that there is nothing to do
  end)

  it("is nothing with --quiet where all is well", function()
    local path = csv("q.csv", accounts(2))
    local journal = path .. ".journal"
    for _ = 1, 2 do
      local result =
        command.run(environment, "accounts", "import", path, "--yes", "--quiet", "--journal", journal)
      assert.same({ 0, "", "" }, { result.status, result.out, result.err })
    end
    local result = command.run(environment, "accounts", "plan", path, "-q", "--exit-code")
    assert.same({ 0, "", "" }, { result.status, result.out, result.err })
    local shown, status = command.terminal(environment, {}, "accounts", "import", path, "--yes", "-q")
    assert.same({ "", 0 }, { shown, status })
  end)

  it("is what failed and what to do with --quiet", function()
    local path = csv("f.csv", accounts(3))
    box.fault(server, { method = "POST", status = 400, body = '{"errors":["no such thing"]}', times = 1 })
    local result = command.run(environment, "accounts", "import", path, "--yes", "--quiet")
    assert.same(1, result.status)
    has(result.out, "Sandbox (")
    has(result.out, "2 created, 1 failed")
    has(result.out, "no such thing")
    has(result.out, "\n  again    ddokta accounts import " .. path .. " --yes --quiet\n")
    assert.is_nil(result.out:find("+ n", 1, true), result.out)
    box.reset(server, { account "twin", account "twin" })
    result = command.run(environment, "accounts", "import", csv("t.csv", { account "twin" }), "--yes", "-q")
    assert.same(3, result.status)
    has(result.out, "! twin")
    has(result.err, "1 in conflict, nothing was applied")
  end)

  it("a log has no plan of thousands of lines, unless it is asked for", function()
    local path = csv("long.csv", accounts(200))
    local out = command.run(environment, "accounts", "import", path, "--yes").out
    has(out, "  ... and 190 more to create (--all shows them)\nPlan: 200 Okta accounts to create.\n")
    assert.is_true(select(2, out:gsub("\n", "")) < 60, out)
    box.reset(server, {})
    out = command.run(environment, "accounts", "import", path, "--yes", "--all").out
    assert.same(200, select(2, out:gsub("\n  %+ n", "")))
    box.reset(server, {})
    out = command.run(environment, "accounts", "plan", path).out
    assert.same(200, select(2, out:gsub("\n  %+ n", "")))
    local shown = command.terminal(environment, {}, "accounts", "plan", path)
    has(shown, "... and 100 more to create (--all shows them)")
  end)

  it("Ctrl-C ends an import when what is in flight has ended, and the line that it prints goes on", function()
    box.admin(server, "PUT", "config", { latency = 0.1 })
    local path = csv("c.csv", accounts(200))
    local journal = path .. ".journal"
    local arguments = { "accounts", "import", path, "--yes", "--journal", journal, "--max-in-flight", "4" }
    local unpack = table.unpack or unpack -- luacheck: ignore 113 143
    local shown, status = command.terminal(environment, { { "/200 done", "\3" } }, unpack(arguments))
    assert.same(130, status)
    has(shown, "ddokta: stopping as soon as what is in flight has ended; Ctrl-C once more stops at once")
    has(shown, "it stopped: interrupted. Nothing is lost")
    local created, left = shown:match "accounts from %S+: (%d+) created, (%d+) not sent"
    assert.same(200, tonumber(created) + tonumber(left))
    assert.is_nil(shown:find(" unknown", 1, true), shown)
    assert.same(2 + tonumber(created), (select(2, box.accounts(server))))
    box.admin(server, "PUT", "config", { latency = 0 })
    local result = paste(assert(shown:match "  again    ([^\r\n]*)", shown))
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, ("Plan: %s Okta accounts to create, %s unchanged."):format(left, created))
    has(result.out, ("%s created, %s unchanged in "):format(left, created))
    assert.same(202, (select(2, box.accounts(server))))
  end)

  it("a second Ctrl-C ends it at once, and says which command goes on", function()
    box.admin(server, "PUT", "config", { latency = 1 })
    local path = csv("d.csv", accounts(200))
    local journal = path .. ".journal"
    local shown, status = command.terminal(
      environment,
      { { "/200 done", "\3" }, { "once more stops at once", "\3" } },
      "accounts",
      "import",
      path,
      "--yes",
      "--journal",
      journal
    )
    assert.same(130, status)
    local line = shown:match "nothing is lost, this goes on with the journal: ([^\r\n]*)"
    assert.same(("ddokta accounts import %s --yes --journal %s"):format(path, journal), line)
    assert.is_true(exists(journal))
    box.admin(server, "PUT", "config", { latency = 0 })
    local result = paste(line)
    assert.same({ 0, "" }, { result.status, result.err })
    assert.same(202, (select(2, box.accounts(server)))) -- box.accounts refuses a name that is there twice
    local planned = tonumber(result.out:match "Plan: (%d+) Okta accounts to create")
    has(result.out, ("\naccounts from %s: %d created, %d unchanged in "):format(path, planned, 200 - planned))
    assert.is_true(select(2, result.out:gsub("by an earlier run", "")) <= 1, result.out)
  end)

  it("Ctrl-C before anything is sent says so, of an import and of a restore", function()
    local path = csv("b.csv", { account("other", { client_id = "changed" }) })
    local journal = path .. ".journal"
    local done = command.run(environment, "accounts", "import", path, "--yes", "--journal", journal)
    assert.same(0, done.status, done.err)
    box.admin(server, "PUT", "config", { latency = 3 })
    for _, words in ipairs { { "import", path }, { "restore", journal .. ".backup" } } do
      local arguments = { "accounts", "--yes" }
      for i, word in ipairs(words) do
        table.insert(arguments, 1 + i, word)
      end
      local line = command.line(arguments, environment)
      local result = command.shell("timeout --preserve-status -s INT 1 " .. line)
      assert.same({ 130, "ddokta: interrupted, nothing was sent\n" }, { result.status, result.err })
    end
  end)

  it("Ctrl-C ends it in order where it ends the reader of standard error too", function()
    box.admin(server, "PUT", "config", { latency = 0.1 })
    local path = csv("e.csv", accounts(100))
    local journal, pid = path .. ".journal", path .. ".pid"
    local words = { "accounts", "import", path, "--yes", "--journal", journal, "--max-in-flight", "4" }
    words[#words + 1] = "--log=json"
    -- the reader ends when changes are in flight, and then Ctrl-C comes
    local writer = ([[sh -c 'echo $$ >%s; exec "$@"' sh %s; echo "status $?" >&4]]):format(
      pid,
      command.line(words, environment)
    )
    local reader = ([[grep -q -m 8 -F '"POST"'; exec </dev/null; sleep 0.3; kill -INT $(cat %s)]]):format(pid)
    local result = command.shell(("{ { %s; } 2>&1 >&4 | { %s; }; } 4>&1"):format(writer, reader))
    has(result.out, "it stopped: interrupted. Nothing is lost")
    assert.truthy(result.out:find "\nstatus 130\n$", result.out)
    local created = tonumber(result.out:match ": (%d+) created")
    assert.is_nil(result.out:find(" unknown", 1, true), result.out)
    assert.same(2 + created, (select(2, box.accounts(server))))
  end)

  it("a command line may be long", function()
    local path = csv("l.csv", accounts(1))
    local long = ("./"):rep(1500) .. "/"
    local result = command.run(
      environment,
      "accounts",
      "import",
      path:gsub("l%.csv$", "") .. long .. "l.csv",
      "--yes",
      "--journal",
      path:gsub("l%.csv$", "") .. long .. "l.journal"
    )
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "1 created")
  end)
end)
