-- A plan in a file: applied as it was reviewed, or not at all.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local ddokta = require "ddokta"
local json = require("ddokta.core").json
local system = require("ddokta.core").system

local server, dd, environment
local account = box.account
local SECRET = "never-to-be-seen-4711"

local read = require("spec.support.files").read

local function planned(rows, options)
  return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows, { name = "a.csv" }), options))
end

local function save(plan)
  local path = box.write("a.plan", "")
  assert(plan:save(path))
  return path
end

local function mode_of(path)
  local pipe = assert(io.popen("stat -c %a " .. command.quote(path)))
  local mode = pipe:read "*l"
  pipe:close()
  return mode
end

local function writes()
  return box.requests(server, "POST") + box.requests(server, "PATCH") + box.requests(server, "DELETE")
end

local function refused(code, path, options)
  local plan, err = bulk.load(dd, path, options)
  assert.is_nil(plan)
  assert.same({ "conflict", code }, { err.kind, err.code }, err.message)
  return err
end

local function rows()
  return { account "new", account("other", { client_id = "changed" }), account "same", account "twice" }
end

local function reset()
  box.reset(server, { account "same", account "other", account "gone", account "twice", account "twice" })
end

local OPTIONS = { prune = true, max_deactivations = 1 }

describe("a saved plan", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(reset)

  it("is loaded and applied as it is, without its source", function()
    local before = planned(rows(), OPTIONS)
    local path = save(before)
    local after = assert(bulk.load(dd, path))
    assert.same(before:fingerprint(), after:fingerprint())
    assert.same(before.counts, after.counts)
    for step in before:each() do
      assert.same(step, after:step(step.number))
    end
    local report = assert(bulk.apply(dd, after, { allow_conflicts = true }))
    assert.same({ 1, 1, 1 }, { report.counts.create, report.counts.update, report.counts.delete })
  end)

  it("is a file that only its owner may read, whatever it replaces", function()
    local path = box.write("wide.plan", "old")
    os.execute("chmod 644 " .. command.quote(path))
    assert(planned(rows(), OPTIONS):save(path))
    assert.same("600", mode_of(path))
    local source = box.write("a.jsonl", assert(json.encode(account "new")) .. "\n")
    local plan = assert(bulk.plan(dd, "okta_accounts", bulk.read(source)))
    local ok, err = plan:save(source)
    assert.is_nil(ok)
    assert.same("source", err.code)
    assert.truthy(read(source):find("new", 1, true))
    ok, err = plan:save "/nowhere/at/all.plan"
    assert.same({ nil, "file" }, { ok, err.code })
    local full = system.stat "/dev/full" and { plan:save "/dev/full" }
    if full then assert.same({ nil, "file" }, { full[1], full[2].code }) end
  end)

  it("is refused where the service is not as it was, and says which keys differ", function()
    local path = save(planned(rows(), OPTIONS))
    local changes = {
      {
        {
          account "same",
          account("other", { domain = "https://else.okta.com/" }),
          account "gone",
          account "twice",
          account "twice",
        },
        "other",
        "domain was 'https://other.okta.com/', is 'https://else",
      },
      {
        {
          account("same", { client_id = "z" }),
          account "other",
          account "gone",
          account "twice",
          account "twice",
        },
        "same",
        "was unchanged, differs now",
      },
      {
        { account "same", account "other", account "twice", account "twice" },
        "gone",
        "was to be removed, is not there now",
      },
      {
        { account "new", account "same", account "other", account "gone", account "twice", account "twice" },
        "new",
        "was to be created, is as asked now",
      },
    }
    for _, change in ipairs(changes) do
      box.reset(server, change[1])
      local err = refused("stale_plan", path)
      local found
      for _, one in ipairs(err.changed) do
        if one.key == change[2] then found = one.difference end
      end
      assert.truthy(found and found:find(change[3], 1, true), change[2] .. ": " .. tostring(found))
      assert.truthy(err.message:find("'" .. change[2] .. "'", 1, true), err.message)
    end
    -- what came besides would be pruned too
    box.reset(server, {
      account "same",
      account "other",
      account "gone",
      account "twice",
      account "twice",
      account "stranger",
    })
    local changed = refused("stale_plan", path).changed
    assert.same({ key = "stranger", difference = "was not in the plan, is there now" }, changed[#changed])
    assert.same(0, writes())
  end)

  it("is refused where it was cut, damaged, edited or is something else", function()
    local text = read(save(planned(rows(), OPTIONS)))
    local lines = {}
    for line in text:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    local function without(number)
      local copy = {}
      for i, line in ipairs(lines) do
        if i ~= number then copy[#copy + 1] = line end
      end
      return table.concat(copy, "\n") .. "\n"
    end
    for number = 2, #lines do
      refused("damaged", box.write("b.plan", without(number)))
    end
    refused("foreign", box.write("b.plan", without(1)))
    refused("damaged", box.write("b.plan", (text:gsub('"changed"', '"chosen"'))))
    refused("damaged", box.write("b.plan", (text:gsub('"prune":true', '"prune":false'))))
    refused("damaged", box.write("b.plan", text .. lines[2] .. "\n"))
    for at = 1, #text - 2, 97 do
      local _, err = bulk.load(dd, box.write("b.plan", text:sub(1, at)))
      assert.truthy(err and (err.code == "damaged" or err.code == "foreign"), at)
    end
    refused("version", box.write("b.plan", (text:gsub('"ddokta_plan":1', '"ddokta_plan":2'))))
    refused("foreign", box.write("b.plan", "name,domain\na,b\n"))
    refused("foreign", box.write("b.plan", ""))
    local _, err = bulk.load(dd, "/nowhere/a.plan")
    assert.same({ "config", "file" }, { err.kind, err.code })
    _, err = bulk.load(dd, "/")
    assert.truthy(err)
    assert.same(0, writes())
  end)

  it("is refused by another organisation", function()
    local text = read(save(planned(rows(), OPTIONS)))
    local other = setmetatable({}, {
      __index = function(_, name)
        if name == "get_current_user" then
          return function() return { id = "u", org = { data = { id = "another" } } }, { body = {} } end
        end
        return dd[name]
      end,
      __tostring = function() return tostring(dd) end,
    })
    local plan, err = bulk.load(other, box.write("b.plan", text))
    assert.same({ nil, "other_organisation" }, { plan, err.code })
    box.fault(server, { path = "/api/v2/current_user", status = 403, body = '{"errors":["Forbidden"]}' })
    plan, err = bulk.load(dd, box.write("b.plan", text))
    assert.same({ nil, "forbidden", "get_current_user" }, { plan, err.kind, err.operation })
  end)

  it("has no secret in it, and takes them from its source, which must have the same", function()
    local function source(secret)
      return {
        account("new", { client_secret = secret }),
        account("other", { client_secret = secret }),
        account "same",
      }
    end
    box.reset(server, { account "same", account "other" })
    local path = save(planned(source(SECRET), { rotate_secrets = true }))
    assert.is_nil(read(path):find(SECRET, 1, true))
    refused("no_source", path)
    refused("other_secrets", path, { source = bulk.read(source "another") })
    refused("other_secrets", path, { source = bulk.read { account "new", account "other", account "same" } })
    local changed = source(SECRET)
    changed[1].client_id = "z"
    refused("stale_plan", path, { source = bulk.read(changed) })
    assert.same(0, writes())
    local plan = assert(bulk.load(dd, path, { source = bulk.read(source(SECRET)) }))
    assert(bulk.apply(dd, plan))
    assert.same({ "client_secret" }, box.accounts(server).new.secrets)
    assert.same({ "client_secret" }, box.accounts(server).other.secrets)
    -- the same secrets, two digests
    local first, second = read(save(planned(source(SECRET)))), read(save(planned(source(SECRET))))
    assert.not_equal(first:match '"salt":"(%x+)"', second:match '"salt":"(%x+)"')
    assert.not_equal(first:match '"secrets":{"digest":"(%x+)"', second:match '"secrets":{"digest":"(%x+)"')
  end)

  it("sends the secrets that were to be sent, whatever is known of them here", function()
    local source = { account("same", { client_secret = SECRET }), account("other", { client_secret = "s2" }) }
    local known = {
      state = function(_, key)
        if key == "same" then return "other", 0 end
        return "unknown", 1
      end,
    }
    local plan = planned(source, { fingerprints = known })
    assert.same({ 1, 1, 1 }, { plan.counts.update, plan.counts.unchanged, plan.counts.uncompared })
    local after = assert(bulk.load(dd, save(plan), { source = bulk.read(source) }))
    assert.same(plan.counts, after.counts)
    assert.same({ "update", { "client_secret" } }, { after:step(1).action, after:step(1).secrets })
  end)

  it("is none of a restore, which has its backup", function()
    box.reset(server, { account "other" })
    local journal = box.write("s.journal", "")
    os.remove(journal)
    assert(bulk.apply(dd, planned { account("other", { client_id = "x" }) }, { journal = journal }))
    finally(function()
      for _, ending in ipairs { "", ".backup" } do
        os.remove(journal .. ending)
      end
    end)
    local plan = assert(bulk.restore_plan(dd, journal .. ".backup"))
    local ok, err = plan:save(box.write("r.plan", ""))
    assert.same({ nil, "restores" }, { ok, err.code })
    plan:close()
  end)

  it("of one part takes the whole source", function()
    local people = {}
    for i = 1, 20 do
      people[i] = { userName = ("p%d@example.com"):format(i) }
    end
    local plan = assert(bulk.plan(dd, "scim_users", bulk.read(people), { shard = "2/3", prune = true }))
    local path = save(plan)
    refused("no_source", path)
    local after = assert(bulk.load(dd, path, { source = bulk.read(people) }))
    assert.same({ plan.counts, "2/3" }, { after.counts, after.shard })
    assert.is_true(after.counts.create > 0 and after.counts.create < 20)
  end)

  it("clears what it was to clear, and keeps names beside ids", function()
    assert(dd:create_scim_user { userName = "ada@example.com", title = "Dr", active = true })
    local plan = assert(bulk.plan(
      dd,
      "scim_users",
      bulk.read {
        { userName = "ada@example.com", title = "(none)", roles = { "Datadog Admin Role" } },
        { userName = "bob@example.com", name = "Bob" },
      }
    ))
    local after = assert(bulk.load(dd, save(plan)))
    for step in plan:each() do
      assert.same(step.changes, after:step(step.number).changes)
    end
    assert.same({ 1, 1 }, { after.counts.update, after.counts.create })
  end)

  describe("of the command", function()
    local function csv(...)
      local lines = { "name,domain,auth_method,client_id,client_secret" }
      for i, row in ipairs { ... } do
        lines[i + 1] =
          table.concat({ row.name, row.domain, row.auth_method, row.client_id, row.client_secret or "" }, ",")
      end
      return box.write("a.csv", table.concat(lines, "\n") .. "\n")
    end

    local function run(...) return command.run(environment, "accounts", ...) end

    it("is made by plan --out and applied by import --plan", function()
      box.reset(server, { account "same", account "other" })
      local source = csv(account "new", account("other", { client_id = "changed" }))
      local path = box.write("c.plan", "")
      local result = run("plan", source, "--out", path)
      assert.same({ 0, "" }, { result.status, result.err })
      os.remove(source)
      result = run("import", "--plan", path, "--yes")
      assert.same({ 0, "" }, { result.status, result.err })
      assert.truthy(result.out:find("1 created, 1 updated in ", 1, true), result.out)
      result = run("import", "--plan", path, "--yes")
      assert.same(3, result.status)
      assert.truthy(result.err:find("'new' (was to be created, is as asked now)", 1, true), result.err)
    end)

    it("asks for the source where there are secrets", function()
      box.reset(server, {})
      local source = csv(account("new", { client_secret = SECRET }))
      local path = box.write("c.plan", "")
      assert.same(0, run("plan", source, "--out", path).status)
      local result = run("import", "--plan", path, "--yes")
      assert.same(3, result.status)
      assert.truthy(result.err:find("give its source too, " .. source, 1, true), result.err)
      result = run("import", source, "--plan", path, "--yes")
      assert.same({ 0, "" }, { result.status, result.err })
      assert.same({ "client_secret" }, box.accounts(server).new.secrets)
    end)

    it("is refused with other options, of another kind, and over the source", function()
      box.reset(server, {})
      local source = csv(account "new")
      local path = box.write("c.plan", "")
      assert.same(0, run("plan", source, "--out", path).status)
      local result = run("import", "--plan", path, "--yes", "--prune")
      assert.same(2, result.status)
      assert.truthy(result.err:find("leave --prune away", 1, true), result.err)
      result = command.run(environment, "users", "import", "--plan", path, "--yes")
      assert.same(2, result.status)
      assert.truthy(result.err:find("is a plan of accounts", 1, true), result.err)
      assert.same(2, run("import", "--yes").status)
      result = run("plan", source, "--out", source)
      assert.is_true(result.status ~= 0)
      assert.truthy(read(source):find("new", 1, true))
      assert.same(0, writes())
    end)
  end)

  it("is loaded in a task beside others, whatever Lua it is", function()
    box.reset(server, { account "a" })
    local path = save(planned { account "a", account "b" })
    local results = ddokta.parallel(2, { 1, 2 }, function() return bulk.load(dd, path) end)
    for i = 1, 2 do
      assert.equal(1, assert(results[i][1], results[i][2]).counts.create)
    end
  end)
end)
