-- lua/ddokta/sandbox/datadog/*.lua as a client sees them, over plain HTTP
local client = require "spec.lua.sandbox.client"
local json = require "ddokta.sandbox.json"
local sandbox = require "ddokta.sandbox"

local ACCOUNTS = client.ACCOUNTS
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local UNKNOWN = '{"errors":["Unknown error occurred: "]}'

describe("the sandbox's Datadog", function()
  local box

  setup(function() box = assert(sandbox.start {}) end)
  teardown(function() box:stop() end)
  before_each(function() client.admin(box, "POST", "/reset") end)

  local function call(method, path, body) return assert(client.call(box, method, path, { body = body })) end

  local function create(attributes) return call("POST", ACCOUNTS, client.account(attributes)).json.data end

  local function names()
    local list = {}
    for i, account in ipairs(call("GET", ACCOUNTS).json.data) do
      list[i] = account.attributes.name
    end
    return table.concat(list, " ")
  end

  it("lists no account as an empty array", function()
    local answer = call("GET", ACCOUNTS)
    assert.equal(200, answer.status)
    assert.equal('{"data":[]}\n', answer.body)
    assert.equal("application/json", answer.headers["content-type"])
  end)

  it("creates an account and gives it back as recorded: no secret, an id of its own", function()
    local body = client.account { client_id = "the id", client_secret = "the secret", api_key = "the key" }
    body.data.id = "f749daaf-682e-4208-a38d-c9b43162c609"
    local answer = call("POST", ACCOUNTS, body)
    assert.equal(201, answer.status)
    local data = answer.json.data
    assert.equal("okta-accounts", data.type)
    assert.same({
      auth_method = "oauth",
      client_id = "the id",
      domain = "https://example.okta.com/",
      name = "Okta-Prod",
    }, data.attributes)
    assert.matches(UUID, data.id)
    assert.are_not.equal(body.data.id, data.id)
    assert.same(answer.json, call("GET", ACCOUNTS .. "/" .. data.id).json)
    assert.same({ answer.json.data }, call("GET", ACCOUNTS).json.data)
    assert.is_nil(call("GET", ACCOUNTS).body:find("the secret", 1, true))
    assert.is_nil(call("GET", ACCOUNTS).body:find("the key", 1, true))
  end)

  it("keeps the domain as it was sent", function()
    for _, domain in ipairs { "https://Example.okta.com", "example.okta.com/", "https://é.example/" } do
      assert.equal(domain, create { domain = domain }.attributes.domain)
    end
  end)

  it("keeps the order of creation, also after updates and deletions", function()
    local ids = {}
    for i, name in ipairs { "c", "a", "b", "d" } do
      ids[i] = create { name = name }.id
    end
    assert.equal("c a b d", names())
    call("PATCH", ACCOUNTS .. "/" .. ids[1], client.account())
    call("DELETE", ACCOUNTS .. "/" .. ids[3])
    assert.equal("c a d", names())
  end)

  it("accepts a second account of the same name", function()
    local first, second = create(), create()
    assert.are_not.equal(first.id, second.id)
    assert.equal("Okta-Prod Okta-Prod", names())
  end)

  it("gives an account another id with every update", function()
    local old = create { client_id = "kept" }
    local body = {
      data = {
        type = "okta-accounts",
        attributes = { auth_method = "oauth2", domain = "https://other.okta.com/", name = "ignored" },
      },
    }
    local answer = call("PATCH", ACCOUNTS .. "/" .. old.id, body)
    assert.equal(200, answer.status)
    local new = answer.json.data
    assert.matches(UUID, new.id)
    assert.are_not.equal(old.id, new.id)
    assert.same(
      { auth_method = "oauth2", client_id = "kept", domain = "https://other.okta.com/", name = "Okta-Prod" },
      new.attributes
    )
    assert.equal(200, call("GET", ACCOUNTS .. "/" .. new.id).status)
    for _, method in ipairs { "GET", "PATCH", "DELETE" } do
      local stale = call(method, ACCOUNTS .. "/" .. old.id, method == "PATCH" and body or nil)
      assert.equal(400, stale.status)
      assert.equal(UNKNOWN, stale.body)
    end
    assert.equal("Okta-Prod", names())
  end)

  it("deletes with a 204 that claims to be HTML", function()
    local account = create()
    local answer = call("DELETE", ACCOUNTS .. "/" .. account.id)
    assert.equal(204, answer.status)
    assert.equal("", answer.body)
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    assert.equal("", names())
    assert.equal(UNKNOWN, call("DELETE", ACCOUNTS .. "/" .. account.id).body)
  end)

  it("answers 400 for ids that never were", function()
    local path = ACCOUNTS .. "/f749daaf-682e-4208-a38d-c9b43162c609"
    for _, method in ipairs { "GET", "DELETE" } do
      local answer = call(method, path)
      assert.equal(400, answer.status)
      assert.equal(UNKNOWN, answer.body)
    end
  end)

  local WRONG = {
    ["Invalid JSON"] = "{",
    ["data is required"] = { name = "x" },
    ["data.type must be okta-accounts"] = { data = { attributes = {} } },
    ["data.attributes is required"] = { data = { type = "okta-accounts" } },
    ["name is a required attribute"] = client.account { name = "" },
    ["domain is a required attribute"] = client.account { domain = 5 },
    ["auth_method is a required attribute"] = client.account { auth_method = false },
    ["client_id must be a string"] = client.account { client_id = 5 },
  }

  it("refuses a create that is not right, and says why", function()
    for problem, body in pairs(WRONG) do
      local answer = call("POST", ACCOUNTS, body)
      assert.equal(400, answer.status)
      assert.same({ errors = { problem } }, answer.json)
    end
    assert.equal("", names())
  end)

  it("refuses an update without auth_method or domain, and leaves the account alone", function()
    local account = create()
    for _, missing in ipairs { "auth_method", "domain" } do
      local attributes = { auth_method = "oauth", domain = "https://other.okta.com/" }
      attributes[missing] = nil
      local answer = call(
        "PATCH",
        ACCOUNTS .. "/" .. account.id,
        { data = { type = "okta-accounts", attributes = attributes } }
      )
      assert.equal(400, answer.status)
      assert.same({ missing .. " is a required attribute" }, answer.json.errors)
    end
    assert.same({ account }, call("GET", ACCOUNTS).json.data)
  end)

  it("takes null for an attribute that is not given", function()
    local body = client.account()
    body.data.attributes.client_id = json.null()
    local answer = call("POST", ACCOUNTS, body)
    assert.equal(201, answer.status)
    assert.is_nil(answer.json.data.attributes.client_id)
  end)

  it("takes a body that nginx spools to a file", function()
    local long = ("x"):rep(3 * 1024 * 1024)
    local answer = call("POST", ACCOUNTS, client.account { name = long })
    assert.equal(201, answer.status)
    assert.is_true(answer.json.data.attributes.name == long)
  end)

  it("validates keys", function()
    assert.same({ status = "ok" }, call("GET", "/api/v2/validate_keys").json)
    local answer = client.call(box, "GET", "/api/v2/validate_keys", { headers = false })
    assert.equal(403, answer.status)
    assert.same({ errors = { "Forbidden" } }, answer.json)
  end)

  it("accepts a bearer token on the wire", function()
    local headers =
      { authorization = "Bearer " .. box.app_key, ["dd-api-key"] = "", ["dd-application-key"] = "" }
    local answer = client.call(box, "GET", "/api/v2/validate_keys", { headers = headers })
    assert.equal(200, answer.status)
  end)

  it("says who the current user is", function()
    local answer = call("GET", "/api/v2/current_user")
    assert.equal(200, answer.status)
    local data = answer.json.data
    assert.equal("users", data.type)
    assert.is_true(data.attributes.service_account)
    assert.equal("Active", data.attributes.status)
    assert.equal("orgs", data.relationships.org.data.type)
    assert.equal("roles", data.relationships.roles.data[1].type)
  end)

  it("does not know other paths", function()
    local answer = call("GET", "/api/v2/nothing")
    assert.equal(404, answer.status)
    assert.same({ errors = { "Not found" } }, answer.json)
  end)
end)
