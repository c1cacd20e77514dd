-- lua/ddokta/sandbox/datadog/current_user.lua
local direct = require "spec.lua.sandbox.direct"
local organisation = require "ddokta.sandbox.datadog.organisation"

local WHO = "/api/v2/current_user"

describe("the sandbox's current user", function()
  local box, ask

  before_each(function()
    box = direct.new()
    ask = box.ask
  end)

  local function update(attributes, id)
    local document = direct.document("users", attributes, { id = id or organisation.CURRENT_USER_ID })
    return ask("PATCH", WHO, document)
  end

  it("is the owner of the key", function()
    local answer = ask("GET", WHO)
    assert.equal(200, answer.status)
    assert.equal(organisation.CURRENT_USER_ID, answer.json.data.id)
    assert.is_true(answer.json.data.attributes.service_account)
  end)

  it("comes with the organisation, its roles and what they allow", function()
    local included = ask("GET", WHO).json.included
    assert.equal(organisation.ID, included[1].id)
    assert.equal("Datadog Admin Role", included[2].attributes.name)
    assert.equal("permissions", included[3].type)
    assert.equal(2 + box.state.permissions.count, #included)
  end)

  it("changes what is sent and keeps the rest", function()
    local before = ask("GET", WHO).json.data.attributes
    box.now = direct.NOW + 1
    local after = update { name = "New", title = "T" }.json.data.attributes
    assert.equal("New", after.name)
    assert.equal("T", after.title)
    assert.equal(before.email, after.email)
    assert.are_not.equal(before.modified_at, after.modified_at)
    assert.same(after, ask("GET", "/api/v2/users/" .. organisation.CURRENT_USER_ID).json.data.attributes)
  end)

  it("refuses a body with another id, as recorded for users", function()
    local answer = update({ name = "New" }, organisation.ID)
    assert.equal(422, answer.status)
    assert.same({ "UUID's in the URL and request body do not match" }, answer.json.errors)
  end)

  it("refuses what is not right", function()
    local answer = update { name = 5 }
    assert.equal(400, answer.status)
    assert.same({ "name must be a string" }, answer.json.errors)
  end)

  it("can disable itself, and is locked out then", function()
    assert.is_true(update { disabled = true }.json.data.attributes.disabled)
    assert.equal(403, ask("GET", WHO).status)
  end)

  it("asks for a permission to change, for none to look", function()
    box.state.settings.permissions = { "teams_read" }
    assert.equal(403, update { name = "New" }.status)
    assert.equal(200, ask("GET", WHO).status)
  end)
end)
