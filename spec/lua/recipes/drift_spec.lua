-- lua/ddokta/recipes/drift.lua and drift_compare.lua: each difference with its cause, and a page that shows
-- them.
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"
local http = require "socket.http"
local json = require("ddokta.core").json
local now = require("ddokta.core").system.now
local recipes = require "ddokta.recipes"
local width_of = require("ddokta.text").width

local person, logins = around.person, around.logins

local APP = "0oadatadog"

-- ada and bob have the app, cyd has not; Platform is pushed
local function seed(more)
  local s = {
    okta = {
      users = { person "ada", person "bob", person "cyd" },
      groups = {
        { name = "Platform", id = "00gplatform", members = logins("ada", "bob") },
        { name = "Security", id = "00gsecurity", members = logins "ada" },
      },
      apps = {
        {
          name = "datadog",
          id = APP,
          label = "Datadog",
          users = logins("ada", "bob"),
          push = { "Platform" },
        },
      },
    },
  }
  for name, value in pairs(more or {}) do
    s[name] = value
  end
  return s
end

local read = require("spec.support.files").read

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("recipes.drift", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(seed())
    house:config { permissions = "all", okta_permissions = "all" }
    house:state()
  end)

  local function drift(args) return recipes.drift(house.dd, house.okta, args) end

  -- the differences as lines "user ada: title differs (by_hand)"
  local function lines(args)
    local out = {}
    for i, row in ipairs(assert(drift(args)).differences) do
      out[i] = ("%s %s%s: %s (%s)"):format(
        row.what,
        row.name:match "^[^@]*",
        row.team and " of " .. row.team or "",
        row.difference,
        row.cause
      )
    end
    return out
  end

  local function user(name)
    local filter = 'userName eq "' .. name .. '@example.com"'
    return assert(house.dd:list_scim_users { filter = filter })[1]
  end

  local function patch(name, path, value)
    assert(house.dd:patch_scim_user(user(name).id, { { op = "replace", path = path, value = value } }))
  end

  local function scim_group(name)
    return assert(house.dd:list_scim_groups { filter = 'displayName eq "' .. name .. '"' })[1]
  end

  -- the client has no operation for it
  local function set_member(method, id)
    local ok, status = http.request {
      method = method,
      headers = {
        authorization = "SSWS " .. house.box.okta_token,
        ["content-length"] = "0",
      },
      url = house.box.http_url .. "/api/v1/groups/00gplatform/users/" .. id,
    }
    assert(ok and status == 204, tostring(status))
  end

  local function mapping() return assert(house.okta:list_group_push_mappings(APP, {}))[1] end

  it("finds none where Okta has pushed all", function()
    local report = assert(drift())
    assert.same({ {}, true, "no drift" }, { report.differences, report.ok, report.outcome })
    assert.equal(
      "drift: no difference between Okta's app 'Datadog' (0oadatadog) and Datadog (2 users, "
        .. "1 pushed groups compared).",
      tostring(report)
    )
  end)

  it("changes nothing", function()
    patch("ada", "title", "Boss")
    local before = house:changes()
    assert(drift())
    assert.equal(before, house:changes())
  end)

  -- --- users --------------------------------------------------------------------------------------

  it("tells what was changed by hand, with both values", function()
    patch("ada", "name.formatted", "Eve")
    assert.same({ "user ada: name differs (by_hand)" }, lines())
    local row = assert(drift()).differences[1]
    assert.same({ "ada X", "Eve" }, { row.okta, row.datadog })
    has(row.explanation, "by hand")
    has(tostring(drift()), "name differs: 'ada X' in Okta, 'Eve' in Datadog")
  end)

  it("fits a terminal, and names the column that has no room", function()
    patch("ada", "name.formatted", ("日本"):rep(20))
    patch("bob", "name.formatted", "Eve")
    local report = assert(drift())
    for _, width in ipairs { 40, 80, 120, 400 } do
      local shown = report:lay_out { width = width, hint = "--wide shows all" }
      for line in shown:gmatch "[^\n]+" do
        assert.is_true(width_of(line) <= width, line)
      end
      local is_left_out = shown:find("\nnot shown: that is (--wide shows all)", 1, true) ~= nil
      assert.equal(width == 80, is_left_out, shown)
      has(shown, "user")
    end
    has(tostring(report), "name differs: 'ada X' in Okta, '" .. ("日本"):rep(20) .. "' in Datadog")
  end)

  it("tells who was deactivated in Datadog, and is missing in nothing else", function()
    patch("bob", "active", false)
    assert.same({ "user bob: assigned, and not active in Datadog (deactivated)" }, lines())
  end)

  it("tells who is in Datadog without an assignment", function()
    assert(house.dd:create_scim_user { userName = "eve@example.com" })
    assert.same({ "user eve: in Datadog, and not assigned in Okta (no_assignment)" }, lines())
    assert.same({}, lines { ignore = { "EVE@example.com" } })
  end)

  it("says nothing of who is inactive in Datadog and not assigned", function()
    assert(house.dd:create_scim_user { userName = "eve@example.com", active = false })
    assert.same({}, lines())
  end)

  it("tells what is not pushed yet", function()
    house:config { push_delay = 600 }
    assert(house.okta:assign_user_to_application(APP, { id = "00ucyd" }))
    assert.same({ "user cyd: assigned, and not in Datadog (not_pushed)" }, lines())
  end)

  it("tells who could not be provisioned", function()
    house:fault { method = "POST", path = "/api/v2/scim/Users", status = 400, body = '{"errors":["no"]}' }
    assert(house.okta:assign_user_to_application(APP, { id = "00ucyd" }))
    assert.same({ "user cyd: assigned, and not in Datadog (push_failed)" }, lines())
  end)

  it("tells who was deleted in Datadog, and so is missing in the team", function()
    assert(house.dd:delete_scim_user(user("bob").id))
    assert.same({
      "user bob: assigned, and not in Datadog (by_hand)",
      "member bob of Platform: in the group, not in the team (not_pushed)",
    }, lines())
  end)

  it("compares with other attributes where a mapping says so", function()
    assert.same(
      { "user ada: name differs (by_hand)", "user bob: name differs (by_hand)" },
      lines { mapping = { name = "lastName" } }
    )
    assert.same({}, lines { mapping = { name = "firstName" } }) -- Datadog has the display name, which is that
  end)

  it("compares roles, names with ids, and shows lists as what is in them", function()
    local roles = {}
    for _, role in ipairs(assert(house.dd:list_roles {})) do
      roles[role.name] = role.id
    end
    local function differs(names)
      local okta = setmetatable({
        list_application_users = function(_, ...)
          local list, response = house.okta:list_application_users(...)
          for _, app_user in ipairs(list or {}) do
            app_user.profile.ddRoles = app_user.profile.email:find "^ada" and names or nil
          end
          return list, response
        end,
      }, { __index = house.okta, __tostring = function() return tostring(house.okta) end })
      return assert(recipes.drift(house.dd, okta, { mapping = { roles = "ddRoles" } })).differences
    end
    patch("ada", "roles", { { value = roles["Datadog Read Only Role"] } })
    assert.same({}, differs { "datadog read only role" })
    assert.same({}, differs { roles["Datadog Read Only Role"] })
    local found = differs { "Datadog Admin Role", "Nobody" }
    assert.same(
      { 1, "roles differs", "Datadog Admin Role, Nobody", "Datadog Read Only Role" },
      { #found, found[1].difference, found[1].okta, found[1].datadog }
    )
  end)

  -- --- teams --------------------------------------------------------------------------------------

  it("tells a member who has no app", function()
    house:seed(seed {
      okta = {
        users = { person "ada", person "cyd" },
        groups = { { name = "Platform", id = "00gplatform", members = logins("ada", "cyd") } },
        apps = { { name = "datadog", id = APP, users = logins "ada", push = { "Platform" } } },
      },
    })
    assert.same({ "member cyd of Platform: in the group, not in the team (not_assigned)" }, lines())
  end)

  it("tells a member who is deactivated and not in the team", function()
    patch("bob", "active", false)
    assert(
      house.dd:patch_scim_group(
        scim_group("Platform").id,
        { { op = "remove", path = 'members[value eq "' .. user("bob").id .. '"]' } }
      )
    )
    assert.same({
      "user bob: assigned, and not active in Datadog (deactivated)",
      "member bob of Platform: in the group, not in the team (deactivated)",
    }, lines())
  end)

  it("tells members who came and went by hand", function()
    assert(house.dd:create_scim_user { userName = "eve@example.com" })
    assert(house.dd:patch_scim_group(scim_group("Platform").id, {
      {
        op = "replace",
        path = "members",
        value = { { value = user("ada").id }, { value = user("eve").id } },
      },
    }))
    assert.same({
      "user eve: in Datadog, and not assigned in Okta (no_assignment)",
      "member bob of Platform: in the group, not in the team (by_hand)",
      "member eve of Platform: in the team, not in the group (by_hand)",
    }, lines())
  end)

  it("tells a member whom Okta has not pushed yet", function()
    house:config { push_delay = 600 }
    require("ddokta.core").system.sleep(1.1) -- Okta's times are in whole seconds here
    assert.equal(0, #lines())
    set_member("PUT", "00ucyd")
    set_member("DELETE", "00uada")
    assert.same({
      "member ada of Platform: in the team, not in the group (not_pushed)",
      "member cyd of Platform: in the group, not in the team (not_assigned)",
    }, lines())
  end)

  it("tells a mapping in error, with Okta's words", function()
    house:fault {
      method = "PATCH",
      path = "^/api/v2/scim/Groups/",
      status = 400,
      times = "always",
      body = '{"errors":["members are wrong"]}',
    }
    local id = mapping().id
    assert(house.okta:update_group_push_mapping(APP, id, { status = "INACTIVE" }))
    assert(house.okta:update_group_push_mapping(APP, id, { status = "ACTIVE" }))
    assert.same({ "team Platform: the last push failed (mapping_error)" }, lines())
    has(assert(drift()).differences[1].explanation, "members are wrong")
  end)

  it("tells a push that was stopped, and looks no further", function()
    assert(house.okta:update_group_push_mapping(APP, mapping().id, { status = "INACTIVE" }))
    assert(
      house.dd:patch_scim_group(
        scim_group("Platform").id,
        { { op = "replace", path = "members", value = {} } }
      )
    )
    assert.same({ "team Platform: no longer pushed (mapping_inactive)" }, lines())
  end)

  it("tells a team that is not there yet", function()
    house:config { managed_delay = 600 }
    assert(
      house.okta:create_group_push_mapping(
        APP,
        { sourceGroupId = "00gsecurity", targetGroupName = "Security" }
      )
    )
    assert.same({ "team Security: pushed, and not in Datadog (by_hand)" }, lines())
    house:seed(seed())
    house:config { push_delay = 600 }
    assert(
      house.okta:create_group_push_mapping(
        APP,
        { sourceGroupId = "00gsecurity", targetGroupName = "Security" }
      )
    )
    assert.same({ "team Security: pushed, and not in Datadog (not_pushed)" }, lines())
  end)

  it("tells a link that was ended behind Okta's back", function()
    assert(house.dd:delete_scim_group(scim_group("Platform").id))
    assert.same({
      "team Platform: pushed, and not managed (by_hand)",
      "member ada of Platform: in the group, not in the team (by_hand)",
      "member bob of Platform: in the group, not in the team (by_hand)",
    }, lines())
  end)

  it("tells a team whose handle does not follow from the group's name", function()
    house:seed(seed { teams = { { name = "Security", handle = "sec" } } })
    house:config { push_delay = 600 }
    house:state()
    assert(
      house.okta:create_group_push_mapping(
        APP,
        { sourceGroupId = "00gsecurity", targetGroupName = "Security" }
      )
    )
    local found = lines()
    assert.equal("team Security: handle differs (handle)", found[1])
    local row = assert(drift()).differences[1]
    assert.same({ "security", "sec" }, { row.okta, row.datadog })
  end)

  it("tells a team that was renamed", function()
    house:seed(seed { teams = { { name = "Sec", handle = "security" } } })
    house:config { push_delay = 600 }
    assert(
      house.okta:create_group_push_mapping(
        APP,
        { sourceGroupId = "00gsecurity", targetGroupName = "Security" }
      )
    )
    has(table.concat(lines(), "\n"), "team Security: name differs (by_hand)")
  end)

  it("tells a managed team without a mapping, unless only some groups are asked for", function()
    house:seed(seed { teams = { { name = "Stray", handle = "stray", is_managed = true } } })
    house:state()
    assert.same({ "team Stray: managed, and no group is pushed to it (no_mapping)" }, lines())
    assert.same({}, lines { groups = { "Platform" } })
    assert.same({}, lines { groups = { "00gplatform" } })
    local _, err = drift { groups = { "Nothing" } }
    has(err.message, "the app pushes no group 'Nothing'")
  end)

  it("warns of a group that is assigned and pushed", function()
    local s = seed()
    s.okta.apps[1].groups = { "Platform" }
    house:seed(s)
    house:state()
    local report = assert(drift())
    has(report.warnings[1], "both assigned to the app and pushed, which Okta does not support: Platform")
    has(tostring(report), "Warning: both assigned")
  end)

  it("takes few calls, many at once, however many groups there are", function()
    local s, names, groups = seed(), {}, 60
    for i = 1, groups do
      names[i] = ("Group %02d"):format(i)
      table.insert(s.okta.groups, { name = names[i], members = logins(i % 2 == 0 and "ada" or "bob") })
    end
    s.okta.apps[1].push = names
    house:seed(s)
    house:state()
    house:config { latency = 0.05 }
    local before, from = house.dd:stats().calls + house.okta:stats().calls, now()
    local report = assert(drift())
    local took, calls = now() - from, house.dd:stats().calls + house.okta:stats().calls - before
    house:config { latency = 0 }
    assert.same({ true, groups }, { report.ok, report.details.groups })
    -- who is in each group, and in its team; beside those 4 for the 120 groups' names, and one list each
    assert.is_true(calls <= 2 * groups + 12, calls)
    assert.is_true(took < 0.05 * calls / 4, took)
  end)

  -- --- when it cannot tell ------------------------------------------------------------------------

  for what, rule in pairs {
    ["Okta's assignments"] = { path = "/api/v1/apps/{appId}/users", status = 403 },
    ["a pushed group"] = { path = "/api/v1/groups/{groupId}", status = 500 },
    ["a group's members"] = { path = "/api/v1/groups/{groupId}/users", status = 403 },
    ["Datadog's users"] = { path = "/api/v2/scim/Users", status = 403 },
    ["Datadog's teams"] = { path = "/api/v2/team", status = 403 },
    ["a team's members"] = { path = "/api/v2/team/{team_id}/memberships", status = 403 },
  } do
    it("ends with an error, not with a drift, where it cannot read " .. what, function()
      rule.method, rule.times, rule.body = "GET", "always", '{"errors":["no"],"errorSummary":"no"}'
      house:fault(rule)
      local dd, okta = house.dd:with { max_retries = 0 }, house.okta:with { max_retries = 0 }
      local report, err = recipes.drift(dd, okta, {})
      assert.is_nil(report)
      assert.matches("^[fs]e?o?r", err.kind)
    end)
  end

  it("ends with an error where it cannot read the groups that are pushed", function()
    local s = seed()
    s.okta.apps[1].push = { "Platform", "Security" }
    house:seed(s)
    house:state()
    house:fault {
      method = "GET",
      path = "/api/v1/groups",
      status = 403,
      times = "always",
      body = '{"errorSummary":"no"}',
    }
    local report, err = drift()
    assert.same({ nil, "forbidden" }, { report, err.kind })
  end)

  it("does not take half a list for a whole one", function()
    house:fault {
      method = "GET",
      path = "/api/v2/scim/Users",
      status = 200,
      times = "always",
      headers = {
        ["Content-Type"] = "application/json",
      },
      body = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"startIndex":1,'
        .. '"itemsPerPage":0,"Resources":[]}',
    }
    local report, err = drift()
    assert.same({ nil, "protocol" }, { report, err.kind })
  end)

  it("needs a client of Okta", function()
    local report, err = recipes.drift(house.dd, nil, {})
    assert.same({ nil, "config" }, { report, err.kind })
  end)

  -- --- files and the command ----------------------------------------------------------------------

  it("writes a page that shows all of it as text, and needs nothing else", function()
    patch("ada", "name.formatted", '<script>alert("1")</script>')
    local path = house:path "drift.html"
    local report = assert(drift { report = path })
    assert.is_false(report.ok)
    local page = read(path)
    has(page, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;")
    has(page, "<title>Drift: Okta and Datadog</title>")
    has(page, "<b>1</b> changed by hand")
    has(page, "Content-Security-Policy")
    has(page, '<dt>app</dt><dd dir="auto">&#39;Datadog&#39; (' .. APP .. ")</dd>")
    has(page, '<dt>organisation</dt><dd dir="auto">Sandbox (')
    has(page, "<dt>Okta</dt>")
    assert.is_nil(page:find("<script>alert", 1, true))
    assert.equal(1, select(2, page:gsub('<div role="row" class="row update">', "")))
    assert.is_false(exists(path .. ".new"))
  end)

  it("writes JSON and text", function()
    patch("ada", "title", "Boss")
    local s = seed()
    s.okta.users[1].profile.title = "Engineer"
    house:seed(s)
    house:state()
    patch("ada", "title", "Boss")
    local path = house:path "drift.json"
    assert(drift { report = path })
    local value = assert(json.decode(read(path)))
    assert.same(
      { "title differs", "Engineer", "Boss" },
      { value.differences[1].difference, value.differences[1].okta, value.differences[1].datadog }
    )
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", value.time)
    assert(drift { report = house:path "drift.txt" })
    has(read(house:path "drift.txt"), "title differs: 'Engineer' in Okta, 'Boss' in Datadog")
    patch("ada", "title", "Engineer")
    assert(drift { report = path })
    has(read(path), '"differences":[]')
  end)

  it("refuses a report that it cannot write, before it reads where the name says so", function()
    house:admin("DELETE", "requests")
    local _, err = drift { report = house:path "drift.pdf" }
    assert.same({ "config", 0 }, { err.kind, house:requests "GET" })
    _, err = drift { report = house:path "none/drift.html" }
    has(err.message, "cannot write")
  end)

  it("ends with status 5 where there is a drift, 0 where there is none", function()
    local environment = command.environment(house.box)
    local result = command.run(environment, "recipe", "drift")
    assert.same({ 0, "" }, { result.status, result.err })
    has(result.out, "no difference")
    patch("ada", "name.formatted", "Eve")
    result = command.run(environment, "recipe", "drift", "--report", house:path "cron.html")
    assert.same({ 5, "" }, { result.status, result.err })
    has(result.out, "changed by hand")
    has(read(house:path "cron.html"), "Eve")
    has(read(house:path "cron.html"), "<code>ddokta recipe drift --report " .. house:path "cron.html")
    result = command.run(environment, "--json", "recipe", "drift", "--ignore", "ada@example.com")
    local report = assert(json.decode(result.out))
    assert.same({ 0, true, {} }, { result.status, report.ok, report.differences })
    house:config { permissions = { "teams_read" } }
    assert.equal(4, command.run(environment, "recipe", "drift").status)
  end)
end)
