-- examples/webhook.conf in a real nginx of one worker: who is let in, what comes of it, and that nobody else
-- waits. nginx's Lua is LuaJIT: run with that one.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "the example of a webhook", it, function(why) pending(why) end) then
  return
end

local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"
local web = require "spec.lua.loop.web"

local SECRET = "an example's secret"

-- the example, and a place that answers at once
local function configuration()
  local plain = "location = /plain { return 200 plain; }\n    location = /users"
  return (web.example("webhook.conf"):gsub("location = /users", plain))
end

-- another implementation than the example's
local function sign(text)
  local output, status = shell.run(
    ("printf %%s %s | openssl dgst -sha256 -hmac %s -r"):format(shell.quote(text), shell.quote(SECRET))
  )
  assert(status == 0, output)
  return output:match "^%x+"
end

describe("the example of a webhook", function()
  local box, server, dd

  setup(function()
    box = around.box { latency = 0 }
    dd = around.client(box)
    server = web.start {
      whole = configuration(),
      exports = web.exports(box) .. "export WEBHOOK_SECRET=" .. shell.quote(SECRET),
    }
  end)

  teardown(function()
    if server then server:stop() end
    if dd then dd:close() end
    if box then box:stop() end
  end)

  before_each(function()
    around.tell(box, "POST", "reset")
    around.tell(box, "PUT", "config", '{"latency":0}')
  end)

  -- the words of a curl that posts; changes: timestamp, signature, body as it is sent, method
  local function curl(body, changes)
    changes = changes or {}
    local timestamp = changes.timestamp or tostring(os.time())
    local words = {
      "curl",
      "-q",
      "-sS",
      "--noproxy",
      "*",
      "-w",
      "\n%{http_code}",
      "-X",
      changes.method or "POST",
      "--data-binary",
      changes.sent or body,
    }
    if timestamp ~= "" then
      words[#words + 1], words[#words + 2] = "-H", "X-Timestamp: " .. timestamp
    end
    local signature = changes.signature or sign(timestamp .. "." .. body)
    if signature ~= "" then
      words[#words + 1], words[#words + 2] = "-H", "X-Signature: " .. signature
    end
    words[#words + 1] = ("http://127.0.0.1:%d/users"):format(server.port)
    return shell.line(words)
  end

  local function post(body, changes)
    local output = shell.run(curl(body, changes))
    local text, status = output:match "^(.*)\n(%d+)$"
    return tonumber(status), text
  end

  local function user(name)
    local filter = require("ddokta.scim").filter.eq("userName", name)
    return assert(dd:list_scim_users { filter = filter })[1]
  end

  it("makes who is not there", function()
    local status, id = post '{"userName":"ada@example.com","name":"Ada Byron","title":"Engineer"}'
    assert.equal(200, status)
    local made = user "ada@example.com"
    assert.same(
      { made.id .. "\n", "Ada Byron", "Engineer", true },
      { id, made.name.formatted, made.title, made.active }
    )
  end)

  it("brings up to date who is, active again, and leaves what was not sent", function()
    post '{"userName":"ada@example.com","name":"Ada Byron","title":"Engineer"}'
    assert(dd:patch_scim_user(user("ada@example.com").id, { { op = "replace", value = { active = false } } }))
    assert.equal(200, (post '{"userName":"ADA@example.com","title":"Lead"}'))
    local found = user "ada@example.com"
    assert.same({ "Ada Byron", "Lead", true }, { found.name.formatted, found.title, found.active })
  end)

  local BODY = '{"userName":"eve@example.com"}'
  for what, changes in pairs {
    ["no signature"] = { signature = "" },
    ["no timestamp"] = { timestamp = "" },
    ["a wrong signature"] = { signature = ("0"):rep(64) },
    ["a signature of another length"] = { signature = "00" },
    ["another body than was signed"] = { sent = '{"userName":"mallory@example.com"}' },
    ["an old message"] = { timestamp = tostring(os.time() - 301) },
    ["a message from the future"] = { timestamp = tostring(os.time() + 600) },
    ["a timestamp that is none"] = { timestamp = "1e9" },
  } do
    it("refuses " .. what, function()
      assert.equal(401, (post(BODY, changes)))
      assert.is_nil(user "eve@example.com")
      assert.is_nil(user "mallory@example.com")
    end)
  end

  it("refuses what is no user, however well it is signed", function()
    for _, body in ipairs { "", "{", "[]", "7", '{"userName":7}', '{"name":"x"}' } do
      assert.equal(400, (post(body)), body)
    end
    assert.equal(403, (post(BODY, { method = "PUT" })))
    assert.equal(413, (post(("x"):rep(70000))))
  end)

  it("does not let a name get out of its filter", function()
    local name = 'a" or userName eq "ada@example.com'
    post '{"userName":"ada@example.com","title":"Engineer"}'
    local text = require("ddokta.core").json.encode { userName = name, title = "Boss" }
    assert.equal(200, (post(text)))
    assert.same({ "Engineer", "Boss" }, { user("ada@example.com").title, user(name).title })
  end)

  it("answers 502 and writes why to its log", function()
    around.tell(box, "POST", "faults", '{"status":403,"path":"^/api/","times":1}')
    assert.equal(502, (post(BODY)))
    assert.truthy(server:log():find("list_scim_users: forbidden (403)", 1, true), server:log())
  end)

  it("keeps no worker from others", function()
    around.tell(box, "PUT", "config", ('{"latency":%g}'):format(around.CALL))
    local commands = {}
    for i = 1, 10 do
      commands[i] = curl(('{"userName":"user%d@example.com"}'):format(i)) .. " >/dev/null &"
    end
    local started = around.now()
    local pipe = io.popen(table.concat(commands, "\n") .. "\nwait", "r")
    local longest = 0
    for _ = 1, 20 do
      local text, status, seconds = web.get(server.port, "/plain")
      assert.same({ "plain", 200 }, { text, status })
      longest = math.max(longest, seconds)
    end
    pipe:read "*a"
    pipe:close()
    assert.truthy(around.now() - started < 10 * around.CALL, around.now() - started) -- 2 calls each, together
    assert.truthy(longest < around.CALL, longest)
    around.tell(box, "PUT", "config", '{"latency":0}')
    for i = 1, 10 do
      assert.truthy(user(("user%d@example.com"):format(i)))
    end
  end)

  it("does not start without a secret", function()
    local ok, why = pcall(web.start, { whole = configuration(), exports = web.exports(box) })
    assert.is_false(ok)
    assert.truthy(tostring(why):find("WEBHOOK_SECRET", 1, true), why)
  end)
end)
