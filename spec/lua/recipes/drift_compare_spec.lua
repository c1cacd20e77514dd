-- lua/ddokta/recipes/drift_compare.lua: each difference with its cause, on tables. (With both services:
-- drift_spec.lua)
local compare = require "ddokta.recipes.drift_compare"

local function app_user(name, changes)
  local one = {
    id = "00u" .. name,
    externalId = "dd-" .. name,
    syncState = "SYNCHRONIZED",
    row = { userName = name .. "@example.com", name = name, active = true },
  }
  for field, value in pairs(changes or {}) do
    one[field] = value
  end
  return one
end

local function user(name, changes)
  local one = {
    id = "dd-" .. name,
    userName = name .. "@example.com",
    name = { formatted = name },
    active = true,
  }
  for field, value in pairs(changes or {}) do
    one[field] = value
  end
  return one
end

local function push(changes)
  local one = {
    name = "Red",
    group = { id = "00gred", lastMembershipUpdated = "2026-01-01T00:00:00.000Z" },
    mapping = { status = "ACTIVE", lastPush = "2026-01-02T00:00:00.000Z" },
    members = {},
    team_members = {},
  }
  for field, value in pairs(changes or {}) do
    one[field] = value
  end
  return one
end

local RED = { id = "t", name = "Red", handle = "red", is_managed = true }

-- the differences as lines
local function lines(snapshot)
  for _, name in ipairs { "app_users", "users", "teams", "pushes", "ignore" } do
    snapshot[name] = snapshot[name] or {}
  end
  local out = {}
  for i, row in ipairs(compare.differences(snapshot)) do
    out[i] = ("%s %s: %s (%s)"):format(row.what, row.name:match "^[^@]*", row.difference, row.cause)
  end
  return out
end

describe("recipes.drift_compare", function()
  it("finds none where both sides have the same", function()
    local ada = { name = "ada@example.com", app_user = app_user "ada" }
    assert.same(
      {},
      lines {
        all_teams = true,
        app_users = { app_user "ada" },
        users = { user "ada" },
        teams = { RED },
        pushes = { push { members = { ada }, team_members = { ["dd-ada"] = "ada@example.com" } } },
      }
    )
  end)

  it(
    "tells why a user differs, by what Okta knows of its own work",
    function()
      assert.same(
        {
          "user bob: assigned, and not in Datadog (push_failed)",
          "user cyd: assigned, and not in Datadog (not_pushed)",
          "user dan: assigned, and not active in Datadog (deactivated)",
          "user eve: name differs (by_hand)",
          "user zoe: in Datadog, and not assigned in Okta (no_assignment)",
        },
        lines {
          app_users = {
            app_user("eve", { row = { userName = "eve@example.com", name = "Eve X" } }),
            app_user("bob", { syncState = "ERROR" }),
            app_user("cyd", { externalId = false }),
            app_user "dan",
          },
          users = { user "zoe", user("dan", { active = false }), user "eve", user("old", { active = false }) },
        }
      )
    end
  )

  it(
    "says nothing of who is to be ignored",
    function() assert.same({}, lines { users = { user "zoe" }, ignore = { ["zoe@example.com"] = true } }) end
  )

  it("tells a team by the handle that follows from the group's name", function()
    local renamed = { id = "t", name = "Crimson", handle = "red", is_managed = true }
    assert.same({ "team Red: name differs (by_hand)" }, lines { teams = { renamed }, pushes = { push() } })
    local other = { id = "t", name = "Red", handle = "crimson", is_managed = true }
    assert.same({ "team Red: handle differs (handle)" }, lines { teams = { other }, pushes = { push() } })
  end)

  it("tells a managed team that nobody pushes only where all teams were read", function()
    assert.same({}, lines { teams = { RED } })
    assert.same(
      { "team Red: managed, and no group is pushed to it (no_mapping)" },
      lines { teams = { RED }, all_teams = true }
    )
  end)

  it("tells members that were not pushed yet from those that came or went by hand", function()
    local ada = { name = "ada@example.com", app_user = app_user "ada" }
    local changed = { id = "00gred", lastMembershipUpdated = "2026-01-03T00:00:00.000Z" }
    local snapshot = { app_users = { app_user "ada" }, users = { user "ada" }, teams = { RED } }
    snapshot.pushes = { push { members = { ada }, group = changed } }
    assert.same({ "member ada: in the group, not in the team (not_pushed)" }, lines(snapshot))
    snapshot.pushes = { push { members = { ada } } }
    assert.same({ "member ada: in the group, not in the team (by_hand)" }, lines(snapshot))
    snapshot.pushes = { push { team_members = { ["dd-ada"] = "ada@example.com" } } }
    assert.same({ "member ada: in the team, not in the group (by_hand)" }, lines(snapshot))
  end)
end)
