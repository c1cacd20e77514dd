-- ddokta ... restore: what a run did is put back, or it is said what not.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local account = box.account
local server, dd, environment
local count = 0

local function run(...) return command.run(environment, ...) end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

local read = require("spec.support.files").read

local function new_name(ending)
  count = count + 1
  return (box.write("n", ""):gsub("n$", count .. ending))
end

--- An import of these accounts -> its journal
local function import(rows, ...)
  local journal = new_name ".journal"
  local result = run(
    "accounts",
    "import",
    box.write(count .. ".json", assert(json.encode(rows))),
    "--yes",
    "--journal",
    journal,
    ...
  )
  assert.same({ 0, "" }, { result.status, result.err }, result.out)
  return journal
end

describe("ddokta restore", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("ends with 0 where all is as it was, and with 6 where secrets are left, in every output", function()
    box.reset(server, { account "a" })
    local journal = import { account("a", { client_id = "x" }) }
    assert.equal(0, run("accounts", "restore", journal, "--yes").status)
    assert.equal("id-a", box.accounts(server).a.client_id)
    journal = import({ account "b" }, "--prune", "--max-deactivations", "100%")
    for _, ending in ipairs { ".json", ".csv", ".html" } do
      local report = new_name(ending)
      local result = run("accounts", "restore", journal, "--yes", "--report", report)
      assert.equal(6, result.status, ending .. result.out)
      has(result.out, "client_secret of one Okta account (a): no backup has it")
      has(read(report), "no backup has it")
      assert(dd:delete_okta_account(box.accounts(server).a.id))
    end
    local result = run("accounts", "restore", journal, "--yes", "--json")
    assert.equal(6, result.status)
    local document = assert(json.decode(result.out))
    for _, part in ipairs { document.plan, document.report } do
      assert.same({ "a", "client_secret" }, { part.left[1].key, part.left[1].field })
    end
    assert.same({ "b" }, document.plan.created)
  end)

  it("removes what the run created, guarded, and overrules others where it is told so", function()
    box.reset(server, { account "a" })
    local journal = import { account("a", { client_id = "x" }), account "b" }
    local current = box.accounts(server).a
    assert(
      dd:update_okta_account(
        current.id,
        { auth_method = "oauth", domain = current.domain, client_id = "theirs" }
      )
    )
    local result = run("accounts", "restore", journal, "--yes", "--remove-created")
    assert.equal(3, result.status)
    has(result.out, "client_id is 'theirs' now, not 'x' as the run left it: somebody has changed it since")
    has(result.err, "more than the limit of 10%")
    local function restore(...)
      return run("accounts", "restore", journal, "--yes", "--remove-created", "--max-deactivations", "1", ...)
    end
    assert.equal(3, restore().status)
    assert.equal(0, restore("--force").status)
    local accounts, left = box.accounts(server)
    assert.same({ 1, "id-a" }, { left, accounts.a.client_id })
  end)

  it("finds what an earlier run has saved, and says where it is", function()
    box.reset(server, { account "a" })
    local journal = import { account("a", { client_id = "1" }) }
    for i = 2, 3 do
      local path = box.write("again.json", assert(json.encode { account("a", { client_id = tostring(i) }) }))
      assert.equal(0, run("accounts", "import", path, "--yes", "--journal", journal).status)
    end
    os.remove(journal .. ".backup")
    local result = run("accounts", "restore", journal .. ".backup", "--yes")
    assert.equal(2, result.status)
    local places = {}
    for place in result.err:gmatch "(%S+%.backup) %(" do
      places[#places + 1] = place
    end
    assert.equal(2, #places)
    assert.equal(0, run("accounts", "restore", places[1], "--yes", "--force").status)
    assert.equal("id-a", box.accounts(server).a.client_id)
  end)

  it("refuses a file that was cut, one that is in use, and one that is not there", function()
    box.reset(server, { account "a" })
    local journal = import { account("a", { client_id = "x" }) }
    local held = assert(require("ddokta.core").journal.open(journal, "journal"))
    local result = run("accounts", "restore", journal .. ".backup", "--yes")
    held:abandon()
    assert.equal(3, result.status)
    has(result.err, "is in use by process")
    local text = read(journal .. ".backup")
    local file = assert(io.open(journal .. ".backup", "wb"))
    file:write((text:match "^[^\n]*\n"))
    file:close()
    result = run("accounts", "restore", journal .. ".backup", "--yes")
    assert.equal(3, result.status)
    has(result.err, "lacks 1 of the things that its run has replaced or removed: it was cut")
    assert.equal("x", box.accounts(server).a.client_id)
    result = run("accounts", "restore", journal .. ".nothing", "--yes")
    assert.equal(2, result.status)
    has(result.err, "is not there")
    assert.is_nil(io.open(journal .. ".nothing"))
  end)
end)
