-- lua/ddokta/sandbox/datadog/organisation.lua and the seed of lua/ddokta/sandbox/state.lua
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

describe("the sandbox's organisation", function()
  it("has its service account and the three managed roles at the start", function()
    local state = datadog.new().state
    local user = state.users:get(organisation.CURRENT_USER_ID)
    assert.is_true(user.service_account)
    assert.equal(user.id, user.handle)
    assert.equal(0, state.people.count)
    local names = {}
    for i, role in ipairs(state.roles:all()) do
      names[i] = role.name
    end
    assert.same({ "Datadog Admin Role", "Datadog Standard Role", "Datadog Read Only Role" }, names)
    assert.equal(state.permissions.count, #state.roles:all()[1].permission_ids)
  end)

  it("has every permission that a row of its services asks for", function()
    local state = datadog.new().state
    local function check(needed)
      if type(needed) == "table" then
        for _, name in ipairs(needed.any or needed) do
          check(name)
        end
      elseif needed then
        assert.is_table(state.permissions:find("name", needed), needed)
      end
    end
    local services = require "ddokta.sandbox.services"
    for _, row in ipairs(services.rows(services.map())) do
      if row.service ~= "okta" then check(row.permission) end
    end
  end)

  it("is seeded with roles, users and teams", function()
    local state = datadog.new {
      roles = { { name = "Auditors", id = "role-1", permissions = { "user_access_read" } } },
      users = {
        { email = "Ann@example.com", name = "Ann", id = "user-1", roles = { "auditors" }, title = "Chief" },
        { email = "bot@example.com", service_account = true, status = "Disabled" },
      },
      teams = { { name = "Core", handle = "core", id = "team-1", members = { "ann@EXAMPLE.com" } } },
    }.state
    local ann = organisation.user_by_handle(state, "ann@example.COM")
    assert.equal("user-1", ann.id)
    assert.same({ "role-1" }, ann.role_ids)
    assert.equal("Active", ann.status)
    assert.equal(1, state.people.count)
    assert.equal(3, state.users.count)
    assert.is_table(state.teams:get("team-1").members:get("user-1"))
    assert.equal(1, organisation.user_count(state, state.roles:get "role-1"))
  end)

  local WRONG = {
    { 5, "the seed must be a table" },
    { { people = {} }, 'a seed has no part "people"' },
    { { users = 5 }, "users of the seed must be a table" },
    { { users = { 5 } }, "user 1 is not a table" },
    { { users = { { email = "" } } }, "user 1: a user must have an email" },
    { { users = { { email = "a", name = 5 } } }, "user 1: name must be a text" },
    {
      { users = { { email = "a", status = "Gone" } } },
      "user 1: status must be Active, Pending or Disabled",
    },
    { { users = { { email = "a" }, { email = "A" } } }, "user 2: its handle is taken" },
    { { users = { { email = "a", id = "1" }, { email = "b", id = "1" } } }, "user 2: its id is taken" },
    { { users = { { email = "a", roles = { "x" } } } }, 'user 1: there is no role "x"' },
    { { users = { { email = "a", roles = "x" } } }, "user 1: roles must be a list" },
    { { roles = { {} } }, "role 1: a role must have a name" },
    { { roles = { { name = "datadog ADMIN role" } } }, "role 1: its name is taken" },
    { { roles = { { name = "x", id = organisation.ADMIN_ROLE_ID } } }, "role 1: its id is taken" },
    { { roles = { { name = "x", permissions = { "fly" } } } }, 'role 1: there is no permission "fly"' },
    { { teams = { 5 } }, "team 1 is not a table" },
    { { teams = { { name = "x" } } }, "team 1: handle is a required attribute" },
    {
      { teams = { { name = "x", handle = "x" }, { name = "y", handle = "X" } } },
      "team 2: its name or handle is taken",
    },
    { { teams = { { name = "x", handle = "x", id = 5 } } }, "team 1: its id is taken" },
    {
      { teams = { { name = "x", handle = "x", members = { "nobody" } } } },
      'team 1: there is no user "nobody"',
    },
    { { teams = { { name = "x", handle = "x", members = 5 } } }, "team 1: members must be a list" },
    { { { name = "x" } }, "account 1: domain is a required attribute" },
    { { okta_accounts = { 5 } }, "account 1 is not a table" },
  }

  it("says what is wrong with a seed, and changes nothing", function()
    local state = datadog.new { users = { { email = "kept@example.com" } } }.state
    for _, row in ipairs(WRONG) do
      assert.equal(row[2], state_of.seed_problem(settings.defaults(), row[1]))
      local ok, problem = state_of.set_seed(state, row[1])
      assert.is_nil(ok)
      assert.equal(row[2], problem)
    end
    assert.is_table(organisation.user_by_handle(state, "kept@example.com"))
  end)

  it("finds a user under a changed handle, for Datadog and for SCIM", function()
    local state = datadog.new { users = { { email = "old@example.com" } } }.state
    local user = organisation.user_by_handle(state, "old@example.com")
    user.handle = "new@example.com"
    organisation.user_changed(state, user, 0)
    assert.is_nil(organisation.user_by_handle(state, "old@example.com"))
    assert.equal(user, state.people:find("handle", "new@example.com"))
    assert.equal("1970-01-01T00:00:00.000000+00:00", user.modified_at)
  end)

  it("forgets, with a new seed, what was still to be done with the old one", function()
    local box = datadog.new({}, { managed_delay = 60 })
    box:must(201, "POST", "/api/v2/scim/Groups", { displayName = "Late" })
    assert(state_of.set_seed(box.state, {}))
    box.now = box.now + 100
    assert.equal(0, #box:must(200, "GET", "/api/v2/team").data)
  end)
end)
