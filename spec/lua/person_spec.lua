-- lua/ddokta/person.lua: people in one shape, whatever service they are of; and found by their name.
local around = require "spec.lua.recipes.around"
local ddokta = require "ddokta"

describe("ddokta.person", function()
  it("has one shape for the users of all services", function()
    local ada =
      { user_name = "ada@example.com", name = "Ada Byron", email = "ada@example.com", active = true }
    local function with_id(id)
      local copy = { id = id }
      for name, value in pairs(ada) do
        copy[name] = value
      end
      return copy
    end
    assert.same(
      with_id "d",
      ddokta.person {
        id = "d",
        type = "users",
        handle = "ada@example.com",
        email = "ada@example.com",
        name = "Ada Byron",
        disabled = false,
        status = "Active",
      }
    )
    assert.same(
      with_id "s",
      ddokta.person {
        id = "s",
        userName = "ada@example.com",
        name = { formatted = "Ada Byron" },
        emails = { { value = "other@example.com" }, { value = "ada@example.com", primary = true } },
        active = true,
      }
    )
    local profile =
      { login = "ada@example.com", firstName = "Ada", lastName = "Byron", email = "ada@example.com" }
    assert.same(with_id "o", ddokta.person { id = "o", status = "ACTIVE", profile = profile })
    assert.same(
      with_id "a",
      ddokta.person {
        id = "a",
        status = "PROVISIONED",
        credentials = { userName = "ada@example.com" },
        profile = { displayName = "Ada Byron", email = "ada@example.com" },
      }
    )
  end)

  it("knows who cannot sign in", function()
    assert.is_false(ddokta.person({ id = "o", status = "SUSPENDED", profile = {} }).active)
    assert.is_false(ddokta.person({ id = "d", type = "users", disabled = true }).active)
    assert.is_false(ddokta.person({ id = "s", userName = "a", active = false }).active)
    assert.is_nil(ddokta.person({ id = "s", userName = "a" }).active)
  end)

  it("knows whom a membership is about", function()
    local membership = { id = "m", type = "team_memberships", user = { data = { id = "u", type = "users" } } }
    assert.equal("u", ddokta.person(membership).id)
    assert.equal("u", ddokta.person({ user = "u" }).id)
    assert.same({ id = "u", user_name = "Ada" }, ddokta.person { value = "u", display = "Ada" })
  end)

  it("is none of what is no person", function()
    assert.is_nil(ddokta.person { id = "t", type = "team", handle = "platform", name = "Platform" })
    assert.is_nil(ddokta.person {})
  end)
end)

describe("find_user", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed { okta = { users = { around.person "ada", around.person "adam" } } }
    house:config { permissions = "all", okta_permissions = "all" }
  end)

  local function make(name) return (assert(house.dd:create_user { email = name, name = "Of " .. name })) end

  it("finds a user of Datadog by the whole name, in any letter case", function()
    make "ada@example.com"
    local adam = make "adam@example.com"
    local user = assert(house.dd:find_user "ADAM@example.com")
    assert.equal(adam.id, user.id)
    assert.equal(user.id, ddokta.person(user).id)
    local none, err = house.dd:find_user "ada"
    assert.same({ nil, "not_found", "there is no user 'ada'" }, { none, err.kind, err.message })
  end)

  it("finds one of Okta by the whole login", function()
    local user = assert(house.okta:find_user "Ada@example.com")
    assert.equal("ada@example.com", ddokta.person(user).user_name)
    for _, name in ipairs { "ada", "nobody@example.com", user.id } do
      local none, err = house.okta:find_user(name)
      assert.same({ nil, "not_found" }, { none, err.kind })
    end
  end)

  it("answers what went wrong, and which may be meant", function()
    house:config { permissions = {} }
    local none, err = house.dd:find_user "ada@example.com"
    assert.same({ nil, "forbidden" }, { none, err.kind })
    house:config { permissions = "all" }
    local twin =
      '{"type":"users","id":"%s","attributes":{"handle":"ada@example.com","email":"ada@example.com"}}'
    house:fault {
      method = "GET",
      path = "/api/v2/users",
      status = 200,
      body = ('{"data":[%s,%s],"meta":{"page":{"total_count":2,"total_filtered_count":2}}}'):format(
        twin:format "one",
        twin:format "two"
      ),
    }
    none, err = house.dd:find_user "ada@example.com"
    assert.same({ nil, "conflict", "ambiguous" }, { none, err.kind, err.code })
    assert.matches("one, two", err.message)
    assert.has_error(
      function() house.dd:find_user() end,
      "find_user takes the name that a user signs in with"
    )
  end)
end)
