-- lua/ddokta/sandbox/datadog/credentials.lua: which keys and tokens open the API, and what they allow.
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local WHO = "/api/v2/current_user"

describe("the sandbox's Datadog credentials", function()
  local box, ask

  before_each(function()
    box = datadog.open {
      users = {
        { email = "admin@example.com", roles = { "Datadog Admin Role" } },
        { email = "reader@example.com", roles = { "Datadog Read Only Role" } },
      },
    }
    ask = box.ask
  end)

  local function service_account(role_id)
    return ask(
      "POST",
      "/api/v2/service_accounts",
      datadog.document("users", { email = "robot@example.com", service_account = true }, {
        relationships = {
          roles = { data = json.array { role_id and { type = "roles", id = role_id } or nil } },
        },
      })
    ).json.data.id
  end

  local function app_key(owner_id, scopes)
    return ask(
      "POST",
      ("/api/v2/service_accounts/%s/application_keys"):format(owner_id),
      datadog.document("application_keys", { name = "key", scopes = scopes })
    ).json.data
  end

  local function status(headers, method, path, body)
    return ask(method or "GET", path or WHO, body, headers).status
  end

  it("opens with the keys that are set, both of them", function()
    local settings = box.state.settings
    assert.equal(200, status())
    for _, headers in ipairs {
      {},
      { ["dd-api-key"] = settings.api_key },
      datadog.keys(box.state, "x"),
      datadog.keys(box.state, settings.api_key),
      datadog.keys(box.state, nil, settings.app_key),
      datadog.bearer(settings.api_key),
      { authorization = settings.app_key },
      { authorization = "bearer " .. settings.app_key },
    } do
      assert.equal(403, status(headers))
    end
    assert.equal(200, status(datadog.bearer(settings.app_key)))
  end)

  it("follows the settings when they change", function()
    box.state.settings.app_key = "another-app-key"
    assert.equal(200, status())
    assert.equal(403, status(datadog.keys(box.state, "sandbox-app-key")))
  end)

  it("opens with a key that was made, as header and as bearer token, until it is deleted", function()
    local owner_id = service_account(organisation.ADMIN_ROLE_ID)
    local key = app_key(owner_id)
    local secret = key.attributes.key
    for _, headers in ipairs { datadog.keys(box.state, secret), datadog.bearer(secret) } do
      local answer = ask("GET", WHO, nil, headers)
      assert.equal(200, answer.status)
      assert.equal(owner_id, answer.json.data.id)
    end
    assert.equal(200, status(datadog.bearer(key.attributes.key), "GET", "/api/v2/scim/Users"))
    ask("DELETE", "/api/v2/application_keys/" .. key.id)
    assert.equal(403, status(datadog.keys(box.state, key.attributes.key)))
    box.undescribed = 403
    assert.equal(403, status(datadog.bearer(key.attributes.key), "GET", "/api/v2/scim/Users"))
  end)

  it("closes when the owner is disabled, and opens again with the owner", function()
    local owner_id = service_account(organisation.ADMIN_ROLE_ID)
    local headers = datadog.keys(box.state, app_key(owner_id).attributes.key)
    assert.equal(200, status(headers))
    assert.equal(204, ask("DELETE", "/api/v2/users/" .. owner_id).status)
    assert.equal(403, status(headers))
    ask(
      "PATCH",
      "/api/v2/users/" .. owner_id,
      datadog.document("users", { disabled = false }, { id = owner_id })
    )
    assert.equal(200, status(headers))
  end)

  it("closes the sandbox's own key too, when it is deleted or its owner disabled", function()
    local own = ask("GET", "/api/v2/current_user/application_keys").json.data[1]
    assert.equal(204, ask("DELETE", "/api/v2/application_keys/" .. own.id).status)
    assert.equal(403, status())
    box = datadog.open()
    ask = box.ask
    assert.equal(204, ask("DELETE", "/api/v2/users/" .. organisation.CURRENT_USER_ID).status)
    assert.equal(403, status())
  end)

  it("opens with an API key that was made, until it is deleted", function()
    local key = ask("POST", "/api/v2/api_keys", datadog.document("api_keys", { name = "new" })).json.data
    local headers = datadog.keys(box.state, nil, key.attributes.key)
    assert.equal(200, status(headers))
    assert.equal(204, ask("DELETE", "/api/v2/api_keys/" .. key.id).status)
    assert.equal(403, status(headers))
    assert.equal(200, status())
  end)

  it("opens with access tokens, as bearer tokens alone, until they are revoked or expire", function()
    local owner_id = service_account(organisation.ADMIN_ROLE_ID)
    local path = ("/api/v2/service_accounts/%s/access_tokens"):format(owner_id)
    local made = ask(
      "POST",
      path,
      datadog.document(
        "service_access_tokens",
        { name = "t", scopes = { "teams_read" }, expires_at = "2024-05-05T12:30:00Z" }
      )
    ).json.data
    local token = made.attributes.key
    assert.equal(200, status(datadog.bearer(token)))
    assert.equal(403, status(datadog.keys(box.state, token)))
    box.now = datadog.NOW + 199
    assert.equal(200, status(datadog.bearer(token)))
    box.now = datadog.NOW + 200
    assert.equal(403, status(datadog.bearer(token)))
    box.now = datadog.NOW
    assert.equal(204, ask("DELETE", path .. "/" .. made.id).status)
    assert.equal(403, status(datadog.bearer(token)))
  end)

  it("allows what the roles of the owner allow", function()
    local admin = app_key(service_account(organisation.ADMIN_ROLE_ID)).attributes.key
    local reader = app_key(service_account(organisation.READ_ONLY_ROLE_ID)).attributes.key
    local nobody = app_key(service_account()).attributes.key
    local function may(key, method, path, body)
      return status(datadog.keys(box.state, key), method, path, body)
    end
    local team = datadog.document("team", { name = "T", handle = "t" })
    assert.equal(403, may(nobody, "GET", "/api/v2/users"))
    assert.equal(200, may(nobody))
    assert.equal(200, may(reader, "GET", "/api/v2/users"))
    assert.equal(403, may(reader, "POST", "/api/v2/team", team))
    assert.equal(201, may(admin, "POST", "/api/v2/team", team))
  end)

  it("allows no more than the scopes of a key or token, and no more than the setting", function()
    local key = app_key(service_account(organisation.ADMIN_ROLE_ID), { "teams_read" }).attributes.key
    local headers = datadog.keys(box.state, key)
    assert.equal(200, status(headers, "GET", "/api/v2/team"))
    assert.equal(403, status(headers, "GET", "/api/v2/users"))
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(403, status(headers, "GET", "/api/v2/team"))
    assert.equal(403, status(headers, "GET", "/api/v2/users"))
    assert.equal(200, status(nil, "GET", "/api/v2/users"))
  end)

  it("refuses in JSON:API's shape where that is documented", function()
    local answer = ask("GET", "/api/v2/identity_providers", nil, {})
    assert.equal(403, answer.status)
    assert.same({ { status = "403", title = "Forbidden" } }, answer.json.errors)
    assert.same({ "Forbidden" }, ask("GET", WHO, nil, {}).json.errors)
  end)

  it("is counted and never shown in the sandbox's state and log", function()
    local key = app_key(service_account(organisation.ADMIN_ROLE_ID)).attributes.key
    local token = ask(
      "POST",
      "/api/v2/personal_access_tokens",
      datadog.document(
        "personal_access_tokens",
        { name = "t", scopes = {}, expires_at = "2030-01-01T00:00:00Z" }
      )
    ).json.data.attributes.key
    local api_key =
      ask("POST", "/api/v2/api_keys", datadog.document("api_keys", { name = "n" })).json.data.attributes.key
    ask("GET", WHO, nil, datadog.keys(box.state, key, api_key))
    ask("GET", WHO, nil, datadog.bearer(token))
    local shown = box.admin("GET", "/_sandbox/state")
    assert.equal(2, shown.json.api_key_count)
    assert.equal(2, shown.json.application_key_count)
    assert.equal(1, shown.json.access_token_count)
    for _, page in ipairs { shown.body, box.admin("GET", "/_sandbox/requests").body } do
      for _, secret in ipairs { key, token, api_key } do
        assert.equal(nil, (page:find(secret, 1, true)))
      end
    end
  end)

  it("is as at the start after a reset", function()
    local key = app_key(service_account(organisation.ADMIN_ROLE_ID)).attributes.key
    ask(
      "DELETE",
      "/api/v2/application_keys/" .. ask("GET", "/api/v2/application_keys").json.data[1].id,
      nil,
      datadog.keys(box.state, key)
    )
    assert.equal(403, status())
    box.admin("POST", "/_sandbox/reset")
    assert.equal(200, status())
    assert.equal(403, status(datadog.keys(box.state, key)))
  end)
end)

