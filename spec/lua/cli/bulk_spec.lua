-- lua/ddokta/cli/bulk.lua: ddokta accounts plan, import, export. (restore: spec/e2e/restore_spec.lua)
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment
local account = box.account
local SECRET = "never-to-be-seen-4711"

local function run(...) return command.run(environment, ...) end

local function csv(...)
  local lines = { "name,domain,auth_method,client_id,client_secret" }
  for i, row in ipairs { ... } do
    local secret = row.client_secret or ""
    lines[i + 1] = table.concat({ row.name, row.domain, row.auth_method, row.client_id, secret }, ",")
  end
  return box.write("accounts.csv", table.concat(lines, "\n") .. "\n")
end

local function secret_free(...)
  for _, text in ipairs { ... } do
    assert.is_nil(text:find(SECRET, 1, true))
  end
end

local function writes()
  return box.requests(server, "POST") + box.requests(server, "PATCH") + box.requests(server, "DELETE")
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("ddokta accounts import", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { account "same", account "other", account "foreign" }) end)

  local function rows()
    return account("new", { client_secret = SECRET }),
      account("other", { client_id = "changed", client_secret = SECRET }),
      account "same"
  end

  it("shows the plan, applies it, reports; then there is nothing to do", function()
    local path = csv(rows())
    local result = run("accounts", "import", path, "--yes")
    assert.same({ 0, "" }, { result.status, result.err })
    for _, words in ipairs {
      "  + new  (" .. path .. ":2)",
      "  ~ other  (" .. path .. ":3)",
      "client_id      id-other -> changed",
      "client_secret  (secret)",
      "Plan: 1 Okta account to create, 1 to update, 1 unchanged.",
      "1 created, 1 updated, 1 unchanged in ",
    } do
      assert.truthy(result.out:find(words, 1, true), words .. "\n" .. result.out)
    end
    secret_free(result.out, result.err)
    local after = box.accounts(server)
    assert.same("changed", after.other.client_id)
    assert.same({ "client_secret" }, after.new.secrets)
    assert.truthy(after.foreign)
    local before = writes()
    result = run("accounts", "import", path, "--yes")
    assert.same(0, result.status)
    assert.truthy(result.out:find("Plan: nothing to do, all 3 unchanged.", 1, true))
    assert.same(before, writes())
  end)

  it("plan and --dry-run show the plan and send nothing", function()
    local path = csv(rows())
    local plan, dry = run("accounts", "plan", path), run("accounts", "import", path, "--dry-run")
    assert.same({ 0, 0 }, { plan.status, dry.status })
    -- the second may have changed between the two
    local function timeless(text) return (text:gsub("\n  time [^\n]*", "")) end
    assert.same(timeless(plan.out), timeless(dry.out))
    assert.truthy(plan.out:find("Plan: 1 Okta account to create, 1 to update, 1 unchanged.", 1, true))
    local decoded = assert(json.decode(run("accounts", "plan", path, "--json").out))
    assert.same(
      { "create", "update", "unchanged" },
      { decoded.rows[1].action, decoded.rows[2].action, decoded.rows[3].action }
    )
    secret_free(plan.out, run("accounts", "plan", path, "--json").out)
    assert.same(0, writes())
  end)

  it("is one JSON document for programs", function()
    local path = csv(rows())
    local result = run("accounts", "import", path, "--yes", "--json")
    assert.same({ 0, "" }, { result.status, result.err })
    local decoded = assert(json.decode(result.out))
    assert.same({ 1, 1, 1 }, {
      decoded.plan.counts.create,
      decoded.report.counts.update,
      decoded.report.counts.unchanged,
    })
    assert.same("done", decoded.report.rows[1].outcome)
    secret_free(result.out)
  end)

  it("does not ask where nobody can answer", function()
    local path = csv(rows())
    for _, words in ipairs { { path }, { path, "--json" } } do
      local result = run("accounts", "import", words[1], words[2])
      assert.same(2, result.status)
      assert.truthy(result.err:find("add --yes", 1, true))
    end
    assert.same(0, box.state(server).request_count)
  end)

  it("says that there is no such file before it asks for --yes", function()
    for verb, path in pairs { import = "no/such.csv", restore = "no/such.backup" } do
      local result = run("accounts", verb, path)
      assert.truthy(result.err:find(path, 1, true), result.err)
      assert.is_nil(result.err:find("--yes", 1, true), result.err)
    end
  end)

  it("asks on a terminal, and shows its progress there alone", function()
    local path = csv(rows())
    local QUESTION = ("Apply 2 changes to Sandbox (%s): 1 Okta account to create, 1 to update? [y/N]"):format(
      (server.base_url:gsub("^https://", ""))
    )
    local shown, status = command.terminal(environment, { { QUESTION, "n" } }, "accounts", "import", path)
    assert.same(1, status)
    assert.truthy(shown:find("nothing was applied", 1, true))
    assert.same(0, writes())
    shown, status = command.terminal(environment, { { QUESTION, "y" } }, "accounts", "import", path)
    assert.same(0, status)
    assert.truthy(shown:find("1 created, 1 updated", 1, true))
    assert.truthy(shown:find("/2 done, 0 failed", 1, true), shown)
    secret_free(shown)
    for _, words in ipairs { { "--progress", "never" }, { "--json" } } do
      box.reset(server, { account "same", account "other" })
      shown = command.terminal(environment, {}, "accounts", "import", path, "--yes", words[1], words[2])
      assert.is_nil(shown:find("/2 done", 1, true), shown)
    end
    box.reset(server, { account "same", account "other" })
    shown =
      command.terminal(environment, {}, "accounts", "import", path, "--yes", "--json", "--progress", "always")
    assert.truthy(shown:find("/2 done", 1, true), shown)
  end)

  it("shows that it waits for the rate limit", function()
    local list = {}
    for i = 1, 12 do
      list[i] = account("n" .. i)
    end
    local path = csv((table.unpack or unpack)(list)) -- luacheck: ignore 113 143
    box.admin(server, "PUT", "config", { limit = 5, period = 1 })
    finally(function() box.admin(server, "PUT", "config", { limit = 100000, period = 10 }) end)
    local shown, status = command.terminal(environment, {}, "accounts", "import", path, "--yes")
    assert.same(0, status)
    assert.truthy(shown:find("/12 done, 0 failed, [%d.]+/s, waiting %d s for the rate limit, "), shown)
    assert.truthy(shown:find("12 created", 1, true))
  end)

  it("reads standard input", function()
    local result = command.input(
      environment,
      "name,domain,auth_method\nx,x.okta.com,oauth\n",
      "accounts",
      "import",
      "-",
      "--yes"
    )
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(result.out:find("+ x  (stdin:2)", 1, true))
    result = command.input(
      environment,
      '{"name":"y","domain":"y.okta.com","auth_method":"oauth"}\n',
      "accounts",
      "import",
      "-",
      "--yes",
      "--format",
      "jsonl"
    )
    assert.same(0, result.status)
    assert.truthy(box.accounts(server).y)
  end)

  it("names every problem of a bad file and sends nothing", function()
    local path = box.write(
      "bad.csv",
      "name,domain,auth_method,client_secret\n"
        .. "a,http://a.okta.com,oauth,"
        .. SECRET
        .. '\na,,oauth,x\n"b"c,,,\n'
    )
    local result = run("accounts", "import", path, "--yes")
    assert.same({ 1, "" }, { result.status, result.out })
    assert.same(
      path
        .. ":2: domain: 'http://a.okta.com' must start with https://\n"
        .. path
        .. ":3: domain: is empty, and is required\n"
        .. path
        .. ":3: name: 'a' is already at "
        .. path
        .. ":2\n"
        .. path
        .. ":4:4: text after a closing quote (a quote inside quotes is written twice)\n"
        .. "ddokta: 4 problems, nothing was sent\n",
      result.err
    )
    assert.same(0, box.state(server).request_count)
    result = run("accounts", "import", "no/such.csv", "--yes")
    assert.same(1, result.status)
    assert.same("ddokta: cannot read no/such.csv: No such file or directory\n", result.err)
  end)

  it("says what to do with the columns of a file from elsewhere", function()
    local advice =
      " (--map says what a column is made of, --ignore-unknown-columns leaves the others alone)\n"
    local path = box.write("hr.csv", "Nom,Site\nx,y\n")
    local result = run("accounts", "plan", path)
    assert.same(1, result.status)
    assert.equal(advice, result.err:sub(-#advice))
    path = box.write("hr.csv", "name,domain,auth_method,Number\na,a.okta.com,,1\n")
    result = run("accounts", "plan", path)
    assert.matches("\nddokta: 2 problems, nothing was sent %(%-%-map says [^\n]+%)\n$", result.err)
    path = box.write("hr.csv", "name,domain,auth_method\na,a.okta.com,\n")
    assert.not_matches("%-%-map", run("accounts", "plan", path).err)
  end)

  it("says what is wrong with a file before it asks, and without a call", function()
    for _, row in ipairs {
      { 1, "cannot read no/such.csv: No such file or directory", "import", "no/such.csv" },
      { 1, "cannot read /: it is a directory", "import", "/" },
      { 1, "cannot read /: it is a directory", "plan", "/" },
      {
        2,
        "Makefile: cannot tell the format from the name: add --format (csv, jsonl, json)",
        "plan",
        "Makefile",
      },
      { 2, "no/such is not there", "restore", "no/such" },
      {
        2,
        "x.xlsx: export writes .csv, .json and .jsonl; --format says what another name has",
        "export",
        "--output",
        "x.xlsx",
      },
    } do
      box.reset(server, {})
      local result = run("accounts", row[3], row[4], row[5])
      assert.same({ row[1], "ddokta: " .. row[2] .. "\n", "" }, { result.status, result.err, result.out })
      assert.same(0, box.state(server).request_count)
    end
  end)

  it("reads a source that can be opened once", function()
    box.reset(server, {})
    local source = "name,domain,auth_method\\na,https://a.okta.com,oauth\\n"
    local line = command.line({ "accounts", "import", "/dev/fd/3", "--format", "csv", "--yes" }, environment)
    local result = command.shell(("printf '%s' | { %s 3<&0 </dev/null; }"):format(source, line))
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(box.accounts(server).a)
  end)

  it("shows twenty problems and counts the rest", function()
    local path = box.write("bad.csv", "name,domain,auth_method\n" .. ("x,,oauth\n"):rep(50))
    local result = run("accounts", "plan", path)
    assert.same(1, result.status)
    assert.same(22, select(2, result.err:gsub("\n", "")))
    local last = "... and 79 more\nddokta: 99 problems, nothing was sent\n"
    assert.truthy(result.err:find(last, 1, true), result.err)
  end)

  it("stops at a conflict with 3, unless told to skip it", function()
    box.reset(server, { account "twin", account "twin" })
    local path = csv(account "twin", account "fine")
    local result = run("accounts", "import", path, "--yes")
    assert.same(3, result.status)
    assert.truthy(result.out:find("! twin", 1, true))
    assert.truthy(result.err:find("--skip-conflicts", 1, true))
    assert.same(3, run("accounts", "plan", path).status)
    assert.same(0, writes())
    result = run("accounts", "import", path, "--yes", "--skip-conflicts")
    assert.same(0, result.status)
    assert.same(1, writes())
  end)

  it("stops at a guard with 3, and prunes below it", function()
    local path = csv(account "same", account "other")
    local result = run("accounts", "import", path, "--yes", "--prune")
    assert.same(3, result.status)
    assert.truthy(result.err:find("1 of 3 Okta accounts would be deleted", 1, true))
    assert.truthy(result.err:find("say --max-deactivations 1\n", 1, true))
    assert.truthy(result.out:find("Plan: 1 Okta account to delete, 2 unchanged.\n", 1, true))
    assert.is_nil(result.out:find("would be deleted", 1, true)) -- that is said once
    assert.same(0, writes())
    local planned = run("accounts", "plan", path, "--prune")
    assert.same(3, planned.status)
    assert.truthy(planned.out:find("say --max-deactivations 1.\n", 1, true), planned.out)
    result = run("accounts", "import", path, "--yes", "--prune", "--allow", "deactivation=1")
    assert.same(2, result.status)
    assert.truthy(result.err:find("there is no guard 'deactivation', did you mean 'deactivations'?", 1, true))
    result = run("accounts", "import", path, "--dry-run", "--prune", "--allow", "deactivations=40%")
    assert.same(0, result.status)
    result = run("accounts", "import", path, "--yes", "--prune", "--json")
    assert.same(3, result.status)
    local shown = assert(json.decode(result.out)).plan
    assert.same({ "deactivations", 1 }, { shown.guards[1].guard, shown.guards[1].measure })
    result =
      run("accounts", "import", path, "--yes", "--max-deactivations", "1", "--allow", "deactivations=1")
    assert.truthy(result.err:find("give one of them", 1, true))
    assert.same(2, result.status)
    assert.same(0, writes())
    result = run("accounts", "import", path, "--yes", "--prune", "--max-deactivations", "50%")
    assert.same(0, result.status)
    assert.is_nil(box.accounts(server).foreign)
    assert.same(2, run("accounts", "import", path, "--yes", "--max-deactivations", "many").status)
  end)

  it("stops at the first failure where it is asked to, and at a number of them", function()
    local list = {}
    for i = 1, 8 do
      list[i] = account("n" .. i)
    end
    local path = csv((table.unpack or unpack)(list)) -- luacheck: ignore 113 143
    box.fault(server, { method = "POST", status = 400, body = '{"errors":["no"]}', times = "always" })
    local result = run("accounts", "import", path, "--yes", "--fail-fast", "--max-in-flight", "1")
    assert.same({ 1, 1 }, { result.status, box.requests(server, "POST") })
    assert.truthy(result.out:find("1 failed, 7 not sent", 1, true), result.out)
    result = run("accounts", "import", path, "--yes", "--max-failures", "2", "--max-in-flight", "1")
    assert.same({ 1, 4 }, { result.status, box.requests(server, "POST") })
    for _, words in ipairs { "many", "-1", "101%" } do
      assert.same(2, run("accounts", "import", path, "--yes", "--max-failures", words).status)
    end
  end)

  it("goes on with its journal, and a journal is of one shard", function()
    local list = {}
    for i = 1, 12 do
      list[i] = account("n" .. i)
    end
    local path = csv((table.unpack or unpack)(list)) -- luacheck: ignore 113 143
    local journal = box.write("x", ""):gsub("x$", "accounts.journal")
    box.fault(server, {
      method = "POST",
      after = 3,
      status = 400,
      body = '{"errors":["no"]}',
      times = "always",
    })
    local result =
      run("accounts", "import", path, "--yes", "--journal", journal, "--fail-fast", "--max-in-flight", "1")
    assert.same(1, result.status)
    assert.truthy(result.out:find("with the same journal it goes on", 1, true), result.out)
    box.admin(server, "DELETE", "faults")
    result = run("accounts", "import", path, "--yes", "--journal", journal, "--shard", "1/2")
    assert.are_not.same(0, result.status)
    result = run("accounts", "import", path, "--yes", "--journal", journal, "--json")
    assert.same({ 0, "" }, { result.status, result.err })
    local counts = assert(json.decode(result.out)).report.counts
    -- what the first run did is as it should be by now
    assert.same({ 12, 0 }, { counts.done + counts.unchanged, counts.failed })
    assert.same(1 + 12, box.requests(server, "POST"))
    result = run("accounts", "import", path, "--yes", "--journal", journal)
    assert.same(0, result.status)
    assert.same(12 + 3, select(2, box.accounts(server)))
  end)

  it("puts back what it replaced and removed", function()
    local before = box.accounts(server)
    local journal = box.write("y", ""):gsub("y$", "restore.journal")
    local result = run(
      "accounts",
      "import",
      csv(account("other", { client_id = "changed" }), account "same"),
      "--yes",
      "--prune",
      "--max-deactivations",
      "1",
      "--journal",
      journal
    )
    assert.same({ 0, "" }, { result.status, result.err })
    local backup = journal .. ".backup"
    -- the secrets of what is created again are nowhere: a status of its own
    result = run("accounts", "restore", backup, "--dry-run")
    assert.same(6, result.status)
    assert.truthy(result.out:find("Plan: 1 Okta account to create, 1 to update.", 1, true), result.out)
    local left = "client_secret of one Okta account (foreign): no backup has it: it is there without"
    assert.truthy(result.out:find(left, 1, true), result.out)
    result = run("accounts", "restore", backup, "--dry-run", "--json")
    assert.same("foreign", assert(json.decode(result.out)).plan.left[1].key)
    assert.same(2, run("accounts", "restore", backup).status)
    local report = box.write("restore.html", "")
    assert.same(6, run("accounts", "restore", backup, "--yes", "--report", report).status)
    assert.truthy(read(report):find("no backup has it: it is there without, set it again", 1, true))
    local after = box.accounts(server)
    assert.same(before.other.client_id, after.other.client_id)
    assert.same(before.foreign.domain, after.foreign.domain)
    assert.truthy(read(report):find('<div role="row" class="row create">', 1, true))
    result = run("groups", "restore", backup, "--yes")
    assert.same(2, result.status)
    assert.truthy(result.err:find("is a backup of accounts", 1, true))
    result = run("accounts", "restore", "no/such.backup", "--yes")
    assert.same(2, result.status)
    assert.truthy(result.err:find("no/such.backup", 1, true))
  end)

  it("notices a secret that changed in the source, by a fingerprint", function()
    local function file(secret) return csv(account("keyed", { client_secret = secret })) end
    assert.same(0, run("accounts", "import", file "first-secret-1", "--yes").status)
    local again = run("accounts", "plan", file "first-secret-1")
    assert.truthy(again.out:find("nothing to do", 1, true), again.out .. again.err)
    local changed = run("accounts", "plan", file "second-secret-2")
    assert.truthy(changed.out:find("1 Okta account to update", 1, true), changed.out)
    secret_free(changed.out)
    local blind = run("accounts", "plan", file "second-secret-2", "--no-fingerprints")
    assert.truthy(blind.out:find("nothing to do", 1, true))
    local forced = run("accounts", "plan", file "first-secret-1", "--rotate-secrets", "--no-fingerprints")
    assert.truthy(forced.out:find("1 Okta account to update", 1, true))
    -- without a place for them it goes on, and says so
    local lost = command.run({
      DDOKTA_BASE_URL = server.base_url,
      DDOKTA_CA_FILE = server.ca_file,
      DD_API_KEY = server.api_key,
      DD_APP_KEY = server.app_key,
      XDG_STATE_HOME = "/dev/null/x",
    }, "accounts", "import", file "third-secret-3", "--yes")
    assert.same(0, lost.status)
    assert.truthy(lost.out:find("1 secret was not compared", 1, true), lost.out)
    assert.truthy(lost.out:find("/dev/null/x", 1, true), lost.out)
    lost = command.run({
      DDOKTA_BASE_URL = server.base_url,
      DDOKTA_CA_FILE = server.ca_file,
      DD_API_KEY = server.api_key,
      DD_APP_KEY = server.app_key,
      XDG_STATE_HOME = "/dev/null/x",
    }, "accounts", "import", file "third-secret-3", "--yes", "--rotate-secrets")
    assert.same(0, lost.status)
    assert.truthy(lost.out:find("it is not kept which secrets were sent", 1, true), lost.out)
  end)

  it("takes a part of the whole, and says so", function()
    local list = {}
    for i = 1, 10 do
      list[i] = account("n" .. i)
    end
    local path, seen = csv((table.unpack or unpack)(list)), 0 -- luacheck: ignore 113 143
    for i = 1, 3 do
      local result = run("accounts", "import", path, "--yes", "--shard", i .. "/3", "--json")
      assert.same({ 0, "" }, { result.status, result.err })
      local decoded = assert(json.decode(result.out))
      assert.same(i .. "/3", decoded.plan.shard)
      seen = seen + decoded.report.counts.create
    end
    assert.same({ 10, 13 }, { seen, (select(2, box.accounts(server))) })
    local result = run("accounts", "plan", path, "--shard", "0/3")
    assert.same(2, result.status)
    assert.truthy(result.err:find("the first shard is 1/3", 1, true))
  end)

  it("knows its columns, unless told to leave others alone", function()
    local path = box.write("more.csv", "name,domain,auth_method,colour\nx,x.okta.com,oauth,red\n")
    for _, words in ipairs { { "accounts", "plan", path }, { "accounts", "plan", path, "--strict" } } do
      local result = run((table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.same(1, result.status)
      assert.truthy(result.err:find("unknown column 'colour'", 1, true))
    end
    assert.same(0, run("accounts", "plan", path, "--ignore-unknown-columns").status)
    assert.same(2, run("accounts", "plan", path, "--ignore-unknown-columns", "--strict").status)
  end)

  it("keeps to its part of a rate limit", function()
    for _, words in ipairs { "0", "101", "x" } do
      local result = run("accounts", "plan", csv(account "a"), "--max-api-capacity", words)
      assert.same(2, result.status)
      assert.truthy(result.err:find("is not a percentage from 1 to 100", 1, true))
    end
    assert.same(0, run("accounts", "plan", csv(account "a"), "--max-api-capacity", "25").status)
  end)

  it("answers with 4 when nothing could be done for want of permission", function()
    box.admin(server, "PUT", "config", { permissions = { "integrations_read" } })
    finally(function() box.admin(server, "PUT", "config", { permissions = "all" }) end)
    local result = run("accounts", "import", csv(account "a", account "b"), "--yes")
    assert.same(4, result.status)
    assert.truthy(result.out:find("the keys may not do this", 1, true))
  end)

  it("keeps to --max-in-flight", function()
    local list = {}
    for i = 1, 20 do
      list[i] = account("n" .. i)
    end
    box.admin(server, "PUT", "config", { latency = 0.03 })
    finally(function() box.admin(server, "PUT", "config", { latency = 0 }) end)
    local path = csv((table.unpack or unpack)(list)) -- luacheck: ignore 113 143
    assert.same(0, run("accounts", "import", path, "--yes", "--max-in-flight", "3").status)
    assert.same(3, box.state(server).max_in_flight)
    assert.same(2, run("accounts", "import", path, "--yes", "--max-in-flight", "0").status)
  end)

  it("export writes what import reads: nothing to do", function()
    box.reset(server, {
      account('od"d, name', { domain = "https://odd.okta.com" }),
      account("Pálinkás", { client_secret = SECRET, domain = "https://p.okta.com" }),
    })
    for _, format in ipairs { "csv", "jsonl", "json" } do
      local path = box.write("export." .. format, "")
      local result = run("accounts", "export", "--format", format, "--output", path)
      assert.same({ 0, "", "" }, { result.status, result.out, result.err })
      secret_free(read(path))
      assert.same(read(path), run("accounts", "export", "--format", format).out)
      result = run("accounts", "import", path, "--yes", "--prune")
      assert.same(0, result.status)
      assert.truthy(result.out:find("nothing to do, all 2 unchanged", 1, true))
    end
    assert.same(run("accounts", "export", "--format", "csv").out, run("accounts", "export").out)
    assert.same(2, #assert(json.decode(run("accounts", "export", "--json").out)))
    assert.same(run("accounts", "export", "--format", "jsonl").out, run("accounts", "export", "--jsonl").out)
    assert.same(1, run("accounts", "export", "--output", "no/such/file").status)
    assert.same(run("accounts", "export").out, run("accounts", "export", "--output", "-").out)
  end)
end)
