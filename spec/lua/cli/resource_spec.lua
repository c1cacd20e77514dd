-- lua/ddokta/cli/resource.lua: ddokta users, groups, teams and service-accounts: the same verbs over other
-- tables.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local server, environment
local SECRET = "never-to-be-seen-4711"

local function run(...) return command.run(environment, ...) end

local function ok(...)
  local result = run(...)
  assert.same({ 0, "" }, { result.status, result.err }, table.concat({ ... }, " ") .. "\n" .. result.out)
  return result.out
end

local function decoded(...) return assert(json.decode((ok(...)))) end

local function refused(status, words, ...)
  local result = run(...)
  assert.same(status, result.status, result.out .. result.err)
  assert.truthy(result.err:find(words, 1, true), result.err)
end

local function user_rows(count)
  local lines = { "userName,name,email,title,active" }
  for i = 1, count do
    local name = ("u%03d@example.com"):format(i)
    lines[i + 1] = table.concat({ name, "User " .. i, name, "", "true" }, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- exports in each format; what was exported is nothing to import
local function round_trip(resource, count)
  for _, ending in ipairs { "csv", "jsonl", "json" } do
    local path = box.write(resource .. "." .. ending, "")
    ok(resource, "export", "--output", path)
    local out = ok(resource, "import", path, "--yes", "--prune")
    assert.truthy(out:find(("nothing to do, all %d unchanged"):format(count), 1, true), out)
  end
end

local function seed()
  local function person(name, title)
    return {
      login = name .. "@example.com",
      profile = { email = name .. "@example.com", firstName = name, lastName = "Test", title = title },
    }
  end
  return {
    okta = {
      users = { person("ada", "Engineer"), person("bea"), person("cyd") },
      groups = {
        { name = "Platform", members = { "ada@example.com", "bea@example.com" } },
        { name = "Empty" },
      },
    },
  }
end

describe("ddokta users, groups, teams, service-accounts", function()
  setup(function()
    server = box.start { limit = 100000, seed = seed() }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.admin(server, "POST", "reset", {}) end)

  it("users: one by one", function()
    ok("users", "create", "--userName", "zoe@example.com", "--name", "Zoe", "--email", "zoe@example.com")
    local user = decoded("users", "get", "ZOE@example.com", "--json")
    assert.same({ "zoe@example.com", "Zoe" }, { user.userName, user.name.formatted })
    assert.truthy(ok("users", "get", user.id):find("email +zoe@example.com\n"))
    local out = ok("users", "update", "zoe@example.com", "--title", "Dr", "--active", "true")
    assert.truthy(out:find("title +Dr\n"), out)
    local again = run("users", "update", "zoe@example.com", "--title", "Dr")
    assert.same(0, again.status)
    assert.truthy(again.err:find("nothing was sent", 1, true))
    refused(3, "there is already 'zoe@example.com'", "users", "create", "--userName", "Zoe@example.com")
    refused(
      2,
      "active: 'perhaps' is neither true nor false",
      "users",
      "update",
      "zoe@example.com",
      "--active",
      "perhaps"
    )
    refused(
      1,
      "no user with the id or name 'zoo@example.com', did you mean",
      "users",
      "get",
      "zoo@example.com"
    )
    refused(2, "add --yes", "users", "delete", "zoe@example.com")
    assert.same("deactivated 'zoe@example.com'\n", ok("users", "delete", "zoe@example.com", "--yes"))
    assert.is_false(decoded("users", "get", "zoe@example.com", "--json").active)
  end)

  it("users: lists them all, or those of a filter", function()
    local path = box.write("users.csv", user_rows(130))
    ok("users", "import", path, "--yes")
    local all = decoded("users", "list", "--json")
    assert.is_true(#all >= 130)
    local one = decoded("users", "list", "--json", "--filter", 'userName eq "u007@example.com"')
    assert.same({ 1, "User 7" }, { #one, one[1].name.formatted })
    assert.truthy(ok("users", "list"):find("u130@example.com", 1, true))
    assert.same("no users\n", ok("users", "list", "--filter", 'userName eq "nobody@example.com"'))
    refused(2, "unknown option '--filter'", "accounts", "list", "--filter", "x")
    round_trip("users", #all)
  end)

  it("users: import deactivates who is not there, below the threshold", function()
    ok("users", "import", box.write("users.csv", user_rows(20)), "--yes")
    local out = ok("users", "export")
    local lines = {}
    for line in out:gmatch("[^\n]+") do
      if not line:find("^u020@") then lines[#lines + 1] = line end
    end
    local path = box.write("fewer.csv", table.concat(lines, "\n") .. "\n")
    out = ok("users", "import", path, "--yes", "--prune")
    assert.truthy(out:find("1 deactivated", 1, true), out)
    assert.is_false(decoded("users", "get", "u020@example.com", "--json").active)
    path = box.write("few.csv", user_rows(2))
    refused(3, "--max-deactivations", "users", "import", path, "--yes", "--prune")
  end)

  it("users, groups: what a guard keeps is kept, and the option is named", function()
    local body = '{"data":{"type":"users","id":"x","attributes":{"handle":"u001@example.com"}}}'
    box.fault(
      server,
      { method = "GET", path = "/api/v2/current_user", status = 200, times = "always", body = body }
    )
    ok("users", "import", box.write("users.csv", user_rows(20)), "--yes")
    refused(
      3,
      "u001@example.com, whose keys these are, would be deactivated: if that is meant, say " .. "--allow self",
      "users",
      "delete",
      "u001@example.com",
      "--yes"
    )
    refused(3, "say --allow self", "users", "update", "u001@example.com", "--active", "false")
    refused(
      3,
      "say --allow self",
      "users",
      "import",
      box.write("me.csv", "userName,active\n" .. "u001@example.com,false\n"),
      "--yes"
    )
    assert.is_true(decoded("users", "get", "u001@example.com", "--json").active)
    refused(2, "did you mean 'self'?", "users", "delete", "u002@example.com", "--yes", "--allow", "slef")
    ok("users", "delete", "u002@example.com", "--yes")
    ok("users", "delete", "u001@example.com", "--yes", "--allow", "self")
    assert.is_false(decoded("users", "get", "u001@example.com", "--json").active)

    ok("groups", "create", "--displayName", "Guarded", "--members", "u003@example.com;u004@example.com")
    local path = box.write("none.jsonl", '{"displayName":"Guarded","members":[]}\n')
    refused(3, "say --allow empty_groups=1", "groups", "import", path, "--yes")
    refused(
      3,
      "say --allow member_removals=2",
      "groups",
      "import",
      path,
      "--yes",
      "--allow",
      "empty-groups=9",
      "--allow",
      "member_removals=0"
    )
    assert.same(2, #decoded("groups", "get", "Guarded", "--json").members)
    ok("groups", "import", path, "--yes", "--allow", "empty-groups", "--allow", "member-removals")
    assert.same(0, #(decoded("groups", "get", "Guarded", "--json").members or {}))
  end)

  it("users and groups: from Okta", function()
    local out = ok("users", "import", "okta:group/Platform", "--yes")
    assert.truthy(out:find("2 created", 1, true), out)
    assert.same("Engineer", decoded("users", "get", "ada@example.com", "--json").title)
    assert.truthy(ok("users", "plan", "okta:group/Platform"):find("nothing to do", 1, true))
    out = ok("groups", "import", "okta:group/Platform", "--yes")
    assert.truthy(out:find("1 created", 1, true), out)
    assert.same(2, #decoded("groups", "get", "Platform", "--json").members)
    refused(1, "did you mean 'Platform'?", "users", "plan", "okta:group/Plattform")
    refused(3, "say --allow empty_source", "users", "import", "okta:group/Empty", "--yes", "--prune")
    refused(1, "not of okta_accounts", "accounts", "plan", "okta:group/Platform")
    environment.OKTA_CLIENT_TOKEN = "wrong"
    finally(function() environment.OKTA_CLIENT_TOKEN = server.okta_token end)
    assert.same(4, run("users", "plan", "okta:group/Platform").status)
    environment.OKTA_CLIENT_TOKEN = nil
    refused(4, "set $OKTA_CLIENT_TOKEN", "users", "plan", "okta:group/Platform")
  end)

  it("users: never a second one, roles by name, values cleared, and active again", function()
    local function csv(...)
      return box.write("who.csv", table.concat({ "userName,title,roles", ... }, "\n") .. "\n")
    end
    ok("users", "import", csv("who@example.com,Dr,Datadog Read Only Role", "two@example.com,,"), "--yes")
    local odd = csv("who@example.com\194\160,Dr,", " two@example.com,,")
    refused(1, "who.csv:2: userName: has U+00A0, a space, at the end", "users", "import", odd, "--yes")
    refused(1, "who.csv:3: userName: has U+0020, a space, at the start", "users", "plan", odd, "--prune")
    refused(3, "1 in conflict", "users", "import", csv("wh\208\190@example.com,Dr,"), "--yes")
    refused(
      3,
      "there is no role 'Admni'; there are 'Datadog Admin Role'",
      "users",
      "update",
      "who@example.com",
      "--roles",
      "Admni"
    )
    assert.truthy(ok("users", "get", "who@example.com"):find("roles +Datadog Read Only Role\n"))
    ok("users", "import", csv "who@example.com,(none),(none)", "--yes")
    local user = decoded("users", "get", "who@example.com", "--json")
    assert.same({ true, 0 }, { user.title == nil or user.title == "", #user.roles })
    ok("users", "delete", "who@example.com", "--yes")
    local out = ok("users", "plan", csv "who@example.com,,", "--no-reactivate")
    assert.truthy(out:find("all 1 unchanged", 1, true), out)
    out = ok("users", "plan", csv "who@example.com,,")
    assert.truthy(out:find("1 user to reactivate", 1, true), out)
    ok("users", "import", csv "who@example.com,,", "--yes")
    assert.is_true(decoded("users", "get", "who@example.com", "--json").active)
    ok("users", "delete", "who@example.com", "--yes")
    ok("users", "delete", "two@example.com", "--yes")
  end)

  it("groups: with members by name", function()
    ok("users", "import", box.write("users.csv", user_rows(4)), "--yes")
    local out =
      ok("groups", "create", "--displayName", "Team", "--members", "u001@example.com;u002@example.com")
    assert.truthy(out:find("^displayName +Team\nmembers +u001@example.com;u002@example.com\nid "), out)
    refused(
      3,
      "there is no user 'nobody@example.com' yet",
      "groups",
      "update",
      "Team",
      "--members",
      "nobody@example.com"
    )
    local id = decoded("groups", "get", "Team", "--json").id
    ok("groups", "update", "Team", "--displayName", "Crew")
    assert.same(id, decoded("groups", "get", "Crew", "--json").id)
    ok("groups", "update", "Crew", "--displayName", "Team", "--members", "u003@example.com")
    assert.same(1, #decoded("groups", "get", "Team", "--json").members)
    assert.same(1, #decoded("groups", "list", "--json", "--filter", 'displayName eq "Team"'))
    ok(
      "groups",
      "import",
      box.write("groups.csv", "displayName,members\nTeam,u001@example.com;u004@example.com\nOther,\n"),
      "--yes"
    )
    assert.same(2, #decoded("groups", "get", "Team", "--json").members)
    round_trip("groups", 2)
    ok("groups", "update", "Team", "--members", "")
    assert.same(0, #(decoded("groups", "get", "Team", "--json").members or {}))
    assert.same("deleted 'Other'\n", ok("groups", "delete", "Other", "-y"))
    -- its team is still there, and a create takes it over
    local result = run("groups", "create", "--displayName", "Other")
    assert.same(0, result.status)
    assert.truthy(result.err:find("takes over the team 'Other'", 1, true), result.err)
  end)

  it("teams: one by one, and no import", function()
    refused(2, "handle: is empty, and is required", "teams", "create", "--name", "Crew")
    local team = decoded("teams", "create", "--name", "Crew", "--handle", "crew", "--json")
    assert.same({ "Crew", "crew" }, { team.name, team.handle })
    refused(3, "there is already 'Crew'", "teams", "create", "--name", "crew", "--handle", "other")
    ok("teams", "update", "Crew", "--description", "All of us")
    -- another name is the same team's, and never another team's
    assert.truthy(ok("teams", "update", "Crew", "--name", "Squad"):find("^name +Squad\n"))
    assert.same(team.id, decoded("teams", "get", "Squad", "--json").id)
    assert.same(1, #decoded("teams", "list", "--json"))
    local other = decoded("teams", "create", "--name", "Other", "--handle", "other", "--json")
    refused(3, "by its id it is 'Squad'", "teams", "update", "Squad", "--name", "Other")
    refused(3, "differs in letter case only", "teams", "update", "Squad", "--name", "OTHER")
    refused(3, "reads alike", "teams", "create", "--name", "\208\158ther", "--handle", "other2")
    ok("teams", "delete", other.id, "--yes")
    ok("teams", "update", "Squad", "--name", "Crew")
    team = decoded("teams", "get", "Crew", "--json")
    assert.same({ "crew", "All of us" }, { team.handle, team.description })
    assert.same(team.id, decoded("teams", "get", team.id, "--json").id)
    assert.same(1, #decoded("teams", "list", "--json", "--filter", "rew"))
    assert.truthy(
      ok("teams", "list"):find(
        "^name +managed +pushed +handle +members +description +id\nCrew +false +crew +0 +All of us +%x+%-"
      )
    )
    assert.same("deleted 'Crew'\n", ok("teams", "delete", "Crew", "--yes"))
    refused(1, "there is no team", "teams", "get", "Crew")
    refused(2, "'import'", "teams", "import", "x.csv")
  end)

  it("service-accounts: in Okta, with passwords that nobody sees", function()
    local app = decoded("service-accounts", "list", "--json")
    assert.same({}, app)
    local orn = ("orn:okta:idp:%s:apps:datadog:%s"):format("00oSandbox00000000g1", "0oaSandboxDatadog0g1")
    local path = box.write("password", SECRET .. "\n")
    local out = ok(
      "service-accounts",
      "create",
      "--name",
      "svc one",
      "--username",
      "one",
      "--containerOrn",
      orn,
      "--password-file",
      path
    )
    assert.is_nil(out:find(SECRET, 1, true))
    assert.same("svc one", decoded("service-accounts", "get", "svc one", "--json").name)
    ok("service-accounts", "update", "svc one", "--description", "changed")
    local id = decoded("service-accounts", "get", "svc one", "--json").id
    ok("service-accounts", "update", "svc one", "--name", "svc uno")
    assert.same(id, decoded("service-accounts", "get", "svc uno", "--json").id)
    ok("service-accounts", "update", "svc uno", "--name", "svc one")
    assert.same(1, #decoded("service-accounts", "list", "--json", "--filter", "svc"))
    local source = box.write(
      "svc.csv",
      "name,username,containerOrn,password,description\n"
        .. ("svc one,one,%s,%s,again\nsvc two,two,%s,%s,new\n"):format(orn, SECRET, orn, SECRET)
    )
    out = ok("service-accounts", "import", source, "--yes")
    assert.truthy(out:find("1 created, 1 updated", 1, true), out)
    assert.is_nil(out:find(SECRET, 1, true))
    round_trip("service-accounts", 2)
    assert.same("deleted 'svc two'\n", ok("service-accounts", "delete", "svc two", "--yes"))
    environment.OKTA_CLIENT_ORGURL = nil
    finally(function() environment.OKTA_CLIENT_ORGURL = server.okta_url end)
    refused(2, "set OKTA_CLIENT_ORGURL", "service-accounts", "list")
    ok("service-accounts", "list", "--okta-domain", server.okta_url)
  end)

  it("export names no file before there is something to write", function()
    box.fault(server, { method = "GET", path = "/api/v2/scim/Users", status = 400, times = "always" })
    local path = box.write("kept.csv", "old\n")
    assert.same(1, run("users", "export", "--output", path).status)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    assert.same("old\n", text)
  end)
end)
