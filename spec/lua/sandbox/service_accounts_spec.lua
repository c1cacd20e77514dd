-- lua/ddokta/sandbox/datadog/service_accounts.lua
local direct = require "spec.lua.sandbox.direct"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local ACCOUNTS = "/api/v2/service_accounts"

describe("the sandbox's Datadog service accounts", function()
  local box, ask

  before_each(function()
    box = direct.new()
    ask = box.ask
  end)

  local function create(attributes, roles)
    local more = roles and { relationships = { roles = { data = json.array(roles) } } }
    return ask("POST", ACCOUNTS, direct.document("users", attributes, more))
  end

  local ATTRIBUTES = { email = "robot@example.com", name = "Robot", title = "R", service_account = true }

  it("are users with roles", function()
    local answer = create(ATTRIBUTES, { { type = "roles", id = organisation.STANDARD_ROLE_ID } })
    assert.equal(201, answer.status)
    local data = answer.json.data
    assert.equal("Robot", data.attributes.name)
    assert.equal("R", data.attributes.title)
    assert.is_true(data.attributes.service_account)
    assert.equal("Active", data.attributes.status)
    assert.same({ { type = "roles", id = organisation.STANDARD_ROLE_ID } }, data.relationships.roles.data)
    assert.same(data, ask("GET", "/api/v2/users/" .. data.id).json.data)
    assert.is_truthy(ask("GET", "/api/v2/users?filter=robot").body:find(data.id, 1, true))
  end)

  it("may share an email, for their handles are their ids", function()
    local one, other = create(ATTRIBUTES).json.data, create(ATTRIBUTES).json.data
    assert.are_not.equal(one.id, other.id)
    assert.equal(one.id, one.attributes.handle)
    assert.equal(other.id, other.attributes.handle)
  end)

  it("are disabled among the users", function()
    local id = create(ATTRIBUTES).json.data.id
    assert.equal(204, ask("DELETE", "/api/v2/users/" .. id).status)
    assert.equal("Disabled", ask("GET", "/api/v2/users/" .. id).json.data.attributes.status)
  end)

  local WRONG = {
    ["email is a required attribute"] = { { service_account = true } },
    ["service_account is a required attribute"] = { { email = "a@b.c" } },
    ["service_account must be true"] = { { email = "a@b.c", service_account = false } },
    ["service_account must be a boolean"] = { { email = "a@b.c", service_account = "true" } },
    ["role x does not exist"] = { ATTRIBUTES, { { type = "roles", id = "x" } } },
    ["relationships.roles must name roles by id"] = { ATTRIBUTES, { { type = "users", id = "x" } } },
  }

  it("refuse what is not right, and say why", function()
    for problem, given in pairs(WRONG) do
      local answer = create(given[1], given[2])
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal(1, box.state.users.count)
  end)

  it("ask for their permission", function()
    box.state.settings.permissions = { "user_access_manage" }
    assert.equal(403, create(ATTRIBUTES).status)
  end)
end)
