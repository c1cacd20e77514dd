-- lua/ddokta/sandbox/seeds.lua: each is one that a sandbox begins with. doc/scim-guide.md runs on `guide`:
-- spec/doc/scim_guide_spec.lua.
local sandbox = require "ddokta.sandbox"
local ddokta = require "ddokta"

describe("the seed", function()
  local function count(name)
    local box = assert(sandbox.start { seed = sandbox.seeds[name] })
    local dd = assert(ddokta.client {
      base_url = box.base_url,
      ca_file = box.ca_file,
      api_key = box.api_key,
      app_key = box.app_key,
    })
    local okta = assert(ddokta.okta { domain = box.okta_url, ca_file = box.ca_file, token = box.okta_token })
    local counts =
      { #assert(dd:list_okta_accounts()), #assert(okta:list_users()), #assert(okta:list_groups()) }
    dd:close()
    okta:close()
    box:stop()
    return counts
  end

  it("demo has accounts, people and groups", function() assert.same({ 3, 5, 3 }, count "demo") end)

  it("guide has people and groups", function() assert.same({ 0, 4, 3 }, count "guide") end)
end)
