-- ddokta --log: a line for each thing that happens, for machines by doc/json/log.json, which
-- spec/lua/cli/command.lua holds each line against.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local documents = require "spec.support.documents"
local json = require("ddokta.core").json
local log = require "ddokta.cli.log"

local SECRET = "never-to-be-logged-4711"

local server, environment

local function run(...) return command.run(environment, ...) end

-- its lines, and how many there are of each event
local function lines(result)
  local list, counts = {}, {}
  for line in result.err:gmatch "[^\n]+" do
    local one = assert(json.decode(line), line)
    list[#list + 1] = one
    counts[one.event] = (counts[one.event] or 0) + 1
  end
  return list, counts
end

-- environment with one variable changed
local function with(name, value)
  local copy = { [name] = value }
  for key, old in pairs(environment) do
    copy[key] = copy[key] or old
  end
  return copy
end

describe("ddokta --log", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, { box.account "a" }) end)

  it("json: attempts, answers and the end, and the answer on standard output as ever", function()
    local result = run("--log", "json", "--json", "accounts", "list")
    assert.equal(1, #assert(json.decode(result.out)))
    local list, counts = lines(result)
    assert.same({ attempt = 1, answer = 1, ["end"] = 1 }, counts)
    assert.same({ "debug", "list_okta_accounts", 1 }, { list[1].level, list[1].operation, list[1].attempt })
    assert.same({ "info", "ok", 200 }, { list[2].level, list[2].kind, list[2].http_status })
    assert.same({ "info", 0 }, { list[3].level, list[3].exit_status })
    assert.truthy(list[1].timestamp <= list[2].timestamp)
    assert.equal(result.out, run("--json", "accounts", "list").out)
  end)

  it("json: waits and their reasons, progress, and no key or secret", function()
    box.fault(server, { method = "POST", status = 429, body = "{}", headers = { ["Retry-After"] = "1" } })
    local path = box.write(
      "a.csv",
      "name,domain,auth_method,client_id,client_secret\nb,https://b.okta.com/,oauth,x," .. SECRET .. "\n"
    )
    local result = run("--log=json", "accounts", "import", path, "--yes", "--jsonl")
    assert.equal(0, result.status)
    local list, counts = lines(result)
    assert.is_true((counts.wait or 0) + (counts.limit or 0) > 0, result.err)
    assert.equal(1, counts.progress)
    local last = list[#list]
    assert.same({ "end", 0 }, { last.event, last.exit_status })
    for _, needle in ipairs { SECRET, server.api_key, server.app_key } do
      assert.is_nil(result.err:find(needle, 1, true))
    end
  end)

  it(
    "json: a failure by its kind, a source's faults as warnings, and nothing else on standard error",
    function()
      local list = lines(command.run(with("DD_APP_KEY", "wrong"), "--log", "json", "accounts", "list"))
      local last = list[#list]
      assert.same({ "failure", "error", "forbidden", 403, 4 }, {
        last.event,
        last.level,
        last.kind,
        last.http_status,
        last.exit_status,
      })
      local path = box.write("bad.csv", "name,domain,auth_method\na,,oauth\nb,ftp://b,oauth\n")
      local _, counts = lines(run("--log", "json", "accounts", "plan", path))
      assert.same({ warning = 2, failure = 1 }, counts)
      list = lines(run("--log", "json", "accounts", "lst"))
      assert.same({ "failure", 2 }, { list[1].event, list[1].exit_status })
    end
  )

  it("text: time, level and a sentence", function()
    local result = run("--log", "text", "accounts", "list")
    assert.truthy(
      result.err:find "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ debug list_okta_accounts: attempt 1\n"
    )
    assert.truthy(result.err:find("Z info  list_okta_accounts: ok 200 in ", 1, true))
    assert.truthy(result.err:find "Z info  ended with status 0\n$")
  end)

  it("has a sentence for each event, whatever its words", function()
    local text = {}
    local one = log.new("json", function(line) text[#text + 1] = line end)
    for _, kind in ipairs { "attempt", "answer", "wait", "limit" } do
      one:on_event() {
        type = kind,
        operation = "list_teams",
        method = "GET",
        call = 1,
        attempt = 1,
        seconds = 2,
        kind = "server",
        limit = kind == "limit" and "a\nb" or nil,
      }
      assert.same({}, documents.faults("log", text[#text]))
    end
    one:put("warn", "warning", "two\nlines, a \255 byte")
    assert.same({}, documents.faults("log", text[#text]))
    assert.truthy(documents.faults("log", '{"event":"odd"}')[1])
  end)
end)
