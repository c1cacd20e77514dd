-- csrc/binding/call_error.c: what a service says, in the shapes that services really use and in those that
-- they should not.
local check_error = require "spec.support.check_error"
local serving = require "spec.support.serving"

local json = serving.json
local server

local check = check_error.any
local function check_sent(...) return check_error.sent(server, ...) end

-- What list_okta_accounts says when the server does this.
local function list(step)
  server:answer(step)
  local result, err = server:client():list_okta_accounts()
  assert.is_nil(result)
  return err
end

describe("the error of a call", function()
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  it("Datadog's list of strings", function()
    local err = list(json(400, '{"errors":["first","second"]}'))
    assert.same({ "first", "second" }, err.errors)
    assert.equal("first; second", err.message)
  end)

  it("JSON:API's list of objects, with and without a title", function()
    local err = list(json(
      409,
      [[{"errors":[
      {"status":"409","title":"Conflict","detail":"users already present on the team"},
      {"detail":"no title"}, {"title":"no detail"}]}]]
    ))
    check_sent(err, "conflict", 409)
    assert.same({ "Conflict: users already present on the team", "no title", "no detail" }, err.errors)
  end)

  it("Python's notation in a string, as it is", function()
    local text = "{'errors': [{'detail': 'Not a valid choice.', 'source': {'pointer': '/data'}}]}"
    assert.same({ text }, list(json(400, ('{"errors":["%s"]}'):format(text))).errors)
  end)

  it("Okta's", function()
    local err = list(json(
      400,
      [[{"errorCode":"E0000001","errorSummary":"Api validation failed: login",
      "errorLink":"E0000001","errorId":"oaeHfmOAx1iRLa0H10DeMz5fQ",
      "errorCauses":[{"errorSummary":"login: already exists"},{"errorSummary":"second"}]}]]
    ))
    check_sent(err, "invalid_request", 400)
    assert.equal("E0000001", err.code)
    assert.equal("oaeHfmOAx1iRLa0H10DeMz5fQ", err.id)
    assert.same({ "Api validation failed: login", "login: already exists", "second" }, err.errors)
    assert.is_truthy(tostring(err):find("oaeHfmOAx1iRLa0H10DeMz5fQ", 1, true))
    assert.is_truthy(err.message:find "^Api validation failed: login")
  end)

  it("SCIM's", function()
    local err = list {
      status = 409,
      headers = { ["Content-Type"] = "application/scim+json" },
      body = [[
      {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"userName is taken",
      "scimType":"uniqueness","status":"409"}]],
    }
    check_sent(err, "conflict", 409)
    assert.equal("uniqueness", err.scim_type)
    assert.same({ "userName is taken" }, err.errors)
  end)

  it("whatever the content type says", function()
    local err = list {
      status = 404,
      headers = { ["Content-Type"] = "text/html" },
      body = '{"errors":["not here"]}',
    }
    assert.same({ "not here" }, err.errors)
  end)

  it("an HTML page, also for a 429", function()
    local page = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>...</body></html>"
    local err = check_sent(
      list { status = 429, headers = { ["Content-Type"] = "text/html" }, body = page },
      "rate_limited",
      429
    )
    assert.same({ "429 Too Many Requests" }, err.errors)
    assert.equal(page, err.body)
  end)

  for name, body in pairs {
    ["nothing"] = "",
    ["text"] = "upstream timed out",
    ["a JSON string"] = '"no"',
    ["null"] = "null",
    ["a list"] = '["a"]',
    ["an empty object"] = "{}",
    ["errors that are none"] = '{"errors":5}',
    ["a list of other things"] = '{"errors":[1,null,true,[],{}]}',
    ["broken JSON"] = '{"errors":["',
    ["no UTF-8"] = "\255\254\0x",
    ["a title that does not end"] = "<title>never",
    ["causes that are none"] = '{"errorSummary":5,"errorCauses":"x","errorCode":{}}',
  } do
    it("nothing known: " .. name, function()
      local err = check_sent(list { status = 502, body = body }, "server", 502)
      assert.is_truthy(err.message:find "502")
    end)
  end

  it("an answer that is no success and is larger than any has its status, and its beginning", function()
    local err = list { status = 400, body = '{"errors":["' .. ("word "):rep(20000) .. '"]}' }
    check_sent(err, "invalid_request", 400)
    assert.equal("status 400", err.message)
    assert.equal('{"errors":["word word', err.body:sub(1, 21))
  end)

  it("body holds no more than 4 KiB, and no half character", function()
    local err = list { status = 400, body = "x" .. ("\195\164"):rep(5000) }
    assert.is_true(#err.body <= 4096)
    assert.is_true(#err.body >= 4090)
    assert.equal("x" .. ("\195\164"):rep((#err.body - 1) / 2), err.body)
  end)

  it("many errors are not too many", function()
    local words = {}
    for i = 1, 500 do
      words[i] = '"word ' .. i .. '"'
    end
    local err = list(json(400, '{"errors":[' .. table.concat(words, ",") .. "]}"))
    assert.equal("word 1", err.errors[1])
    check(err, "invalid_request")
  end)

  it("the request's id is kept to quote", function()
    assert.equal("abc-1", list { status = 500, headers = { ["X-Request-Id"] = "abc-1" } }.id)
    assert.equal("abc-2", list { status = 500, headers = { ["X-Okta-Request-Id"] = "abc-2" } }.id)
  end)
end)
