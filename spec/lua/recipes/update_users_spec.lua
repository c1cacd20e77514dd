-- lua/ddokta/recipes/update_users.lua: attributes and roles of those who are there, and nothing else.
local around = require "spec.lua.recipes.around"
local recipes = require "ddokta.recipes"

local READ_ONLY, STANDARD = "Datadog Read Only Role", "Datadog Standard Role"

local SEED = {
  users = {
    { email = "ada@example.com", name = "Ada", title = "Engineer" },
    { email = "zoe@example.com", name = "Zoe", status = "Disabled" },
  },
}

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("recipes.update_users", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function() house:seed(SEED) end)

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
      house:seed(SEED)
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
      house:seed(SEED)
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
