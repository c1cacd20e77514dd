-- lua/ddokta/recipes/unlink.lua and its two recipes: a team is no longer managed, and keeps its members or
-- not.
local around = require "spec.lua.recipes.around"
local backup = require "ddokta.bulk.backup"
local recipes = require "ddokta.recipes"

local person, logins = around.person, around.logins

local SEED = {
  okta = {
    users = { person "ada", person "bob" },
    groups = {
      { name = "Platform", id = "00gplatform", members = logins("ada", "bob") },
      { name = "Other", id = "00gother" },
    },
    apps = { { name = "datadog", id = "0oadatadog", users = logins("ada", "bob"), push = { "Platform" } } },
  },
}

local END = { unlink_keep_members = "ada bob", unlink_remove_members = "" }

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

for name, members in pairs(END) do
  describe("recipes." .. name, function()
    local house

    setup(function() house = around.start() end)
    teardown(function() house:stop() end)
    before_each(function()
      house:seed(SEED)
      assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
    end)

    local function unlink(args)
      local all = { group = "Platform", interval = 0.02, timeout = 5 }
      for key, value in pairs(args or {}) do
        all[key] = value
      end
      return recipes[name](house.dd, house.okta, all)
    end

    it("takes two calls, and keeps the team", function()
      house:config { push_delay = 0.1, managed_delay = 0.1 }
      local report = assert(unlink())
      assert.same(
        { "deactivate", "delete", "done", "done" },
        { report.steps[1].key, report.steps[2].key, report.steps[1].outcome, report.steps[2].outcome }
      )
      assert.same({ managed = false, members = members }, house:team "Platform")
      assert.equal(0, house:state().okta.group_push_mappings)
      assert.equal(4, #report.verified)
      assert.same(logins("ada", "bob"), report.details.members) -- who was in it
    end)

    it("shows what Okta is told, and tells it nothing", function()
      local before = house:changes()
      local report = assert(unlink { dry_run = true })
      assert.matches("deleteTargetGroup=" .. tostring(name == "unlink_remove_members"), report.steps[2].sends)
      assert.equal(before, house:changes())
    end)

    it("does nothing the second time", function()
      assert(unlink())
      local before = house:changes()
      local report = assert(unlink())
      assert.equal("nothing to do", report.outcome)
      assert.matches("Okta has no push mapping of the group 'Platform'", report.warnings[1], 1, true)
      assert.equal(before, house:changes())
    end)

    it("goes on where the mapping is inactive already", function()
      local mapping = assert(house.okta:list_group_push_mappings("0oadatadog", {}))[1]
      assert(house.okta:update_group_push_mapping("0oadatadog", mapping.id, { status = "INACTIVE" }))
      local report = assert(unlink())
      assert.same({ 1, "delete" }, { #report.steps, report.steps[1].key })
      assert.same({ managed = false, members = members }, house:team "Platform")
    end)

    it("keeps who was in the team in the journal's backup", function()
      local path = house:path(name .. ".journal")
      finally(function() os.execute(("rm -f '%s' '%s.backup'"):format(path, path)) end)
      assert(unlink { journal = path })
      local _, lines = assert(backup.read(path .. ".backup"))
      local saved = {}
      for _, member in pairs(lines().object.members) do
        saved[#saved + 1] = member
      end
      table.sort(saved)
      assert.same(logins("ada", "bob"), saved)
    end)

    it("says what is still missing when time is up", function()
      house:config { managed_delay = 600 }
      local _, err = unlink { timeout = 0.1 }
      assert.equal("timeout", err.kind)
      assert.matches("the team 'Platform' is not managed (it still is)", err.message, 1, true)
      assert.equal("done", err.report.steps[2].outcome)
    end)

    it("refuses another team than the one that is linked", function()
      local _, err = unlink { team = "Nova" }
      assert.same({ "conflict", "other_target" }, { err.kind, err.code })
      _, err = unlink { group = "Other" }
      assert.same({ "not_found", "there is no team 'Other'" }, { err.kind, err.message })
    end)

    it("ends a mapping that never came to a team", function()
      house:config { push_delay = 600 }
      assert(
        house.okta:create_group_push_mapping(
          "0oadatadog",
          { sourceGroupId = "00gother", targetGroupName = "Other", status = "ACTIVE" }
        )
      )
      local report = assert(unlink { group = "Other" })
      assert.equal(1, #report.verified)
      assert.equal(1, house:state().okta.group_push_mappings)
    end)

    it("is an error where Okta refuses, and says what was done before", function()
      house:fault { method = "DELETE", path = "/api/v1/apps/{app}/group-push/mappings/{id}", status = 403 }
      local _, err = unlink()
      assert.equal("forbidden", err.kind)
      assert.same({ "done", "failed" }, { err.report.steps[1].outcome, err.report.steps[2].outcome })
    end)

    it("goes on where it was killed or stopped, between any two calls", function()
      local path = house:path(name .. ".journal")
      local function go(dd, okta, should_stop)
        return recipes[name](dd, okta, {
          group = "Platform",
          interval = 0.01,
          timeout = 5,
          journal = path,
          should_stop = should_stop,
        })
      end
      local function start()
        house:seed(SEED)
        os.remove(path)
        os.remove(path .. ".backup")
      end
      start()
      assert(go(house.dd, house.okta))
      local whole = house:summary "Platform"
      local ends = house:end_everywhere(start, go, function(report, n)
        assert.equal(whole, house:summary "Platform", "ended before call " .. n)
        assert.equal(4, #report.verified, "ended before call " .. n)
      end)
      assert.is_true(ends >= 10, ends .. " ends")
      assert.is_true(exists(path))
    end)

    it("meets another run of itself at any call", function()
      local function go(dd, okta)
        return recipes[name](dd, okta, { group = "Platform", interval = 0.01, timeout = 5 })
      end
      local meetings = house:meet_everywhere(function() house:seed(SEED) end, go, function(report, err, n)
        assert(report, err and ("met before call %d: %s"):format(n, tostring(err)))
        assert.same({ managed = false, members = members }, house:team "Platform", "met before call " .. n)
      end)
      assert.is_true(meetings >= 10, meetings .. " meetings")
    end)

    it("sends nothing of what another run has sent already", function()
      local dd = around.mortal(house.dd, function() end)
      local okta = around.mortal(house.okta, function() end)
      local get = okta.get_group_push_mapping
      rawset(okta, "get_group_push_mapping", function(_, app, id)
        house.okta:update_group_push_mapping(app, id, { status = "INACTIVE" })
        return get(okta, app, id)
      end)
      local report = assert(recipes[name](dd, okta, { group = "Platform", interval = 0.01, timeout = 5 }))
      assert.equal("unchanged", report.steps[1].outcome)
    end)

    it("goes on where its process was killed", function()
      local args = { group = "Platform", interval = 0.01, timeout = 5, journal = house:path "unlink.journal" }
      local n = 0
      repeat
        n = n + 3
        os.remove(args.journal)
        os.remove(args.journal .. ".backup")
        house:seed(SEED)
        local died = house:killed(name, n, args)
        local report = assert(recipes[name](house.dd, house.okta, args))
        assert.equal(4, #report.verified)
        assert.same({ managed = false, members = members }, house:team "Platform", "ended before call " .. n)
      until not died
      assert.is_true(n > 3)
    end)
  end)
end

describe("unlinking without Okta", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(
    function()
      house:seed {
        users = { { email = "ada@example.com" } },
        teams = { { name = "Red", handle = "red", is_managed = true, members = logins "ada" } },
      }
    end
  )

  local ARGS = { group = "Red", interval = 0.02, timeout = 5 }

  it("cannot keep the members, and says so", function()
    local before = house:changes()
    local _, err = recipes.unlink_keep_members(house.dd, nil, ARGS)
    assert.same({ "config", "okta" }, { err.kind, err.code })
    assert.matches("OKTA_CLIENT_ORGURL", err.message)
    assert.equal(before, house:changes())
  end)

  it("takes the members out, and warns that Okta is not told", function()
    local report = assert(recipes.unlink_remove_members(house.dd, nil, ARGS))
    assert.same({ "done", "delete_group" }, { report.outcome, report.steps[1].key })
    assert.matches("Okta is not told", report.warnings[1])
    assert.same({ managed = false, members = "" }, house:team "Red")
    assert.equal("nothing to do", assert(recipes.unlink_remove_members(house.dd, nil, ARGS)).outcome)
  end)
end)
