-- `ddokta journal`: lua/ddokta/cli/journal.lua, on the journals of real imports.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment, folder

local function csv(name, names)
  local lines = { "name,domain,auth_method,client_id" }
  for _, one in ipairs(names) do
    lines[#lines + 1] = ("%s,https://%s.okta.com/,oauth,n"):format(one, one)
  end
  return box.write(name, table.concat(lines, "\n") .. "\n")
end

local function import(source, file, ...)
  return command.run(
    environment,
    "accounts",
    "import",
    source,
    "--yes",
    "--no-fingerprints",
    "--progress",
    "never",
    "--journal",
    file,
    ...
  )
end

local function run(...) return command.run(environment, "journal", ...) end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

local function lose_last_line(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  file = assert(io.open(path, "wb"))
  file:write((text:gsub("[^\n]*\n$", "")))
  file:close()
end

local function damage(path)
  local file = assert(io.open(path, "r+b"))
  file:seek("set", file:read("*l"):len() + 10)
  file:write "\0"
  file:close()
end

describe("ddokta journal", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function()
    box.reset(server, { box.account "old" })
    folder = box.write("x", ""):gsub("/x$", "")
    os.execute("rm -rf '" .. folder .. "'/*")
  end)

  it("shows what a run did, several of them together", function()
    box.fault(server, { method = "POST", contains = '"c"', status = 400, body = '{"errors":["not so"]}' })
    local one, two = folder .. "/1.journal", folder .. "/2.journal"
    assert.equal(1, import(csv("1.csv", { "a", "b", "c" }), one).status)
    assert.equal(0, import(csv("2.csv", { "a", "d" }), two, "--prune", "--max-deactivations", "100%").status)
    lose_last_line(two)
    local result = run("show", one, two)
    assert.equal(0, result.status, result.err)
    has(result.out, one .. ": okta_accounts of ")
    has(result.out, "  2 created, 1 failed\n  failed:\n    create c: not so\n")
    has(result.out, two .. ": okta_accounts of ")
    has(result.out, "not finished: the same command goes on with it\n  1 created, 2 deleted or deactivated\n")
    has(result.out, "2 journals, 1 finished: 3 created, 2 deleted or deactivated, 1 failed\n")
    local data = json.decode(run("show", one, two, "--json").out)
    assert.same({ 2, 1, 3 }, { data.sum.journals, data.sum.finished, data.sum.counts.create })
    assert.same({ true, "c" }, { data.journals[1].finished, data.journals[1].failed[1].key })
  end)

  it("lists the backups of a journal and of those before it, for restore", function()
    local file = folder .. "/a.journal"
    local prune = { "--prune", "--max-deactivations", "100%" }
    assert.equal(0, import(csv("1.csv", { "a" }), file, prune[1], prune[2], prune[3]).status)
    assert.equal(0, import(csv("2.csv", { "b" }), file, prune[1], prune[2], prune[3]).status)
    assert.equal(0, import(csv("3.csv", { "b", "c" }), file).status)
    local result = run(file)
    assert.equal(0, result.status, result.err)
    local names = {}
    for name in result.out:gmatch "okta_accounts  1 +(%S+)" do
      names[#names + 1] = name
    end
    assert.equal(2, #names, result.out)
    result = command.run(environment, "accounts", "restore", names[1], "--yes")
    assert.equal(6, result.status, result.err) -- without its secrets
    assert.truthy(box.accounts(server).old)
    assert.equal(2, #json.decode(run("list", file, "--json").out).backups)
    assert.equal(run("list", file, "--json").out, run(file, "--format", "json").out)
    local rows = run("list", file, "--format", "csv", "--columns", "kind,backup").out
    assert.truthy(rows:find "^kind,backup\r?\nokta_accounts,", rows)
    assert.same(2, run("show", file, "--format", "csv").status)
    assert.same(2, run("list", file, "--columns", "nothing").status)
    has(run(folder .. "/none.journal").out, "no backup")
  end)

  it("tells, repairs and discards a damaged one", function()
    local file, source = folder .. "/a.journal", csv("1.csv", { "a", "b" })
    assert.equal(0, import(source, file).status)
    lose_last_line(file)
    assert.same({ 0, file .. ": whole, 6 lines\n" }, { run("check", file).status, run("check", file).out })
    damage(file)
    local result = run("check", file)
    assert.equal(1, result.status)
    has(result.out, file .. ", line 2: is damaged\n  ddokta journal repair " .. file .. "\n")
    assert.equal(2, run("show", file).status)
    result = import(csv("2.csv", { "a", "b", "c" }), file)
    assert.equal(2, result.status)
    has(result.err, "'ddokta journal repair' keeps what is whole of it")
    result = run("repair", file)
    assert.equal(0, result.status, result.err)
    has(result.out, "the damaged file is " .. file .. ".damaged. Run the same command again")
    has(run("show", file).out, "repaired ")
    assert.equal(0, import(source, file).status)
    has(run("show", file).out, ", finished\n")
    assert.same({ file = file, whole = true }, json.decode(run("repair", file, "--json").out).journals[1])
  end)

  it("of another source is refused with what it would drop, and put aside with --discard-rest", function()
    local file = folder .. "/a.journal"
    assert.equal(0, import(csv("1.csv", { "a", "b" }), file).status)
    lose_last_line(file)
    local other = csv("2.csv", { "a", "b", "c" })
    local result = import(other, file)
    assert.equal(3, result.status)
    has(result.err, file .. " is of another source and not finished; no step of it is open. Run it with that")
    has(result.err, "or with --discard-rest: then it is put aside")
    result = import(other, file, "--discard-rest")
    assert.equal(0, result.status, result.err)
    has(result.out, "1 created")
    has(result.out, "the journal of another source is " .. file .. ".20")
    assert.is_true(json.decode(run("show", file, "--json").out).journals[1].finished)
  end)

  it("asks before it gives up what is open", function()
    local file, source = folder .. "/a.journal", csv("1.csv", { "a", "b" })
    assert.equal(0, import(source, file).status)
    lose_last_line(file)
    local result = run("discard", file)
    assert.equal(2, result.status)
    has(result.err, "nobody can be asked here: add --yes to give it up")
    local shown, status = command.terminal(environment, { { "Give up", "y" } }, "journal", "discard", file)
    assert.equal(0, status, shown)
    has(shown, "is " .. file .. ".20")
    assert.is_nil(io.open(file))
    assert.equal(0, import(source, file).status)
    assert.equal(2, run("discard", folder .. "/none").status)
  end)
end)
