-- What ddokta.client, ddokta.okta and client:with take: types, names, defaults, the environment.
-- lua/ddokta/options.lua, csrc/http/site.c.
local ddokta = require "ddokta"
local options = require "ddokta.options"
local environment = require "spec.support.environment"

local keys = { api_key = "a-key", app_key = "another" }

local function with_keys(given)
  local all = { api_key = keys.api_key, app_key = keys.app_key }
  for name, value in pairs(given or {}) do
    all[name] = value
  end
  return all
end

-- The message of what fn raises.
local function raised(fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok, "it raises nothing")
  assert.is_string(message)
  return message
end

local function raised_by_client(given)
  -- a function of this file calls, so that the message can name it; no tail call, which would hide it
  return raised(function()
    local client, err = ddokta.client(given)
    return client, err
  end)
end

local function refused(fn, given)
  local client, err = fn(given)
  assert.is_nil(client)
  assert.equal("config", err.kind)
  assert.equal(0, err.attempts)
  assert.is_false(err.retryable)
  assert.is_nil(tostring(err):find "%c")
  return err.message
end

local function address(client) return (tostring(assert(client)):match "of (%S+)$") end

describe("options", function()
  after_each(function() environment.unsetenv() end)

  describe("types", function()
    local wrong = {
      site = 5,
      api_key = 5,
      app_key = {},
      bearer_token = true,
      base_url = 5,
      timeout = "5",
      attempt_timeout = {},
      connect_timeout = "1",
      max_retries = "many",
      max_in_flight = "2",
      max_api_capacity = "50",
      max_response_bytes = "1",
      proxy = 1,
      ca_file = {},
      client_cert = true,
      client_key = 5,
      user_agent = 5,
      on_event = "print",
      loop = 5,
    }
    for name, value in pairs(wrong) do
      it(("%s is not a %s"):format(name, type(value)), function()
        local message = raised_by_client(with_keys { [name] = value })
        assert.matches("option " .. name .. " must be a %a", message)
        assert.matches("not a " .. type(value), message)
      end)
    end

    for _, case in ipairs {
      { "timeout", 0 },
      { "timeout", -1 },
      { "timeout", 0 / 0 },
      { "attempt_timeout", 0 },
      { "connect_timeout", -0.5 },
      { "max_retries", -1 },
      { "max_retries", 1.5 },
      { "max_in_flight", 0 },
      { "max_in_flight", 2.5 },
      { "max_in_flight", math.huge },
      { "max_response_bytes", 0 },
      { "max_response_bytes", 0.5 },
      { "max_api_capacity", 0 },
      { "max_api_capacity", 101 },
    } do
      it(
        ("%s cannot be %s"):format(case[1], tostring(case[2])),
        function() assert.matches("option " .. case[1], raised_by_client(with_keys { [case[1]] = case[2] })) end
      )
    end

    it("what is raised blames the line that called", function()
      local line = debug.getinfo(1, "l").currentline + 2
      local message = raised(function()
        local client = ddokta.client { timeout = "5" }
        return client
      end)
      assert.matches("options_spec%.lua:" .. line .. ": option timeout", message)
      message = raised(function()
        local client = ddokta.okta { tokn = "5" }
        return client
      end)
      assert.matches("options_spec%.lua:" .. line + 5 .. ": unknown option tokn", message)
      local client = assert(ddokta.client(with_keys()))
      message = raised(function()
        local view = client:with { timeout = "5" }
        return view
      end)
      assert.matches("options_spec%.lua:" .. line + 11 .. ": option timeout", message)
    end)

    it("the options are a table", function()
      for _, given in ipairs { "text", 5, true, print } do
        assert.matches("options must be a table, not a " .. type(given), raised_by_client(given))
      end
    end)

    it("the same for okta", function()
      assert.matches(
        "option domain must be a string",
        raised(function()
          local client = ddokta.okta { domain = 5, token = "t" }
          return client
        end)
      )
      assert.matches(
        "option token must be a string or function",
        raised(function()
          local client = ddokta.okta { domain = "example.okta.com", token = 5 }
          return client
        end)
      )
    end)
  end)

  describe("names", function()
    for given, nearest in pairs {
      apikey = "api_key",
      appkey = "app_key",
      timout = "timeout",
      Timeout = "timeout",
      retries = "max_retries",
      max_retry = "max_retries",
      base_uri = "base_url",
      baseurl = "base_url",
      site_ = "site",
      cafile = "ca_file",
      bearer = "bearer_token",
      on_events = "on_event",
    } do
      it(("%s: did you mean %s?"):format(given, nearest), function()
        local message = raised_by_client(with_keys { [given] = "x" })
        assert.matches("unknown option " .. given, message)
        assert.is_truthy(message:find("did you mean '" .. nearest .. "'?", 1, true), message)
      end)
    end

    it("nothing like it: nothing is suggested", function()
      local message = raised_by_client(with_keys { zzzzzzzzzzzzzzzzzzzz = 1 })
      assert.matches("unknown option zzzzzzzzzzzzzzzzzzzz", message)
      assert.is_nil(message:find "did you mean")
    end)

    it("a name that is no string", function()
      assert.matches("unknown option 1", raised_by_client { "a key" })
      assert.matches("unknown option true", raised_by_client { [true] = 1 })
    end)

    it("okta's options are not datadog's", function()
      assert.matches("unknown option domain", raised_by_client(with_keys { domain = "example.okta.com" }))
      assert.matches("unknown option token", raised_by_client(with_keys { token = "t" }))
    end)
  end)

  describe("keys", function()
    it("that are missing are named with their variables", function()
      local message = refused(ddokta.client, {})
      assert.matches("api_key", message)
      assert.matches("DD_API_KEY", message)
      assert.matches("DD_APP_KEY", message)
      message = refused(ddokta.client, { api_key = "a" })
      assert.is_nil(message:find "DD_API_KEY")
      assert.matches("DD_APP_KEY", message)
      message = refused(ddokta.client, { app_key = "a" })
      assert.matches("DD_API_KEY", message)
      assert.is_nil(message:find "DD_APP_KEY")
      assert.matches("OKTA_CLIENT_TOKEN", refused(ddokta.okta, { domain = "example.okta.com" }))
      assert.matches("OKTA_CLIENT_ORGURL", refused(ddokta.okta, { token = "t" }))
      assert.matches("DD_API_KEY", refused(ddokta.client))
    end)

    it("come from the environment", function()
      environment.setenv("DD_API_KEY", "a")
      assert.matches("DD_APP_KEY", refused(ddokta.client))
      environment.setenv("DD_APP_KEY", "b")
      assert(ddokta.client())
      environment.setenv("DD_API_KEY", nil)
      refused(ddokta.client)
      environment.setenv("DD_BEARER_TOKEN", "t")
      assert(ddokta.client())
      environment.setenv("DD_BEARER_TOKEN", "")
      refused(ddokta.client)
    end)

    it("of okta as well", function()
      environment.setenv("OKTA_CLIENT_ORGURL", "https://example.okta.com")
      environment.setenv("OKTA_CLIENT_TOKEN", "t")
      assert.equal("https://example.okta.com", address(ddokta.okta()))
    end)

    it("that would end a header are refused", function()
      for _, key in ipairs { "", "a b", "a\r\nX: y", "a\n", "a\0b", "\195\164" } do
        assert.matches("api_key", refused(ddokta.client, with_keys { api_key = key }))
      end
    end)

    it("a bearer token is enough", function()
      assert(ddokta.client { bearer_token = "t" })
      assert(ddokta.okta { domain = "example.okta.com", access_token = "t" })
    end)

    it("a function is asked at each use, and what it says must be a string", function()
      local asked = 0
      local client = assert(ddokta.client(with_keys {
        api_key = function()
          asked = asked + 1
          return nil
        end,
      }))
      assert.equal(0, asked)
      local result, err = client:list_okta_accounts()
      assert.is_nil(result)
      assert.equal("config", err.kind)
      assert.matches("api_key", err.message)
      client:list_okta_accounts()
      assert.equal(2, asked)
    end)

    it("a function that raises: where, and no word of what", function()
      for _, raises in ipairs {
        function() error "the vault has 0123456789-KEY" end,
        function() error("0123456789-KEY is none", 0) end,
        function() error { key = "0123456789-KEY" } end,
        function()
          error(setmetatable({}, { __tostring = function() return "0123456789-KEY" end }))
        end,
        function() error("0123456789-KEY:12: x", 0) end,
      } do
        local client = assert(ddokta.client(with_keys { app_key = raises }))
        local result, err = client:list_okta_accounts()
        assert.is_nil(result)
        assert.equal("config", err.kind)
        assert.matches("the function for app_key failed", err.message)
        assert.is_nil(tostring(err):find("0123456789", 1, true), tostring(err))
      end
      local client = assert(ddokta.client(with_keys { app_key = function() error "no vault" end }))
      assert.matches(
        "failed at spec/lua/options_spec.lua:%d+;",
        select(2, client:list_okta_accounts()).message
      )
    end)

    it("what is left around a key is named", function()
      for key, words in pairs {
        ["SSWS 00abc"] = "SSWS",
        ["ssws 00abc"] = "SSWS",
        ["Bearer eyJ"] = "Bearer",
        ['"00abc"'] = "in quotes",
        ["'00abc'"] = "in quotes",
        ["\239\187\19100abc"] = "byte order mark",
        ["00abc\n"] = "a line end",
      } do
        local message = refused(ddokta.okta, { domain = "example.okta.com", token = key })
        assert.matches("token cannot be sent: .*" .. words, message)
        assert.is_nil(message:find("00abc", 1, true), message)
      end
    end)
  end)

  describe("sites", function()
    local sites = {
      "datadoghq.com",
      "us3.datadoghq.com",
      "us5.datadoghq.com",
      "ap1.datadoghq.com",
      "ap2.datadoghq.com",
      "uk1.datadoghq.com",
      "datadoghq.eu",
      "ddog-gov.com",
      "us2.ddog-gov.com",
    }

    it("are nine", function() assert.same(sites, ddokta.sites) end)

    for _, site in ipairs(sites) do
      it(site, function()
        for _, spelling in ipairs {
          site,
          "app." .. site,
          "api." .. site,
          "https://api." .. site .. "/",
          "https://app." .. site .. "/account/settings?x=1",
          site:upper(),
        } do
          assert.equal("https://api." .. site, address(ddokta.client(with_keys { site = spelling })))
        end
      end)
    end

    it(
      "the default is datadoghq.com",
      function() assert.equal("https://api.datadoghq.com", address(ddokta.client(with_keys()))) end
    )

    it("DD_SITE is the default where it is set", function()
      environment.setenv("DD_SITE", "us5.datadoghq.com")
      assert.equal("https://api.us5.datadoghq.com", address(ddokta.client(with_keys())))
      assert.equal("https://api.datadoghq.eu", address(ddokta.client(with_keys { site = "datadoghq.eu" })))
      environment.setenv("DD_SITE", "nowhere.example")
      assert.matches("^unknown site in DD_SITE %(the sites are", refused(ddokta.client, with_keys()))
    end)

    it("what Datadog's pages call one is that site", function()
      for given, meant in pairs {
        EU1 = "datadoghq.eu",
        US5 = "us5.datadoghq.com",
        us5 = "us5.datadoghq.com",
        us1 = "datadoghq.com",
        AP1 = "ap1.datadoghq.com",
        ["US1-FED"] = "ddog-gov.com",
        ["datadoghq.eu/"] = "datadoghq.eu",
        ["https://us5.datadoghq.com/account/login"] = "us5.datadoghq.com",
        ["https://api.datadoghq.com/api/v2/scim"] = "datadoghq.com",
      } do
        environment.setenv("DD_SITE", given)
        assert.equal("https://api." .. meant, address(ddokta.client(with_keys())))
      end
    end)

    it("what people call one is understood, and not taken", function()
      for given, meant in pairs {
        eu = "datadoghq.eu",
        us = "datadoghq.com",
        US2_FED = "us2.ddog-gov.com",
        ["https://acme.us5.datadoghq.com/account/login?next=/"] = "us5.datadoghq.com",
        ["acme.datadoghq.com"] = "datadoghq.com",
        ["datadog.com"] = "datadoghq.com",
        ["us5.datadohq.com"] = "us5.datadoghq.com",
        ["datadoghq.eu\n"] = "datadoghq.eu",
      } do
        environment.setenv("DD_SITE", given)
        assert.equal(
          "unknown site in DD_SITE, did you mean '" .. meant .. "'?",
          refused(ddokta.client, with_keys()):match "^(.-) %("
        )
      end
    end)

    it("nothing of an unknown one is shown: it may hold a password", function()
      for _, given in ipairs {
        "https://user:hunter2-word@datadoghq.com",
        "hunter2-word",
        "//u:hunter2-word@h",
        "us4.datadoghq.com?hunter2-word" .. ("x"):rep(5000),
      } do
        environment.setenv("DD_SITE", given)
        for _, all in ipairs { with_keys(), with_keys { site = given } } do
          assert.is_nil(refused(ddokta.client, all):find("hunter2", 1, true))
        end
      end
    end)

    it("an unknown one is refused, and those that exist are named", function()
      for _, site in ipairs {
        "us4.datadoghq.com",
        "datadoghq.com.evil.example",
        "evil.example",
        "",
        "datadoghq.com@evil.example",
        "datadoghq.com\n",
        "datadoghq.com\0.evil.example",
      } do
        local message = refused(ddokta.client, with_keys { site = site })
        for _, known in ipairs(sites) do
          assert.is_truthy(message:find(known, 1, true))
        end
      end
    end)
  end)

  describe("base_url", function()
    it("that is refused is named and not shown: it may hold a password", function()
      for _, url in ipairs {
        "https://user:hunter2-word@x.example",
        "ftp://user:hunter2-word@h",
        "//hunter2-word@h",
        "https://x.example?token=hunter2-word",
        "https://x.example/#hunter2-word",
        "https://h:hunter2-word/",
        "https://x y/hunter2-word",
        "http://hunter2-word.example",
      } do
        environment.setenv("DDOKTA_BASE_URL", url)
        environment.setenv("OKTA_CLIENT_ORGURL", url)
        for name, message in pairs {
          ["base_url"] = refused(ddokta.client, with_keys { base_url = url }),
          ["DDOKTA_BASE_URL"] = refused(ddokta.client, with_keys()),
          ["the option domain"] = refused(ddokta.okta, { token = "t", domain = url }),
          ["OKTA_CLIENT_ORGURL"] = refused(ddokta.okta, { token = "t" }),
        } do
          assert.is_truthy(message:find(name .. " cannot be used: ", 1, true), message)
          assert.is_nil(message:find("hunter2", 1, true), message)
        end
      end
    end)

    it("is known by what the services print beside it", function()
      for given, meant in pairs {
        ["https://api.datadoghq.com/api/v2/scim/"] = "https://api.datadoghq.com",
        ["https://api.datadoghq.com/api/v2"] = "https://api.datadoghq.com",
        ["https://gateway.example/datadog/api/v1"] = "https://gateway.example/datadog",
        ["https://gateway.example/api"] = "https://gateway.example/api",
      } do
        assert.equal(meant, address(ddokta.client(with_keys { base_url = given })))
      end
      for _, path in ipairs {
        "",
        "/",
        "/api/v1",
        "/oauth2/default",
        "/login/login.htm",
        "/admin/dashboard",
        "/app/UserHome/",
      } do
        assert.equal(
          "https://example.okta.com",
          address(ddokta.okta { token = "t", domain = "https://example.okta.com" .. path })
        )
      end
      assert.equal(
        "https://gateway.example/okta/admin",
        address(ddokta.okta { token = "t", base_url = "https://gateway.example/okta/admin" })
      )
    end)

    it("is of a page that was copied the service's host", function()
      for given, meant in pairs {
        ["https://us5.datadoghq.com/account/login"] = "https://api.us5.datadoghq.com",
        ["https://app.datadoghq.eu/organization-settings/users?x=1#y"] = "https://api.datadoghq.eu",
        ["EU1"] = "https://api.datadoghq.eu",
      } do
        assert.equal(meant, address(ddokta.client(with_keys { base_url = given })))
      end
      for _, given in ipairs {
        "example.okta.com/api/v1",
        "https://example.okta.com/app/UserHome?session_hint=AUTHENTICATED",
        "https://example.okta.com/admin/groups/00g1",
      } do
        assert.equal("https://example.okta.com", address(ddokta.okta { token = "t", domain = given }))
      end
    end)

    it("no console and no bare word: the refusal has the address that is meant", function()
      for given, meant in pairs {
        ["acme-admin.okta.com"] = "without %-admin %(https://acme%.okta%.com%)$",
        ["https://acme-admin.oktapreview.com/"] = "without %-admin %(https://acme%.oktapreview%.com%)$",
        ["https://example-admin.okta.com/admin/dashboard"] = "%(https://example%.okta%.com%)$",
        ["ACME-ADMIN.okta.com"] = "without %-admin %(https://ACME%.okta%.com%)$",
        ["http://acme.okta.com"] = "https only .* %(https://acme%.okta%.com%)$",
        ["acme"] = "one word; an organisation's address is like acme%.okta%.com$",
        ["Acme-admin"] = "address is like acme%.okta%.com$",
        ["00abcdefghijklmnopqrstuvwxyz0123456789abcd"] = "address is like example%.okta%.com$",
      } do
        assert.matches(meant, refused(ddokta.okta, { token = "t", domain = given }))
      end
    end)

    it("a proxy whose address holds a NUL, which libcurl would pass by without a word", function()
      local client, err = ddokta.client {
        api_key = "abcd1234",
        app_key = "efgh5678",
        proxy = "http://user:se%00cret@127.0.0.1:9",
      }
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert.matches("the option proxy cannot be used: a NUL", err.message)
      assert.is_nil(tostring(err):find("cret", 1, true))
    end)

    it("is on loopback only where it is: plain http goes nowhere else, and to no proxy", function()
      for _, url in ipairs { "http://127.999.1.1", "http://127.0.0.256", "http://[::2]", "http://0.0.0.0" } do
        assert.matches("https only", refused(ddokta.client, with_keys { base_url = url }))
      end
      for _, url in ipairs { "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1" } do
        local proxy = "http://u:hunter2-word@h:1"
        local message = refused(ddokta.client, with_keys { base_url = url, proxy = proxy })
        assert.matches("the option proxy cannot be used: .*in the clear", message)
        assert.is_nil(message:find("hunter2", 1, true))
        assert(ddokta.client(with_keys { base_url = url, proxy = "" }))
      end
    end)

    it("is https, or http on loopback", function()
      for given, expected in pairs {
        ["https://proxy.example/datadog/"] = "https://proxy.example/datadog",
        ["http://127.0.0.1:8080"] = "http://127.0.0.1:8080",
        ["http://localhost:8080/"] = "http://localhost:8080",
        ["http://[::1]:8080"] = "http://[::1]:8080",
      } do
        assert.equal(expected, address(ddokta.client(with_keys { base_url = given })))
      end
    end)

    for _, url in ipairs {
      "http://example.com",
      "http://10.0.0.1:8080",
      "http://127.0.0.1.example.com",
      "ftp://127.0.0.1",
      "https://user:password@example.com",
      "https://user@example.com",
      "https://example.com?x=1",
      "https://example.com#x",
      "https://example.com/a b",
      "https://example.com\n",
      "https://example.com/\r\nX: y",
      "https://exam\tple.com",
      "https://",
      "",
      "https://example.com:port",
      "https://ex\195\164mple.com",
      "https://example.com\0.evil.example",
      "file:///etc/passwd",
    } do
      it(
        ("%q is refused"):format(url),
        function() assert.matches("base_url", refused(ddokta.client, with_keys { base_url = url })) end
      )
    end

    it("overrules the site, which must exist all the same", function()
      assert.equal(
        "https://proxy.example",
        address(ddokta.client(with_keys { site = "datadoghq.eu", base_url = "https://proxy.example" }))
      )
      assert.matches(
        "unknown site",
        refused(ddokta.client, with_keys { site = "nowhere.example", base_url = "https://proxy.example" })
      )
    end)

    it("comes from the environment, unless a site is asked for", function()
      environment.setenv("DDOKTA_BASE_URL", "http://127.0.0.1:1")
      assert.equal("http://127.0.0.1:1", address(ddokta.client(with_keys())))
      assert.equal("https://api.datadoghq.eu", address(ddokta.client(with_keys { site = "datadoghq.eu" })))
      environment.setenv("DDOKTA_OKTA_BASE_URL", "http://127.0.0.1:2")
      assert.equal("http://127.0.0.1:2", address(ddokta.okta { token = "t" }))
      assert.equal(
        "https://example.okta.com",
        address(ddokta.okta { token = "t", domain = "example.okta.com" })
      )
    end)

    it("an Okta domain that is none", function()
      for _, domain in ipairs { "http://example.okta.com", "login.example.com?x", "a b", "" } do
        refused(ddokta.okta, { domain = domain, token = "t" })
      end
    end)
  end)

  it("text that goes into a header holds no line end", function()
    for _, agent in ipairs { "agent\r\nX-Evil: 1", "agent\n", "agent\0x" } do
      assert.matches("user_agent", refused(ddokta.client, with_keys { user_agent = agent }))
    end
  end)

  it("a loop that there is not", function()
    local message = refused(ddokta.client, with_keys { loop = "lopo" })
    assert.matches("lopo", message)
  end)

  -- where C's own numbers would wrap: 32 and 64 bits, and what a double holds beyond
  local beyond = { 2 ^ 31, 2 ^ 32, 2 ^ 32 + 1, 2 ^ 53, 2 ^ 63, 2 ^ 64, 1e300, math.huge }
  local most = {
    timeout = 31536000,
    attempt_timeout = 31536000,
    connect_timeout = 31536000,
    max_retries = 1000,
    max_in_flight = 100000,
    max_response_bytes = 2 ^ 31 - 1,
    max_api_capacity = 100,
  }

  it("numbers have a limit and say it", function()
    for name, limit in pairs(most) do
      assert(ddokta.client(with_keys { [name] = limit }))
      for _, value in ipairs(beyond) do
        local message = raised(function() return ddokta.client(with_keys { [name] = value }) end)
        assert.matches(("option %s: .* is above %d"):format(name, limit), message)
      end
      assert.matches(
        "option " .. name .. ": nan is not a number",
        (raised(function() return ddokta.client(with_keys { [name] = 0 / 0 }) end):gsub("%-nan", "nan"))
      )
    end
  end)

  it("and C checks them again", function()
    local core = require "ddokta.core"
    for name, limit in pairs(most) do
      for _, value in ipairs { 2 ^ 32 + 1, 1e300, math.huge, -math.huge, 0 / 0, -1 } do
        local message = raised(
          function() return core.client { base_url = "https://x.example", [name] = value } end
        )
        assert.matches(("option %s: a number from %%d to %d is needed"):format(name, limit), message)
      end
    end
  end)

  it("C refuses what would be more than one header, or another path", function()
    local core = require "ddokta.core"
    for name, values in pairs {
      user_agent = { "a\r\nEvil: yes", "a\nb", "a\0b", "\27[2J" },
      proxy = { "a\0b" },
      ca_file = { "a\0b" },
      client_cert = { "a\0b" },
      client_key = { "a\0b" },
      client_key_password = { "a\0b" },
    } do
      for _, value in ipairs(values) do
        local client, err = core.client { base_url = "https://x.example", [name] = value }
        assert.is_nil(client)
        assert.equal("config", err.kind)
        assert.matches(name .. " cannot be used: it holds a", err.message)
      end
    end
  end)

  describe("views", function()
    local client
    before_each(function() client = assert(ddokta.client(with_keys())) end)

    it("take other limits", function()
      local view = client:with {
        timeout = 5,
        attempt_timeout = 1,
        connect_timeout = 1,
        max_retries = 0,
        max_response_bytes = 5,
      }
      assert.equal(tostring(client), tostring(view))
      assert.equal(tostring(client), tostring(view:with {}))
    end)

    it("and nothing else", function()
      for name, value in pairs {
        site = "datadoghq.eu",
        api_key = "x",
        base_url = "https://x.example",
        max_in_flight = 5,
        on_event = print,
        loop = "auto",
        user_agent = "x",
      } do
        assert.matches(
          "option " .. name,
          raised(function()
            local view = client:with { [name] = value }
            return view
          end)
        )
      end
    end)

    it("wrong types and names raise as everywhere", function()
      assert.matches(
        "option timeout must be a number",
        raised(function()
          local view = client:with { timeout = "5" }
          return view
        end)
      )
      assert.matches(
        "did you mean 'timeout'",
        raised(function()
          local view = client:with { timout = 5 }
          return view
        end)
      )
      assert.matches(
        "must be a table",
        raised(function()
          local view = client:with()
          return view
        end)
      )
    end)
  end)
end)

describe("options of a function", function()
  local known = { prune = { "boolean" }, max_deactivations = { "number", "string" } }
  local function plan(given)
    local checked = options.check(given, known)
    return checked
  end
  local function message_of(given)
    local ok, message = pcall(function()
      local checked = plan(given)
      return checked
    end)
    assert.is_false(ok)
    return message
  end

  it("are copied", function()
    local given = { prune = true, max_deactivations = "10%" }
    local checked = plan(given)
    assert.same(given, checked)
    assert.not_equal(given, checked)
    assert.same({}, plan())
  end)

  it("raise at the caller's line where they are wrong", function()
    local line = debug.getinfo(message_of, "S").linedefined + 2
    assert.matches(
      "options_spec%.lua:" .. line .. ": unknown option 'prun', did you mean 'prune'%?",
      message_of { prun = 1 }
    )
    assert.matches("unknown option 'x' %(known: max_deactivations, prune%)", message_of { x = 1 })
    assert.matches("option 'prune': a boolean is wanted, got string", message_of { prune = "yes" })
    assert.matches("a number or string is wanted, got boolean", message_of { max_deactivations = true })
    assert.matches("options: a table is wanted, got string", message_of "prune")
  end)
end)
