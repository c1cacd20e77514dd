-- lua/ddokta/cli/report_file.lua: --report, as JSON, CSV and HTML.
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

local read = require("spec.support.files").read

describe("ddokta ... --report", function()
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
    assert.truthy(lines:find("^kind,position,key,action,outcome,id,attempts,error_kind,error,note\n"))
    assert.truthy(lines:find(':2,bad,create,failed,,1,invalid_request,"no, ""thanks""",\n', 1, true), lines)
    assert.truthy(lines:find(":3,good,unchanged,unchanged,", 1, true), lines)
  end)

  it("writes the plan to a file: of plan, of a dry run, of one that may not be applied", function()
    local path = csv(rows())
    for _, words in ipairs { { "plan", path }, { "import", path, "--dry-run" } } do
      for _, ending in ipairs { "json", "csv", "html" } do
        local report = box.write("plan." .. ending, "")
        local result = run("accounts", words[1], words[2], "--report", report, words[3])
        assert.same({ 0, "" }, { result.status, result.err })
        local text = read(report)
        secret_free(text)
        assert.truthy(text:find("changed", 1, true) or ending == "csv")
        if ending == "json" then assert.same(3, #assert(json.decode(text)).rows) end
        if ending == "csv" then
          assert.truthy(text:find("^kind,position,key,action,id,fields,reason,note\n"))
          assert.truthy(text:find(":3,other,update,[%x-]+,client_id;client_secret,,\n"), text)
        end
        if ending == "html" then assert.truthy(text:find("A plan: nothing was sent.", 1, true)) end
      end
    end
    local report = box.write("blocked.html", "")
    local result = run("accounts", "import", csv(account "same"), "--prune", "--yes", "--report", report)
    assert.same(3, result.status)
    assert.truthy(read(report):find("Stopped: 2 of 3 Okta accounts would be deleted", 1, true))
    assert.same(0, writes())
  end)

  it("writes what became of it as a page", function()
    local path = csv(account "bad", account "good")
    box.fault(server, { method = "POST", contains = '"bad"', status = 400, body = '{"errors":["<no>"]}' })
    local report = box.write("report.html", "")
    assert.same(1, run("accounts", "import", path, "--yes", "--report", report).status)
    local page = read(report)
    assert.truthy(page:find('<div role="row" class="row failed">', 1, true))
    assert.truthy(page:find('<div role="row" class="row create">', 1, true))
    assert.truthy(page:find('<span class="first"><bdi>&lt;no&gt;</bdi></span>', 1, true))
    local typed = ("<code>ddokta accounts import %s --yes --report %s</code>"):format(path, report)
    assert.truthy(page:find(typed, 1, true), typed)
  end)

  it("shows the command on the page so that it can be run again", function()
    local path, report = box.write("two words.csv", "name,domain,auth_method\n"), box.write("report.html", "")
    local result = run("accounts", "plan", path, "--report", report)
    assert.same(0, result.status, result.err)
    local typed = ("<code>ddokta accounts plan &#39;%s&#39; --report %s</code>"):format(path, report)
    assert.truthy(read(report):find(typed, 1, true), typed)
  end)

  it("leaves the report as it was where there is nothing to write, and the source always", function()
    local report = box.write("kept.csv", "last night's")
    assert.same(1, run("accounts", "import", "/no/such/source.csv", "--yes", "--report", report).status)
    local path = csv(account "a")
    local source = read(path)
    local result = run("accounts", "import", path, "--yes", "--report", path)
    assert.same(2, result.status)
    local words = ("cannot write %s: it is %s, which is read"):format(path, path)
    assert.truthy(result.err:find(words, 1, true), result.err)
    assert.same(2, run("accounts", "plan", path, "--report", path).status)
    assert.same({ "last night's", source, 0 }, { read(report), read(path), box.state(server).request_count })
  end)

  it("finds out before it starts that the report cannot be written", function()
    local path = csv(account "a")
    assert.same(2, run("accounts", "import", path, "--yes", "--report", "report.txt").status)
    assert.same(1, run("accounts", "import", path, "--yes", "--report", "no/such/report.json").status)
    assert.same(0, box.state(server).request_count)
  end)
end)
