-- The kind scim_users: nested fields, letter case, deactivation instead of deletion.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local service = require "spec.lua.bulk.service"

local function user(name, changes)
  local made = {
    id = "id-" .. name:lower(),
    userName = name,
    active = true,
    name = { formatted = name:upper() },
    emails = { { type = "work", value = name, primary = true } },
    roles = { { value = "r1" }, { value = "r2" } },
  }
  for key, value in pairs(changes or {}) do
    made[key] = value
  end
  return made
end

local roles = {
  { id = "r1", name = "Admin" },
  { id = "r2", name = "Standard" },
  { id = "r3", name = "Read Only" },
}

local function plan(users, source, options)
  local dd = service.new { list_scim_users = users, list_roles = roles }
  return assert(bulk.plan(dd, "scim_users", source, options)), dd
end

local function csv(text) return assert(bulk.read(box.write("users.csv", text), { name = "users.csv" })) end

local function steps(result)
  local list = {}
  for step in result:each() do
    list[step.number] = step.action .. " " .. step.key
  end
  return list
end

describe("scim_users", function()
  teardown(box.remove)

  it("compares nested fields, lists as sets, names without letter case", function()
    local result = plan(
      { user "A@x.com", user "b@x.com", user "c@x.com" },
      csv(
        "userName,name,email,active,roles\n"
          .. "a@x.com,A@X.COM,A@X.com,TRUE,r2;r1\nB@x.com,New,,,r3; r1\nd@x.com,D,d@x.com,,\n"
      )
    )
    assert.same({ "unchanged a@x.com", "update B@x.com", "create d@x.com" }, steps(result))
    local update = result:step(2)
    assert.same({
      { field = "name", old = "B@X.COM", new = "New" },
      { field = "roles", old = { "r1", "r2" }, new = { "r1", "r3" } },
    }, update.changes)
    assert.same("id-b@x.com", update.id)
    assert.same("users.csv:3", update.position)
    assert.truthy(tostring(result):find("roles  +Read Only -Standard", 1, true))
  end)

  it("sends what differs as operations, and a whole user for a new one", function()
    local result, dd = plan(
      { user "b@x.com" },
      csv("userName,name,email,active,roles\nb@x.com,New,b@x.com,false,\nd@x.com,D,d@x.com,true,r1\n"),
      { max_deactivations = 1 }
    )
    local report = assert(bulk.apply(dd, result, { max_in_flight = 1 }))
    assert.same(2, report.counts.done)
    assert.same({
      {
        "patch_scim_user",
        "id-b@x.com",
        {
          { op = "replace", path = "name.formatted", value = "New" },
          { op = "replace", path = "active", value = false },
        },
      },
      {
        "create_scim_user",
        {
          userName = "d@x.com",
          name = { formatted = "D" },
          active = true,
          roles = { { value = "r1" } },
          emails = { { type = "work", value = "d@x.com", primary = true } },
        },
      },
    }, dd.sent)
  end)

  it("deactivates who is not there any more, and who is inactive already not again", function()
    local users = { user "a@x.com", user "b@x.com", user("c@x.com", { active = false }) }
    local source = "userName\na@x.com\n"
    local result, dd = plan(users, csv(source), { prune = true, max_deactivations = 1 })
    assert.same({ "unchanged a@x.com", "delete b@x.com" }, steps(result))
    assert.same({ { field = "active", old = true, new = false } }, result:step(2).changes)
    assert.is_nil(result.blocked)
    assert(bulk.apply(dd, result))
    assert.same({
      { "patch_scim_user", "id-b@x.com", { { op = "replace", path = "active", value = false } } },
    }, dd.sent)
  end)

  it("counts as a deactivation what the source asks for", function()
    local users, lines = {}, { "userName,active" }
    for i = 1, 20 do
      users[i] = user(("u%02d@x.com"):format(i))
      lines[i + 1] = ("u%02d@x.com,%s"):format(i, i <= 3 and "false" or "")
    end
    local text = table.concat(lines, "\n")
    local result = plan(users, csv(text))
    assert.same({ 3, 3 }, { result.deactivations, result.counts.update })
    local reason = "3 of 20 active users would be deactivated, more than the limit of 10%"
    assert.truthy(result.blocked:find(reason, 1, true))
    assert.is_nil(plan(users, csv(text), { max_deactivations = "15%" }).blocked)
    result = plan(users, csv "userName\n", { prune = true, max_deactivations = "100%" })
    assert.truthy(result.blocked:find("users.csv has no rows: that would deactivate all 20 users", 1, true))
  end)

  -- a service that answers with what it has taken
  local function answering(taken)
    local dd = service.new { list_scim_users = { user "b@x.com" }, list_roles = roles }
    local function answer(_, ...)
      dd.sent[#dd.sent + 1] = { ... }
      return taken, { attempts = 1 }
    end
    dd.create_scim_user, dd.patch_scim_user = answer, answer
    dd.get_scim_user = function() return taken, { attempts = 1 } end
    return dd
  end

  local answers = {
    {
      "a create without its roles",
      { userName = "n@x.com", roles = "Admin" },
      { id = "1", userName = "n@x.com", roles = {} },
      "the service did not take roles (asked for 'Admin', it has nothing)",
    },
    {
      "an answer that leaves the roles out, as the thing itself does",
      { userName = "n@x.com", roles = "Admin" },
      { id = "1", userName = "n@x.com" },
      "the service did not take roles (asked for 'Admin', it has nothing)",
    },
    {
      "an update of which one field was not taken",
      { userName = "b@x.com", title = "CTO", name = "B" },
      user("b@x.com", { name = { formatted = "B" }, title = "Dev" }),
      "the service did not take title (asked for 'CTO', it has 'Dev')",
    },
    {
      "an address in lower case",
      { userName = "N@x.com", email = "N@X.com" },
      { id = "1", userName = "n@x.com", emails = { { type = "work", value = "n@x.com" } } },
    },
    {
      "roles in another order, and one more field",
      { userName = "n@x.com", roles = "Standard;Admin" },
      { id = "1", userName = "n@x.com", active = true, roles = { { value = "r2" }, { value = "r1" } } },
    },
    { "an answer that does not show the user", { userName = "n@x.com", roles = "Admin" }, { id = "1" } },
  }
  for _, case in ipairs(answers) do
    it("compares what came back with what was asked: " .. case[1], function()
      local dd = answering(case[3])
      local result = assert(bulk.plan(dd, "scim_users", bulk.read { case[2] }))
      local report = assert(bulk.apply(dd, result))
      local row = report.rows[1]
      assert.same(case[4] and "failed" or "done", row.outcome, tostring(report))
      assert.same(case[4], row.error and row.error.message)
      assert.same(case[4] and "not_taken", row.error and row.error.code)
      assert.same(case[3].id, row.id)
      assert.same(1, #dd.sent)
    end)
  end

  it("does not call deactivated whom the service left active", function()
    for _, active in ipairs { true, false } do
      local dd = answering(user("b@x.com", { active = active }))
      local result = assert(
        bulk.plan(
          dd,
          "scim_users",
          bulk.read { { userName = "n@x.com" } },
          { prune = true, max_deactivations = 1 }
        )
      )
      dd.create_scim_user = function() return { id = "2" }, { attempts = 1 } end
      local row = assert(bulk.apply(dd, result)).rows[2]
      assert.same({ "delete", active and "failed" or "done" }, { row.action, row.outcome })
      local message = "the service did not take active (asked for 'false', it has 'true')"
      assert.same(active and message or nil, row.error and row.error.message)
    end
  end)

  it("is in conflict with two of a name, however they are spelled", function()
    local result = plan({ user "A@x.com", user("a@X.com", { id = "2" }) }, csv "userName\na@x.com\n")
    assert.same({ "conflict a@x.com" }, steps(result))
    assert.truthy(result:step(1).reason:find("2 users have this name", 1, true))
  end)

  it("plans nothing from an incomplete list", function()
    local dd = service.new {}
    dd.list_scim_users = function() return { user "a@x.com" }, { total = 2 } end
    local result, err = bulk.plan(dd, "scim_users", csv "userName\nb@x.com\n", { prune = true })
    assert.is_nil(result)
    assert.same({ "protocol", "list_scim_users" }, { err.kind, err.operation })
  end)

  it("refuses rows that no user can be", function()
    local result, err =
      bulk.plan(service.new {}, "scim_users", csv "userName,email,active\n,a@b.c,true\nx,mail,maybe\n")
    assert.is_nil(result)
    assert.same({
      "users.csv:2: userName: is empty, and is required",
      "users.csv:3: email: 'mail' is not an e-mail address",
      "users.csv:3: active: 'maybe' is neither true nor false, nor yes or no",
    }, err.errors)
  end)

  for _, format in ipairs { "csv", "jsonl", "json" } do
    it("is exported and imported again with nothing to do: " .. format, function()
      local odd = { active = false, roles = {}, title = 'Dr, "x"' }
      local users = { user "a@x.com", user("b@x.com", odd), user "c" }
      users[3].emails = nil
      local dd, parts = service.new { list_scim_users = users }, {}
      assert.same(3, bulk.export(dd, "scim_users", format, function(text) parts[#parts + 1] = text end))
      local source = assert(bulk.read(box.write("export." .. format, table.concat(parts))))
      local result = assert(bulk.plan(dd, "scim_users", source, { prune = true }))
      assert.same({ 3, 3 }, { result.counts.unchanged, result:steps() })
    end)
  end

  it("takes users as the service shows them", function()
    local rows = { user("a@x.com", { schemas = {}, meta = {} }), user "b@x.com" }
    local result = plan({ user "a@x.com" }, bulk.read(rows))
    assert.same({ "unchanged a@x.com", "create b@x.com" }, steps(result))
  end)

  it("does not write an item that would be read as two", function()
    local users = { user("a@x.com", { roles = { { value = "r;1" } } }) }
    local written, err = bulk.write("scim_users", users, "csv", function() end)
    assert.is_nil(written)
    assert.truthy(err.message:find("users cannot be written as CSV: roles: 'r;1'", 1, true))
    assert.is_true((bulk.write("scim_users", users, "json", function() end)))
  end)
end)
