-- Keys and secrets are nowhere to be found: not in a client, its views and calls, not in an error,
-- an event or on the standard streams, even where the server sends back all that it was sent.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"

local CLIENT_SECRET = 'sp/ce "q" \\ & <p\195\164ss>+1'
local ACCOUNT_KEY = "account/key+0123456789=="

local server

local NEEDLES = {
  ["the api key"] = serving.API_KEY,
  ["the app key"] = serving.APP_KEY,
  ["the client secret"] = CLIENT_SECRET,
  ["the account's api key"] = ACCOUNT_KEY,
}

-- Fails where a text holds a secret.
local function search_text(text, where, needles)
  for name, needle in pairs(needles or NEEDLES) do
    if text:find(needle, 1, true) then error(("%s is in %s: %s"):format(name, where, text:sub(1, 300)), 0) end
  end
end

-- Looks at a value, at all that it holds and at its metatable, and at what tostring makes of it.
local function search(value, where, needles, seen)
  seen = seen or {}
  if type(value) == "string" then return search_text(value, where, needles) end
  if value == nil or seen[value] then return end
  seen[value] = true
  search_text(tostring(value), where .. " (tostring)", needles)
  if type(value) == "table" then
    for k, v in next, value do
      search(k, where .. " (a key)", needles, seen)
      search(v, where .. "." .. tostring(k), needles, seen)
    end
  end
  if type(value) == "table" or type(value) == "userdata" then
    search(getmetatable(value), where .. " (metatable)", needles, seen)
  end
end

local function secret_account()
  return serving.account { client_id = "an-app", client_secret = CLIENT_SECRET, api_key = ACCOUNT_KEY }
end

-- Answers that send the request's headers and body back: the place of the echo is "ECHO". JSON
-- strings are written as different servers do.
local ECHOES = {
  datadog = [['{"errors":[' .. q .. ']}']],
  ["JSON:API"] = [['{"errors":[{"title":"Bad Request","detail":' .. q .. '}]}']],
  okta = [['{"errorCode":"E1","errorSummary":' .. q .. ',"errorId":' .. q
    .. ',"errorCauses":[{"errorSummary":' .. q .. '}]}']],
  scim = [['{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":' .. q
    .. ',"scimType":' .. q .. ',"status":"400"}']],
  html = [['<html><head><title>' .. text:sub(1, 150) .. '</title></head><body>' .. text .. '</body></html>']],
  text = [[text]],
  ["the body as it came"] = [[request.body]],
  ["cut off JSON"] = [['{"errors":[' .. q:sub(1, -2)]],
}

local ENCODERS = {
  plain = [[return '\\' .. c]],
  ["with slashes escaped"] = [[return '\\' .. c]],
  ["as Go does"] = [[return c:find '[<>&]' and ('\\u%04x'):format(c:byte()) or '\\' .. c]],
}

local ESCAPED = { plain = '["\\\\]', ["with slashes escaped"] = '["\\\\/]', ["as Go does"] = '["\\\\<>&]' }

-- A handler that answers with an echo in its body.
local function echo_script(status, echo, encoder)
  return ([[
    local request = ...
    local text = request.head:gsub("[\r\n]+", " ") .. " " .. request.body
    -- what the secret is, not how it was written
    local secret = request.body:match '"client_secret":"(.-[^\\])"'
    if secret then
      text = text .. " " .. secret:gsub('\\(.)', '%%1')
    end
    local q = '"' .. text:gsub(%q, function(c) %s end) .. '"'
    return { { status = %d, body = %s } }
  ]]):format(ESCAPED[encoder], ENCODERS[encoder], status, echo)
end

-- --- the encodings in which servers echo ----------------------------------------------------------

local function encode(value) return assert(require("ddokta.core").json.encode(value)) end

