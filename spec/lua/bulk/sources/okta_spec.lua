-- Sources: Okta's groups and apps, and a Lua iterator. What cannot be read whole is no source.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local failure = require "ddokta.error"
local okta_source = require "ddokta.bulk.sources.okta"

local function person(i, changes)
  local name = ("p%03d@example.com"):format(i)
  local fields = {
    login = name,
    id = "00uperson" .. i,
    profile = { email = name, firstName = "First" .. i, lastName = "Last" .. i, title = "Engineer" },
  }
  for key, value in pairs(changes or {}) do
    fields[key] = value
  end
  return fields
end

local function seed()
  local users, logins = {}, {}
  for i = 1, 250 do
    users[i] = person(i)
    logins[i] = users[i].login
  end
  users[251] = person(251, { status = "SUSPENDED" })
  users[252] = person(252, { status = "STAGED", profile = { firstName = "Only" } })
  users[253] = person(253, { status = "DEPROVISIONED" })
  return {
    users = users,
    groups = {
      { name = "Everybody", members = logins },
      { name = "Odd ones", members = { "p251@example.com", "p252@example.com", "p253@example.com" } },
      { name = "Pair", id = "00gpair", members = { "p001@example.com", "p002@example.com" } },
      { name = "Empty" },
    },
    apps = {
      {
        name = "datadog",
        id = "0oadatadog",
        label = "Datadog",
        groups = { "Pair" },
        users = { "p003@example.com" },
        push = { "Pair", "Odd ones" },
      },
      { name = "other", label = "Twin", provisioning = false },
      { name = "other2", label = "Twin", provisioning = false },
    },
  }
end

local server, dd, okta

local function read(from, kind) return bulk.read(from, { okta = okta, kind = kind }) end

