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
  return { id = id, type = app and "APP_GROUP" or "OKTA_GROUP", profile = { name = name },
    _links = app and { source = { href = "https://x/api/v1/apps/" .. app } } or {} }
end

describe("recipes.find", function()
  local APP = { id = "0oa1" }

  local function look(name, ...)
    local list = paged(...)
    return find.group({ okta = { list_groups = function(_, page) return list(page) end } }, APP, name)
  end

  it("derives a handle as Datadog's own look", function()
    for name, handle in pairs { ["Platform"] = "platform", ["SRE & Friends"] = "sre-friends",
      ["  --A  b--"] = "a-b", ["!!!"] = "" } do
      assert.equal(handle, find.handle_of(name))
    end
    assert.equal(195, #find.handle_of(("x"):rep(300)))
  end)

  it("takes the group of exactly that name, on whatever page it is", function()
    local found = assert(look("Red", { group("1", "Red Team") }, { group("2", "Red") }))
    assert.equal("2", found.id)
  end)

  it("passes over the groups of the app itself", function()
    assert.equal("1", assert(look("Red", { group("1", "Red"), group("2", "Red", APP.id) })).id)
  end)

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

  it("tells the difference of two sets", function()
    assert.same({ a = "ada" }, find.difference({ a = "ada", b = "bob" }, { b = "bob", c = "cyd" }))
    assert.same({ "ada", "bob" }, { find.sorted({ x = "bob", y = "ada" })[1],
      find.sorted({ x = "bob", y = "ada" })[2] })
  end)
end)
