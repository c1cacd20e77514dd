-- lua/ddokta/sandbox/datadog/api_keys.lua
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"

local KEYS = "/api/v2/api_keys"

describe("the sandbox's API keys", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function document(attributes, id) return datadog.document("api_keys", attributes, { id = id }) end

  local function create(attributes)
    local answer = ask("POST", KEYS, document(attributes))
    assert.equal(201, answer.status)
    return answer.json.data
  end

  local function names(query)
    local list = {}
    for i, key in ipairs(ask("GET", KEYS .. (query or "")).json.data) do
      list[i] = key.attributes.name
    end
    return table.concat(list, " ")
  end

  it("show a key once", function()
    local made = create { name = "new", category = "c", remote_config_read_enabled = false }
    assert.equal(32, #made.attributes.key)
    assert.equal(made.attributes.key:sub(-4), made.attributes.last4)
    local shown = ask("GET", KEYS .. "/" .. made.id).json.data
    made.attributes.key = nil
    assert.same(made, shown)
    assert.same({ type = "users", id = organisation.CURRENT_USER_ID }, shown.relationships.created_by.data)
  end)

  it("say when they were used last", function()
    local own = ask("GET", KEYS).json.data[1]
    assert.equal("Sandbox", own.attributes.name)
    assert.equal("2024-05-05T12:26:40.000000+00:00", own.attributes.date_last_used)
    assert.equal(box.state.settings.api_key:sub(-4), own.attributes.last4)
  end)

  it("are listed by filter and order, with those who made them", function()
    create { name = "b", category = "x" }
    box.now = datadog.NOW + 60
    create { name = "a", remote_config_read_enabled = false }
    assert.equal("Sandbox b a", names())
    assert.equal("Sandbox a b", names "?sort=name")
    assert.equal("b", names "?filter[category]=x")
    assert.equal("a", names "?filter[remote_config_read_enabled]=false")
    assert.equal("a", names "?filter[created_at][start]=2024-05-05T12:27:00Z")
    assert.equal("Sandbox b", names "?filter[modified_at][end]=2024-05-05T12:27:00Z")
    local page = ask("GET", KEYS .. "?include=created_by,modified_by&page[size]=1").json
    assert.equal(1, #page.data)
    assert.equal(3, page.meta.page.total_filtered_count)
    assert.equal(organisation.CURRENT_USER_ID, page.included[1].id)
    assert.equal(1, #page.included)
    assert.equal(400, ask("GET", KEYS .. "?sort=key").status)
  end)

  it("change, and say who changed them", function()
    local key = create { name = "old" }
    box.now = datadog.NOW + 1
    local answer = ask("PATCH", KEYS .. "/" .. key.id, document({ name = "new" }, key.id))
    assert.equal(200, answer.status)
    assert.equal("new", answer.json.data.attributes.name)
    assert.is_nil(answer.json.data.attributes.key)
    assert.equal("2024-05-05T12:26:41.000000+00:00", answer.json.data.attributes.modified_at)
    assert.equal(400, ask("PATCH", KEYS .. "/" .. key.id, document({ name = "x" }, "other")).status)
    assert.equal(400, ask("PATCH", KEYS .. "/" .. key.id, document({}, key.id)).status)
    assert.equal("Sandbox new", names())
  end)

  it("are deleted once", function()
    local key = create { name = "new" }
    assert.equal(204, ask("DELETE", KEYS .. "/" .. key.id).status)
    for _, method in ipairs { "GET", "DELETE" } do
      assert.equal(404, ask(method, KEYS .. "/" .. key.id).status)
    end
    assert.equal(404, ask("PATCH", KEYS .. "/" .. key.id, document({ name = "x" }, key.id)).status)
  end)

  it("ask for their permissions, one for each thing", function()
    local function status(permission, method, path, body)
      box.state.settings.permissions = { permission }
      return ask(method, path, body).status
    end
    assert.equal(200, status("api_keys_read", "GET", KEYS))
    assert.equal(403, status("api_keys_read", "POST", KEYS, document { name = "x" }))
    assert.equal(201, status("api_keys_write", "POST", KEYS, document { name = "x" }))
    assert.equal(403, status("api_keys_write", "DELETE", KEYS .. "/x"))
    assert.equal(404, status("api_keys_delete", "DELETE", KEYS .. "/x"))
  end)
end)
