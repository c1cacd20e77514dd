-- The kind app_service_accounts: what Okta fixes at creation, and the password that it never shows.
local bulk = require "ddokta.bulk"
local service = require "spec.lua.bulk.service"

local function account(name, changes)
  local made = { name = name, containerOrn = "orn:okta:idp:o:apps:salesforce:a", username = name .. "@x" }
  for key, value in pairs(changes or {}) do
    made[key] = value
  end
  return made
end

local function plan(accounts, rows, options)
  for i, one in ipairs(accounts) do
    one.id, one.status = "id" .. i, "NO_ISSUES"
  end
  local okta = service.new { list_app_service_accounts = accounts }
  return bulk.plan(okta, "app_service_accounts", bulk.read(rows), options), okta
end

describe("app_service_accounts", function()
  it("sends the password with a create, and never with an update", function()
    local rows = {
      account("new", { password = "pw-4711" }),
      account("old", { password = "pw-4711", description = "d" }),
    }
    local result, okta = plan({ account "old" }, rows, { rotate_secrets = true })
    assert.same({ "password" }, result:step(1).secrets)
    assert.is_nil(result:step(2).secrets)
    assert.is_nil(tostring(result):find("4711", 1, true))
    assert(bulk.apply(okta, result, { max_in_flight = 1 }))
    assert.same({
      { "create_app_service_account", account("new", { password = "pw-4711" }) },
      { "update_app_service_account", "id1", { name = "old", description = "d" } },
    }, okta.sent)
  end)

  it("has nothing to do for a password alone", function()
    local rows = { account("a", { password = "pw-4711" }) }
    local result = plan({ account "a" }, rows, { rotate_secrets = true })
    assert.same("unchanged", result:step(1).action)
  end)

  it("compares owners as sets", function()
    local owners = { ownerUserIds = { "u1", "u2" } }
    local result = plan({ account("a", owners) }, { account("a", { ownerUserIds = { "u2", "u1" } }) })
    assert.same("unchanged", result:step(1).action)
    result = plan({ account("a", owners) }, { account("a", { ownerUserIds = "u2" }) })
    assert.same({ { field = "ownerUserIds", old = { "u1", "u2" }, new = { "u2" } } }, result:step(1).changes)
  end)

  it("is in conflict over what cannot be changed", function()
    local result = plan({ account "a" }, { account("a", { username = "other", description = "d" }) })
    local step = result:step(1)
    assert.same(
      { "conflict", "username cannot be changed: delete it and create it again" },
      { step.action, step.reason }
    )
    assert.same("id1", step.id)
  end)

  it("may have one name in two apps", function()
    local other = { containerOrn = "orn:okta:idp:o:apps:other:b" }
    local there = { account "admin", account("admin", other) }
    local rows = {
      account("admin", { description = "a" }),
      account("admin", { description = "b", containerOrn = other.containerOrn }),
    }
    local result, okta = plan(there, rows)
    assert.same(
      { "update id1", "update id2" },
      { result:step(1).action .. " " .. result:step(1).id, result:step(2).action .. " " .. result:step(2).id }
    )
    assert(bulk.apply(okta, result, { max_in_flight = 1 }))
    assert.same({
      { "update_app_service_account", "id1", { name = "admin", description = "a" } },
      { "update_app_service_account", "id2", { name = "admin", description = "b" } },
    }, okta.sent)
    -- in one app it is there twice
    local _, err = bulk.plan(
      service.new { list_app_service_accounts = {} },
      "app_service_accounts",
      bulk.read { account "admin", account "admin" }
    )
    assert.truthy(err.errors[1]:find("'admin' is already at table row 1", 1, true))
    -- and what one app has is not what another has
    assert.equal("create", plan({ account("admin", other) }, { account "admin" }):step(1).action)
    local pruned = plan(
      { account "admin", account("admin", other) },
      { account "admin" },
      { prune = true, max_deactivations = "100%" }
    )
    assert.same(
      { "unchanged", "delete", "id2" },
      { pruned:step(1).action, pruned:step(2).action, pruned:step(2).id }
    )
    local twice = plan({ account "admin", account "admin", account("admin", other) }, { account "admin" })
    assert.equal(
      "2 service accounts have this name: rename or delete all but one first",
      twice:step(1).reason
    )
  end)

  it("takes what a list shows and a create does not want", function()
    local row = account("a", {
      id = "1",
      status = "ALERT",
      statusDetail = "STAGED",
      created = "x",
      lastUpdated = "y",
      containerGlobalName = "g",
      containerInstanceName = "i",
    })
    assert.same("create", plan({}, { row }):step(1).action)
  end)

  it("refuses what Okta would", function()
    local okta = service.new { list_app_service_accounts = {} }
    local rows = { account("a/b"), account(("x"):rep(51)), account("c", { description = ("é"):rep(256) }) }
    local result, err = bulk.plan(okta, "app_service_accounts", bulk.read(rows))
    assert.is_nil(result)
    assert.same({
      "table row 1: name: 'a/b' may have letters, digits, spaces and _ - . only",
      "table row 2: name: has 51 characters, 50 are the most",
      "table row 3: description: has 256 characters, 255 are the most",
    }, err.errors)
    assert.is_nil(okta.calls.list_app_service_accounts)
  end)
end)
