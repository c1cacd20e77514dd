-- lua/ddokta/recipes/push.lua: a managed team from a group, through push_group.
local ddokta = require "ddokta"
local around = require "spec.lua.recipes.around"
local modules = require "spec.support.modules"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

-- ada and bob have the app, cyd has not
local function seed(more)
  local s = {
    okta = {
      users = { person "ada", person "bob", person "cyd" },
      groups = {
        { name = "Platform", id = "00gplatform", members = logins("ada", "bob", "cyd") },
        { name = "Empty", id = "00gempty" },
      },
      apps = { { name = "datadog", id = "0oadatadog", label = "Datadog", users = logins("ada", "bob") } },
    },
  }
  for name, value in pairs(more or {}) do
    s[name] = value
  end
  return s
end

local function texts(list)
  local out = {}
  for i, row in ipairs(list) do
    out[i] = row.outcome or row.what
  end
  return table.concat(out, ", ")
end

describe("recipes.push_group", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function() house:seed(seed()) end)

  local function push(args, okta)
    local all = { group = "Platform", interval = 0.02, timeout = 5 }
    for name, value in pairs(args or {}) do
      all[name] = value
    end
    if okta == nil then okta = house.okta end
    return recipes.push_group(house.dd, okta or nil, all)
  end

  it("makes a managed team of those who have the app, and says who is missing", function()
    local report = assert(push())
    assert.same({ "done", "done" }, { report.outcome, texts(report.steps) })
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
    assert.same(logins "cyd", report.details.not_assigned)
    assert.matches("missing in the team: cyd@example.com", report.warnings[1], 1, true)
    assert.equal(4, #report.verified)
  end)

  it("shows what it would send, and sends nothing", function()
    local before = house:changes()
    local report = assert(push { dry_run = true })
    assert.equal("dry run", report.outcome)
    assert.equal("planned", texts(report.steps))
    assert.matches("push mapping of group 00gplatform to 'Platform', ACTIVE", report.steps[1].sends)
    assert.matches("push-group: 1 to do. Dry run, nothing was changed.", tostring(report), 1, true)
    assert.equal(before, house:changes())
    assert.is_nil(house:team "Platform")
  end)

  it("does nothing the second time", function()
    assert(push())
    local before = house:changes()
    local report = assert(push())
    assert.same({ "nothing to do", 0 }, { report.outcome, #report.steps })
    assert.equal(before, house:changes())
    assert.equal(4, #report.verified)
  end)

  it("waits until the team is managed and has its members", function()
    house:config { push_delay = 0.3, managed_delay = 0.3 }
    local report = assert(push())
    assert.is_true(report.seconds >= 0.5)
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
  end)

  it("says what is still missing when time is up, and what had been done", function()
    house:config { managed_delay = 600 }
    local report, err = push { timeout = 0.2 }
    assert.is_nil(report)
    assert.equal("timeout", err.kind)
    assert.matches(
      "after 0.2 s this is still not so: the team 'Platform' is there and managed " .. "(not there yet)",
      err.message,
      1,
      true
    )
    assert.same({ "failed", "done" }, { err.report.outcome, texts(err.report.steps) })
  end)

  it("ends at once where Okta cannot push, with Okta's words", function()
    local _, err = push { name = "!!!", timeout = 60 } -- there is no handle for that
    assert.equal("conflict", err.kind)
    assert.matches("this will not be so: the push mapping is active (Okta says: ", err.message, 1, true)
    assert.matches("no handle can be made", err.message)
    assert.is_true(err.report.seconds < 10)
    assert.equal("failed", err.report.outcome)
  end)

  it("pushes again what is inactive", function()
    local mapping = assert(
      house.okta:create_group_push_mapping(
        "0oadatadog",
        { sourceGroupId = "00gplatform", targetGroupName = "Platform", status = "INACTIVE" }
      )
    )
    local report = assert(push())
    assert.equal("activate", report.steps[1].key)
    assert.equal("ACTIVE", house.okta:get_group_push_mapping("0oadatadog", mapping.id).status)
  end)

  it("finds the mapping that a lost answer has made, and makes no second one", function()
    house:fault {
      method = "POST",
      path = "/api/v1/apps/{app}/group-push/mappings",
      reset = "connection",
      when = "after",
    }
    local report = assert(push())
    assert.equal("done", texts(report.steps))
    assert.equal(1, house:state().okta.group_push_mappings)
  end)

  local REFUSED = {
    {
      "a team of that name that is not managed",
      { teams = { { name = "Platform", handle = "other" } } },
      "exists",
      "link_team links it",
    },
    {
      "a team of that handle that is not managed",
      { teams = { { name = "Other", handle = "platform" } } },
      "exists",
      "Other",
    },
    {
      "a team that somebody else manages",
      { teams = { { name = "Platform", handle = "platform", is_managed = true } } },
      "managed",
      "managed by somebody else",
    },
  }

  for _, row in ipairs(REFUSED) do
    it("refuses " .. row[1], function()
      house:seed(seed(row[2]))
      local before = house:changes()
      local _, err = push()
      assert.same({ "conflict", row[3] }, { err.kind, err.code })
      assert.matches(row[4], err.message, 1, true)
      assert.equal(before, house:changes())
    end)
  end

  it("refuses two apps, and takes the one that is named", function()
    local two = seed()
    two.okta.apps[2] = { name = "datadog", id = "0oaother", label = "Datadog EU" }
    house:seed(two)
    local _, err = push()
    assert.equal("ambiguous", err.code)
    assert.matches("0oadatadog (Datadog, ACTIVE), 0oaother (Datadog EU, ACTIVE)", err.message, 1, true)
    assert(push { app = "Datadog" })
    _, err = push { app = "0oanone" }
    assert.equal("not_found", err.kind)
  end)

  it("refuses a group that is pushed to another team already", function()
    assert(push())
    local _, err = push { name = "Nova" }
    assert.same({ "conflict", "other_target" }, { err.kind, err.code })
  end)

  it("says what there is not", function()
    local _, err = push { group = "Nobody" }
    assert.same({ "not_found", "there is no Okta group 'Nobody'" }, { err.kind, err.message })
    _, err = recipes.push_group(house.dd, house.okta, {})
    assert.same({ "config", "argument" }, { err.kind, err.code })
    _, err = push({}, false)
    assert.matches("members must be given", err.message)
    assert.has_error(function() push { gruop = "x" } end, "unknown option 'gruop', did you mean 'group'?")
    assert.has_error(function() recipes.push_group(nil, nil, { group = "x" }) end)
  end)

  it("goes on where it was killed or stopped, between any two calls", function()
    assert(push())
    local whole = house:summary "Platform"
    local ends = house:end_everywhere(
      function() house:seed(seed()) end,
      function(dd, okta, should_stop)
        return recipes.push_group(
          dd,
          okta,
          { group = "Platform", interval = 0.01, timeout = 5, should_stop = should_stop }
        )
      end,
      function(_, n) assert.equal(whole, house:summary "Platform", "ended before call " .. n) end
    )
    assert.is_true(ends >= 10, ends .. " ends")
  end)

  it("sends nothing of what another run has sent already", function()
    local okta = around.before(house.okta, "list_group_push_mappings", 2, function() assert(push()) end)
    local report = assert(push({}, okta))
    assert.same({ "nothing to do", "unchanged" }, { report.outcome, report.steps[1].outcome })
  end)

  it("meets another run of itself at any call", function()
    assert(push())
    local whole = house:summary "Platform"
    local meetings = house:meet_everywhere(
      function() house:seed(seed()) end,
      function(dd, okta)
        return recipes.push_group(dd, okta, { group = "Platform", interval = 0.01, timeout = 5 })
      end,
      function(report, err, n)
        -- a team that came while it read is somebody's
        if not report then assert.equal("managed", err.code, tostring(err)) end
        assert.equal(whole, house:summary "Platform", "met before call " .. n)
      end
    )
    assert.is_true(meetings >= 10, meetings .. " meetings")
  end)

  it("goes on where its process was killed", function()
    assert(push())
    local whole, n = house:summary "Platform", 0
    local args = { group = "Platform", interval = 0.01, timeout = 5, journal = house:path "push.journal" }
    repeat
      n = n + 4
      os.remove(args.journal)
      house:seed(seed())
      local died = house:killed("push_group", n, args)
      assert(recipes.push_group(house.dd, house.okta, args))
      assert.equal(whole, house:summary "Platform", "ended before call " .. n)
    until not died
    assert.is_true(n > 4)
  end)

  it("runs beside others in one task of many", function()
    local report, other
    local results = ddokta.parallel(2, { "recipe", "beside" }, function(what)
      if what == "recipe" then
        report = assert(push())
        return true
      end
      other = assert(house.dd:list_teams {})
      return true
    end)
    assert.is_true(results[1][1], results[1][2])
    assert.is_true(results[2][1], results[2][2])
    assert.equal("done", report.outcome)
    assert.is_table(other)
  end)

  it("holds up nothing else in an event loop", function()
    local missing = modules.missing "cqueues"
    if missing then return pending(missing.why) end
    local cqueues = require "cqueues"
    house:config { managed_delay = 0.3 }
    local dd, okta = house:clients "cqueues"
    local controller, report, ticks = cqueues.new(), nil, 0
    controller:wrap(
      function()
        report = assert(recipes.push_group(dd, okta, { group = "Platform", interval = 0.05, timeout = 5 }))
      end
    )
    controller:wrap(function()
      while not report do
        cqueues.sleep(0.02)
        ticks = ticks + 1
      end
    end)
    assert(controller:loop())
    dd:close()
    okta:close()
    assert.equal("done", report.outcome)
    assert.is_true(ticks >= 8, ticks .. " ticks")
  end)

  it("sleeps without holding up a spawned task", function()
    house:config { managed_delay = 0.4 }
    local order = {}
    ddokta.spawn(function()
      ddokta.spawn(function()
        for _ = 1, 3 do
          assert(house.dd:sleep(0.03))
          assert(house.dd:list_teams {})
        end
        order[#order + 1] = "beside"
      end)
      assert(push())
      order[#order + 1] = "recipe"
    end)
    assert.same({ "beside", "recipe" }, order)
  end)
end)

describe("recipes.push_group without Okta", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(
    function()
      house:seed {
        users = {
          { email = "ada@example.com" },
          { email = "bob@example.com" },
          { email = "cyd@example.com" },
        },
      }
    end
  )

  local function push(args)
    local all = { group = "Red", interval = 0.02, timeout = 5 }
    for name, value in pairs(args) do
      all[name] = value
    end
    return recipes.push_group(house.dd, nil, all)
  end

  it("makes the team by SCIM, then nothing", function()
    local report = assert(push { members = logins("ada", "bob") })
    assert.same({ "done", "create" }, { report.outcome, report.steps[1].key })
    assert.same({ managed = true, members = "ada bob" }, house:team "Red")
    local before = house:changes()
    assert.equal("nothing to do", assert(push { members = logins("ada", "bob") }).outcome)
    assert.equal(before, house:changes())
  end)

  it("adds who is missing, and takes out nobody who is not said to be", function()
    assert(push { members = logins("ada", "bob") })
    local report = assert(push { members = logins("bob", "cyd") })
    assert.equal("add", report.steps[1].key)
    assert.same({ managed = true, members = "ada bob cyd" }, house:team "Red")
    assert.matches("they stay", report.warnings[1])
    assert(push { members = logins("bob", "cyd"), remove_members = true })
    assert.same({ managed = true, members = "bob cyd" }, house:team "Red")
  end)

  it("refuses who is not in Datadog", function()
    local before = house:changes()
    local _, err = push { members = logins("ada", "nobody") }
    assert.same({ "conflict", "no_user" }, { err.kind, err.code })
    assert.matches("nobody@example.com", err.message, 1, true)
    assert.equal(before, house:changes())
  end)

  it("sends nothing of what another run has sent already", function()
    local args = { group = "Red", members = logins "ada", interval = 0.02, timeout = 5 }
    local dd = around.before(house.dd, "list_scim_groups", 2, function() assert(push(args)) end)
    local report = assert(recipes.push_group(dd, nil, args))
    assert.same({ "nothing to do", "unchanged" }, { report.outcome, report.steps[1].outcome })
  end)

  it("finds the team that a lost answer has made", function()
    house:fault { method = "POST", path = "/api/v2/scim/Groups", reset = "connection", when = "after" }
    assert(push { members = logins "ada" })
    assert.equal(1, house:state().scim_group_count)
  end)

  it("is an error where Datadog refuses", function()
    house:fault { method = "POST", path = "/api/v2/scim/Groups", status = 403 }
    local _, err = push { members = logins "ada" }
    assert.equal("forbidden", err.kind)
    assert.equal("failed", err.report.steps[1].outcome)
  end)

  it("goes on where it was killed or stopped, between any two calls", function()
    local start = { users = { { email = "ada@example.com" }, { email = "bob@example.com" } } }
    local function go(dd, _, should_stop)
      return recipes.push_group(dd, nil, {
        group = "Red",
        members = logins("ada", "bob"),
        interval = 0.01,
        timeout = 5,
        should_stop = should_stop,
      })
    end
    house:seed(start)
    assert(go(house.dd))
    local whole = house:summary "Red"
    local ends = house:end_everywhere(
      function() house:seed(start) end,
      go,
      function(_, n) assert.equal(whole, house:summary "Red", "ended before call " .. n) end
    )
    assert.is_true(ends >= 5, ends .. " ends")
  end)

  it("meets another run of itself at any call", function()
    local function start()
      house:seed { users = { { email = "ada@example.com" }, { email = "bob@example.com" } } }
    end
    local function go(dd)
      return recipes.push_group(
        dd,
        nil,
        { group = "Red", members = logins("ada", "bob"), interval = 0.01, timeout = 5 }
      )
    end
    start()
    assert(go(house.dd))
    local whole = house:summary "Red"
    house:meet_everywhere(start, go, function(report, err, n)
      -- a team that came while it read is somebody's
      if not report then assert.equal("managed", err.code, tostring(err)) end
      assert.equal(whole, house:summary "Red", "met before call " .. n)
    end)
  end)
end)
