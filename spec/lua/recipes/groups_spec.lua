-- lua/ddokta/recipes/groups.lua: an existing team is managed by a group from now on. (push_group:
-- push_spec.lua)
local around = require "spec.lua.recipes.around"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

-- in Okta ada and bob, in the team bob and zoe
local function seed(teams)
  return {
    users = { { email = "zoe@example.com" }, { email = "bob@example.com" } },
    teams = teams or { { name = "Platform Team", handle = "platform-team", members = logins("bob", "zoe") } },
    okta = {
      users = { person "ada", person "bob" },
      groups = { { name = "Platform Team", id = "00gplatform", members = logins("ada", "bob") } },
      apps = { { name = "datadog", id = "0oadatadog", users = logins("ada", "bob") } },
    },
  }
end

describe("recipes.link_team", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function() house:seed(seed()) end)

  local function link(args)
    local all = { group = "Platform Team", interval = 0.02, timeout = 5 }
    for name, value in pairs(args or {}) do
      all[name] = value
    end
    return recipes.link_team(house.dd, house.okta, all)
  end

  it("shows first who will be added and who removed", function()
    local before = house:changes()
    local report = assert(link { dry_run = true })
    assert.same(
      { logins "ada", logins "zoe" },
      { report.details.will_be_added, report.details.will_be_removed }
    )
    assert.matches("say remove_members", report.blocked)
    assert.matches(
      "REFUSED: 1 team, which nobody manages from outside, would be taken over: 'Platform Team' "
        .. "(zoe@example.com would no longer be in it): if that is meant, say remove_members = true",
      tostring(report),
      1,
      true
    )
    assert.equal(before, house:changes())
  end)

  it("removes nobody who is not said to be", function()
    local before = house:changes()
    local _, err = link()
    assert.same({ "conflict", "guard" }, { err.kind, err.code })
    assert.matches("zoe@example.com", err.message, 1, true)
    assert.equal("planned", err.report.steps[1].outcome)
    assert.equal(before, house:changes())
    assert.same({ managed = false, members = "bob zoe" }, house:team "Platform Team")
  end)

  it("links it where that is said, and does nothing the second time", function()
    local report = assert(link { remove_members = true })
    assert.equal("done", report.outcome)
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform Team")
    assert.equal(1, house:state().team_count)
    local before = house:changes()
    assert.equal("nothing to do", assert(link()).outcome)
    assert.equal(before, house:changes())
  end)

  it("needs no leave where nobody is removed", function()
    house:seed(seed { { name = "Platform Team", handle = "platform-team", members = logins "bob" } })
    assert.equal("done", assert(link()).outcome)
    assert.same({ managed = true, members = "ada bob" }, house:team "Platform Team")
  end)

  local REFUSED = {
    {
      "a team of another handle",
      { { name = "Platform Team", handle = "pt" } },
      "handle",
      "'platform-team'",
    },
    { "a team of another name", { { name = "Nova", handle = "platform-team" } }, "name", "not called" },
    {
      "a name in another case",
      { { name = "platform team", handle = "platform-team" } },
      "name",
      "rename one",
    },
    {
      "name and handle of two teams",
      { { name = "Platform Team", handle = "pt" }, { name = "Nova", handle = "platform-team" } },
      "ambiguous",
      "two teams may be meant",
    },
    {
      "a team that somebody else manages",
      { { name = "Platform Team", handle = "platform-team", is_managed = true } },
      "managed",
      "managed by somebody else",
    },
  }

  for _, row in ipairs(REFUSED) do
    it("refuses " .. row[1], function()
      house:seed(seed(row[2]))
      local before = house:changes()
      local _, err = link { remove_members = true }
      assert.same({ "conflict", row[3] }, { err.kind, err.code })
      assert.matches(row[4], err.message, 1, true)
      for _, team in ipairs(row[2]) do
        if row[3] == "ambiguous" then assert.matches(team.name, err.message, 1, true) end
      end
      assert.equal(before, house:changes())
    end)
  end

  it("takes the team that is named, by name, handle or id, and no other one", function()
    local id = house:state().teams[1].id
    for _, text in ipairs { "Platform Team", "platform-team", id } do
      assert(link { team = text, dry_run = true })
    end
    local _, err = link { team = "Nobody" }
    assert.equal("not_found", err.kind)
    house:seed(
      seed { { name = "Platform Team", handle = "platform-team" }, { name = "Nova", handle = "nova" } }
    )
    _, err = link { team = "Nova" }
    assert.equal("ambiguous", err.code)
  end)

  it("says that there is none, and what makes one", function()
    house:seed(seed {})
    local _, err = link()
    assert.equal("not_found", err.kind)
    assert.matches("push_group makes one", err.message)
  end)

  it("links a team of letters beyond ASCII, and says that its handle is a guess of nobody", function()
    for name, handle in pairs { ["日本チーム"] = "日本チーム", ["Équipe"] = "équipe" } do
      house:seed(seed { { name = name, handle = handle, members = logins "bob" } })
      local report = assert(
        recipes.link_team(
          house.dd,
          nil,
          { group = name, members = logins "bob", interval = 0.02, timeout = 5 }
        )
      )
      assert.equal("done", report.outcome)
      assert.matches(
        "which handle Datadog makes of the name '" .. name .. "' is not known",
        report.warnings[1],
        1,
        true
      )
      assert.same({ managed = true, members = "bob" }, house:team(name))
    end
  end)

  it("links by SCIM alone without Okta", function()
    local function by_scim(args)
      args.group, args.interval, args.timeout = "Platform Team", 0.02, 5
      return recipes.link_team(house.dd, nil, args)
    end
    local _, err = by_scim { members = logins "bob" }
    assert.equal("guard", err.code)
    assert.equal("done", assert(by_scim { members = logins "bob", remove_members = true }).outcome)
    assert.same({ managed = true, members = "bob" }, house:team "Platform Team")
    assert.equal(1, house:state().team_count)
    assert.equal("nothing to do", assert(by_scim { members = logins "bob" }).outcome)
  end)

  it("goes on where it was killed or stopped, between any two calls", function()
    local function go(dd, okta, should_stop)
      return recipes.link_team(dd, okta, {
        group = "Platform Team",
        remove_members = true,
        interval = 0.01,
        timeout = 5,
        should_stop = should_stop,
      })
    end
    assert(go(house.dd, house.okta))
    local whole = house:summary "Platform Team"
    local ends = house:end_everywhere(
      function() house:seed(seed()) end,
      go,
      function(_, n) assert.equal(whole, house:summary "Platform Team", "ended before call " .. n) end
    )
    assert.is_true(ends >= 10, ends .. " ends")
  end)
end)
