-- lua/ddokta/sandbox/okta/schemas.lua
local org = require "ddokta.sandbox.okta.org"
local okta = require "spec.lua.sandbox.okta"

describe("the sandbox's Okta schemas", function()
  local box

  before_each(function() box = okta.new(okta.DIRECTORY) end)

  it("tells what a profile of an app has, and which profiles are mapped", function()
    local schema = box:must(200, "GET", "/api/v1/meta/schemas/apps/0oaforce/default")
    assert.equal("salesforce", schema.name)
    assert.same({ "userName" }, schema.definitions.base.required)
    assert.equal("roles.^[type=='slot1'].value", schema.definitions.base.properties.role.externalName)
    box:must(404, "GET", "/api/v1/meta/schemas/apps/0oanone/default")
    local mappings = box:must(200, "GET", "/api/v1/mappings?sourceId=" .. org.USER_TYPE_ID)
    assert.equal(2, #mappings)
    assert.equal("user", mappings[1].source.type)
    assert.equal(org.DATADOG_APP_ID, mappings[1].target.id)
    assert.equal(1, #box:must(200, "GET", "/api/v1/mappings?sourceId=0oaforce"))
    local page = box:ask("GET", "/api/v1/mappings?limit=3")
    assert.equal(1, #box:must(200, "GET", page.headers["Link"][2]:match("8443(/[^>]*)>")))
    box:must(400, "GET", "/api/v1/mappings?limit=201")
  end)
end)
