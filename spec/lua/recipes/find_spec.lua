-- lua/ddokta/recipes/find.lua: what is found by name, and what is refused.
local find = require "ddokta.recipes.find"

-- a method that answers these pages
local function paged(...)
  local pages = { ... }
  return function(page)
    local n = page and page.after or 1
    return pages[n], { next = pages[n + 1] and { after = n + 1 } or nil }
  end
end

local function group(id, name, app)
  return {
    id = id,
    type = app and "APP_GROUP" or "OKTA_GROUP",
    profile = { name = name },
    _links = app and { source = { href = "https://x/api/v1/apps/" .. app } } or {},
  }
end

describe("recipes.find", function()
  local APP = { id = "0oa1" }

  local function look(name, ...)
    local list = paged(...)
    return find.group({ okta = { list_groups = function(_, page) return list(page) end } }, APP, name)
  end

  it("takes the group of exactly that name, on whatever page it is", function()
    local found = assert(look("Red", { group("1", "Red Team") }, { group("2", "Red") }))
    assert.equal("2", found.id)
  end)

  it(
    "passes over the groups of the app itself",
    function() assert.equal("1", assert(look("Red", { group("1", "Red"), group("2", "Red", APP.id) })).id) end
  )

  it("refuses two of a name, with their ids", function()
    local _, err = look("Red", { group("1", "Red"), group("2", "Red", "0oa2") })
    assert.same({ "conflict", "ambiguous" }, { err.kind, err.code })
    assert.matches("2 Okta groups may be meant by 'Red': 1 (OKTA_GROUP), 2 (APP_GROUP)", err.message, 1, true)
  end)

  it("passes on what a page fails with", function()
    local work = { okta = { list_groups = function() return nil, { kind = "forbidden" } end } }
    local _, err = find.group(work, APP, "Red")
    assert.equal("forbidden", err.kind)
  end)

  it("knows that names may hold anything", function()
    local _, err = look("100% %s", {})
    assert.equal("there is no Okta group '100% %s'", err.message)
  end)

  it("passes over a group without a profile", function()
    assert.equal("2", assert(look("Red", { { id = "1", type = "BUILT_IN" } }, { group("2", "Red") })).id)
    assert.equal("1", find.name_of_group { id = "1" })
  end)

  -- a client of Okta that has these groups, and counts what it is asked
  local function okta_with(groups)
    local asked = { get = 0, list = 0 }
    return {
      okta = {
        get_group = function(_, id)
          asked.get = asked.get + 1
          if groups[id] then return groups[id] end
          return nil, { kind = "not_found" }
        end,
        list_groups = function(_, query)
          asked.list = asked.list + 1
          assert.is_true(#query.filter < 1500, #query.filter)
          local found = {}
          for id in query.filter:gmatch 'id eq "(%w+)"' do
            found[#found + 1] = groups[id]
          end
          return found, {}
        end,
      },
    },
      asked
  end

  it("takes many groups by a few calls, and says which there are", function()
    local groups, ids = {}, {}
    for i = 1, 100 do
      ids[i] = ("00gsome%013d"):format(i)
      groups[ids[i]] = i ~= 50 and group(ids[i], "Group " .. i) or nil
    end
    local work, asked = okta_with(groups)
    assert.same(groups, find.groups(work, ids))
    assert.same({ get = 0, list = 3 }, asked)
    assert.same({ [ids[1]] = groups[ids[1]] }, find.groups(work, { ids[1], ids[50] }))
    assert.same({ get = 2, list = 3 }, asked)
    assert.same({}, find.groups(work, {}))
  end)

  it("passes on why a group cannot be had", function()
    local work = {
      okta = {
        get_group = function() return nil, { kind = "forbidden" } end,
        list_groups = function() return nil, { kind = "server" } end,
      },
    }
    local _, err = find.groups(work, { "a" })
    assert.equal("forbidden", err.kind)
    _, err = find.groups(work, { "a", "b", "c" })
    assert.equal("server", err.kind)
  end)

  it("asks for a SCIM group alone whose members a list leaves out: they are not known", function()
    local alone = { id = "g", displayName = "Red", members = { { value = "u", display = "ada" } } }
    local function work(listed)
      return {
        dd = {
          list_scim_groups = function() return { listed }, {} end,
          get_scim_group = function(_, id)
            assert.equal("g", id)
            return alone
          end,
        },
      }
    end
    local found = assert(find.scim_group(work { id = "g", displayName = "Red" }, "Red"))
    assert.same({ u = "ada" }, find.scim_members(found))
    found = assert(find.scim_group(work { id = "g", displayName = "Red", members = {} }, "Red"))
    assert.same({}, find.scim_members(found))
  end)

  it("refuses a membership that does not say whose it is", function()
    local work = {
      dd = {
        get_team_memberships = function(_, team)
          assert.equal("t", team)
          return { { id = "m1", user = { data = { id = "u" } } }, { id = "m2" } }, {}
        end,
      },
    }
    local members, err = find.team_members(work, { id = "t", name = "Red" })
    assert.is_nil(members)
    assert.equal("the membership m2 of the team 'Red' does not say whose it is", err.message)
  end)

  it("does many things at once, and begins none behind a failure", function()
    assert.same({ 2, 6 }, find.each_of({ 1, 2, 3 }, function(n) return n ~= 2 and 2 * n end))
    local begun, list = 0, {}
    for i = 1, 100 do
      list[i] = i
    end
    local values, err = find.each_of(list, function(n)
      begun = begun + 1
      if n == 3 then return nil, { kind = "server" } end
      return n
    end)
    assert.is_nil(values)
    assert.equal("server", err.kind)
    assert.equal(3, begun)
    values, err = find.each_of({ 1 }, function() error "a bug" end)
    assert.is_nil(values)
    assert.matches("a bug", err.message)
  end)

  it("tells the difference of two sets", function()
    assert.same({ a = "ada" }, find.difference({ a = "ada", b = "bob" }, { b = "bob", c = "cyd" }))
    assert.same(
      { "ada", "bob" },
      { find.sorted({ x = "bob", y = "ada" })[1], find.sorted({ x = "bob", y = "ada" })[2] }
    )
  end)
end)