local function rows_of(source)
  local rows = {}
  for row in function() return source:next() end do
    rows[#rows + 1] = row
  end
  return rows
end

describe("bulk.read of Okta", function()
  setup(function()
    server, dd = box.start { limit = 100000, seed = { okta = seed() } }
    okta = assert(ddokta.okta {
      base_url = server.okta_url,
      ca_file = server.ca_file,
      token = server.okta_token,
      max_retries = 0,
    })
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.admin(server, "DELETE", "faults") end)

  it("has the people of a group, by name and by id, over several pages", function()
    local source = assert(read("okta:group/Everybody"))
    assert.same("okta:group/Everybody row 7", source:place(7))
    local rows = rows_of(source)
    assert.same(250, #rows)
    assert.same({
      userName = "p001@example.com",
      name = "First1 Last1",
      email = "p001@example.com",
      title = "Engineer",
      active = true,
    }, rows[1])
    assert.same(2, #rows_of(assert(read("okta:group/00gpair"))))
    assert.same({}, rows_of(assert(read("okta:group/Empty"))))
  end)

  it("says of the status what Okta's own provisioning says", function()
    local active = {}
    local rows = rows_of(assert(read("okta:group/Odd ones")))
    for _, row in ipairs(rows) do
      active[row.userName] = row.active
    end
    assert.same(3, #rows)
    assert.same({ ["p252@example.com"] = false, ["p253@example.com"] = false }, active)
  end)

  it("knows whom the app knows by the app's own id, and makes no second one of a renamed login", function()
    local user = assert(dd:create_scim_user { userName = "before@example.com", active = true })
    finally(function() assert(dd:delete_scim_user(user.id)) end)
    local renamed = okta_source.app_user_row {
      id = "00u1",
      externalId = user.id,
      credentials = { userName = "after@example.com" },
      _embedded = { user = { status = "ACTIVE", profile = { login = "after@example.com" } } },
    }
    assert.same({ userName = "after@example.com", active = true, id = user.id }, renamed)
    local result = assert(bulk.plan(dd, "scim_users", bulk.read { renamed }))
    assert.same({ 1, 0 }, { result.counts.conflict, result.counts.create })
    assert.truthy(result:step(1).reason:find("is 'before@example.com' there, by its id", 1, true))
  end)

  it("has the people of an app, under their names there", function()
    local app = "okta:app/Datadog"
    local names = {}
    for _, row in ipairs(rows_of(assert(read(app)))) do
      names[#names + 1] = row.userName
    end
    table.sort(names)
    assert.same({ "p001@example.com", "p002@example.com", "p003@example.com" }, names)
    assert(
      okta:update_application_user(
        "0oadatadog",
        "00uperson3",
        { credentials = { userName = "three@example.com" }, profile = { title = "Chief" } }
      )
    )
    local found
    for _, row in ipairs(rows_of(assert(read("okta:app/0oadatadog")))) do
      if row.userName == "three@example.com" then found = row end
    end
    assert.same({ "Chief", "p003@example.com", true }, { found.title, found.email, found.active })
  end)

  it("has a group with its members, and the groups that an app pushes", function()
    local rows = rows_of(assert(read("okta:group/Odd ones", "scim_groups")))
    assert.same({ { displayName = "Odd ones", members = { "p251@example.com" } } }, rows)
    rows = rows_of(assert(read("okta:app/Datadog", "scim_groups")))
    table.sort(rows, function(a, b) return a.displayName < b.displayName end)
    assert.same({ "Odd ones", "Pair" }, { rows[1].displayName, rows[2].displayName })
    -- who has not got the app does not appear in the team
    assert.same({ {}, { "p001@example.com", "p002@example.com" } }, { rows[1].members, rows[2].members })
  end)

  it("maps other attributes where it is told to", function()
    local source = assert(bulk.read("okta:group/Pair", {
      okta = okta,
      attributes = {
        title = "lastName",
        name = { "lastName", "firstName" },
      },
    }))
    local row = rows_of(source)[1]
    assert.same({ "Last1", "Last1 First1", "p001@example.com" }, { row.title, row.name, row.userName })
    assert.same({ "login" }, okta_source.attributes.userName)
    source = assert(bulk.read("okta:group/Pair", {
      okta = okta,
      map = {
        name = '"lastName"+", "+"firstName"',
        title = "nothing",
      },
    }))
    row = rows_of(source)[1]
    assert.same({ nil, "Last1, First1" }, { row.title, row.name })
  end)

  it("leaves a multi-valued attribute a list, and refuses it where there is room for one value", function()
    local role
    for _, one in ipairs(assert(dd:list_roles {})) do
      role = role or one.name
    end
    local fake = setmetatable({
      list_group_users = function(_, ...)
        local list, response = okta.list_group_users(okta, ...)
        for _, user in ipairs(list or {}) do
          user.profile.ddRoles = { role }
        end
        return list, response
      end,
    }, { __index = okta })
    local function from(map) return bulk.read("okta:group/Pair", { okta = fake, map = map }) end
    assert.same({ role }, rows_of(from { roles = "ddRoles" })[1].roles)
    local plan = assert(bulk.plan(dd, "scim_users", from { roles = "ddRoles" }))
    assert.is_nil(tostring(plan):find("table:", 1, true))
    assert.truthy(tostring(plan):find(role, 1, true))
    local _, err = bulk.plan(dd, "scim_users", from { title = "ddRoles" })
    assert.truthy(err.message:find("title: a string is wanted, got table", 1, true), err.message)
    assert.same("Last1 " .. role, rows_of(from { title = "lastName+ddRoles" })[1].title)
  end)

  it("goes through plan and apply, and then there is nothing to do", function()
    local function plan(kind) return assert(bulk.plan(dd, kind, read("okta:app/Datadog", kind))) end
    for _, kind in ipairs { "scim_users", "scim_groups" } do
      assert(bulk.apply(dd, plan(kind), { allow_conflicts = true }))
      local again = plan(kind)
      assert.same({ 0, 0 }, { again.counts.create, again.counts.update }, tostring(again))
    end
  end)

  it("says what Okta does not have, and what is not clear", function()
    for from, words in pairs {
      ["okta:group/Everbody"] = "Okta has no group with the id or name 'Everbody', did you mean 'Everybody'?",
      ["okta:app/Datadgo"] = "did you mean 'Datadog'?",
      ["okta:group/00gnothere"] = "no group with the id or name '00gnothere'",
      ["okta:app/Twin"] = "Okta has 2 apps with the name 'Twin', use an id: 0oa",
      ["okta:users"] = "okta:group/<id or name> or okta:app/<id or label> is wanted",
      ["okta:team/x"] = "okta:group/<id or name>",
    } do
      local source, err = read(from)
      assert.is_nil(source)
      assert.truthy(err.message:find(words, 1, true), from .. ": " .. err.message)
    end
    local _, err = read("okta:group/Pair", "okta_accounts")
    assert.truthy(err.message:find("not of okta_accounts", 1, true))
    assert.has_error(
      function() bulk.read("okta:group/Pair") end,
      "option 'okta': a client of Okta (ddokta.okta) is wanted to read okta:group/Pair"
    )
    assert.has_error(function() bulk.read("okta:group/Pair", { okta = dd }) end)
  end)

  it("is no source when a page cannot be had: nothing is planned, nobody is deactivated", function()
    local pages = 0
    local broken = setmetatable({
      list_group_users = function(client, ...)
        pages = pages + 1
        if pages == 2 then return nil, failure.new { kind = "server", message = "page 2 is gone" } end
        return okta.list_group_users(client, ...)
      end,
    }, { __index = okta })
    local source, err = bulk.read("okta:group/Everybody", { okta = broken })
    assert.is_nil(source)
    assert.same({ 2, "page 2 is gone" }, { pages, err.message })
    box.fault(server, {
      method = "GET",
      path = "/api/v1/groups/{groupId}/users",
      status = 500,
      times = "always",
    })
    local plan, why = bulk.plan(dd, "scim_users", read("okta:group/Everybody"))
    assert.is_nil(plan)
    assert.same("server", why.kind)
  end)

  it("never makes of an empty group a plan that removes everybody", function()
    assert(dd:create_scim_user {
      userName = "kept@example.com",
      active = true,
      emails = { { type = "work", value = "kept@example.com" } },
    })
    local plan = assert(
      bulk.plan(
        dd,
        "scim_users",
        assert(read("okta:group/Empty")),
        { prune = true, max_deactivations = "100%" }
      )
    )
    assert.truthy(plan.blocked:find("okta:group/Empty has no rows", 1, true), plan.blocked)
    assert.same("conflict", select(2, bulk.apply(dd, plan)).kind)
  end)
end)
