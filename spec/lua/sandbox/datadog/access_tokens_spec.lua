-- lua/ddokta/sandbox/datadog/access_tokens.lua: personal tokens and those of service accounts.
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"

local PERSONAL = "/api/v2/personal_access_tokens"

describe("the sandbox's access tokens", function()
  local box, ask, account_id, place

  before_each(function()
    box = datadog.open()
    ask = box.ask
    account_id = ask(
      "POST",
      "/api/v2/service_accounts",
      datadog.document("users", { email = "robot@example.com", service_account = true })
    ).json.data.id
    place = ("/api/v2/service_accounts/%s/access_tokens"):format(account_id)
  end)

  local function personal(attributes, id)
    return datadog.document("personal_access_tokens", attributes, { id = id })
  end

  local function of_account(attributes, id)
    return datadog.document("service_access_tokens", attributes, { id = id })
  end

  local FULL = { name = "mine", scopes = { "teams_read" }, expires_at = "2025-01-01T00:00:00+00:00" }

  it("show a token once, later its public portion", function()
    for path, made in pairs {
      [PERSONAL] = ask("POST", PERSONAL, personal(FULL)),
      [place] = ask("POST", place, of_account { name = "t", scopes = {} }),
    } do
      assert.equal(201, made.status)
      local attributes = made.json.data.attributes
      assert.matches(path == PERSONAL and "^ddpat_" or "^ddsat_", attributes.key)
      assert.equal(attributes.public_portion, attributes.key:sub(1, #attributes.public_portion))
      assert.is_true(#attributes.key >= #attributes.public_portion + 40)
      local shown = ask("GET", path .. "/" .. made.json.data.id)
      assert.equal(200, shown.status)
      assert.is_nil(shown.json.data.attributes.key)
      assert.equal(attributes.public_portion, shown.json.data.attributes.public_portion)
      assert.is_nil(ask("GET", path).body:find(attributes.key, 1, true))
    end
  end)

  it("say whose they are and when they were used", function()
    local made = ask("POST", PERSONAL, personal(FULL)).json.data
    assert.same({ type = "users", id = organisation.CURRENT_USER_ID }, made.relationships.owned_by.data)
    assert.is_nil(ask("GET", PERSONAL .. "/" .. made.id).json.data.attributes.last_used_at)
    ask("GET", "/api/v2/current_user", nil, datadog.bearer(made.attributes.key))
    assert.equal(
      "2024-05-05T12:26:40.000000+00:00",
      ask("GET", PERSONAL .. "/" .. made.id).json.data.attributes.last_used_at
    )
  end)

  it("are all in the organisation's list, a service account's in its own", function()
    ask("POST", PERSONAL, personal(FULL))
    local other = ask("POST", place, of_account { name = "robot's", scopes = {} }).json.data
    local all = ask("GET", PERSONAL .. "?sort=name").json
    assert.equal(2, all.meta.page.total_filtered_count)
    assert.same({ "personal_access_tokens", "service_access_tokens" }, { all.data[1].type, all.data[2].type })
    assert.same({ type = "service_account", id = account_id }, all.data[2].relationships.owned_by.data)
    local owned = ask("GET", PERSONAL .. "?filter[owned_by]=" .. account_id).json.data
    assert.equal(1, #owned)
    assert.equal(other.id, owned[1].id)
    assert.equal(1, #ask("GET", place).json.data)
    assert.equal(1, #ask("GET", PERSONAL .. "?filter=MINE").json.data)
    assert.equal(1, #ask("GET", PERSONAL .. "?page[size]=1&page[number]=1&sort=-last_used_at").json.data)
    assert.equal(404, ask("GET", PERSONAL .. "/" .. other.id).status)
  end)

  it("change their name and scopes", function()
    local made = ask("POST", place, of_account { name = "t", scopes = {} }).json.data
    local answer = ask("PATCH", place .. "/" .. made.id, of_account({ scopes = { "teams_read" } }, made.id))
    assert.equal(200, answer.status)
    assert.equal("t", answer.json.data.attributes.name)
    assert.same({ "teams_read" }, answer.json.data.attributes.scopes)
    assert.equal(400, ask("PATCH", place .. "/" .. made.id, of_account({ name = "x" }, "other")).status)
    assert.equal(400, ask("PATCH", place .. "/" .. made.id, personal({ name = "x" }, made.id)).status)
  end)

  it("are revoked once", function()
    local made = ask("POST", PERSONAL, personal(FULL)).json.data
    assert.equal(404, ask("DELETE", place .. "/" .. made.id).status)
    assert.equal(204, ask("DELETE", PERSONAL .. "/" .. made.id).status)
    for _, method in ipairs { "GET", "DELETE" } do
      assert.equal(404, ask(method, PERSONAL .. "/" .. made.id).status)
    end
    assert.equal(404, ask("PATCH", PERSONAL .. "/" .. made.id, personal({ name = "x" }, made.id)).status)
  end)

  local WRONG = {
    ["name is a required attribute"] = { scopes = {}, expires_at = FULL.expires_at },
    ["scopes is a required attribute"] = { name = "x", expires_at = FULL.expires_at },
    ["expires_at is a required attribute"] = { name = "x", scopes = {} },
    ["expires_at must be a date-time"] = { name = "x", scopes = {}, expires_at = "tomorrow" },
    ["expires_at must be in the future"] = { name = "x", scopes = {}, expires_at = "2024-05-05T12:26:40Z" },
  }

  it("refuse what is not right, and say why", function()
    for problem, attributes in pairs(WRONG) do
      local answer = ask("POST", PERSONAL, personal(attributes))
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal(0, #ask("GET", PERSONAL).json.data)
  end)

  it("need a service account that is one", function()
    local path = ("/api/v2/service_accounts/%s/access_tokens"):format(organisation.ID)
    for method, body in pairs { GET = false, POST = of_account { name = "t", scopes = {} } } do
      assert.equal(404, ask(method, path, body or nil).status)
    end
  end)
end)
