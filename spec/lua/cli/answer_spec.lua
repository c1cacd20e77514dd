-- What programs read: documents and lines, of answers and failures, by the schemas of doc/json.
local answer = require "ddokta.cli.answer"
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local documents = require "spec.support.documents"
local errors = require "ddokta.error"
local json = require("ddokta.core").json
local parser = require "ddokta.cli.parser"
local status = require "ddokta.cli.status"

local server, environment

local function run(...) return command.run(environment, ...) end

local function failure(result) return assert(assert(json.decode(result.out)).error, result.out) end

local function lines(result)
  local list = {}
  for line in result.out:gmatch "[^\n]+" do
    list[#list + 1] = assert(json.decode(line))
  end
  return list
end

describe("ddokta.cli.answer", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { box.account "a", box.account "b" }) end)

  it("says of an error what is known, and nothing of the answer's body", function()
    local err = errors.new {
      kind = "forbidden",
      message = "no",
      status = 403,
      permission = "user_access_manage",
      body = "anything",
    }
    local found = answer.error(status.stop(status.UNAUTHORISED, "forbidden: no", err))
    assert.same({ "forbidden", "no", 403 }, { found.kind, found.message, found.status })
    assert.equal("user_access_manage", found.permission)
    assert.is_nil(found.body)
    assert.is_nil(found.errors)
  end)

  it("has a kind for whatever ends the command", function()
    for code, kind in pairs {
      [status.USAGE] = "config",
      [status.STOPPED] = "conflict",
      [status.UNAUTHORISED] = "unauthorized",
      [status.FAILED] = "internal",
      [status.INTERRUPTED] = "cancelled",
    } do
      assert.equal(kind, answer.error(status.stop(code, "words")).kind)
    end
    assert.equal("interrupted", answer.error(status.stop(status.INTERRUPTED)).message)
  end)

  it("fails in a document on standard output, before and behind the arguments", function()
    assert.equal("config", failure(run("--json", "users", "lst")).kind)
    assert.equal("config", failure(run("--jsonl", "nothing")).kind)
    assert.equal("config", failure(run "--json").kind)
    assert.equal("not_found", failure(run("accounts", "get", "x", "--json")).kind)
    assert.equal("config", failure(run("accounts", "update", "a", "--json")).kind)
    assert.equal(
      "conflict",
      failure(
        run(
          "accounts",
          "create",
          "--name",
          "a",
          "--domain",
          "https://a.okta.com/",
          "--auth-method",
          "oauth",
          "--json"
        )
      ).kind
    )
    local keys = { DD_API_KEY = "wrong" }
    for name, value in pairs(environment) do
      keys[name] = keys[name] or value
    end
    local result = command.run(keys, "accounts", "list", "--json")
    assert.equal(4, result.status)
    local err = failure(result)
    assert.same({ "forbidden", 403, "list_okta_accounts" }, { err.kind, err.status, err.operation })
  end)

  it("lists what is wrong with a source, line by line", function()
    local path = box.write("bad.csv", "name,domain,auth_method\na,,oauth\nb,ftp://b,oauth\n")
    local result = run("accounts", "plan", path, "--json")
    assert.equal(1, result.status)
    local err = failure(result)
    assert.equal(2, err.problem_count)
    assert.same({ path, 2, "domain" }, { err.problems[1].file, err.problems[1].line, err.problems[1].column })
    assert.equal(3, err.problems[2].line)
  end)

  it("has a plan and what stopped it in one document", function()
    local path = box.write("c.csv", "name,domain,auth_method\nc,https://c.okta.com/,oauth\n")
    local result = run("accounts", "import", path, "--prune", "--yes", "--json")
    assert.equal(3, result.status)
    local found = assert(json.decode(result.out))
    assert.equal(2, found.plan.counts.delete)
    assert.same({ "conflict", "guard", "deactivations" }, {
      found.error.kind,
      found.error.code,
      found.error.guards[1].guard,
    })
    assert.truthy(found.error.message:find("--max-deactivations", 1, true))
  end)

  it("writes a line for each row, then the rest", function()
    local path = box.write(
      "d.csv",
      "name,domain,auth_method\nc,https://c.okta.com/,oauth\nd,https://d.okta.com/,oauth\n"
    )
    local plan = lines(run("accounts", "plan", path, "--jsonl"))
    assert.same({ 3, "c", "create" }, { #plan, plan[1].key, plan[1].action })
    assert.same({ 2, 0 }, { plan[3].summary.plan.counts.create, #plan[3].summary.plan.rows })
    local report = lines(run("accounts", "import", path, "--yes", "--jsonl"))
    assert.same({ 3, "done" }, { #report, report[2].outcome })
    assert.equal(2, report[3].summary.report.counts.create)
    local stopped = lines(run("accounts", "import", path, "--prune", "--yes", "--jsonl"))
    assert.equal(0, stopped[#stopped - 1].summary.plan.counts.create)
    assert.equal("guard", stopped[#stopped].error.code)
    assert.equal("not_found", lines(run("accounts", "get", "x", "--jsonl"))[1].error.kind)
  end)

  it("ends without a word where its reader hangs up, with and without the signal", function()
    local accounts = {}
    for i = 1, 2000 do
      accounts[i] = box.account("account" .. i)
    end
    box.reset(server, accounts)
    local source = box.write("pipe.csv", "name,domain,auth_method\naccount1,https://a.okta.com/,oauth\n")
    for _, words in ipairs {
      { "--jsonl", "accounts", "list" },
      { "--json", "accounts", "list" },
      { "--jsonl", "accounts", "plan", source, "--prune" },
    } do
      for _, trap in ipairs { "", "trap '' PIPE; " } do
        local line = command.line(words, environment)
        -- LuaJIT has compiled what writes by then
        local status_file = box.write("status", "")
        local result =
          command.shell(("%s{ %s; echo $? >%s; } | head -c 100000"):format(trap, line, status_file))
        local code = tonumber(require("spec.support.files").read(status_file))
        assert.same({ "", 100000 }, { result.err, #result.out })
        -- the signal ends it, unless who runs the specs has it ignored
        assert.is_true(code == 1 or trap == "" and code == 141, tostring(code))
      end
    end
  end)

  it("refuses JSON of what people alone read", function()
    for _, words in ipairs { { "demo" }, { "help" }, { "completion", "bash" } } do
      local result = run("--json", (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, result.status)
      assert.truthy(failure(result).message:find(words[1] .. " is for people", 1, true))
    end
  end)

  it("says nothing more on standard output", function()
    local result = run("accounts", "delete", "a", "--yes", "--jsonl")
    assert.equal("delete", lines(result)[1].action)
    assert.equal(1, #lines(result))
  end)
end)

describe("spec.support.documents", function()
  local function checked(out, ...) return pcall(documents.check, { ... }, { out = out, status = 0 }) end

  it("finds what no schema has", function()
    assert.is_true(checked('[{"id":"1","name":"a"}]', "--json", "accounts", "list"))
    for _, out in ipairs {
      "",
      "[{}]",
      '[{"id":"1"}]',
      "{}",
      "no JSON",
      '{"error":{"kind":"odd","message":""}}',
    } do
      assert.is_false(checked(out, "--json", "accounts", "list"), out)
    end
    assert.is_false(checked('{"any":1}', "--json", "demo"))
    assert.is_true(checked('{"id":"1","name":"a"}\n{"id":"2","name":"b"}\n', "--jsonl", "accounts", "list"))
    assert.is_false(checked('{"id":"1","name":"a"}\n{"id":"2"}\n', "--jsonl", "accounts", "list"))
    assert.is_false(checked('{"summary":{}}\n', "accounts", "plan", "a.csv", "--jsonl"))
  end)

  it("knows one for each command that answers programs", function()
    local all = documents.schemas()
    for _, row in ipairs(require "ddokta.cli.commands") do
      local one = parser.command(row)
      local found = all[row.name] or one.show or one.for_people
      for name in pairs(all) do
        found = found or name:find(row.name .. " ", 1, true) == 1
      end
      assert(found, row.name .. " has no schema in doc/json")
    end
  end)
end)
