-- lua/ddokta/sandbox/datadog/saml.lua: the configuration, its metadata, the preferences.
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local CONFIGS = "/api/v2/saml_configurations"
local PREFERENCES = "/api/v2/org/saml_configurations"
local METADATA = '<?xml version="1.0"?>\n<md:EntityDescriptor entityID="http://www.okta.com/x" '
  .. 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2030-01-01T00:00:00Z">'
  .. "</md:EntityDescriptor>"

describe("the sandbox's SAML configuration", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function upload(field, content, content_type)
    local headers = datadog.keys(box.state)
    headers["content-type"] = content_type or "multipart/form-data; boundary=x"
    return ask(
      "POST",
      CONFIGS .. "/idp_metadata",
      ('--x\r\nContent-Disposition: form-data; name="%s"; ' .. 'filename="idp.xml"\r\n\r\n%s\r\n--x--\r\n'):format(
        field,
        content
      ),
      headers
    )
  end

  local function configured()
    assert.equal(200, upload("idp_file", METADATA).status)
    return ask("GET", CONFIGS).json.data[1]
  end

  local function role(id)
    return { default_roles = { data = json.array { id and { type = "roles", id = id } or nil } } }
  end

  local function update(id, attributes, relationships, body_id)
    return ask(
      "PATCH",
      CONFIGS .. "/" .. id,
      datadog.document(
        "saml_configurations",
        attributes,
        { id = body_id or id, relationships = relationships }
      )
    )
  end

  it("is none before metadata is uploaded", function()
    assert.equal('{"data":[],"included":[]}\n', ask("GET", CONFIGS).body)
    assert.equal(404, ask("GET", CONFIGS .. "/" .. organisation.ID).status)
    assert.equal(404, update(organisation.ID, {}).status)
  end)

  it("is one afterwards, and stays one", function()
    local config = configured()
    assert.is_false(config.attributes.idp_initiated)
    assert.same({}, config.attributes.jit_domains)
    assert.equal("2030-01-01T00:00:00Z", config.attributes.expires_at)
    assert.same(config, ask("GET", CONFIGS .. "/" .. config.id).json.data)
    assert.equal(config.id, configured().id)
    assert.equal(1, #ask("GET", CONFIGS).json.data)
  end)

  it("answers an upload with nothing", function() assert.equal("", upload("idp_file", METADATA).body) end)

  local BAD_UPLOADS = {
    ["idp_file is required"] = { "other", METADATA },
    ["idp_file is not SAML metadata"] = { "idp_file", "<html></html>" },
    ["the content type must be multipart/form-data with a boundary"] = { "idp_file", METADATA, "text/xml" },
  }

  it("is not made of something else", function()
    for problem, given in pairs(BAD_UPLOADS) do
      local answer = upload(given[1], given[2], given[3])
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.same({}, ask("GET", CONFIGS).json.data)
  end)

  it("lets users in just in time with a default role", function()
    local id = configured().id
    local answer = update(
      id,
      { jit_domains = { "example.com" }, idp_initiated = true },
      role(organisation.STANDARD_ROLE_ID)
    )
    assert.equal(200, answer.status)
    local data = answer.json.data
    assert.same({ "example.com" }, data.attributes.jit_domains)
    assert.is_true(data.attributes.idp_initiated)
    assert.equal(organisation.STANDARD_ROLE_ID, data.relationships.default_roles.data[1].id)
    assert.equal("Datadog Standard Role", answer.json.included[1].attributes.name)
    answer = update(id, { jit_domains = json.array() })
    assert.same({}, answer.json.data.attributes.jit_domains)
    assert.equal(1, #answer.json.data.relationships.default_roles.data)
  end)

  it("lets nobody in just in time without a default role", function()
    local id = configured().id
    local answer = update(id, { jit_domains = { "example.com" } })
    assert.equal(400, answer.status)
    assert.same({ "a default role is required for just-in-time provisioning" }, answer.json.errors)
    update(id, { jit_domains = { "example.com" } }, role(organisation.STANDARD_ROLE_ID))
    assert.equal(400, update(id, {}, role()).status)
    assert.equal(400, update(id, {}, role(organisation.ID)).status)
    assert.equal(400, update(id, { jit_domains = "example.com" }).status)
    assert.same({ "example.com" }, ask("GET", CONFIGS).json.data[1].attributes.jit_domains)
  end)

  it("refuses a body with another id", function()
    local id = configured().id
    assert.equal(422, update(id, { idp_initiated = true }, nil, organisation.ID).status)
    assert.is_false(ask("GET", CONFIGS).json.data[1].attributes.idp_initiated)
  end)

  it("forgets a default role that was deleted", function()
    local id = configured().id
    local made = ask("POST", "/api/v2/roles", datadog.document("roles", { name = "New" })).json.data.id
    update(id, { jit_domains = { "example.com" } }, role(made))
    assert.equal(204, ask("DELETE", "/api/v2/roles/" .. made).status)
    assert.same({}, ask("GET", CONFIGS).json.data[1].relationships.default_roles.data)
    assert.equal(400, update(id, { idp_initiated = true }).status)
  end)

  local function prefer(role_ids, domains)
    return ask(
      "PATCH",
      PREFERENCES,
      datadog.document("saml_preferences", {
        default_role_uuids = role_ids and json.array(role_ids),
        jit_domains = domains and json.array(domains),
      })
    )
  end

  it("is set by the preferences too", function()
    configured()
    local answer = prefer({ organisation.READ_ONLY_ROLE_ID }, { "a.example", "b.example" })
    assert.equal(204, answer.status)
    assert.equal("", answer.body)
    local data = ask("GET", CONFIGS).json.data[1]
    assert.same({ "a.example", "b.example" }, data.attributes.jit_domains)
    assert.equal(organisation.READ_ONLY_ROLE_ID, data.relationships.default_roles.data[1].id)
  end)

  it("refuses preferences that are not right, in JSON:API's shape", function()
    local function refused(status, detail, answer)
      assert.equal(status, answer.status)
      assert.equal(detail, answer.json.errors[1].detail)
    end
    local standard = organisation.STANDARD_ROLE_ID
    refused(400, "jit_domains is a required attribute", prefer { standard })
    refused(400, "default_role_uuids is a required attribute", prefer(nil, {}))
    refused(400, "exactly one default role must be given", prefer({}, {}))
    refused(400, "exactly one default role must be given", prefer({ standard, standard }, {}))
    refused(404, ("role %s does not exist"):format(organisation.ID), prefer({ organisation.ID }, {}))
  end)

  it("asks for org_management", function()
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(403, ask("GET", CONFIGS).status)
    assert.equal("403", prefer({}, {}).json.errors[1].status)
    assert.equal(403, upload("idp_file", METADATA).status)
  end)
end)
