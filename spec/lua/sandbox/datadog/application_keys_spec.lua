-- lua/ddokta/sandbox/datadog/application_keys.lua: the three places where application keys are.
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local ORG, OWN = "/api/v2/application_keys", "/api/v2/current_user/application_keys"

describe("the sandbox's application keys", function()
  local box, ask, account_id, place

  before_each(function()
    box = datadog.open()
    ask = box.ask
    account_id = ask(
      "POST",
      "/api/v2/service_accounts",
      datadog.document("users", { email = "robot@example.com", service_account = true })
    ).json.data.id
    place = ("/api/v2/service_accounts/%s/application_keys"):format(account_id)
  end)

  local function document(attributes, id) return datadog.document("application_keys", attributes, { id = id }) end

  local function create(path, name, scopes)
    local answer = ask("POST", path, document { name = name, scopes = scopes })
    assert.equal(201, answer.status)
    return answer.json.data
  end

  local function names(path, query)
    local list = {}
    for i, key in ipairs(ask("GET", path .. (query or "")).json.data) do
      list[i] = key.attributes.name
    end
    return table.concat(list, " ")
  end

  it("show a key once, later its last four characters", function()
    local made = create(place, "robot", { "teams_read" })
    local attributes = made.attributes
    assert.matches("^%x+$", attributes.key)
    assert.equal(40, #attributes.key)
    assert.equal(attributes.key:sub(-4), attributes.last4)
    assert.same({ "teams_read" }, attributes.scopes)
    assert.same({ type = "users", id = account_id }, made.relationships.owned_by.data)
    for _, path in ipairs { place, ORG } do
      local shown = ask("GET", path .. "/" .. made.id)
      assert.equal(200, shown.status)
      assert.is_nil(shown.json.data.attributes.key)
      assert.equal(attributes.last4, shown.json.data.attributes.last4)
      assert.is_nil(ask("GET", path).body:find(attributes.key, 1, true))
    end
  end)

  it("are listed where they belong", function()
    create(place, "robot")
    create(OWN, "mine")
    assert.equal("robot", names(place))
    assert.equal("Sandbox mine", names(OWN))
    assert.equal("Sandbox robot mine", names(ORG))
    assert.equal("robot", names(ORG, "?filter%5Bowned_by%5D=" .. account_id))
    local mine = ask("GET", OWN .. "?sort=-name").json.data[1]
    assert.equal("mine", mine.attributes.name)
    assert.equal(404, ask("GET", place .. "/" .. mine.id).status)
    assert.equal(200, ask("GET", OWN .. "/" .. mine.id).status)
  end)

  it("are listed by page, filter and order", function()
    for i = 1, 25 do
      box.now = datadog.NOW + i
      create(place, ("key %02d"):format(i))
    end
    local first = ask("GET", place).json
    assert.equal(10, #first.data)
    assert.equal(25, first.meta.page.total_filtered_count)
    assert.equal("key 21 key 22 key 23 key 24 key 25", names(place, "?page[size]=10&page[number]=2"))
    assert.equal("", names(place, "?page[number]=3"))
    assert.equal("key 25 key 24", names(place, "?sort=-created_at&page[size]=2"))
    assert.equal("key 20 key 21", names(place, "?filter=Y%202&page[size]=2"))
    assert.equal("key 24 key 25", names(place, "?filter[created_at][start]=2024-05-05T12:27:04%2B00:00"))
    assert.equal("key 01", names(place, "?filter[created_at][end]=2024-05-05T12:26:41.000Z"))
    assert.equal(25, #ask("GET", place .. "?page[size]=5000").json.data)
    for _, query in ipairs { "page[size]=0", "page[size]=x", "page[number]=-1", "sort=key" } do
      assert.equal(400, ask("GET", place .. "?" .. query).status)
    end
  end)

  it("come with their owners when asked to", function()
    create(place, "robot")
    create(place, "robot 2")
    assert.is_nil(ask("GET", ORG).json.included)
    local included = ask("GET", ORG .. "?include=owned_by").json.included
    assert.equal(2, #included)
    assert.equal(organisation.CURRENT_USER_ID, included[1].id)
    assert.equal(account_id, included[2].id)
  end)

  it("change their name and scopes", function()
    local key = create(place, "old", { "teams_read" })
    for _, path in ipairs { place, ORG } do
      local answer = ask("PATCH", path .. "/" .. key.id, document({ name = "new at " .. path }, key.id))
      assert.equal(200, answer.status)
      assert.equal("new at " .. path, answer.json.data.attributes.name)
      assert.same({ "teams_read" }, answer.json.data.attributes.scopes)
    end
    local answer = ask("PATCH", place .. "/" .. key.id, document({ scopes = json.null() }, key.id))
    assert.equal(json.null(), answer.json.data.attributes.scopes)
    assert.equal(key.attributes.created_at, answer.json.data.attributes.created_at)
  end)

  it("refuse a change whose id is another", function()
    local key = create(place, "old")
    for _, id in ipairs { account_id, false } do
      local answer = ask("PATCH", place .. "/" .. key.id, document({ name = "new" }, id or nil))
      assert.equal(400, answer.status)
    end
    assert.equal("old", names(place))
  end)

  it("are deleted once", function()
    local key = create(OWN, "mine")
    assert.equal(404, ask("DELETE", place .. "/" .. key.id).status)
    assert.equal(204, ask("DELETE", OWN .. "/" .. key.id).status)
    for _, method in ipairs { "GET", "DELETE" } do
      local answer = ask(method, OWN .. "/" .. key.id)
      assert.equal(404, answer.status)
      assert.same({ ("Application key %s not found"):format(key.id) }, answer.json.errors)
    end
    assert.equal(404, ask("PATCH", OWN .. "/" .. key.id, document({ name = "x" }, key.id)).status)
  end)

  it("belong to service accounts alone under service accounts", function()
    local wrong = ("/api/v2/service_accounts/%s/application_keys"):format(organisation.ID)
    local answer = ask("GET", wrong)
    assert.equal(404, answer.status)
    assert.same({ ("Service account %s not found"):format(organisation.ID) }, answer.json.errors)
  end)

  local WRONG = {
    ["name is a required attribute"] = document {},
    ["name must be a string"] = document { name = 5 },
    ["scopes must be a list of strings"] = document { name = "x", scopes = { 1 } },
    ["data.type must be application_keys"] = datadog.document("api_keys", { name = "x" }),
    ["data.attributes is required"] = datadog.document("application_keys"),
    ["data is required"] = {},
    ["Invalid JSON"] = "{",
  }

  it("refuse what is not right, and say why", function()
    for problem, body in pairs(WRONG) do
      local answer = ask("POST", place, body)
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal("", names(place))
  end)

  it("ask for their permissions", function()
    local function status(permission, method, path, body)
      box.state.settings.permissions = { permission }
      return ask(method, path, body).status
    end
    assert.equal(200, status("org_app_keys_read", "GET", ORG))
    assert.equal(403, status("org_app_keys_read", "GET", OWN))
    assert.equal(200, status("user_app_keys", "GET", OWN))
    assert.equal(200, status("service_account_write", "GET", place))
    assert.equal(403, status("org_app_keys_read", "DELETE", ORG .. "/x"))
    assert.equal(404, status("org_app_keys_write", "DELETE", ORG .. "/x"))
  end)
end)
