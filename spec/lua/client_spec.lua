-- lua/ddokta/client.lua: what a client shows, what it keeps to itself, and whom its methods take for one. The
-- calls themselves: spec/e2e/client_spec.lua.
local ddokta = require "ddokta"

local function new(options)
  options = options or {}
  options.base_url, options.api_key, options.app_key =
    options.base_url or "http://127.0.0.1:1/", "a-key", "b-key"
  return assert(ddokta.client(options))
end

describe("client", function()
  it("has its service and its base URL as fields, and no others", function()
    local dd = new()
    local fields = {}
    for name, value in pairs(dd) do
      fields[name] = value
    end
    assert.same({ service = "datadog", base_url = "http://127.0.0.1:1" }, fields)
    assert.equal("ddokta client of http://127.0.0.1:1", tostring(dd))
    local okta = assert(ddokta.okta { domain = "https://example.okta.com/", token = "t" })
    assert.same({ "okta", "https://example.okta.com" }, { okta.service, okta.base_url })
    local view = okta:with { timeout = 5 }
    assert.same({ "okta", "https://example.okta.com" }, { view.service, view.base_url })
  end)

  it("has no field that is a part of it", function()
    local dd = new()
    for _, name in ipairs { "core", "engine", "keys", "driver", "native" } do
      assert.is_false(pcall(function() return dd[name] end), name)
    end
  end)

  it("shows its name and URL whatever its fields were set to", function()
    local dd = new()
    dd.service, dd.base_url = "okta", "nowhere"
    assert.equal("ddokta client of http://127.0.0.1:1", tostring(dd))
    local _, err = dd:with({ max_retries = 0 }):list_okta_accounts()
    assert.equal("network", err.kind)
  end)

  it("lends its methods to tables that inherit from it", function()
    local heir = setmetatable({}, { __index = setmetatable({ mine = 1 }, { __index = new() }) })
    assert.equal(0, heir:stats().calls)
    assert.same({ "datadog", 1 }, { heir.service, heir.mine })
    local _, err = heir:with({ max_retries = 0 }):list_okta_accounts()
    assert.equal("network", err.kind)
  end)

  it("refuses to be called on what is no client", function()
    local dd = new()
    local circle = {}
    circle.__index = setmetatable({}, circle)
    for _, object in ipairs { {}, "text", 1, true, setmetatable({}, { __index = {} }), circle.__index } do
      for _, name in ipairs { "list_okta_accounts", "each_scim_user", "stats" } do
        local ok, message = pcall(dd[name], object)
        assert.is_false(ok)
        assert.truthy(message:find(name .. " is called with a colon", 1, true), message)
      end
    end
    local ok, message =
      pcall(dd.list_okta_accounts, (ddokta.okta { domain = "example.okta.com", token = "t" }))
    assert.is_false(ok)
    assert.truthy(message:find("is an operation of Datadog", 1, true), message)
  end)

  it("is collected though its own functions use it", function()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local dd
      dd = new { on_event = function() return dd:stats() end }
      weak[1] = dd
      dd = nil -- luacheck: ignore 311
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("asks keys that are functions, and shows nothing of what these raise", function()
    local dd = assert(ddokta.client {
      base_url = "http://127.0.0.1:1",
      api_key = function() error "s3cret" end,
      app_key = "b-key",
    })
    local _, err = dd:list_okta_accounts()
    assert.equal("config", err.kind)
    assert.is_nil(tostring(err):find("s3cret", 1, true))
    assert.truthy(err.message:find("the function for api_key failed", 1, true), err.message)
  end)
end)
