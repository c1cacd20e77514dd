-- lua/ddokta/cli/output.lua: the formats of a list, which are the same things in each.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment

local function run(...) return command.run(environment, ...) end

local function ok(...)
  local result = run(...)
  assert.same({ 0, "" }, { result.status, result.err }, result.out)
  return result.out
end

local function refused(words, ...)
  local before = box.requests(server, "GET")
  local result = run(...)
  local is_told = result.out == "" or json.decode(result.out).error ~= nil
  assert.same({ 2, true }, { result.status, is_told })
  assert.truthy(result.err:find(words, 1, true), result.err)
  assert.equal(before, box.requests(server, "GET")) -- before anything is asked
end

local function decoded_lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = assert(json.decode(line))
  end
  return list
end

describe("a list", function()
  setup(function()
    local teams = {}
    for i = 1, 230 do
      teams[i] = { name = ("Team, %03d"):format(i), handle = "t" .. i, is_managed = i == 1 }
    end
    server = box.start { limit = 100000, seed = { teams = teams } }
    environment = command.environment(server)
    environment.OKTA_CLIENT_ORGURL, environment.OKTA_CLIENT_TOKEN = nil, nil
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server) end)

  it("has the same objects as JSON and as JSON Lines", function()
    local all = assert(json.decode(ok("teams", "list", "--json")))
    assert.equal(230, #all)
    assert.same(all, assert(json.decode(ok("teams", "list", "--format", "json"))))
    assert.same(all, decoded_lines(ok("teams", "list", "--jsonl")))
    assert.same(all, decoded_lines(ok("teams", "list", "--format", "jsonl")))
    local none = { "teams", "list", "--filter", "nobody" }
    assert.same("", ok(none[1], none[2], none[3], none[4], "--jsonl"))
    assert.same(
      "name,managed,handle,members,description,id\n",
      ok(none[1], none[2], none[3], none[4], "--format", "csv")
    )
    assert.same("no teams\n", ok(none[1], none[2], none[3], none[4], "--format", "table"))
  end)

  it("gives lines of JSON as pages come: what came before a page that fails is there", function()
    box.fault(server, { method = "GET", path = "/api/v2/team", status = 400, after = 2, times = "always" })
    local result = run("teams", "list", "--jsonl")
    assert.equal(1, result.status)
    local lines = decoded_lines(result.out)
    assert.is_true(#lines >= 200, tostring(#lines))
    -- a table or a document would be of a list that is not whole
    assert.is_nil(run("teams", "list").out:find("Team", 1, true))
  end)

  it("as CSV has the table's columns, whole, and quotes what must be", function()
    local out = ok("teams", "list", "--format", "csv")
    assert.equal(231, select(2, out:gsub("\n", "")))
    assert.truthy(out:find('\n"Team, 002",false,t2,0,,%x+%-'), out:sub(1, 300))
    out = ok("teams", "list", "--format", "csv", "--columns", " id , managed,name")
    assert.truthy(out:find('^id,managed,name\n[%x-]+,true,"Team, 001"\n'), out:sub(1, 300))
  end)

  it("shows the columns that are named, in that order", function()
    local out = ok("teams", "list", "--columns", "handle,name")
    assert.truthy(out:find "^handle  name\nt1      Team, 001\n", out:sub(1, 300))
  end)

  it("says what is wrong with the options before anything is asked", function()
    refused("no column 'nmae', did you mean 'name'?", "teams", "list", "--columns", "id,nmae")
    refused("no column 'zzzzzz' (known: name, managed, ", "teams", "list", "--columns", "zzzzzz")
    refused("no name is given", "teams", "list", "--columns", ",")
    refused("say one of them", "teams", "list", "--json", "--format", "csv")
    refused("say one of them", "teams", "list", "--jsonl", "--format", "json")
    refused("JSON has all of each", "teams", "list", "--columns", "name", "--format", "jsonl")
    refused("--format: 'xml' is not one of table, csv, json, jsonl", "teams", "list", "--format", "xml")
  end)

  it("of operations has the same formats", function()
    local rows = assert(json.decode(ok("operations", "team", "--json")))
    assert.same(rows, decoded_lines(ok("operations", "team", "--jsonl")))
    assert.truthy(
      ok("operations", "team", "--format", "csv"):find "^name,service,method,path,permission,note\n"
    )
    assert.same("name", ok("operations", "team", "--columns", "name"):match "^[^\n]*")
  end)
end)
