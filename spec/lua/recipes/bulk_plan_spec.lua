-- lua/ddokta/recipes/bulk_plan.lua: a source, its plan as the step of a recipe, and what is left to do;
-- through provision_users.
local around = require "spec.lua.recipes.around"
local ddokta = require "ddokta"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

local READ_ONLY, STANDARD = "Datadog Read Only Role", "Datadog Standard Role"

-- zoe is there and disabled, dan is there
local function seed(more)
  local s = {
    users = {
      { email = "zoe@example.com", status = "Disabled" },
      { email = "dan@example.com", name = "Dan" },
    },
    okta = {
      users = { person "ada", person "bob", person "cyd" },
      groups = { { name = "Engineering", id = "00geng", members = logins("ada", "bob") } },
      apps = { { name = "datadog", id = "0oadatadog", label = "Datadog" } },
    },
  }
  for name, value in pairs(more or {}) do
    s[name] = value
  end
  return s
end

local write = require("spec.support.files").write

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("recipes.provision_users", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(seed())
    house:config { permissions = "all" }
  end)

  local function provision(args, okta)
    local all = { interval = 0.02, timeout = 5 }
    for name, value in pairs(args) do
      all[name] = value
    end
    if okta == nil then okta = house.okta end
    return recipes.provision_users(house.dd, okta or nil, all)
  end

  -- {handle = {name, title, active, roles}} of the people
  local function people()
    local names, found = {}, {}
    for _, role in ipairs(assert(house.dd:list_roles {})) do
      names[role.id] = role.name
    end
    for _, user in ipairs(house:state().users) do
      if not user.service_account then
        local roles = {}
        for i, id in ipairs(user.role_ids) do
          roles[i] = names[id]
        end
        table.sort(roles)
        found[user.handle:match "^[^@]*"] = {
          name = user.name,
          title = user.title,
          active = not user.disabled,
          roles = table.concat(roles, ", "),
        }
      end
    end
    return found
  end

  it("makes who is not there and adopts who is, active again", function()
    local report = assert(provision {
      source = {
        { userName = "ada@example.com", name = "Ada B", title = "Engineer", roles = READ_ONLY },
        { userName = "zoe@example.com", name = "Zoe", roles = { STANDARD, READ_ONLY } },
        { userName = "dan@example.com", name = "Dan" },
      },
    })
    assert.same({ "done", "apply", "done" }, { report.outcome, report.steps[1].key, report.steps[1].outcome })
    assert.equal("create 1 user, reactivate 1 user", report.steps[1].title)
    local found = people()
    assert.same({ name = "Ada B", title = "Engineer", active = true, roles = READ_ONLY }, found.ada)
    assert.same({ name = "Zoe", active = true, roles = READ_ONLY .. ", " .. STANDARD }, found.zoe)
    assert.same({ name = "Dan", active = true, roles = STANDARD }, found.dan) -- nothing was said of his
    assert.same({ "3 users as table has it", true }, { report.verified[1].what, report.verified[1].ok })
    assert.same(logins "ada", report.details.will_create)
    has(report.details.will_reactivate[1], "zoe@example.com (name and active and roles)")
    has(report.advice[1], "invitation by e-mail")
  end)

  it("shows what it would do, and sends nothing", function()
    local before = house:changes()
    local report = assert(provision { source = { { userName = "ada@example.com" } }, dry_run = true })
    assert.same({ "dry run", "planned" }, { report.outcome, report.steps[1].outcome })
    has(tostring(report), "will create: ada@example.com")
    assert.equal(before, house:changes())
    assert.is_nil(people().ada)
  end)

  it("does nothing the second time", function()
    local args = { source = { { userName = "ada@example.com", title = "T", roles = READ_ONLY } } }
    assert(provision(args))
    local before = house:changes()
    local report = assert(provision(args))
    assert.same({ "nothing to do", 0, true }, { report.outcome, #report.steps, report.verified[1].ok })
    assert.equal(before, house:changes())
    assert.same({ { userName = "ada@example.com", title = "T", roles = READ_ONLY } }, args.source)
  end)

  it("neither makes nor deactivates whom the source has as inactive", function()
    local report = assert(provision {
      source = {
        { userName = "dan@example.com", active = false },
        { userName = "eve@example.com", active = "FALSE" },
      },
    })
    assert.equal("nothing to do", report.outcome)
    assert.is_true(people().dan.active)
    assert.is_nil(people().eve)
    has(report.warnings[1], "not active in the source, so neither made nor changed: dan@example.com, eve@")
  end)

  -- --- sources and mapping ------------------------------------------------------------------------

  it("takes an Okta group, with the attributes that the guide's app maps", function()
    assert(provision { source = "okta:group/Engineering", roles = { READ_ONLY } })
    assert.same({ name = "ada X", active = true, roles = READ_ONLY }, people().ada)
    assert.same({ name = "bob X", active = true, roles = READ_ONLY }, people().bob)
    assert.is_nil(people().cyd)
  end)

  it("maps other attributes of Okta's profile, roles among them", function()
    local ada = person "ada"
    ada.profile.jobTitle, ada.profile.datadogRole = "Engineer", STANDARD
    local s = seed()
    s.okta.users[1] = ada
    house:seed(s)
    assert(provision {
      source = "okta:group/Engineering",
      mapping = { title = "jobTitle", name = "lastName + firstName", roles = "datadogRole" },
    })
    assert.same({ name = "X ada", title = "Engineer", active = true, roles = STANDARD }, people().ada)
  end)

  it("needs a client of Okta for that", function()
    local report, err = provision({ source = "okta:group/Engineering" }, false)
    assert.same({ nil, "config" }, { report, err.kind })
    has(err.message, "OKTA_CLIENT_ORGURL")
  end)

  it("leaves columns alone that it does not know where it is told so", function()
    local path = house:path "more.csv"
    write(path, "userName,name,shoe size\neve@example.com,Eve,38\n")
    local report, err = provision { source = path }
    assert.is_nil(report)
    has(err.message, "unknown column 'shoe size'")
    assert.equal("done", assert(provision { source = path, ignore_unknown_columns = true }).outcome)
    assert.equal("Eve", people().eve.name)
  end)

  it("takes a file, whose columns a mapping renames", function()
    local path = house:path "people.csv"
    write(
      path,
      "login,given,family,job,roles\nada@example.com,Ada,Byron,Engineer,"
        .. READ_ONLY
        .. ";"
        .. STANDARD
        .. "\nbob@example.com,Bob,,,\n"
    )
    assert(provision {
      source = path,
      roles = { STANDARD },
      mapping = { userName = "login", name = { "given", "family" }, title = "job" },
    })
    local found = people()
    assert.same(
      { name = "Ada Byron", title = "Engineer", active = true, roles = READ_ONLY .. ", " .. STANDARD },
      found.ada
    )
    assert.same({ name = "Bob", active = true, roles = STANDARD }, found.bob)
  end)

  it("reads a file as the arguments say that it is written", function()
    local path = house:path "hr.csv"
    write(path, "Last Name^First Name^E-Mail^ROLES\nByron^Ada^ada@example.com^" .. READ_ONLY .. "\n")
    assert(provision {
      source = path,
      delimiter = "^",
      mapping = { userName = "e-mail", name = '"Last Name"+", "+"First Name"' },
    })
    assert.same({ name = "Byron, Ada", active = true, roles = READ_ONLY }, people().ada)
    for _, case in ipairs {
      { { delimiter = "xy" }, "delimiter: 'xy' is not a character" },
      { { mapping = { name = "a++b" } }, "mapping: 'a++b': nothing is beside a +" },
      { { roles = { 1 } }, "roles: an item is not a string but a number" },
    } do
      case[1].source = path
      local report, err = provision(case[1])
      assert.same({ nil, "config", "argument" }, { report, err.kind, err.code })
      has(err.message, case[2])
    end
    local report, err = provision { source = path, delimiter = "^", mapping = { userName = "E-Mial" } }
    assert.is_nil(report)
    has(err.message, "hr.csv:1: the source has no column 'E-Mial', did you mean 'E-Mail'?")
  end)

  it("says which row of a file is wrong, and sends nothing", function()
    local path = house:path "wrong.csv"
    write(path, "userName,email\nada@example.com,ada\n,bob@example.com\n")
    local before = house:changes()
    local report, err = provision { source = path }
    assert.is_nil(report)
    has(err.message, "wrong.csv:2")
    assert.equal(2, err.problem_count)
    assert.equal(before, house:changes())
    report, err = provision { source = house:path "none.csv" }
    assert.is_nil(report)
    has(err.message, "cannot read")
  end)

  it("names the nearest of an unknown column", function()
    local report, err = provision { source = { { userName = "ada@example.com", titel = "x" } } }
    assert.is_nil(report)
    has(err.message, "did you mean 'title'")
  end)

  -- --- roles --------------------------------------------------------------------------------------

  it("takes roles by name in any case and by id", function()
    local id
    for _, role in ipairs(assert(house.dd:list_roles {})) do
      if role.name == STANDARD then id = role.id end
    end
    assert(provision {
      source = {
        { userName = "ada@example.com", roles = READ_ONLY:upper() },
        { userName = "bob@example.com", roles = id },
      },
    })
    assert.same({ READ_ONLY, STANDARD }, { people().ada.roles, people().bob.roles })
  end)

  it("refuses a role that is not there, with those that are", function()
    local before = house:changes()
    local report, err = provision { source = { { userName = "ada@example.com", roles = "Admins" } } }
    assert.same({ nil, "conflict", "blocked" }, { report, err.kind, err.code })
    has(err.message, "ada@example.com (there is no role 'Admins'; there are 'Datadog Admin Role', ")
    assert.equal(before, house:changes())
  end)

  it("refuses a name that two roles have", function()
    house:fault {
      method = "GET",
      path = "/api/v2/roles",
      status = 200,
      headers = { ["Content-Type"] = "application/json" },
      body = [[{"data":[
        {"type":"roles","id":"11111111-1111-4111-8111-111111111111","attributes":{"name":"Ops"}},
        {"type":"roles","id":"22222222-2222-4222-8222-222222222222","attributes":{"name":"ops"}}],
        "meta":{"page":{"total_count":2}}}]],
    }
    local _, err = provision { source = { { userName = "ada@example.com" } }, roles = { "OPS" } }
    assert.equal("blocked", err.code)
    has(err.message, "2 roles have the name 'OPS', say which one by its id")
    has(err.message, "22222222-2222-4222-8222-222222222222")
  end)

  -- --- what goes wrong ----------------------------------------------------------------------------

  it("says what was not done, and does the rest the next time", function()
    house:fault {
      method = "POST",
      path = "/api/v2/scim/Users",
      contains = "bob@",
      status = 400,
      body = '{"errors":["no such plan"]}',
    }
    local args = { source = { { userName = "ada@example.com" }, { userName = "bob@example.com" } } }
    local report, err = provision(args)
    assert.same({ nil, "apply" }, { report, err.code })
    has(err.message, "1 of 2 were not done: bob@example.com: no such plan")
    has(err.report.details.failed[1], "bob@example.com")
    assert.equal("failed", err.report.steps[1].outcome)
    assert.is_true(people().ada.active)
    assert.equal("done", assert(provision(args)).outcome)
    assert.is_true(people().bob.active)
  end)

  it("ends with forbidden where the key may not", function()
    house:config { permissions = { "teams_read" } }
    local report, err = provision { source = { { userName = "ada@example.com" } } }
    assert.same({ nil, "forbidden" }, { report, err.kind })
    assert.matches("user_access_invite", err.permission)
  end)

  it("does not make anybody twice whose answer was lost", function()
    house:fault { method = "POST", path = "/api/v2/scim/Users", reset = true, when = "after" }
    local report = assert(provision { source = { { userName = "ada@example.com" } } })
    assert.equal("done", report.outcome)
    assert.is_true(people().ada.active)
    assert.equal(1, house:requests "POST")
  end)

  it("wants a source", function()
    local report, err = recipes.provision_users(house.dd, nil, {})
    assert.same({ nil, "config" }, { report, err.kind })
    has(err.message, "provision_users needs source")
    assert.has_error(function() provision { source = {}, colour = "blue" } end)
  end)

  it("goes on where its process was killed, between any two calls", function()
    local path = house:path "kill.csv"
    write(path, "userName,name,roles\nada@example.com,Ada," .. READ_ONLY .. "\nzoe@example.com,Zoe,\n")
    local n, died = 0, true
    while died do
      n = n + 1
      house:seed(seed())
      local args = { source = path, interval = 0.02, timeout = 5, journal = house:path("kill" .. n) }
      died = house:killed("provision_users", n, args)
      assert.equal("table", type(provision(args)), "killed before call " .. n)
      local found = people()
      assert.same(
        { true, true, READ_ONLY },
        { found.ada.active, found.zoe.active, found.ada.roles },
        "killed before call " .. n
      )
      assert.same({ 1, 1 }, { house:requests "POST", house:requests "PATCH" }, "killed before call " .. n)
    end
    assert.is_true(n > 5)
  end)

  it("runs inside a task beside others", function()
    house:config { latency = 0.02 }
    local beats, report, err = 0, nil, nil
    ddokta.parallel(2, { "recipe", "beat" }, function(what)
      if what == "recipe" then
        report, err = provision { source = { { userName = "ada@example.com" } } }
        beats = -beats
      else
        while beats >= 0 and beats < 100 do
          beats = beats + 1
          house.dd:sleep(0.001)
        end
      end
    end)
    assert(report, err)
    assert.is_true(beats < -1) -- the other went on while the calls were under way
  end)
end)
