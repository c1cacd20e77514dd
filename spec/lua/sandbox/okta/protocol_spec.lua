-- the sandbox's Okta as a client sees it, over plain HTTP and HTTP/2 through nginx
local client = require "spec.lua.sandbox.client"
local sandbox = require "ddokta.sandbox"

describe("the sandbox's Okta in nginx", function()
  local box

  setup(function() box = assert(sandbox.start { seed = { okta = { demo = true } } }) end)
  teardown(function() box:stop() end)
  before_each(function() client.admin(box, "POST", "/reset") end)

  local function call(method, path, body)
    return assert(
      client.call(box, method, path, { body = body, headers = { authorization = "SSWS " .. box.okta_token } })
    )
  end

  it("is told to a shell and to a program", function()
    assert.matches("\nexport OKTA_CLIENT_ORGURL='?" .. box.base_url:gsub("%p", "%%%0"), box.exports())
    assert.matches("\nexport OKTA_CLIENT_TOKEN='?sandbox%-okta%-token", box.exports())
    assert.equal(box.base_url, box.okta_url)
    local answer = client.curl(
      box,
      { "-H", "Authorization: Bearer " .. box.okta_access_token, box.okta_url .. "/api/v1/users" }
    )
    assert.equal(200, answer.status)
    assert.matches("x%-rate%-limit%-reset: %d%d%d%d%d%d%d%d%d%d\r?\n", answer.head .. "\n")
    assert.is_nil(answer.head:find("x-ratelimit", 1, true))
  end)

  it("walks its pages by links to the host that was asked", function()
    local answer = client.curl(
      box,
      { "-H", "Authorization: SSWS " .. box.okta_token, box.okta_url .. "/api/v1/users?limit=3" }
    )
    local _, links = answer.head:gsub("\nlink:", "")
    assert.equal(2, links)
    local next_url = answer.head:match('link: <([^>]*)>; rel="next"')
    assert.equal(box.okta_url, next_url:sub(1, #box.okta_url))
    answer = client.curl(box, { "-H", "Authorization: SSWS " .. box.okta_token, next_url })
    assert.equal(200, answer.status)
    assert.is_nil(answer.head:find('rel="next"', 1, true))
  end)

  it("answers a deletion with nothing at all", function()
    local groups = call("GET", "/api/v1/groups").json
    local users = call("GET", "/api/v1/groups/" .. groups[1].id .. "/users").json
    local answer = call("DELETE", ("/api/v1/groups/%s/users/%s"):format(groups[1].id, users[1].id))
    assert.equal(204, answer.status)
    assert.equal("", answer.body)
    assert.is_nil(answer.headers["content-type"])
  end)

  it("has pushed what its seed says before the first answer", function()
    local team = assert(client.call(box, "GET", "/api/v2/team")).json.data[1]
    assert.equal("Platform", team.attributes.name)
    assert.is_true(team.attributes.is_managed)
    assert.equal(3, team.attributes.user_count)
  end)

  it("can be configured while it runs, and shows what is still to come", function()
    client.admin(box, "GET", "/state")
    client.admin(box, "PUT", "/config", { push_delay = 3600 })
    local app = call("GET", "/api/v1/apps?q=datadog").json[1]
    local users = call("GET", "/api/v1/users?q=edsger").json
    local made = call("POST", "/api/v1/apps/" .. app.id .. "/users", { id = users[1].id })
    assert.equal("SYNCING", made.json.syncState)
    local shown = client.admin(box, "GET", "/state")
    assert.equal(1, shown.okta.work_to_come)
    assert.equal(3600, shown.settings.push_delay)
  end)

  it("can be given another organisation while it runs", function()
    client.admin(box, "PUT", "/seed", { okta = { users = { { login = "ada@example.com" } } } })
    assert.equal(1, #call("GET", "/api/v1/users").json)
    local answer = assert(client.call(box, "PUT", "/_sandbox/seed", { body = { okta = { users = { 7 } } } }))
    assert.equal(400, answer.status)
    assert.matches("okta.users 1 is not a table", answer.body)
    assert.equal(1, #call("GET", "/api/v1/users").json)
  end)

  it("is refused with a wrong seed before nginx starts", function()
    local started, problem = sandbox.start { seed = { okta = { users = { {} } } } }
    assert.is_nil(started)
    assert.equal("seed: okta.users 1: login must be a text", problem)
  end)
end)
