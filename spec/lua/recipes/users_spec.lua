-- lua/ddokta/recipes/users.lua: whom update_users changes and in what; whom deactivate_users deactivates,
-- whom it never does, and when nobody. (provision_users: bulk_plan_spec.lua)
local around = require "spec.lua.recipes.around"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

local function seed()
  local users = {}
  for i, login in ipairs(logins("ada", "bob", "cyd", "dan")) do
    users[i] = { email = login }
  end
  return {
    users = users,
    okta = {
      users = { person "ada", person "bob", person "cyd" },
      groups = { { name = "Engineering", id = "00geng", members = logins("ada", "bob", "cyd") } },
      apps = {
        {
          name = "datadog",
          id = "0oadatadog",
          label = "Datadog",
          provisioning = { create = false, update = false, deactivate = false },
        },
      },
    },
  }
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("recipes.deactivate_users", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function() house:seed(seed()) end)

  local function deactivate(args)
    local all = { interval = 0.02, timeout = 5, max_deactivations = "50%" }
    for name, value in pairs(args) do
      all[name] = value
    end
    return recipes.deactivate_users(house.dd, house.okta, all)
  end

  -- the names of those who are active
  local function active()
    local names = {}
    for _, user in ipairs(assert(house.dd:list_scim_users { count = 100 })) do
      if user.active then names[#names + 1] = user.userName:match "^[^@]*" end
    end
    table.sort(names)
    return table.concat(names, " ")
  end

  it("deactivates those who are named, and deletes nobody", function()
    local report = assert(deactivate { users = { "ADA@example.com", "eve@example.com" } })
    assert.same({ "done", "deactivate 1 user" }, { report.outcome, report.steps[1].title })
    assert.equal("bob cyd dan", active())
    assert.same({ 4, 0 }, { #house.dd:list_scim_users {}, house:requests "DELETE" })
    has(report.warnings[1], "not in Datadog, so nothing to be done: eve@example.com")
    has(report.advice[1], "provision_users makes them active again")
  end)

  it("deactivates all whom a source does not have or has as inactive", function()
    local report = assert(deactivate {
      source = {
        { userName = "ada@example.com", title = "not looked at" },
        { userName = "bob@example.com" },
        { userName = "cyd@example.com", active = "false" },
        { userName = "eve@example.com" },
      },
    })
    assert.same({ "deactivate 2 users", "ada bob" }, { report.steps[1].title, active() })
    assert.equal(0, house:requests "POST")
  end)

  it("takes an Okta group, as its agent does with those who lost the app", function()
    local s = seed()
    s.okta.users[3].status = "DEPROVISIONED"
    house:seed(s)
    assert(deactivate { source = "okta:group/Engineering" })
    assert.equal("ada bob", active())
  end)

  it("does nothing the second time", function()
    local args = { source = { { userName = "ada@example.com" }, { userName = "bob@example.com" } } }
    assert(deactivate(args))
    local before = house:changes()
    assert.equal("nothing to do", assert(deactivate(args)).outcome)
    assert.equal(before, house:changes())
  end)

  it("keeps the exceptions, whatever is said", function()
    assert(deactivate {
      source = { { userName = "ada@example.com" }, { userName = "bob@example.com", active = false } },
      except = { "DAN@example.com", "bob@example.com" },
    })
    assert.equal("ada bob dan", active())
    local report = assert(deactivate { users = logins("dan", "ada"), except = logins "dan" })
    assert.equal("bob dan", active())
    has(report.warnings[1], "dan@example.com is among the exceptions")
  end)

  it("does not deactivate whose key it is", function()
    local function as_bob()
      house:fault {
        method = "GET",
        path = "/api/v2/current_user",
        status = 200,
        times = 3,
        body = '{"data":'
          .. '{"type":"users","id":"x","attributes":{"handle":"bob@example.com","service_account":false}}}',
      }
    end
    as_bob()
    local report = assert(deactivate { users = logins("bob", "ada") })
    has(report.warnings[1], "bob@example.com is whose key this is")
    assert.equal("bob cyd dan", active())
    as_bob()
    report = assert(deactivate { source = { { userName = "cyd@example.com" } } })
    has(report.warnings[1], "bob@example.com is not in the source, but whose key this is")
    assert.equal("bob cyd", active())
  end)

  it("goes on where the key may not ask whose it is", function()
    house:fault {
      method = "GET",
      path = "/api/v2/current_user",
      status = 403,
      times = "always",
      body = '{"errors":["Forbidden"]}',
    }
    assert(deactivate { users = logins "ada" })
    assert.equal("bob cyd dan", active())
  end)

  it("ends where nobody can tell whose key it is", function()
    house:fault { method = "GET", path = "/api/v2/current_user", status = 401, body = '{"errors":["No"]}' }
    local _, err = deactivate { users = logins "ada" }
    assert.equal("unauthorized", err.kind)
    assert.equal("ada bob cyd dan", active())
  end)

  -- --- when nobody is -----------------------------------------------------------------------------

  it("deactivates nobody where it would be too many, and says how to go on", function()
    for _, limit in ipairs { "25%", 1, "1" } do
      local before = house:changes()
      local report, err = deactivate {
        source = { { userName = "ada@example.com" }, { userName = "bob@example.com" } },
        max_deactivations = limit,
      }
      assert.same({ nil, "conflict", "guard" }, { report, err.kind, err.code })
      has(err.message, "2 of 4 active users would be deactivated, more than the limit of " .. limit)
      has(err.message, "if that is meant, say max_deactivations = 2")
      assert.equal(before, house:changes())
    end
    local _, err = deactivate { users = logins("ada", "bob", "cyd") }
    has(err.message, "3 of 4 active users would be deactivated, more than the limit of 50%")
  end)

  it("shows a plan that is too large, and what stops it", function()
    local report = assert(deactivate { source = { { userName = "ada@example.com" } }, dry_run = true })
    assert.equal("dry run", report.outcome)
    has(report.blocked, "3 of 4 active users")
    assert.same(3, #report.details.will_deactivate)
  end)

  it("deactivates nobody for an empty source, whatever the limit", function()
    local _, err = deactivate { source = {}, max_deactivations = "100%", except = logins "ada" }
    has(err.message, "has no rows: that would deactivate all 4 users")
    _, err = deactivate {
      source = { { userName = "ada@example.com", active = false } },
      max_deactivations = "100%",
    }
    has(err.message, "has no rows: that would deactivate all 4 users")
    assert.equal("ada bob cyd dan", active())
  end)

  it("deactivates nobody where the list of users is not whole", function()
    house:fault {
      method = "GET",
      path = "/api/v2/scim/Users",
      status = 200,
      headers = {
        ["Content-Type"] = "application/json",
      },
      body = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":4,"startIndex":1,'
        .. '"itemsPerPage":1,"Resources":[]}',
    }
    local report, err =
      deactivate { source = { { userName = "ada@example.com" } }, max_deactivations = "100%" }
    assert.same({ nil, "protocol" }, { report, err.kind })
    assert.equal("ada bob cyd dan", active())
  end)

  for name, case in pairs {
    ["neither users nor source"] = { {}, "users (who) or source" },
    ["both"] = { { users = {}, source = {} }, "users (who) or source" },
    ["a name that is none"] = { { users = { 7 } }, "a list of user names" },
    ["a limit that is none"] = {
      { users = logins "ada", max_deactivations = "many" },
      "max_deactivations: a",
    },
  } do
    it("refuses " .. name, function()
      local report, err = deactivate(case[1])
      assert.same({ nil, "config" }, { report, err.kind })
      has(err.message, case[2])
    end)
  end

  it("goes on where its process was killed, between any two calls", function()
    local n, died = 0, true
    while died do
      n = n + 1
      house:seed(seed())
      local args = {
        source = { { userName = "ada@example.com" }, { userName = "bob@example.com" } },
        interval = 0.02,
        timeout = 5,
        journal = house:path("gone" .. n),
        max_deactivations = "50%",
      }
      died = house:killed("deactivate_users", n, args)
      assert.equal("table", type(deactivate(args)), "killed before call " .. n)
      assert.same({ "ada bob", 2 }, { active(), house:requests "PATCH" }, "killed before call " .. n)
    end
    assert.is_true(n > 4)
  end)
end)

local READ_ONLY, STANDARD = "Datadog Read Only Role", "Datadog Standard Role"

local UPDATED = {
  users = {
    { email = "ada@example.com", name = "Ada", title = "Engineer" },
    { email = "zoe@example.com", name = "Zoe", status = "Disabled" },
  },
}

describe("recipes.update_users", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function() house:seed(UPDATED) end)

  local function update(args)
    local all = { interval = 0.02, timeout = 5 }
    for name, value in pairs(args) do
      all[name] = value
    end
    return recipes.update_users(house.dd, nil, all)
  end

  local function user(name)
    local list = assert(house.dd:list_scim_users { filter = 'userName eq "' .. name .. '@example.com"' })
    return list[1]
  end

  local function roles_of(name)
    local names = {}
    for i, role in ipairs(user(name).roles) do
      names[i] = role.display
    end
    return table.concat(names, ", ")
  end

  it("changes what differs, and replaces roles rather than adding to them", function()
    assert.equal(STANDARD, roles_of "ada")
    local report =
      assert(update { source = { { userName = "ADA@example.com", title = "Lead", roles = READ_ONLY } } })
    assert.equal("done", report.outcome)
    assert.same({ "ADA@example.com (title and roles)" }, report.details.will_update)
    assert.same(
      { "Lead", "Ada", READ_ONLY },
      { user("ada").title, user("ada").name.formatted, roles_of "ada" }
    )
    assert.equal(1, house:requests "PATCH")
  end)

  it("makes nobody, and says who is not there", function()
    local report = assert(update {
      source = {
        { userName = "ada@example.com", title = "Lead" },
        { userName = "eve@example.com", title = "New" },
      },
    })
    assert.equal("Lead", user("ada").title)
    assert.is_nil(user "eve")
    has(report.warnings[1], "not in Datadog, so not updated (provision_users makes them): eve@example.com")
    assert.equal(0, house:requests "POST")
  end)

  it("activates and deactivates nobody", function()
    assert(update {
      source = {
        { userName = "ada@example.com", active = false, title = "Lead" },
        { userName = "zoe@example.com", active = true, title = "Back" },
      },
    })
    assert.same(
      { true, "Lead", false, "Back" },
      { user("ada").active, user("ada").title, user("zoe").active, user("zoe").title }
    )
  end)

  it("does nothing the second time", function()
    local args = { source = { { userName = "ada@example.com", title = "Lead" } } }
    assert(update(args))
    local before = house:changes()
    assert.equal("nothing to do", assert(update(args)).outcome)
    assert.equal(before, house:changes())
  end)

  it("shows what it would do, and sends nothing", function()
    local report =
      assert(update { source = { { userName = "ada@example.com", title = "Lead" } }, dry_run = true })
    assert.equal("update 1 user", report.steps[1].title)
    assert.equal(0, house:changes())
  end)

  it("waits until the service shows it", function()
    house:fault {
      method = "PATCH",
      path = "^/api/v2/scim/Users/",
      status = 200,
      times = 1,
      headers = { ["Content-Type"] = "application/json" },
      body = '{"id":"x","userName":"ada@example.com","title":"Lead"}',
    }
    local _, err = update { source = { { userName = "ada@example.com", title = "Lead" } }, timeout = 0.1 }
    assert.same({ "timeout", "not_verified" }, { err.kind, err.code })
    has(err.message, "ada@example.com")
    assert.equal("done", err.report.steps[1].outcome)
  end)

  it("ends the journal of a run that was killed, where somebody else did the rest", function()
    local n, args, journal = 0, {}, nil
    local function read_journal()
      local file = io.open(journal, "rb")
      local text = file and file:read "*a" or ""
      if file then file:close() end
      return text
    end
    repeat
      n = n + 1
      house:seed(UPDATED)
      journal = house:path("ended" .. n)
      args.source, args.journal = { { userName = "ada@example.com", title = "Lead" } }, journal
      assert.is_true(house:killed("update_users", n, args))
    until read_journal():find('"begin"', 1, true)
    assert.equal("Engineer", user("ada").title)
    local other = { source = { { userName = "ada@example.com", title = "Other" } }, journal = journal }
    local _, err = update(other)
    has(err.message, journal) -- it is another's, and has not ended
    assert(house.dd:patch_scim_user(user("ada").id, { { op = "replace", path = "title", value = "Lead" } }))
    assert.equal("nothing to do", assert(update(args)).outcome)
    assert.equal("done", assert(update(other)).outcome)
    assert.equal("Other", user("ada").title)
  end)

  it("goes on where its process was killed, between any two calls", function()
    local n, died = 0, true
    while died do
      n = n + 1
      house:seed(UPDATED)
      local args = {
        source = {
          { userName = "ada@example.com", title = "Lead" },
          { userName = "zoe@example.com", title = "Back" },
        },
        interval = 0.02,
        timeout = 5,
        journal = house:path("update" .. n),
      }
      died = house:killed("update_users", n, args)
      assert.equal("table", type(update(args)), "killed before call " .. n)
      assert.same({ "Lead", "Back" }, { user("ada").title, user("zoe").title }, "killed before call " .. n)
      assert.equal(2, house:requests "PATCH", "killed before call " .. n)
    end
    assert.is_true(n > 3)
  end)
end)