local function quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- replaced(pattern, format) -> a function(text) in which each byte of the pattern is written so
local function replaced(pattern, format)
  return function(text)
    return (text:gsub(pattern, function(c) return format:format(c:byte()) end))
  end
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- base64(before, alphabet's end) -> a function(text) that encodes it behind `before`
local function base64(before, last)
  local letters = ALPHABET:sub(1, 62) .. last
  return function(text)
    return (
      (before .. text .. "!"):gsub("..?.?", function(group)
        local a, b, c = group:byte(1, 3)
        local bits = a * 65536 + (b or 0) * 256 + (c or 0)
        local out = ""
        for i = 18, 0, -6 do
          local value = math.floor(bits / 2 ^ i) % 64 + 1
          out = out .. letters:sub(value, value)
        end
        return out:sub(1, #group + 1) .. ("="):rep(3 - #group)
      end)
    )
  end
end

local function after(first, second)
  return function(text) return second(first(text)) end
end

local NAMES = { ['"'] = "&quot;", ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["'"] = "&#39;" }
local function html(text) return (text:gsub("[\"&<>']", NAMES)) end
local function json(text) return (text:gsub('["\\]', "\\%0")) end
local function escape_slashes(text) return (text:gsub("/", "\\/")) end
local percent = replaced("[^%w._~-]", "%%%02X")
local function form(text) return (percent(text):gsub("%%20", "+")) end
-- as characters, of which the secret has none beyond U+00FF
local function characters(format)
  return function(text)
    return (
      text
        :gsub("\195(.)", function(c) return string.char(c:byte() + 64) end)
        :gsub(".", function(c) return format:format(c:byte()) end)
    )
  end
end

-- `in_json`: it is what a JSON encoder writes, so that it stands in a string as it is.
local ENCODINGS = {
  { "raw", function(text) return text end },
  { "upper case", string.upper },
  { "lower case", string.lower },
  { "JSON", json, in_json = true },
  { "JSON in JSON", after(json, json), in_json = true },
  { "JSON, slashes too", after(json, escape_slashes), in_json = true },
  { "JSON, all \\u", characters "\\u%04x", in_json = true },
  { "JSON, all \\U", characters "\\u%04X", in_json = true },
  { "JSON as Go writes it", after(json, replaced("[<>&]", "\\u%04x")), in_json = true },
  { "Python's bytes", replaced(".", "\\x%02x") },
  { "percent", percent },
  { "percent, lower", replaced("[^%w._~-]", "%%%02x") },
  { "percent, all", replaced(".", "%%%02X") },
  { "percent twice", after(percent, percent) },
  { "a form", form },
  { "HTML", html },
  { "HTML twice", after(html, html) },
  { "HTML, decimal", characters "&#%d;" },
  { "HTML, hexadecimal", characters "&#x%X;" },
  { "HTML, with zeros", characters "&#x%06x;" },
  { "percent in HTML", after(percent, html) },
  { "HTML in a URL", after(html, percent) },
  { "base64", base64("", "+/") },
  { "base64, 1", base64("x", "+/") },
  { "base64, 2", base64("xy", "+/") },
  { "base64url", base64("", "-_") },
  { "base64url, 1", base64("x", "-_") },
  { "base64url, 2", base64("xy", "-_") },
  { "base64 in a URL", after(base64("u:", "+/"), percent) },
  { "base64 with \\/", after(base64("", "+/"), escape_slashes), in_json = true },
  { "hexadecimal", replaced(".", "%02x") },
  { "hexadecimal, upper", replaced(".", "%02X") },
}

-- Ways out: what a server sends with the text in it. `headers`: it must be one line without a NUL.
local CHANNELS = {
  ["Datadog's errors"] = function(q) return serving.json(400, '{"errors":[' .. q .. "]}") end,
  ["JSON:API's"] = function(q)
    return serving.json(409, '{"errors":[{"title":' .. q .. ',"detail":' .. q .. "}]}")
  end,
  ["Okta's"] = function(q)
    return serving.json(
      403,
      '{"errorCode":'
        .. q
        .. ',"errorSummary":'
        .. q
        .. ',"errorId":'
        .. q
        .. ',"errorCauses":[{"errorSummary":'
        .. q
        .. "}]}"
    )
  end,
  ["SCIM's"] = function(q) return serving.json(400, '{"detail":' .. q .. ',"scimType":' .. q .. "}") end,
  ["OAuth's"] = function(q) return serving.json(400, '{"error":' .. q .. ',"error_description":' .. q .. "}") end,
  ["a name"] = function(q) return serving.json(400, "{" .. q .. ":[" .. q .. "]}") end,
  ["a page"] = function(_, text)
    return { status = 502, body = "<html><title>" .. text .. "</title><p>" .. text .. "</p></html>" }
  end,
  ["no JSON"] = function(_, text) return { status = 200, body = text } end,
  ["JSON that is cut off"] = function(q) return serving.json(200, '{"data":{"id":' .. q) end,
  ["headers"] = function(_, text)
    return serving.json(429, "{}", {
      ["X-Request-Id"] = text,
      ["X-RateLimit-Name"] = text,
      ["X-RateLimit-Limit"] = "5",
      ["Retry-After"] = "0",
    })
  end,
  ["Okta's headers"] = function(_, text)
    return serving.json(500, "", { ["X-Okta-Request-Id"] = text, ["Location"] = text })
  end,
  ["the status line"] = function(_, text)
    return { send = "HTTP/1.1 500 " .. text .. "\r\nContent-Length: 0\r\n\r\n" }
  end,
  ["no HTTP"] = function(_, text) return { { send = text .. "\r\n" }, { close = true } } end,
}

-- Fails where any ten characters of the encoded secret, but for its ends, are in the text.
local function search_pieces(text, encoded, where)
  for _, form_of in ipairs { encoded, json(encoded), encoded:gsub("\\/", "/"), nil } do
    for i = 5, #form_of - 13 do
      if text:find(form_of:sub(i, i + 9), 1, true) then
        error(("%q is in %s: %s"):format(form_of:sub(i, i + 9), where, text:sub(1, 400)), 0)
      end
    end
  end
end

local function search_error(err, encoded, where)
  search_pieces(tostring(err), encoded, where .. ", tostring")
  search_pieces(encode(err), encoded, where .. ", JSON")
  for name, value in pairs(err) do
    for _, text in ipairs(type(value) == "table" and value or { value }) do
      search_pieces(tostring(text), encoded, where .. ", " .. name)
    end
  end
end

describe("secrets", function()
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  it("the search finds what is there", function()
    assert.has_error(function() search({ a = { [serving.API_KEY] = 1 } }, "x") end)
    assert.has_error(function() search({ a = "..." .. CLIENT_SECRET }, "x") end)
    assert.has_error(function()
      search(setmetatable({}, { __tostring = function() return serving.APP_KEY end }), "x")
    end)
  end)

  it("a client that holds keys shows none", function()
    server:answer(serving.json(201, serving.ACCOUNT))
    local clients = {
      server:client(),
      server:client {
        api_key = function() return serving.API_KEY end,
        app_key = function() return serving.APP_KEY end,
      },
      server:client { bearer_token = serving.API_KEY },
      assert(ddokta.okta { base_url = server.url, domain = "example.okta.com", token = serving.API_KEY }),
      assert(ddokta.okta { domain = "example.okta.com", access_token = serving.APP_KEY }),
    }
    assert(clients[1]:create_okta_account(secret_account()))
    assert(clients[2]:create_okta_account(secret_account()))
    for i, client in ipairs(clients) do
      search(client, "client " .. i)
      search(client:with { timeout = 1 }, "a view of client " .. i)
      search(ddokta, "the module")
      client:close()
      search(client, "closed client " .. i)
    end
  end)

  it("the keys were sent, so that there was something to find", function()
    server:answer(serving.json(201, serving.ACCOUNT))
    assert(server:client():create_okta_account(secret_account()))
    local request = server:requests()[1]
    assert.equal(serving.API_KEY, request.headers["dd-api-key"])
    assert.equal(serving.APP_KEY, request.headers["dd-application-key"])
    assert.is_truthy(request.body:find('"client_secret":', 1, true))
  end)

  for shape, echo in pairs(ECHOES) do
    for encoder in pairs(ENCODERS) do
      it(("an error that echoes the request, as %s, %s"):format(shape, encoder), function()
        for _, status in ipairs { 400, 403, 500 } do
          server:script(echo_script(status, echo, encoder))
          local result, err = server:client():create_okta_account(secret_account())
          assert.is_nil(result)
          assert.equal(status, err.status)
          search(err, "the error")
          search_text(encode(err), "the error as JSON")
        end
      end)
    end
  end

  for name, body in pairs {
    ["an answer that is no JSON"] = "text",
    ["an answer that is cut off"] = "'{\"a\":' .. q",
  } do
    it(name .. " and echoes the request", function()
      server:script(echo_script(200, body, "plain"))
      local result, err = server:client():create_okta_account(secret_account())
      assert.is_nil(result)
      assert.equal("protocol", err.kind)
      search(err, "the error")
    end)
  end

  for channel, answer in pairs(CHANNELS) do
    it(("in any encoding, by %s"):format(channel), function()
      local secret = 'S3cr/et+"Qu\\o te=\195\16942xyz<ZY>&'
      local key = "0123ABCDkey/of+the-client=9876wxyz"
      local seen = 0
      for _, row in ipairs(ENCODINGS) do
        for name, hidden in pairs { secret = secret, key = key } do
          local encoded, events = row[2](hidden), {}
          local client = server:client {
            api_key = key,
            on_event = function(event) events[#events + 1] = event end,
          }
          server:answer(answer(row.in_json and '"' .. encoded .. '"' or quote(encoded), encoded))
          local result, err =
            client:create_okta_account(serving.account { client_id = "an-app", client_secret = secret })
          assert.is_nil(result)
          local where = ("%s of the %s"):format(row[1], name)
          search_error(err, encoded, where)
          search_error(err, hidden, where .. ", decoded")
          if name == "key" then -- a watcher and stats know no call's body
            search_pieces(encode { events, client:stats().limits }, encoded, where .. ", to a watcher")
          end
          seen = seen + (encode(err):find("(secret)", 1, true) and 1 or 0)
          client:close()
        end
      end
      if channel ~= "the status line" and channel ~= "no HTTP" then -- which show nothing of it at all
        assert.is_true(seen >= #ENCODINGS * 2 - 2, seen .. " times there was something to hide")
      end
    end)
  end

  it("whatever shape they are sent in", function()
    local okta = assert(ddokta.okta {
      base_url = server.url,
      domain = "example.okta.com",
      proxy = "",
      token = "00-a-token-of-okta",
      max_retries = 0,
    })
    local dd = server:client()
    for name, call in pairs {
      ["a user's password"] = function(s)
        return okta:assign_user_to_application(
          "app",
          { id = "u", credentials = { userName = "a", password = { value = s } } }
        )
      end,
      ["a service account's"] = function(s)
        return okta:create_app_service_account {
          name = "n",
          containerOrn = "orn:x",
          username = "u",
          password = s,
        }
      end,
      ["SCIM's PATCH"] = function(s)
        return dd:patch_scim_user("id", { { op = "replace", path = "password", value = s } })
      end,
      ["SCIM's PATCH of many"] = function(s)
        return dd:patch_scim_user("id", { { op = "add", value = { password = s, active = true } } })
      end,
      ["an account's key"] = function(s) return dd:create_okta_account(serving.account { api_key = s }) end,
    } do
      for _, row in ipairs { ENCODINGS[1], ENCODINGS[8], ENCODINGS[12], ENCODINGS[25] } do
        local hidden = "N3w-W0rd/0123456789+abc"
        local encoded = row[2](hidden)
        local quoted = row.in_json and '"' .. encoded .. '"' or quote(encoded)
        server:answer(serving.json(400, '{"errors":[' .. quoted .. "]}"))
        local result, err = call(hidden)
        assert.is_nil(result, name)
        assert.equal(400, err.status, name .. ": " .. tostring(err))
        search_error(err, encoded, name .. ", " .. row[1])
        assert.is_truthy(err.message:find("(secret)", 1, true), name)
      end
    end
  end)

  it("and what a service made and put into an error, by its name", function()
    server:answer(serving.json(
      409,
      [[{"errors":["exists"],
      "data":{"attributes":{"key":"N3WLY-M4DE","name":"n",
      "credentials":{"password":{"value":"hunter2-word"}},"keys":[{"private_key":{"d":"hunter2-word"}}]}},
      "text":"see {\"client_secret\": \"N3WLY-M4DE\"} and ?token=N3WLY-M4DE"}]]
    ))
    local _, err = server:client():list_okta_accounts()
    search(err, "the error", { made = "N3WLY-M4DE", set = "hunter2-word" })
    assert.is_truthy(err.body:find('"name":"n"', 1, true))
  end)

  it("a link to another host, of which the error tells", function()
    local token = "00-a/token+of=okta-and-long"
    local okta = assert(ddokta.okta {
      base_url = server.url,
      domain = "example.okta.com",
      proxy = "",
      token = token,
      max_retries = 0,
    })
    for _, row in ipairs { ENCODINGS[1], ENCODINGS[12], ENCODINGS[13], ENCODINGS[24], ENCODINGS[28] } do
      local link = ('<https://other.example/?k=%s>; rel="next"'):format(row[2](token))
      server:answer(serving.json(200, "[]", { Link = link }))
      local result, err = okta:list_groups()
      assert.is_nil(result)
      assert.equal("protocol", err.kind)
      assert.matches("another host", err.message)
      search_error(err, row[2](token), "the link, " .. row[1])
    end
  end)

  it("a header that echoes a key does not bring it into an error", function()
    for _, name in ipairs { "X-Request-Id", "X-Okta-Request-Id", "X-RateLimit-Name", "Location", "X-Echo" } do
      server:script(
        ([[ local request = ...
        return { { status = 500, headers = { [%q] = request.headers["dd-api-key"] } } } ]]):format(
          name
        )
      )
      local _, err = server:client():list_okta_accounts()
      assert.equal(500, err.status)
      search(err, "the error, by " .. name)
    end
  end)

  it("a status line that echoes a key", function()
    server:script [[ local request = ...
      local words = request.headers["dd-api-key"]
      return { { send = "HTTP/1.1 500 " .. words .. "\r\nContent-Length: 0\r\n\r\n" } } ]]
    local _, err = server:client():list_okta_accounts()
    assert.equal(500, err.status)
    search(err, "the error")
  end)

  it("no HTTP at all, that echoes a key", function()
    server:script [[ local request = ...
      return { { send = request.headers["dd-api-key"] .. "\r\n" }, { close = true } } ]]
    local _, err = server:client():list_okta_accounts()
    assert.is_table(err)
    search(err, "the error")
  end)

  it("keys that are asked for at each use are redacted, those of calls in flight as well", function()
    server:script [[ local request, n = ...
      return { { sleep = n == 1 and 0.1 or 0 },
        { status = 400, body = '{"errors":["' .. request.headers["dd-api-key"] .. '"]}' } } ]]
    local n, keys = 0, {}
    local client = server:client {
      api_key = function()
        n = n + 1
        keys["key " .. n] = ("rotating-key-%d-0123456789"):format(n)
        return keys["key " .. n]
      end,
    }
    client:list_okta_accounts()
    server:script [[ local request, n = ...
      return { { sleep = n == 1 and 0.1 or 0 },
        { status = 400, body = '{"errors":["' .. request.headers["dd-api-key"] .. '"]}' } } ]]
    local results = ddokta.parallel(3, { 1, 2, 3 }, function() return client:list_okta_accounts() end)
    assert.equal(4, n)
    for i = 1, 3 do
      assert.equal("invalid_request", results[i][2].kind)
      search(results[i][2], "error " .. i, keys)
    end
  end)

  it("a key with a slash, which servers escape", function()
    local key = "abc/def/ghi+jkl=="
    server:script [[ local request = ...
      return { { status = 400, body = '{"errors":["' .. request.headers["dd-api-key"]:gsub("/", "\\/")
        .. '"]}' } } ]]
    local _, err = server:client({ api_key = key }):list_okta_accounts()
    assert.equal("invalid_request", err.kind)
    search(err, "the error", { key = key })
  end)

  it("what is refused before sending is not shown", function()
    local client = server:client()
    local _, err = client:create_okta_account { client_secret = CLIENT_SECRET }
    search(err, "the error")
    _, err = client:create_okta_account(serving.account { client_secret = CLIENT_SECRET .. "\255" })
    assert.equal("invalid_request", err.kind)
    search(err, "the error")
  end)

  it("a key that cannot be sent is not shown either", function()
    for _, key in ipairs { serving.API_KEY .. "\n", serving.API_KEY .. " x", serving.API_KEY .. "\0" } do
      local client, err = ddokta.client { base_url = server.url, api_key = key, app_key = "a" }
      assert.is_nil(client)
      assert.equal("config", err.kind)
      assert.matches("api_key", err.message)
      search(err, "the error")
      client = server:client { api_key = function() return key end }
      client, err = client:list_okta_accounts()
      assert.is_nil(client)
      assert.equal("config", err.kind)
      search(err, "the error")
    end
  end)

  it("a password in a base URL is refused and not shown", function()
    local needles = { ["the password"] = "hunter2-password" }
    local client, err =
      ddokta.client { base_url = "https://me:hunter2-password@example.com", api_key = "a", app_key = "b" }
    assert.is_nil(client)
    assert.equal("config", err.kind)
    search(err, "the error", needles)
  end)

  it("a proxy's password is not shown", function()
    local needles = { ["the password"] = "hunter2-password" }
    local client = server:client {
      base_url = "https://127.0.0.1:1",
      proxy = "http://me:hunter2-password@127.0.0.1:" .. serving.deaf_port(),
    }
    local result, err = client:list_okta_accounts()
    assert.is_nil(result)
    search(err, "the error", needles)
    search(client, "the client", needles)
  end)

  it("events show none", function()
    local events = {}
    server:script(echo_script(503, ECHOES.datadog, "plain"))
    local client =
      server:client { max_retries = 1, on_event = function(event) events[#events + 1] = event end }
    client:list_okta_accounts()
    client:create_okta_account(secret_account())
    assert.is_true(#events >= 6)
    search(events, "events")
  end)

  it("a response shows none that the service did not send", function()
    server:answer(serving.json(201, serving.ACCOUNT))
    local result, response = server:client():create_okta_account(secret_account())
    assert.is_table(result)
    assert.is_table(response.headers)
    assert.is_table(response.body)
    search(result, "the resource")
    search(response, "the response")
  end)

  it("nothing is written to the standard streams, whatever the environment asks for", function()
    server:script(echo_script(400, ECHOES.datadog, "plain"))
    local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
    local program = ([[local d = assert(require 'ddokta'.client{ base_url = '%s', api_key = '%s',
      app_key = '%s', proxy = '' }) local r, e = d:list_okta_accounts() io.write(tostring(e), ' done')]]):format(
      server.url,
      serving.API_KEY,
      serving.APP_KEY
    ):gsub("\n%s*", " ")
    local pipe = assert(
      io.popen(
        (
          "DDOKTA_LEAKS=0 DD_DEBUG=1 DDOKTA_DEBUG=1 DEBUG=1 "
          .. 'DD_TRACE_DEBUG=true CURL_VERBOSE=1 %s -e "%s" 2>&1'
        ):format(lua, program),
        "r"
      )
    )
    local output = pipe:read "*a"
    pipe:close()
    assert.matches("^list_okta_accounts: invalid_request %(400%).* done$", output)
    search_text(output, "the output")
  end)
end)
