-- lua/ddokta/sandbox/admin.lua, and rate limits and permissions as a client sees them
local client = require "spec.lua.sandbox.client"
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"

local ACCOUNTS = client.ACCOUNTS

describe("the sandbox's own interface", function()
  local box

  setup(
    function()
      box = assert(sandbox.start { seed = { { name = "seeded", domain = "https://seeded.okta.com/" } } })
    end
  )
  teardown(function() box:stop() end)
  before_each(function() client.admin(box, "POST", "/reset") end)

  local function list() return assert(client.call(box, "GET", ACCOUNTS)) end

  local function state() return client.admin(box, "GET", "/state") end

  it("shows accounts with the names of their secrets", function()
    client.call(box, "POST", ACCOUNTS, { body = client.account { client_secret = "hidden" } })
    local shown = state()
    assert.equal(2, shown.account_count)
    assert.equal("seeded", shown.accounts[1].name)
    assert.same({ "client_secret" }, shown.accounts[2].secrets)
  end)

  it("counts requests by method, path and status", function()
    list()
    list()
    client.call(box, "GET", ACCOUNTS .. "/x")
    client.call(box, "GET", ACCOUNTS, { headers = false })
    local shown = state()
    assert.same({
      ["GET " .. ACCOUNTS] = { ["200"] = 2, ["403"] = 1 },
      ["GET " .. ACCOUNTS .. "/{account_id}"] = { ["400"] = 1 },
    }, shown.requests)
    assert.equal(4, shown.request_count)
    assert.equal(0, shown.in_flight)
    assert.equal(4, shown.protocols["HTTP/1.1"])
  end)

  it("shows the last requests without the keys", function()
    local body = client.account()
    client.call(box, "POST", ACCOUNTS .. "?x=1", { body = body })
    client.call(box, "GET", ACCOUNTS, { headers = false })
    local answer = client.call(box, "GET", "/_sandbox/requests", { headers = false })
    assert.is_nil(answer.body:find(box.api_key, 1, true))
    assert.is_nil(answer.body:find(box.app_key, 1, true))
    local first, second = answer.json.requests[1], answer.json.requests[2]
    assert.equal("POST", first.method)
    assert.equal(ACCOUNTS, first.path)
    assert.equal("x=1", first.query)
    assert.equal(201, first.status)
    assert.equal("keys", first.authorized)
    assert.equal("manage_integrations", first.permission)
    assert.is_truthy((" " .. table.concat(first.headers, " ") .. " "):find(" dd-api-key ", 1, true))
    assert.is_truthy(first.body:find('"okta-accounts"', 1, true))
    assert.is_false(second.authorized)
    assert.equal(403, second.status)
  end)

  it("keeps as many requests as it is told, and forgets them when asked", function()
    client.admin(box, "PUT", "/config", { log_size = 2 })
    for _ = 1, 5 do
      list()
    end
    local requests = client.admin(box, "GET", "/requests").requests
    assert.equal(2, #requests)
    assert.equal(5, requests[2].number)
    client.admin(box, "DELETE", "/requests")
    assert.same({}, client.admin(box, "GET", "/requests").requests)
    assert.equal(0, state().request_count)
  end)

  it("sets a limit that is then a real 429 with its headers", function()
    client.admin(box, "PUT", "/config", { limit = 2, period = 3600 })
    local first = list()
    assert.equal("2", first.headers["x-ratelimit-limit"])
    assert.equal("3600", first.headers["x-ratelimit-period"])
    assert.equal("1", first.headers["x-ratelimit-remaining"])
    assert.equal("okta_integration", first.headers["x-ratelimit-name"])
    list()
    local refused = list()
    assert.equal(429, refused.status)
    assert.same({ errors = { "Too many requests" } }, refused.json)
    assert.equal("0", refused.headers["x-ratelimit-remaining"])
    local reset = tonumber(refused.headers["x-ratelimit-reset"])
    assert.is_true(reset >= 1 and reset <= 3600)
    assert.equal(200, client.call(box, "GET", "/api/v2/validate_keys").status)
  end)

  it("lets calls pass again in the next period", function()
    client.admin(box, "PUT", "/config", { limit = 1, period = 1 })
    local refused
    assert.is_true(client.eventually(5, function()
      refused = list().status == 429
      return refused
    end))
    assert.is_true(client.eventually(3, function() return list().status == 200 end))
  end)

  it("takes permissions away and gives them back", function()
    client.admin(box, "PUT", "/config", { permissions = { "integrations_read" } })
    assert.equal(200, list().status)
    local refused = client.call(box, "POST", ACCOUNTS, { body = client.account() })
    assert.equal(403, refused.status)
    assert.same({ errors = { "Forbidden" } }, refused.json)
    client.admin(box, "PUT", "/config", { permissions = "all" })
    assert.equal(201, client.call(box, "POST", ACCOUNTS, { body = client.account() }).status)
  end)

  it("sees how many calls are in flight together", function()
    client.admin(box, "PUT", "/config", { latency = 0.5 })
    local url = box.base_url .. ACCOUNTS .. "?[1-8]"
    shell.run(shell.line {
      "curl",
      "-sS",
      "--cacert",
      box.ca_file,
      "--http2",
      "-Z",
      "-o",
      "/dev/null",
      "-H",
      "DD-API-KEY: " .. box.api_key,
      "-H",
      "DD-APPLICATION-KEY: " .. box.app_key,
      url,
    })
    client.admin(box, "PUT", "/config", { latency = 0 })
    local shown = state()
    assert.equal(8, shown.protocols["HTTP/2.0"])
    assert.is_true(shown.max_in_flight > 1 and shown.max_in_flight <= 8, shown.max_in_flight)
    assert.is_true(shown.connections < 8, shown.connections)
  end)

  it("refuses settings, faults and accounts that are wrong, and changes nothing", function()
    local before = state()
    for path, case in pairs {
      ["PUT /_sandbox/config"] = { '{"limit":5,"period":"x"}', "period must be a number" },
      ["POST /_sandbox/faults"] = { '[{"status":500},{"status":5}]', "status must be 200 to 599" },
      ["PUT /_sandbox/accounts"] = { '[{"name":"x"}]', "account 1: domain is a required attribute" },
      ["PUT /_sandbox/seed"] = { '{"users":[],"pets":[]}', 'a seed has no part \\"pets\\"' },
      ["POST /_sandbox/faults "] = { "no json", "the body must be" },
    } do
      local method, where = path:match("(%S+) (%S+)")
      local answer = client.call(box, method, where, { body = case[1], headers = false })
      assert.equal(400, answer.status)
      assert.is_truthy(answer.body:find(case[2], 1, true), answer.body)
    end
    assert.same(before, state())
  end)

  it("replaces the accounts, ids included", function()
    client.admin(box, "PUT", "/accounts", {
      { id = "my-id", name = "mine", domain = "https://x/" },
      { name = "other", domain = "https://y/", client_secret = "s" },
    })
    local data = list().json.data
    assert.equal(2, #data)
    assert.equal("my-id", data[1].id)
    assert.equal("mine", data[1].attributes.name)
    client.call(box, "PUT", "/_sandbox/accounts", { body = "[]", headers = false })
    assert.equal('{"data":[]}\n', list().body)
  end)

  it("replaces the whole seed, shows what there is then, and goes back to the start", function()
    client.admin(box, "PUT", "/seed", {
      users = { { email = "ann@example.com", name = "Ann", id = "user-a" } },
      teams = {
        { name = "Core", handle = "core", id = "team-c", is_managed = true, members = { "user-a" } },
      },
      okta_accounts = { { name = "a", domain = "https://a/" }, { name = "b", domain = "https://b/" } },
    })
    local shown = state()
    assert.equal(2, shown.account_count)
    assert.equal(2, shown.user_count)
    assert.equal("ann@example.com", shown.users[2].handle)
    assert.same({ "user-a" }, shown.teams[1].user_ids)
    assert.equal("Core", shown.scim_groups[1].display_name)
    assert.equal(3, shown.role_count)
    client.admin(box, "POST", "/reset")
    shown = state()
    assert.equal("seeded", shown.accounts[1].name)
    assert.equal(1, shown.user_count)
    assert.equal(0, shown.team_count)
  end)

  it("takes a seed at the start", function()
    local seed = { users = { { email = "ann@example.com", id = "user-a" } } }
    local other = assert(sandbox.start { seed = seed })
    local answer = client.call(
      other,
      "GET",
      "/api/v2/scim/Users/user-a",
      { headers = {
        authorization = "Bearer " .. other.app_key,
      } }
    )
    other:stop()
    assert.equal(200, answer.status)
    assert.equal("ann@example.com", answer.json.userName)
    local none, problem = sandbox.start { seed = { users = { {} } } }
    assert.is_nil(none)
    assert.equal("seed: user 1: a user must have an email", problem)
  end)

  it("goes back to the start", function()
    client.admin(box, "PUT", "/config", { limit = 7 })
    client.admin(box, "POST", "/faults", { status = 500, times = "always" })
    client.call(box, "PUT", "/_sandbox/accounts", { body = "[]", headers = false })
    assert.equal(500, list().status)
    client.admin(box, "POST", "/reset")
    local answer = list()
    assert.equal("seeded", answer.json.data[1].attributes.name)
    assert.equal("1000", answer.headers["x-ratelimit-limit"])
    assert.equal(1, state().request_count)
  end)

  it("knows what it does not know", function()
    assert.equal(404, client.call(box, "GET", "/_sandbox/nothing").status)
    assert.equal(405, client.call(box, "DELETE", "/_sandbox/state").status)
  end)

  it("answers over TLS and HTTP/2 as well", function()
    local answer = client.curl(box, { "--http2", box.base_url .. "/_sandbox/state" })
    assert.equal(0, answer.exit)
    assert.matches("^http/2 200", answer.head)
  end)
end)
