-- ddokta accounts plan, import, export.
local box = require "spec.bulk.box"
local command = require "spec.cli.command"
local json = require("ddokta.core").json

local server, environment
local account = box.account
local SECRET = "never-to-be-seen-4711"

local function run(...) return command.run(environment, ...) end

local function csv(...)
  local lines = { "name,domain,auth_method,client_id,client_secret" }
  for i, row in ipairs{ ... } do
    local secret = row.client_secret or ""
    lines[i + 1] = table.concat({ row.name, row.domain, row.auth_method, row.client_id, secret }, ",")
  end
  return box.write("accounts.csv", table.concat(lines, "\n") .. "\n")
end

local function secret_free(...)
  for _, text in ipairs{ ... } do assert.is_nil(text:find(SECRET, 1, true)) end
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
    server = box.start{ limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { account "same", account "other", account "foreign" }) end)

  local function rows()
    return account("new", { client_secret = SECRET }),
      account("other", { client_id = "changed", client_secret = SECRET }), account "same"
  end

  it("shows the plan, applies it, reports; then there is nothing to do", function()
    local path = csv(rows())
    local result = run("accounts", "import", path, "--yes")
    assert.same({ 0, "" }, { result.status, result.err })
    for _, words in ipairs{
      "  + new  (" .. path .. ":2)", "  ~ other  (" .. path .. ":3)", "client_id      id-other -> changed",
      "client_secret  (secret)", "Plan: 1 to create, 1 to update, 1 unchanged.",
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
    assert.same(plan.out, dry.out)
    assert.truthy(plan.out:find("Plan: 1 to create, 1 to update, 1 unchanged.", 1, true))
    local decoded = assert(json.decode(run("accounts", "plan", path, "--json").out))
    assert.same({ "create", "update", "unchanged" },
      { decoded.actions[1].action, decoded.actions[2].action, decoded.actions[3].action })
    secret_free(plan.out, run("accounts", "plan", path, "--json").out)
    assert.same(0, writes())
  end)

  it("is one JSON document for programs", function()
    local path = csv(rows())
    local result = run("accounts", "import", path, "--yes", "--json")
    assert.same({ 0, "" }, { result.status, result.err })
    local decoded = assert(json.decode(result.out))
    assert.same({ 1, 1, 1 }, {
      decoded.plan.counts.create, decoded.report.counts.update, decoded.report.counts.unchanged,
    })
    assert.same("done", decoded.report.rows[1].outcome)
    secret_free(result.out)
  end)

  it("does not ask where nobody can answer", function()
    local path = csv(rows())
    for _, words in ipairs{ { path }, { path, "--json" } } do
      local result = run("accounts", "import", words[1], words[2])
      assert.same(2, result.status)
      assert.truthy(result.err:find("add --yes", 1, true))
    end
    assert.same(0, box.state(server).request_count)
  end)

  it("asks on a terminal, and shows its progress there alone", function()
    local path = csv(rows())
    local shown, status = command.terminal(environment, { { "Apply 2 changes? [y/N]", "n" } },
      "accounts", "import", path)
    assert.same(1, status)
    assert.truthy(shown:find("nothing was applied", 1, true))
    assert.same(0, writes())
    shown, status = command.terminal(environment, { { "Apply 2 changes? [y/N]", "y" } },
      "accounts", "import", path)
    assert.same(0, status)
    assert.truthy(shown:find("1 created, 1 updated", 1, true))
    assert.truthy(shown:find("/2 done, 0 failed", 1, true), shown)
    secret_free(shown)
  end)

  it("reads standard input", function()
    local result = command.input(environment, "name,domain,auth_method\nx,x.okta.com,oauth\n",
      "accounts", "import", "-", "--yes")
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(result.out:find("+ x  (stdin:2)", 1, true))
    result = command.input(environment, '{"name":"y","domain":"y.okta.com","auth_method":"oauth"}\n',
      "accounts", "import", "-", "--yes", "--format", "jsonl")
    assert.same(0, result.status)
    assert.truthy(box.accounts(server).y)
  end)

  it("names every problem of a bad file and sends nothing", function()
    local path = box.write("bad.csv", "name,domain,auth_method,client_secret\n"
      .. "a,http://a.okta.com,oauth," .. SECRET .. "\na,,oauth,x\n\"b\"c,,,\n")
    local result = run("accounts", "import", path, "--yes")
    assert.same({ 1, "" }, { result.status, result.out })
    assert.same(path .. ":2: domain: 'http://a.okta.com' must start with https://\n"
      .. path .. ":3: domain: is empty, and is required\n"
      .. path .. ":3: name: 'a' is already at " .. path .. ":2\n"
      .. path .. ":4:4: text after a closing quote (a quote inside quotes is written twice)\n"
      .. "ddokta: 4 problems, nothing was sent\n", result.err)
    assert.same(0, box.state(server).request_count)
    result = run("accounts", "import", "no/such.csv", "--yes")
    assert.same(1, result.status)
    assert.same("ddokta: cannot read no/such.csv: No such file or directory\n", result.err)
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

  it("stops at the threshold with 3, and prunes below it", function()
    local path = csv(account "same", account "other")
    local result = run("accounts", "import", path, "--yes", "--prune")
    assert.same(3, result.status)
    assert.truthy(result.err:find("1 of 3 Okta accounts would be deleted", 1, true))
    assert.truthy(result.err:find("--max-deactivations", 1, true))
    assert.same(0, writes())
    result = run("accounts", "import", path, "--yes", "--prune", "--max-deactivations", "50%")
    assert.same(0, result.status)
    assert.is_nil(box.accounts(server).foreign)
    assert.same(2, run("accounts", "import", path, "--yes", "--max-deactivations", "many").status)
  end)

  it("answers with 1 when a row failed, and reports each row to a file", function()
    local path = csv(account "bad", account "good")
    local body = '{"errors":["no, \\"thanks\\""]}'
    box.fault(server, { method = "POST", contains = '"bad"', status = 400, body = body, times = "always" })
    local report = box.write("report.json", "")
    local result = run("accounts", "import", path, "--yes", "--report", report)
    assert.same({ 1, "" }, { result.status, result.err })
    assert.truthy(result.out:find("create bad (" .. path .. ':2): no, "thanks"', 1, true), result.out)
    local decoded = assert(json.decode(read(report)))
    assert.same({ "failed", "done" }, { decoded.rows[1].outcome, decoded.rows[2].outcome })
    report = box.write("report.csv", "")
    result = run("accounts", "import", path, "--yes", "--report", report)
    assert.same(1, result.status)
    local lines = read(report)
    assert.truthy(lines:find("^position,key,action,outcome,id,attempts,error_kind,error\n"))
    assert.truthy(lines:find(':2,bad,create,failed,,1,invalid_request,"no, ""thanks"""\n', 1, true), lines)
    assert.truthy(lines:find(":3,good,unchanged,unchanged,", 1, true), lines)
  end)

  it("finds out before it starts that the report cannot be written", function()
    local path = csv(account "a")
    assert.same(2, run("accounts", "import", path, "--yes", "--report", "report.txt").status)
    assert.same(1, run("accounts", "import", path, "--yes", "--report", "no/such/report.json").status)
    assert.same(0, box.state(server).request_count)
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
    for i = 1, 20 do list[i] = account("n" .. i) end
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
    for _, format in ipairs{ "csv", "jsonl", "json" } do
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
    assert.same(1, run("accounts", "export", "--output", "no/such/file").status)
  end)
end)
