-- lua/ddokta/sandbox/datadog/organisations.lua: version 1's organisations and their SAML settings.
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"

local ORGS = "/api/v1/org"
local ORG = ORGS .. "/" .. organisation.PUBLIC_ID
local METADATA = "<EntityDescriptor entityID='x'/><EntityDescriptor >"

describe("the sandbox's organisations", function()
  local box, ask

  before_each(function()
    box = datadog.open()
    ask = box.ask
  end)

  local function upload(content_type, body, path)
    local headers = datadog.keys(box.state)
    headers["content-type"] = content_type
    return ask("POST", (path or ORG) .. "/idp_metadata", body, headers)
  end

  local function settings() return ask("GET", ORG).json.org.settings end

  it("are one at the start", function()
    local orgs = ask("GET", ORGS).json.orgs
    assert.equal(1, #orgs)
    assert.equal(organisation.PUBLIC_ID, orgs[1].public_id)
    assert.same(orgs[1], ask("GET", ORG).json.org)
    assert.is_false(orgs[1].settings.saml.enabled)
    assert.is_false(orgs[1].settings.saml_idp_metadata_uploaded)
    assert.is_false(orgs[1].settings.saml_autocreate_users_domains.enabled)
  end)

  it("do not say that there is another", function()
    for _, answer in ipairs {
      ask("GET", ORGS .. "/other"),
      ask("PUT", ORGS .. "/other", { name = "x" }),
      upload("application/xml", METADATA, ORGS .. "/other"),
    } do
      assert.equal(403, answer.status)
    end
  end)

  it("take what is sent, and back what was read", function()
    local org = ask("PUT", ORG, {
      name = "New",
      description = "D",
      settings = {
        private_widget_share = true,
        saml = { enabled = true },
        saml_autocreate_access_role = "ro",
        saml_autocreate_users_domains = { domains = { "example.com" }, enabled = true },
        saml_idp_initiated_login = { enabled = true },
        saml_strict_mode = { enabled = true },
      },
    }).json.org
    assert.equal("New", org.name)
    assert.equal("D", org.description)
    assert.is_true(org.settings.private_widget_share)
    assert.is_true(org.settings.saml.enabled)
    assert.equal("ro", org.settings.saml_autocreate_access_role)
    assert.same({ domains = { "example.com" }, enabled = true }, org.settings.saml_autocreate_users_domains)
    assert.is_true(org.settings.saml_idp_initiated_login.enabled)
    assert.is_true(org.settings.saml_strict_mode.enabled)
    assert.same(org, ask("PUT", ORG, org).json.org)
  end)

  it("say the same of SAML as version 2", function()
    assert.equal(200, upload("application/xml; charset=utf-8", METADATA).status)
    ask("PUT", ORG, {
      settings = {
        saml_autocreate_access_role = "st",
        saml_autocreate_users_domains = { domains = { "example.com" } },
      },
    })
    local config = ask("GET", "/api/v2/saml_configurations").json.data[1]
    assert.same({ "example.com" }, config.attributes.jit_domains)
    assert.equal(organisation.STANDARD_ROLE_ID, config.relationships.default_roles.data[1].id)
    ask("PUT", ORG, { settings = { saml_autocreate_users_domains = { enabled = false } } })
    assert.same({}, ask("GET", "/api/v2/saml_configurations").json.data[1].attributes.jit_domains)
    assert.same({ domains = { "example.com" }, enabled = false }, settings().saml_autocreate_users_domains)
  end)

  it("take metadata as a form and as XML", function()
    local form = '--b\r\nContent-Disposition: form-data; name="idp_file"\r\n\r\n'
      .. METADATA
      .. "\r\n--b--\r\n"
    for content_type, body in pairs { ["multipart/form-data; boundary=b"] = form, ["text/xml"] = METADATA } do
      box.admin("POST", "/_sandbox/reset")
      local answer = upload(content_type, body)
      assert.equal(200, answer.status)
      assert.same({ message = "IdP metadata successfully uploaded for Sandbox" }, answer.json)
      assert.is_true(settings().saml_idp_metadata_uploaded)
    end
  end)

  it("refuse metadata that is none", function()
    assert.equal(415, upload("application/json", "{}").status)
    assert.equal(415, upload(nil, METADATA).status)
    assert.same({ "idp_file is not SAML metadata" }, upload("text/xml", "<a/>").json.errors)
    assert.same(
      { "idp_file is required" },
      upload(
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n'
      ).json.errors
    )
    assert.equal(400, upload("multipart/form-data; boundary=b", "x").status)
    assert.is_false(settings().saml_idp_metadata_uploaded)
  end)

  it("get children, with keys that do not open their parent", function()
    local made = ask("POST", ORGS, { name = "Child" })
    assert.equal(200, made.status)
    assert.equal("Child", made.json.org.name)
    assert.equal("sandbox@example.com", made.json.user.email)
    assert.equal(2, #ask("GET", ORGS).json.orgs)
    local path = ORGS .. "/" .. made.json.org.public_id
    assert.equal("Renamed", ask("PUT", path, { name = "Renamed" }).json.org.name)
    assert.equal("Sandbox", ask("GET", ORG).json.org.name)
    assert.equal(
      403,
      ask("GET", ORGS, nil, datadog.keys(box.state, made.json.application_key.hash, made.json.api_key.key)).status
    )
  end)

  local LONG = ("x"):rep(33)
  local WRONG = {
    ["name must not be longer than 32 characters"] = { name = LONG },
    ["settings must be an object"] = { settings = "x" },
    ["saml must be an object"] = { settings = { saml = true } },
    ["enabled must be a boolean"] = { settings = { saml_strict_mode = { enabled = "yes" } } },
    ["enabled is a required attribute"] = { settings = { saml_strict_mode = {} } },
    ["saml_autocreate_access_role must be adm, st or ro"] = {
      settings = { saml_autocreate_access_role = "x" },
    },
    ["domains must be a list of strings"] = {
      settings = { saml_autocreate_users_domains = { domains = { 1 } } },
    },
  }

  it("refuse what is not right, and change nothing", function()
    local before = ask("GET", ORG).body
    for problem, body in pairs(WRONG) do
      local answer = ask("PUT", ORG, body)
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal(before, ask("GET", ORG).body)
    assert.same({ "name is a required attribute" }, ask("POST", ORGS, { billing = {} }).json.errors)
    assert.equal(400, ask("POST", ORGS, { name = LONG }).status)
    assert.equal(400, ask("POST", ORGS, "x").status)
  end)

  it("ask for org_management", function()
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(403, ask("GET", ORGS).status)
    assert.equal(403, ask("PUT", ORG, { name = "x" }).status)
  end)
end)
