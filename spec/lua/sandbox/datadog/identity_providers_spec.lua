-- lua/ddokta/sandbox/datadog/identity_providers.lua: ways to log in, and who has others.
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local IDPS = "/api/v2/identity_providers"

describe("the sandbox's identity providers", function()
  local box, ask, ids, users

  before_each(function()
    box = datadog.open {
      users = {
        { email = "a@example.com", name = "B" },
        { email = "b@example.com", name = "A" },
        { email = "c@example.com", name = "C", status = "Disabled" },
      },
    }
    ask = box.ask
    ids, users = {}, {}
    for _, provider in ipairs(ask("GET", IDPS).json.data) do
      ids[provider.attributes.authentication_method] = provider.id
    end
    for _, user in ipairs(ask("GET", "/api/v2/users?sort=email").json.data) do
      if not user.attributes.service_account then users[#users + 1] = user.id end
    end
  end)

  local function override(user_id, provider_ids)
    local data = json.array()
    for i, id in ipairs(provider_ids) do
      data[i] = { type = "identity_providers", id = id }
    end
    local path = ("/api/v2/users/%s/relationships/identity_providers"):format(user_id)
    return ask("PATCH", path, { data = data })
  end

  local function names(query)
    local list = {}
    for i, user in ipairs(ask("GET", ("%s/%s/users%s"):format(IDPS, ids.saml, query or "")).json.data) do
      list[i] = user.attributes.name
    end
    return table.concat(list, " ")
  end

  local function update(id, attributes, body_id)
    return ask(
      "PATCH",
      IDPS .. "/" .. id,
      datadog.document("identity_providers", attributes, { id = body_id or id })
    )
  end

  it("are enabled and disabled", function()
    local answer = update(ids.saml, { enabled = true })
    assert.equal(200, answer.status)
    assert.is_true(answer.json.data.attributes.enabled)
    assert.is_false(update(ids.password, { enabled = false }).json.data.attributes.enabled)
    for _, provider in ipairs(ask("GET", IDPS).json.data) do
      assert.equal(provider.attributes.authentication_method ~= "password", provider.attributes.enabled)
    end
  end)

  it("refuse what is not right, in JSON:API's shape", function()
    for status, answer in pairs {
      [404] = update("x", { enabled = true }),
      [400] = update(ids.saml, { enabled = "yes" }),
    } do
      assert.equal(status, answer.status)
      assert.equal(("%d"):format(status), answer.json.errors[1].status)
    end
    assert.equal("enabled must be a boolean", update(ids.saml, { enabled = 1 }).json.errors[1].detail)
    assert.equal(400, update(ids.saml, { enabled = true }, ids.google).status)
    assert.equal(404, ask("GET", IDPS .. "/x/users").status)
    assert.equal(400, ask("GET", IDPS .. "/" .. ids.saml .. "/users?sort=x").status)
  end)

  it("are another user's than everybody's, when it is said so", function()
    local path = ("/api/v2/users/%s/identity_providers"):format(users[1])
    assert.equal('{"data":[]}\n', ask("GET", path).body)
    assert.equal(204, override(users[1], { ids.saml, ids.google }).status)
    local data = ask("GET", path).json.data
    assert.equal("saml", data[1].attributes.authentication_method)
    assert.equal(ids.google, data[2].id)
    assert.equal(204, override(users[1], {}).status)
    assert.equal('{"data":[]}\n', ask("GET", path).body)
  end)

  it("list the users who have them", function()
    assert.equal("", names())
    for _, id in ipairs(users) do
      override(id, { ids.saml })
    end
    assert.equal("B A C", names())
    assert.equal("A B C", names "?sort=name")
    assert.equal("C B A", names "?sort=name&sort_dir=desc")
    assert.equal("C", names "?filter[status]=Disabled")
    assert.equal("B A", names "?filter[status]=Active,Pending")
    assert.equal("A", names "?filter=b@example")
    assert.equal("C", names "?page[size]=2&page[number]=1")
    local page = ask("GET", ("%s/%s/users?filter[status]=Disabled"):format(IDPS, ids.saml)).json.meta.page
    assert.same({ total_count = 3, total_filtered_count = 1 }, page)
    assert.equal(0, #ask("GET", ("%s/%s/users"):format(IDPS, ids.google)).json.data)
  end)

  it("refuse overrides that are not right", function()
    assert.equal(404, override(users[1], { "x" }).status)
    assert.equal(404, override(organisation.ID, {}).status)
    assert.equal(404, ask("GET", ("/api/v2/users/%s/identity_providers"):format(organisation.ID)).status)
    local path = ("/api/v2/users/%s/relationships/identity_providers"):format(users[1])
    for problem, body in pairs {
      ["data must be a list"] = { data = { id = "x" } },
      ["data.type must be identity_providers"] = { data = { { id = ids.saml, type = "x" } } },
      ["data.id is required"] = { data = { { type = "identity_providers" } } },
      ["data is required"] = { data = { 1 } },
    } do
      local answer = ask("PATCH", path, body)
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal("", names())
  end)
end)
