-- The kinds against the sandbox: made, changed, taken away, and each time once more with nothing to do.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local sandbox = require "ddokta.sandbox"

local server, dd, okta

local function plan(client, kind, rows, options)
  return assert(bulk.plan(client, kind, bulk.read(rows), options))
end

-- Imports and imports again; answers what the first did: {created, updated, deleted}.
local function import(client, kind, rows, options)
  local report = assert(bulk.apply(client, plan(client, kind, rows, options)))
  local counts = report.counts
  assert.same({ 0, 0 }, { counts.failed, counts.skipped }, tostring(report))
  local again = plan(client, kind, rows, options)
  assert.same(again:steps(), again.counts.unchanged, tostring(again))
  return { counts.create, counts.update, counts.delete }
end

local function round_trip(client, kind)
  for _, format in ipairs { "csv", "jsonl", "json" } do
    local parts = {}
    assert(bulk.export(client, kind, format, function(text) parts[#parts + 1] = text end))
    local path = box.write("export." .. format, table.concat(parts))
    local result = assert(bulk.plan(client, kind, bulk.read(path), { prune = true }))
    assert.same(result:steps(), result.counts.unchanged, format .. ": " .. tostring(result))
  end
end

local function users(count)
  local rows = {}
  for i = 1, count do
    local name = ("u%03d@example.com"):format(i)
    rows[i] = { userName = name, name = "User " .. i, email = name, active = true }
  end
  return rows
end

describe("the kinds in the sandbox", function()
  setup(function()
    server = assert(sandbox.start { limit = 100000 })
    dd = assert(ddokta.client {
      base_url = server.base_url,
      ca_file = server.ca_file,
      api_key = server.api_key,
      app_key = server.app_key,
    })
    okta = assert(ddokta.okta {
      base_url = server.okta_url,
      ca_file = server.ca_file,
      token = server.okta_token,
    })
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("has users, over several pages", function()
    local rows = users(130)
    assert.same({ 130, 0, 0 }, import(dd, "scim_users", rows))
    rows[1].name, rows[2].active, rows[3].title, rows[4].userName = "Changed", false, "Dr", "U004@EXAMPLE.com"
    assert.same({ 0, 3, 0 }, import(dd, "scim_users", rows))
    round_trip(dd, "scim_users")
    local kept = plan(dd, "scim_users", users(100), { prune = true })
    assert.truthy(kept.blocked)
    for i = 121, 130 do
      rows[i] = nil
    end
    assert.same({ 0, 0, 10 }, import(dd, "scim_users", rows, { prune = true }))
  end)

  it("has groups of these users", function()
    import(dd, "scim_users", users(9))
    local rows = {
      { displayName = "Team A", members = { "u001@example.com", "u005@example.com" } },
      { displayName = "Team B", members = {} },
      { displayName = "Team C", members = "nobody@example.com" },
    }
    local result = plan(dd, "scim_groups", rows)
    assert.same({ 2, 1 }, { result.counts.create, result.counts.conflict })
    assert.truthy(result:step(3).reason:find("there is no user 'nobody@example.com' yet", 1, true))
    rows[3] = nil
    assert.same({ 2, 0, 0 }, import(dd, "scim_groups", rows))
    rows[1].members = { "u005@example.com", "U006@example.com" }
    assert.same({ 0, 1, 0 }, import(dd, "scim_groups", rows))
    round_trip(dd, "scim_groups")
    assert.same({ 0, 0, 1 }, import(dd, "scim_groups", { rows[1] }, { prune = true, max_deactivations = 1 }))
    -- its team is still there, and nobody manages it
    local step = plan(dd, "scim_groups", { rows[1], { displayName = "Team B" } }):step(2)
    assert.same("create", step.action)
    assert.same("takes over the team 'Team B': its members are replaced", step.note)
  end)

  it("gives users the roles that are named, and says which there are not", function()
    local rows = { { userName = "role@example.com", roles = "datadog read only role" } }
    assert.same({ 1, 0, 0 }, import(dd, "scim_users", rows)) -- and nothing to do after it
    local user = assert(dd:list_scim_users { filter = 'userName eq "role@example.com"' })[1]
    assert.same("Datadog Read Only Role", user.roles[1].display)
    local parts = {}
    assert(bulk.export(dd, "scim_users", "csv", function(text) parts[#parts + 1] = text end))
    assert.truthy(table.concat(parts):find("role@example.com,.-,Datadog Read Only Role\n"))
    rows[1].roles = { "Datadog Read Onyl Role", user.roles[1].value }
    local step = plan(dd, "scim_users", rows):step(1)
    assert.same("conflict", step.action)
    local reason = "there is no role 'Datadog Read Onyl Role'; there are 'Datadog Read Only Role'"
    assert.truthy(step.reason:find(reason, 1, true), step.reason)
    rows[1].roles = { user.roles[1].value }
    assert.same(1, plan(dd, "scim_users", rows).counts.unchanged)
    rows[1].roles = "(none)"
    assert.same({ 0, 1, 0 }, import(dd, "scim_users", rows))
  end)

  it("makes active again who was pruned and comes back, unless told not to", function()
    local rows = users(3)
    for _, row in ipairs(rows) do
      row.userName, row.active = "back" .. row.userName, nil
    end
    import(dd, "scim_users", rows)
    local function gone()
      return not assert(dd:list_scim_users { filter = 'userName eq "backu002@example.com"' })[1].active
    end
    local found = assert(dd:list_scim_users { filter = 'userName eq "backu002@example.com"' })
    assert(dd:patch_scim_user(found[1].id, { { op = "replace", path = "active", value = false } }))
    assert.is_true(gone())
    local result = plan(dd, "scim_users", rows)
    assert.same({ 1, 1, 2 }, { result.reactivations, result.counts.update, result.counts.unchanged })
    assert.same({ { field = "active", old = false, new = true } }, result:step(2).changes)
    assert.truthy(tostring(result):find("Plan: 1 user to reactivate, 2 unchanged.", 1, true))
    assert.same(3, plan(dd, "scim_users", rows, { reactivate = false }).counts.unchanged)
    assert.same({ 0, 1, 0 }, import(dd, "scim_users", rows))
    assert.is_false(gone())
  end)

  it("leaves a member alone whom somebody added between plan and apply", function()
    import(dd, "scim_users", users(9))
    local rows = { { displayName = "Busy", members = { "u001@example.com", "u002@example.com" } } }
    import(dd, "scim_groups", rows)
    rows[1].members[2] = "u003@example.com"
    local result = plan(dd, "scim_groups", rows)
    local late = assert(dd:list_scim_users { filter = 'userName eq "u007@example.com"' })[1].id
    local group = assert(dd:list_scim_groups { filter = 'displayName eq "Busy"' })[1]
    assert(dd:patch_scim_group(group.id, { { op = "add", path = "members", value = { { value = late } } } }))
    local report = assert(bulk.apply(dd, result))
    assert.same({ 1, 0 }, { report.counts.done, report.counts.failed }, tostring(report))
    local parts = {}
    assert(bulk.export(dd, "scim_groups", "jsonl", function(text) parts[#parts + 1] = text end))
    local members = '["u001@example.com","u003@example.com","u007@example.com"]'
    assert.truthy(table.concat(parts):find(members, 1, true))
  end)

  it("renames a group that it knows by its external id", function()
    import(dd, "scim_groups", { { displayName = "Before", externalId = "00g1" } })
    local id = assert(dd:list_scim_groups { filter = 'displayName eq "Before"' })[1].id
    local rows = { { displayName = "After", externalId = "00g1" } }
    local step = plan(dd, "scim_groups", rows, { prune = true, max_deactivations = "100%" }):step(1)
    assert.same({ "update", id }, { step.action, step.id })
    assert.same({ 0, 1, 0 }, import(dd, "scim_groups", rows))
    assert.same(id, assert(dd:list_scim_groups { filter = 'displayName eq "After"' })[1].id)
  end)

  it("knows a user by id whose login has changed, and makes no second one", function()
    import(dd, "scim_users", { { userName = "byron@example.com" } })
    local id = assert(dd:list_scim_users { filter = 'userName eq "byron@example.com"' })[1].id
    local result = plan(dd, "scim_users", { { userName = "lovelace@example.com", id = id } })
    assert.same({ 0, 1, 0 }, { result.counts.create, result.counts.conflict, result.counts.delete })
    assert.same(
      "is 'byron@example.com' there, by its id, and a userName cannot be changed: keep that one in "
        .. "the source, or leave the id out to make another user",
      result:step(1).reason
    )
    for _, known in ipairs { id, "elsewhere" } do
      result = plan(dd, "scim_users", { { userName = "byron@example.com", id = known } })
      assert.same(1, result.counts.unchanged)
    end
  end)

  it("finds a user again who was made although the answer was lost", function()
    box.fault(server, { method = "POST", contains = "lost@example.com", reset = "stream", when = "after" })
    local result = plan(dd, "scim_users", { { userName = "lost@example.com", name = "Lost" } })
    local report = assert(bulk.apply(dd, result))
    assert.same("done", report.rows[1].outcome, tostring(report))
    assert.is_true(report.rows[1].attempts >= 2)
    local found = assert(dd:list_scim_users { filter = 'userName eq "lost@example.com"' })
    assert.same({ 1, report.rows[1].id }, { #found, found[1].id })
  end)

  it("has service accounts of an app", function()
    local app = assert(okta:list_applications())[1]
    local rows = {}
    for i = 1, 25 do
      rows[i] = {
        name = "svc " .. i,
        username = "svc" .. i,
        password = "pw-4711-0815",
        containerOrn = app.orn,
      }
    end
    assert.same({ 25, 0, 0 }, import(okta, "app_service_accounts", rows))
    rows[3].description = "changed"
    assert.same({ 0, 1, 0 }, import(okta, "app_service_accounts", rows))
    round_trip(okta, "app_service_accounts")
    rows[25] = nil
    assert.same({ 0, 0, 1 }, import(okta, "app_service_accounts", rows, { prune = true }))
  end)
end)
