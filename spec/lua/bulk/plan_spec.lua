-- bulk.plan against a sandbox: what differs, by name, domains normalised, secrets never shown.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local core = require "ddokta.core"
local ddokta = require "ddokta"

local server, dd
local SECRET = "never-to-be-seen-4711"

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

-- "action key" of each step
local function steps(result)
  local list = {}
  for step in result:each() do
    list[step.number] = step.action .. " " .. step.key
  end
  return list
end

local account = box.account

describe("bulk.plan", function()
  setup(function()
    server, dd = box.start()
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("creates, updates, leaves alone, in the order of the source", function()
    box.reset(server, { account "same", account "other", account "foreign" })
    local result = plan {
      account "new",
      account("other", { domain = "https://moved.okta.com/" }),
      account "same",
    }
    assert.same({ "create new", "update other", "unchanged same" }, steps(result))
    assert.same({
      create = 1,
      update = 1,
      unchanged = 1,
      conflict = 0,
      delete = 0,
      source = 3,
      service = 3,
    }, result.counts)
    local update = result:step(2)
    assert.same({
      { field = "domain", old = "https://other.okta.com/", new = "https://moved.okta.com/" },
    }, update.changes)
    assert.is_string(update.id)
    assert.same("table row 2", update.position)
    assert.same("other", update.old.name)
    assert.is_nil(result.blocked)
    local sent = box.requests(server, "POST") + box.requests(server, "PATCH") + box.requests(server, "DELETE")
    assert.same(0, sent)
  end)

  it("takes two spellings of a domain as one, in the source and in the service", function()
    box.reset(server, { account("a", { domain = "HTTPS://A.okta.com" }), account "b" })
    local result = plan {
      account("a", { domain = "a.okta.com" }),
      account("b", { domain = "https://B.okta.com" }),
    }
    assert.same({ "unchanged a", "unchanged b" }, steps(result))
  end)

  it("replaces a domain that no source may have", function()
    box.reset(server, { account("a", { domain = "http://a.okta.com" }) })
    assert.same({ "update a" }, steps(plan { account "a" }))
  end)

  it("does not compare what the source does not specify", function()
    box.reset(server, { account "a" })
    local row = account "a"
    row.client_id = nil
    assert.same({ "unchanged a" }, steps(plan { row }))
    assert.same({ "update a" }, steps(plan { account("a", { client_id = "another" }) }))
  end)

  it("does not compare secrets, and sends them when told to rotate", function()
    box.reset(server, { account "a", account "b" })
    local rows = { account("a", { client_secret = SECRET }), account "b" }
    assert.same({ "unchanged a", "unchanged b" }, steps(plan(rows)))
    local result = plan(rows, { rotate_secrets = true })
    assert.same({ "update a", "unchanged b" }, steps(result))
    assert.same({ "client_secret" }, result:step(1).secrets)
  end)

  it("shows no secret in any form", function()
    box.reset(server, { account "a", account("b", { client_secret = SECRET }) })
    local result = plan({
      account("a", { client_secret = SECRET, api_key = SECRET }),
      account("new", { client_secret = SECRET }),
      account("b", { domain = "c.okta.com", client_secret = SECRET }),
    }, { rotate_secrets = true })
    assert.same(3, result.counts.create + result.counts.update)
    local function search(value, seen)
      assert.not_equal(SECRET, value)
      if type(value) ~= "table" or seen[value] then return end
      seen[value] = true
      for k, v in pairs(value) do
        search(k, seen)
        search(v, seen)
      end
    end
    search(result, {})
    for step in result:each() do
      search(step, {})
    end
    local rendered = result:render { color = true, unchanged = true }
    for _, text in ipairs { tostring(result), rendered, result:to_json() } do
      assert.is_nil(text:find(SECRET, 1, true))
      assert.truthy(text:find("secret", 1, true))
    end
  end)

  it("clears a text by a word, and leaves it where the cell is empty", function()
    box.reset(server, { account "a", account "b", account("c", { client_id = "" }) })
    local result = plan {
      account("a", { client_id = "(none)" }),
      account("b", { client_id = "" }),
      account("c", { client_id = "(none)" }),
    }
    assert.same({ "update a", "unchanged b", "unchanged c" }, steps(result))
    assert.same({ { field = "client_id", old = "id-a", new = "" } }, result:step(1).changes)
    assert.truthy(tostring(result):find("client_id  id%-a %-> %(none%)"))
  end)

  it("deletes only when told to prune, never what a row means", function()
    box.reset(server, { account "a", account "B", account "c", account "c" })
    local rows = { account "a", account "b" }
    assert.same({ "unchanged a", "conflict b" }, steps(plan(rows)))
    local result = plan(rows, { prune = true, max_deactivations = 2 })
    assert.same({ "unchanged a", "conflict b", "delete c", "delete c" }, steps(result))
    assert.not_equal(result:step(3).id, result:step(4).id)
    assert.is_nil(result.blocked)
  end)

  it("is blocked above the threshold, 10 % unless told otherwise", function()
    local accounts = {}
    for i = 1, 20 do
      accounts[i] = account("n" .. i)
    end
    box.reset(server, accounts)
    local rows = {}
    for i = 1, 18 do
      rows[i] = accounts[i]
    end
    assert.is_nil(plan(rows, { prune = true }).blocked)
    rows[18] = nil
    local result = plan(rows, { prune = true })
    assert.same(3, result.counts.delete)
    assert.truthy(result.blocked:find("3 of 20 Okta accounts would be deleted", 1, true))
    assert.truthy(tostring(result):find("Stopped: 3 of 20", 1, true))
    assert.is_nil(plan(rows, { prune = true, max_deactivations = 3 }).blocked)
    assert.truthy(plan({}, { prune = true, max_deactivations = "100%" }).blocked:find("has no rows", 1, true))
  end)

  it("hands on why the source could not be read", function()
    local result, err = bulk.plan(dd, "okta_accounts", bulk.read("no/such.csv"))
    assert.is_nil(result)
    assert.truthy(tostring(err):find("no/such.csv", 1, true))
    -- Lua cuts read's error off here: the plan still fails, and says how to see more
    result, err = bulk.plan(dd, "okta_accounts", bulk.read("no/such.csv"), { prune = true })
    assert.is_nil(result)
    assert.truthy(tostring(err):find("bulk.read failed", 1, true))
  end)

  it("sends nothing for a bad source", function()
    box.reset(server, {})
    local result, err = bulk.plan(dd, "okta_accounts", bulk.read { { name = "a" } })
    assert.is_nil(result)
    assert.same("invalid_request", err.kind)
    assert.same(0, box.state(server).request_count)
  end)

  it("hands on why the service could not be read", function()
    box.reset(server, {})
    box.fault(server, { status = 400, body = '{"errors":["no luck"]}', times = "always" })
    local result, err = bulk.plan(dd, "okta_accounts", bulk.read { account "a" })
    assert.is_nil(result)
    assert.same("invalid_request", err.kind)
    assert.truthy(tostring(err):find("no luck", 1, true))
  end)

  it("refuses an unknown kind, and raises for an unknown option", function()
    local result, err = bulk.plan(dd, "okta_acounts", bulk.read {})
    assert.is_nil(result)
    assert.same("config", err.kind)
    assert.has_error(
      function() bulk.plan(dd, "okta_accounts", bulk.read {}, { prunes = true }) end,
      "unknown option 'prunes', did you mean 'prune'?"
    )
    assert.has_error(
      function() bulk.plan(dd, "okta_accounts", bulk.read {}, { max_deactivations = "many" }) end
    )
  end)

  it("is JSON that says what it is, empty lists as lists", function()
    box.reset(server, {})
    local result = plan {}
    local decoded = assert(core.json.decode(result:to_json()))
    assert.same("okta_accounts", decoded.kind)
    assert.truthy(result:to_json():find('"rows":[]', 1, true))
    decoded = assert(core.json.decode(plan { account "a" }:to_json()))
    assert.same("create", decoded.rows[1].action)
    assert.same("https://a.okta.com/", decoded.rows[1].new.domain)
  end)

  it("makes steps when they are looked at, as often as that is", function()
    box.reset(server, { account "a", account "same", account "gone" })
    local changed = account("a", { client_id = "x", api_key = SECRET })
    local result = plan({ changed, account "same", account "new" }, { prune = true, max_deactivations = 1 })
    assert.same(4, result:steps())
    local step = result:step(1)
    assert.same(
      { "okta_accounts", "a", 1, "update", "table row 1" },
      { step.kind, step.key, step.number, step.action, step.position }
    )
    assert.same(account("a", { client_id = "x" }), step.new)
    assert.same(account "a", step.old)
    assert.same({ SECRET, nil }, { step:secret "api_key", step:secret "client_secret" })
    assert.not_equal(step, result:step(1))
    assert.same(step, result:step(1))
    step = result:step(4)
    assert.same({ 4, "delete", "gone" }, { step.number, step.action, step.key })
    assert.same(account "gone", step.old)
    assert.is_nil(step.new or step.position)
    local numbers = {}
    for each in result:changes() do
      numbers[#numbers + 1] = each.number
    end
    assert.same({ 1, 3, 4 }, numbers)
    assert.has_error(function() result:step(5) end)
  end)

  it("has a fingerprint of what it does, and one of what the source asks for", function()
    box.reset(server, { account "a" })
    local rows = { account("a", { client_secret = SECRET }), account "b" }
    local first = plan(rows)
    assert.same(64, #first:fingerprint())
    assert.same(first:fingerprint(), plan(rows):fingerprint())
    local rotated = plan(rows, { rotate_secrets = true })
    assert.not_equal(first:fingerprint(), rotated:fingerprint())
    assert.same(first:source_fingerprint(), rotated:source_fingerprint())
    box.reset(server, { account("a", { client_id = "other" }) })
    assert.not_equal(first:fingerprint(), plan(rows):fingerprint())
    assert.same(first:source_fingerprint(), plan(rows):source_fingerprint())
    assert.not_equal(first:source_fingerprint(), plan { account "a", account "c" }:source_fingerprint())
    rows[1].client_secret = SECRET .. "x" -- nobody who has the fingerprint can try secrets on it
    assert.same(first:source_fingerprint(), plan(rows):source_fingerprint())
  end)

  it("sends a secret that is known to differ from the last one", function()
    box.reset(server, { account "a", account "b", account "c", account "e" })
    local asked = {}
    local states = { a = "other", b = "same", c = "unknown", e = "never" }
    local known = {
      state = function(_, key, values)
        asked[#asked + 1] = key .. "=" .. values.client_secret
        return states[key], states[key] == "unknown" and 1 or 0
      end,
    }
    local rows = {
      account("a", { client_secret = "s1" }),
      account("b", { client_secret = "s2" }),
      account("c", { client_secret = "s3" }),
      account("d", { client_secret = "s4" }),
      account("e", { client_secret = "s5" }),
    }
    local result = plan(rows, { fingerprints = known })
    assert.same({ "update a", "unchanged b", "unchanged c", "create d", "update e" }, steps(result))
    assert.same({ "a=s1", "b=s2", "c=s3", "e=s5" }, asked)
    assert.same({ "client_secret" }, result:step(1).secrets)
    assert.same(
      { 2, 2, 1, 1 },
      { result.counts.update, result.counts.unchanged, result.counts.create, result.counts.uncompared }
    )
    assert.truthy(result.note:find("^1 secret was not compared: "))
    assert.equal("a secret is not the one that was sent last", result:step(1).note)
    assert.equal("its secrets were not compared", result:step(3).note)
    assert.equal("a secret was never sent: the service has none", result:step(5).note)
    assert.is_nil(result:step(2).note)
    assert.equal(0, plan(rows, { fingerprints = known, rotate_secrets = true }).counts.uncompared or 0)
  end)

  it("gives its memory back when it is closed", function()
    box.reset(server, {})
    local result = plan { account "a" }
    result:close()
    result:close()
    assert.same(1, result.counts.create)
    assert.has_error(function() result:step(1) end, "this plan is closed")
    assert.has_error(function() result:each() end, "this plan is closed")
  end)

  it("plans from an iterator, and from a file as from a table", function()
    box.reset(server, { account "a", account("b", { client_id = "x" }) })
    local rows, lines = {}, { "name,domain,auth_method,client_id,client_secret" }
    for _, name in ipairs { "a", "b", "c" } do
      local one = account(name, { client_secret = "s-" .. name })
      rows[#rows + 1] = one
      local fields = { one.name, one.domain, one.auth_method, one.client_id, one.client_secret }
      lines[#lines + 1] = table.concat(fields, ",")
    end
    local function iterate()
      local i = 0
      return function()
        i = i + 1
        return rows[i]
      end
    end
    local sources = {
      bulk.read(rows),
      bulk.read(iterate()),
      bulk.read(box.write("rows.csv", table.concat(lines, "\n"))),
      bulk.read(box.write("rows.json", assert(core.json.encode(rows)))),
    }
    local first
    for i, source in ipairs(sources) do
      local result = assert(bulk.plan(dd, "okta_accounts", source))
      assert.same({ "unchanged a", "update b", "create c" }, steps(result), "source " .. i)
      first = first or result:fingerprint()
      assert.same(first, result:fingerprint())
    end
  end)

  it("says so when the key may not read", function()
    box.reset(server, {})
    local other = assert(ddokta.client {
      base_url = server.base_url,
      ca_file = server.ca_file,
      api_key = "wrong",
      app_key = "wrong",
    })
    local result, err = bulk.plan(other, "okta_accounts", bulk.read { account "a" })
    assert.is_nil(result)
    assert.same("forbidden", err.kind)
  end)
end)