describe("the sandbox's checks of keys", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  it("validate_keys asks for both keys", function()
    assert.same({ status = "ok" }, ask("GET", "/api/v2/validate_keys").json)
    for _, headers in ipairs { {}, { ["dd-api-key"] = box.state.settings.api_key } } do
      local answer = ask("GET", "/api/v2/validate_keys", nil, headers)
      assert.equal(403, answer.status)
      assert.same({ "Forbidden" }, answer.json.errors)
    end
  end)

  it("validate of version 1 asks for the API key alone", function()
    local answer = ask("GET", "/api/v1/validate", nil, { ["dd-api-key"] = box.state.settings.api_key })
    assert.equal(200, answer.status)
    assert.same({ valid = true }, answer.json)
    for text, headers in pairs { ["API key required"] = {}, ["Forbidden"] = { ["dd-api-key"] = "x" } } do
      answer = ask("GET", "/api/v1/validate", nil, headers)
      assert.equal(403, answer.status)
      assert.same({ text }, answer.json.errors)
    end
  end)

  it("validate of version 2 says which key it is", function()
    local made = ask("POST", "/api/v2/api_keys", datadog.document("api_keys", { name = "new" })).json.data
    local data = ask("GET", "/api/v2/validate", nil, { ["dd-api-key"] = made.attributes.key }).json.data
    assert.equal(organisation.ID, data.id)
    assert.equal(made.id, data.attributes.api_key_id)
    assert.is_true(data.attributes.valid)
    for _, headers in ipairs { {}, { ["dd-api-key"] = "x" } } do
      local answer = ask("GET", "/api/v2/validate", nil, headers)
      assert.equal(403, answer.status)
      assert.equal("403", answer.json.errors[1].status)
    end
  end)
end)
