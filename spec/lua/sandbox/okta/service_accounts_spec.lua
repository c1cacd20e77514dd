-- lua/ddokta/sandbox/okta/service_accounts.lua
local protocol = require "ddokta.sandbox.okta.protocol"
local json = require "ddokta.sandbox.json"
local okta = require "spec.lua.sandbox.okta"
local org = require "ddokta.sandbox.okta.org"

local ACCOUNTS = "/privileged-access/api/v1/service-accounts"
local ORN = "orn:okta:idp:00oAnything:apps:datadog:" .. org.DATADOG_APP_ID

describe("the sandbox's app service accounts", function()
  local box

  before_each(function() box = okta.new() end)

  local function account(fields)
    local filled = {
      name = "datadog prod",
      username = "svc@example.com",
      containerOrn = ORN,
      password = "correct horse",
    }
    for name, value in pairs(fields or {}) do
      filled[name] = value
    end
    return filled
  end

  local function create(fields) return box:must(200, "POST", ACCOUNTS, account(fields)) end

  it("are created with 200 and tell everything but the password", function()
    local made = create {
      description = "d",
      ownerUserIds = { "00u1" },
      ownerGroupIds = { "00g1" },
      status = "ERROR",
      id = "x",
      created = "x",
      containerGlobalName = "x",
    }
    assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", made.id)
    made.id = nil
    assert.same({
      name = "datadog prod",
      username = "svc@example.com",
      containerOrn = ORN,
      description = "d",
      ownerUserIds = { "00u1" },
      ownerGroupIds = { "00g1" },
      containerGlobalName = "datadog",
      containerInstanceName = "Datadog",
      status = "UNSECURED",
      statusDetail = "STAGED",
      created = "2024-05-05T12:26:40.000Z",
      lastUpdated = "2024-05-05T12:26:40.000Z",
    }, made)
    for _, answer in ipairs { box:ask("GET", ACCOUNTS), box:ask("GET", "/_sandbox/state") } do
      assert.is_nil(answer.body:find("correct horse", 1, true))
    end
  end)

  it("say when they have no password", function()
    local given = account()
    given.password = nil
    assert.equal("MISSING_PASSWORD", box:must(200, "POST", ACCOUNTS, given).statusDetail)
    given.password = json.null()
    assert.equal("MISSING_PASSWORD", box:must(200, "POST", ACCOUNTS, given).statusDetail)
  end)

  it("must have a name, a username and an app", function()
    for _, name in ipairs { "name", "username", "containerOrn" } do
      local given = account()
      given[name] = nil
      local problem = box:must(400, "POST", ACCOUNTS, given)
      assert.equal("E0000001", problem.errorCode)
      assert.equal("Api validation failed: " .. name, problem.errorSummary)
      assert.equal(name .. ": The field cannot be left blank", problem.errorCauses[1].errorSummary)
    end
  end)

  it("must keep to the limits of their fields", function()
    local eleven = {}
    for i = 1, 11 do
      eleven[i] = "00u" .. i
    end
    for _, case in ipairs {
      { "name", "" },
      { "name", ("n"):rep(51) },
      { "name", "a/b" },
      { "name", "é" },
      { "name", 7 },
      { "username", "" },
      { "username", ("u"):rep(101) },
      { "description", ("d"):rep(256) },
      { "password", "" },
      { "password", ("p"):rep(256) },
      { "ownerUserIds", eleven },
      { "ownerGroupIds", "00g1" },
      { "ownerGroupIds", { 7 } },
      { "containerOrn", "orn:okta:idp:x:apps:datadog" },
      { "containerOrn", "datadog" },
    } do
      local problem = box:must(400, "POST", ACCOUNTS, account { [case[1]] = case[2] })
      assert.equal("Api validation failed: " .. case[1], problem.errorSummary)
    end
    create {
      name = "A-b_c. 9" .. ("n"):rep(42),
      username = ("é"):rep(50),
      description = "",
      password = ("p"):rep(255),
    }
    assert.is_nil(protocol.text(1, 2)("éé"))
    assert.matches("from 1 to 2 characters", protocol.text(1, 2)("ééé"))
  end)

  it("must belong to an app that there is", function()
    for _, orn in ipairs { "orn:okta:idp:x:apps:datadog:0oaNowhere", (ORN:gsub("datadog", "salesforce")) } do
      assert.equal("E0000007", box:must(404, "POST", ACCOUNTS, account { containerOrn = orn }).errorCode)
    end
  end)

  it("may be as many of one name as are created", function()
    assert.are_not.equal(create().id, create().id)
    assert.equal(2, #box:must(200, "GET", ACCOUNTS))
  end)

  it("are got, changed and deleted by id; a second deletion finds nothing", function()
    local made = create()
    local path = ACCOUNTS .. "/" .. made.id
    assert.same(made, box:must(200, "GET", path))
    box.now = box.now + 60
    local changed = box:must(200, "PATCH", path, { name = "other", ownerUserIds = { "00u2" } })
    assert.equal("other", changed.name)
    assert.same({ "00u2" }, changed.ownerUserIds)
    assert.equal("svc@example.com", changed.username)
    assert.equal("2024-05-05T12:27:40.000Z", changed.lastUpdated)
    assert.equal(made.created, changed.created)
    assert.equal("", box:ask("DELETE", path).body)
    for _, method in ipairs { "GET", "PATCH", "DELETE" } do
      assert.equal("E0000007", box:must(404, method, path, "{}").errorCode)
    end
  end)

  it("do not let go of their app, user name and password", function()
    local path = ACCOUNTS .. "/" .. create().id
    for _, field in ipairs { "containerOrn", "username", "password" } do
      local problem = box:must(400, "PATCH", path, { [field] = account()[field] })
      assert.equal(field .. ": cannot be changed", problem.errorCauses[1].errorSummary)
    end
    box:must(400, "PATCH", path, { name = "" })
  end)

  it("come in pages of 20, or as many as are asked for", function()
    for i = 1, 45 do
      create { name = "n" .. i }
    end
    local seen, target, pages = {}, ACCOUNTS, 0
    while target do
      local answer = box:ask("GET", target)
      for _, item in ipairs(answer.json) do
        seen[#seen + 1] = item.name
      end
      pages = pages + 1
      local links = answer.headers["Link"]
      target = type(links) == "table" and links[2]:match('^<https://sandbox%.example:8443(/.*)>; rel="next"$')
    end
    assert.equal(3, pages)
    assert.equal(45, #seen)
    assert.equal("n45", seen[45])
    assert.equal(45, #box:must(200, "GET", ACCOUNTS .. "?limit=200"))
    for _, limit in ipairs { "0", "201", "x", "1.5", "-1" } do
      assert.equal(
        "Api validation failed: limit",
        box:must(400, "GET", ACCOUNTS .. "?limit=" .. limit).errorSummary
      )
    end
    box:must(400, "GET", ACCOUNTS .. "?after=x")
  end)

  it("lose none to a deletion between two pages", function()
    for i = 1, 5 do
      create { name = "n" .. i }
    end
    local first = box:ask("GET", ACCOUNTS .. "?limit=2")
    box:must(204, "DELETE", ACCOUNTS .. "/" .. first.json[1].id)
    box:must(204, "DELETE", ACCOUNTS .. "/" .. first.json[2].id)
    local rest = box:must(200, "GET", first.headers["Link"][2]:match("8443(/[^>]*)>"))
    assert.equal("n3", rest[1].name)
  end)

  it("are found by a part of their names", function()
    create { name = "one", username = "a" }
    create { name = "two", username = "b-ONE" }
    create { name = "three", username = "c" }
    assert.equal(2, #box:must(200, "GET", ACCOUNTS .. "?match=one"))
    assert.equal(3, #box:must(200, "GET", ACCOUNTS .. "?match=DATADOG"))
    assert.equal(0, #box:must(200, "GET", ACCOUNTS .. "?match=n_e"))
    box:must(400, "GET", ACCOUNTS .. "?match=on")
  end)

  it("keep what was asked for in the link to the next page", function()
    for i = 1, 3 do
      create { name = "one" .. i }
    end
    local link = box:ask("GET", ACCOUNTS .. "?match=one&limit=2").headers["Link"]
    assert.matches("[?&]match=one", link[2])
    assert.matches("[?&]limit=2", link[2])
    assert.equal(1, #box:must(200, "GET", link[2]:match("8443(/[^>]*)>")))
    box.state.settings.okta_url = "https://org.example"
    assert.matches(
      "^<https://org%.example/privileged",
      box:ask("GET", ACCOUNTS .. "?limit=2").headers["Link"][2]
    )
  end)

  it("can be there at the start", function()
    box = okta.new { service_accounts = { account { name = "seeded" } } }
    assert.equal("seeded", box:must(200, "GET", ACCOUNTS)[1].name)
    local ok, problem = pcall(okta.new, { service_accounts = { account { name = "" } } })
    assert.is_false(ok)
    assert.matches("okta%.service_accounts 1: Api validation failed: name", problem)
  end)
end)
