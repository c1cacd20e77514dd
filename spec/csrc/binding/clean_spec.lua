-- csrc/binding/clean.c: nothing that a service says reaches a terminal as it came, nor with a key in it.
local check_error = require "spec.support.check_error"
local core = require "ddokta.core"
local ddokta = require "ddokta"
local serving = require "spec.support.serving"

local json = serving.json
local server

local check = check_error.any

-- What list_okta_accounts says when the server does this.
local function list(step)
  server:answer(step)
  local result, err = server:client():list_okta_accounts()
  assert.is_nil(result)
  return err
end

describe("a text that is shown", function()
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  it("words of several lines become one in tostring", function()
    local err = list(json(400, '{"errors":["one\\ntwo\\r\\n\\tthree"]}'))
    assert.equal("one\ntwo\r\n\tthree", err.message)
    check(err, "invalid_request")
  end)

  it("words with control characters cannot reach a terminal through tostring", function()
    local err = list(json(400, '{"errors":["red \\u001b[31m, bell \\u0007, and after \\u0000 more"]}'))
    check(err, "invalid_request")
    assert.is_truthy(tostring(err):find "more")
  end)

  -- C0, DEL, C1, direction, zero width, tags, and bytes that are no UTF-8, of which 8-bit terminals take
  -- some for C1
  local UNSEEN = {
    "\27[2J",
    "\7",
    "\127",
    "\194\155" .. "2J",
    "\194\133",
    "\226\128\174",
    "\226\129\166",
    "\226\128\139",
    "\226\128\141",
    "\239\187\191",
    "\194\173",
    "\243\160\129\161",
    "\226\128\168",
  }
  local RAW = { "\155" .. "2J", "\192\155", "\8\8" }

  local function check_visible(text, where)
    for _, list_of in ipairs { UNSEEN, RAW } do
      for _, unseen in ipairs(list_of) do
        assert.is_nil(text:find(unseen, 1, true), ("%s: %q"):format(where, text))
      end
    end
  end

  for name, answer in pairs {
    ["Datadog's"] = function(q) return json(400, '{"errors":[' .. q .. "]}") end,
    ["JSON:API's"] = function(q) return json(400, '{"errors":[{"title":' .. q .. ',"detail":' .. q .. "}]}") end,
    ["Okta's"] = function(q)
      return json(400, '{"errorCode":' .. q .. ',"errorId":' .. q .. ',"errorSummary":' .. q .. "}")
    end,
    ["SCIM's"] = function(q) return json(400, '{"detail":' .. q .. ',"scimType":' .. q .. "}") end,
    ["a page's title"] = function(_, text)
      return { status = 502, body = "<title>" .. text .. "</title>" .. text }
    end,
    ["headers"] = function(_, text)
      return json(
        500,
        "{}",
        { ["X-Request-Id"] = text, ["X-RateLimit-Name"] = text, ["X-RateLimit-Limit"] = "5" }
      )
    end,
    ["a link"] = function(_, text)
      return json(200, "[]", { Link = "<https://other.example/" .. text .. '>; rel="next"' })
    end,
  } do
    it("words that a terminal obeys, or nobody sees, are shown as code points: " .. name, function()
      local okta = assert(ddokta.okta {
        base_url = server.url,
        domain = "example.okta.com",
        token = "00-a-token",
        proxy = "",
        max_retries = 0,
      })
      for i, list_of in ipairs { UNSEEN, RAW } do
        for _, unseen in ipairs(list_of) do
          local escaped = unseen:gsub("%c", function(c) return ("\\u%04x"):format(c:byte()) end)
          server:answer(answer('"a' .. escaped .. 'b"', "a" .. unseen .. "b"))
          local result, err = okta:list_groups()
          assert.is_nil(result)
          check_visible(tostring(err), "tostring")
          check_visible(err.message, "message")
          for key, value in pairs(err) do
            for _, text in ipairs(type(value) == "table" and value or { value }) do
              check_visible(tostring(text), key)
            end
          end
          check_visible(err.rate_limit and err.rate_limit.name or "", "rate_limit.name")
          if i == 1 and err.kind ~= "protocol" and name ~= "headers" then
            assert.matches("a.*<U%+%x+>.*b", err.message)
          end
        end
      end
    end)
  end

  it("what can be seen stays: letters of all scripts, emoji, and a body that is JSON", function()
    local words = "J\195\188rgen \229\177\177\231\148\176 \217\133\216\177 \240\159\152\128"
    local body = '{\r\n\t"errors": [\n"' .. words .. '"]}'
    local err = list(json(400, body))
    assert.equal(words, err.message)
    assert.equal(body, err.body)
    assert.is_truthy(tostring(err):find(words, 1, true))
  end)

  it("has no secret in it, wherever it stands", function()
    local key = serving.API_KEY
    local err =
      list(json(400, '{"errors":[{"title":"' .. key .. '","detail":"x' .. key .. 'x"}],"' .. key .. '":1}'))
    for _, text in ipairs { err.message, err.body, err.errors[1], tostring(err) } do
      assert.is_nil(text:find(key, 1, true), text)
    end
    assert.equal("invalid_request", err.kind)
  end)

  it("keeps its lines where it is no error", function()
    assert.equal("a\nb<U+001B>c", core.show "a\nb\27c")
    assert.has_error(function() core.show {} end)
  end)
end)
