-- examples/metrics.lua, with a real receiver of datagrams on loopback.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local socket = require "socket"

local metrics = dofile "examples/metrics.lua"

-- DogStatsD's grammar, as its page has it: name:value|type|#tag:value,...
local LINE = "^([%a][%w_.]*):(%d+)|(%l+)|#(.+)$"

describe("examples/metrics.lua", function()
  local server, quiet, receiver, port

  setup(function()
    server, quiet = box.start()
    receiver = assert(socket.udp())
    assert(receiver:setsockname("127.0.0.1", 0))
    receiver:settimeout(2)
    local _, number = receiver:getsockname()
    port = tonumber(number)
  end)
  teardown(function()
    server:stop()
    receiver:close()
    box.remove()
  end)

  -- the next datagrams: a list of {name, value, type, tags = {name = value}}
  local function received(count)
    local list = {}
    for i = 1, count do
      local line = assert(receiver:receive(), "only " .. #list .. " came")
      local name, value, kind, tags = line:match(LINE)
      assert(name, line)
      local one = { name = name, value = tonumber(value), type = kind, tags = {} }
      for tag in (tags .. ","):gmatch "([^,]*)," do
        local key, text = tag:match "^([a-z_]+):([a-z0-9_./-]+)$"
        assert(key, tag)
        one.tags[key] = text
      end
      list[i] = one
    end
    return list
  end

  local function nothing_more()
    receiver:settimeout(0)
    assert.is_nil(receiver:receive())
    receiver:settimeout(2)
  end

  it("counts and times what a client does, and what an import came to", function()
    box.reset(server, { box.account "a" })
    local watch = metrics.new { host = "127.0.0.1", port = port }
    local dd = ddokta.assert(ddokta.client {
      base_url = server.base_url,
      ca_file = server.ca_file,
      api_key = server.api_key,
      app_key = server.app_key,
      on_event = watch.on_event,
    })
    assert(dd:list_okta_accounts())
    local one = received(2)
    assert.same({ "ddokta.attempts", 1, "c" }, { one[1].name, one[1].value, one[1].type })
    assert.same({
      operation = "list_okta_accounts",
      result = "ok",
      status = "200",
      service = "ddokta",
      env = os.getenv "DD_ENV",
    }, one[1].tags)
    assert.same({ "ddokta.attempt.duration", "ms" }, { one[2].name, one[2].type })
    nothing_more()
    box.fault(server, { method = "GET", status = 503, body = "{}" })
    assert(dd:list_okta_accounts())
    local names = {}
    for _, datagram in ipairs(received(5)) do
      names[#names + 1] = datagram.name:match "[%w_.]+$" .. " " .. datagram.tags.result
    end
    assert.same({
      "ddokta.attempts server",
      "ddokta.attempt.duration server",
      "ddokta.wait.duration server",
      "ddokta.attempts ok",
      "ddokta.attempt.duration ok",
    }, names)
    dd:close()

    local plan = assert(bulk.plan(quiet, "okta_accounts", bulk.read { box.account "b", box.account "c" }))
    watch.report(assert(bulk.apply(quiet, plan)))
    local rows = {}
    for _, datagram in ipairs(received(7)) do
      if datagram.name == "ddokta.rows" then rows[datagram.tags.outcome] = datagram.value end
      assert.equal("okta_accounts", datagram.tags.kind)
    end
    assert.same({ done = 2, failed = 0, unknown = 0, not_run = 0, skipped = 0, unchanged = 0 }, rows)
  end)

  it("has no value that ends its tag, and goes on where nobody listens", function()
    local watch = metrics.new { host = "127.0.0.1", port = port }
    watch.on_event { type = "wait", operation = "a,b|c#d\ne", kind = "Rate Limited", seconds = 1.5 }
    local one = received(1)[1]
    assert.same({ "a_b_c_d_e", "rate_limited", 1500 }, { one.tags.operation, one.tags.result, one.value })
    local deaf_port = require("spec.support.serving").deaf_port()
    local deaf = metrics.new { host = "127.0.0.1", port = deaf_port }
    for _ = 1, 3 do -- the second one hears of the first that nobody was there
      deaf.on_event { type = "wait", operation = "a", kind = "server", seconds = 1 }
    end
  end)
end)
