-- lua/ddokta/sandbox/delivery.lua: every fault as curl sees it, over HTTP/1.1 and over TLS + HTTP/2
local client = require "spec.lua.sandbox.client"
local json = require "ddokta.sandbox.json"
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"

local ACCOUNTS = client.ACCOUNTS
-- exit codes of curl
local EMPTY_REPLY, PARTIAL, SEND, RECEIVE, STREAM = 52, 18, 55, 56, 92

describe("a fault on demand", function()
  local box

  setup(
    function()
      box = assert(sandbox.start { seed = { { name = "seeded", domain = "https://seeded.okta.com/" } } })
    end
  )
  teardown(function() box:stop() end)
  before_each(function() client.admin(box, "POST", "/reset") end)

  local PROTOCOLS = {
    ["HTTP/1.1"] = { "--http1.1", "http_url" },
    ["TLS and HTTP/2"] = { "--http2", "base_url" },
  }

  for protocol, way in pairs(PROTOCOLS) do
    local is_http2 = way[1] == "--http2"

    describe("over " .. protocol, function()
      local function curl(...) return client.curl(box, { way[1], box[way[2]] .. ACCOUNTS, ... }) end

      -- what curl sees of the next call, and that the one after it is well again
      local function struck(fault, ...)
        client.admin(box, "POST", "/faults", fault)
        local answer = curl(...)
        local after = curl()
        assert.equal(0, after.exit)
        assert.equal(200, after.status)
        return answer
      end

      it("without one, all is well", function()
        local answer = curl()
        assert.equal(200, answer.status)
        assert.matches("^http/" .. (is_http2 and "2 " or "1%.1 "), answer.head)
        assert.equal("seeded", json.decode(answer.body).data[1].attributes.name)
      end)

      it("is any status with any headers and body", function()
        local answer = struck {
          status = 418,
          headers = { ["Retry-After"] = "3", ["x-ratelimit-reset"] = "9" },
          body = "not json",
        }
        assert.equal(418, answer.status)
        assert.equal("not json", answer.body)
        assert.matches("retry%-after: 3", answer.head)
        assert.matches("x%-ratelimit%-reset: 9", answer.head)
        local _, resets = answer.head:gsub("x%-ratelimit%-reset", "")
        assert.equal(1, resets)
      end)

      it("is a status with an error of its own", function()
        local answer = struck { status = 503 }
        assert.equal(503, answer.status)
        assert.same({ errors = { "Fault on demand" } }, json.decode(answer.body))
        assert.matches("x%-ratelimit%-limit: 1000", answer.head)
      end)

      it("is a proxy's HTML page", function()
        local answer = struck { html = true, status = 429 }
        assert.equal(429, answer.status)
        assert.matches("content%-type: text/html", answer.head)
        assert.matches("<h1>429 Too Many Requests</h1>", answer.body)
        assert.is_nil(answer.head:find("x-ratelimit", 1, true))
      end)

      it("is another content type on the real answer", function()
        local answer = struck { headers = { ["Content-Type"] = "text/plain" } }
        assert.matches("content%-type: text/plain", answer.head)
        assert.is_table(json.decode(answer.body).data)
      end)

      it("is no answer, the stream or connection closed", function()
        local answer = struck { reset = true }
        assert.equal(is_http2 and STREAM or EMPTY_REPLY, answer.exit)
        assert.equal("", answer.head)
      end)

      it("is no answer, the TCP connection reset", function()
        local answer = struck { reset = "connection" }
        assert.is_true(answer.exit == RECEIVE or answer.exit == SEND, answer.exit)
        assert.equal("", answer.head)
      end)

      for when, count in pairs { before = 1, after = 2 } do
        it("comes " .. when .. " the handler acted", function()
          local body = json.encode(client.account())
          local kinds = { { reset = true }, { reset = "connection" }, { status = 502, html = true } }
          for i, fault in ipairs(kinds) do
            client.admin(box, "POST", "/reset")
            fault.when, fault.method = when, "POST"
            local answer = struck(fault, "-d", body)
            assert.equal(i == 3, answer.status == 502)
            assert.equal(count, client.admin(box, "GET", "/state").account_count)
          end
        end)
      end

      it("is half an answer whose length was declared", function()
        local whole = curl().body
        local answer = struck { truncate = true }
        assert.equal(is_http2 and STREAM or PARTIAL, answer.exit)
        assert.equal(whole:sub(1, math.floor(#whole / 2)), answer.body)
        assert.matches(("content%%-length: %d"):format(#whole), answer.head)
      end)

      it("is half an answer without a length", function()
        local answer = struck { truncate = "chunked" }
        assert.equal(is_http2 and STREAM or PARTIAL, answer.exit)
        assert.is_nil(answer.head:find("content-length", 1, true))
        assert.is_true(#answer.body > 0)
      end)

      it("is half a JSON text in a whole answer", function()
        local answer = struck { truncate = "json" }
        assert.equal(0, answer.exit)
        assert.equal(200, answer.status)
        assert.is_nil((json.decode(answer.body)))
      end)

      it("is a late answer", function()
        local answer = struck { delay = 0.3 }
        assert.equal(200, answer.status)
        assert.is_true(answer.seconds >= 0.3, answer.seconds)
      end)

      it("is a late answer to something that was done at once", function()
        client.admin(box, "POST", "/faults", { delay = 30, method = "POST" })
        local answer = curl("-m", "0.3", "-d", json.encode(client.account()))
        assert.equal(28, answer.exit)
        local shown = client.admin(box, "GET", "/state")
        assert.equal(2, shown.account_count)
        assert.is_true(
          client.eventually(3, function() return client.admin(box, "GET", "/state").in_flight == 0 end)
        )
      end)

      it("is a slow answer, whole in the end", function()
        local whole = curl().body
        local answer = struck { slow = 0.4 }
        assert.equal(whole, answer.body)
        assert.is_true(answer.seconds >= 0.3, answer.seconds)
        client.admin(box, "POST", "/faults", { slow = 30 })
        answer = curl("-m", "0.5")
        assert.equal(28, answer.exit)
        assert.equal(200, answer.status) -- the head came at once
      end)

      it("is the id of another", function()
        local id = json.decode(curl().body).data[1].id
        local wrong = json.decode(struck { wrong_id = true }.body).data[1]
        assert.are_not.equal(id, wrong.id)
        assert.equal("seeded", wrong.attributes.name)
        assert.equal(id, json.decode(curl().body).data[1].id)
      end)

      it("is rate limit headers as some proxies make them", function()
        assert.matches("\nx%-ratelimit%-limit: 1000, 1000\r?\n", struck { rate_limit = "doubled" }.head)
        local _, times = struck { rate_limit = "repeated" }.head:gsub("x%-ratelimit%-reset: ", "")
        assert.equal(2, times)
        local epoch = tonumber(struck { rate_limit = "epoch" }.head:match("x%-ratelimit%-reset: (%d+)"))
        assert.is_true(math.abs(epoch - os.time()) <= 12, epoch)
        assert.is_nil(struck { rate_limit = "absent" }.head:find("x-ratelimit", 1, true))
      end)
    end)
  end

  it("resets one HTTP/2 stream, or the connection with all its streams", function()
    -- six calls on one connection, struck after all of them have come: how many answers arrive
    local function arrived(fault)
      client.admin(box, "POST", "/reset")
      client.admin(box, "PUT", "/config", { latency = 0.3 })
      fault.after = 3
      client.admin(box, "POST", "/faults", fault)
      local output = shell.run(shell.line {
        "curl",
        "-s",
        "--http2",
        "-Z",
        "--no-progress-meter",
        "--cacert",
        box.ca_file,
        "-H",
        "DD-API-KEY: " .. box.api_key,
        "-H",
        "DD-APPLICATION-KEY: " .. box.app_key,
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}:%{num_connects} ",
        box.base_url .. ACCOUNTS .. "?[1-6]",
      })
      -- curl tries some of those again whose connection was lost: on a new one
      local _, answers = output:gsub("200:0", "")
      return answers
    end
    local one = arrived { reset = "stream" }
    local all = arrived { reset = "connection" }
    assert.equal(4, one) -- the first opened the connection (200:1)
    assert.is_true(all < one, all)
  end)

  it("is counted and can be taken back", function()
    client.admin(box, "POST", "/faults", { { status = 500, times = 5 }, { status = 502 } })
    client.call(box, "GET", ACCOUNTS)
    local rules = client.admin(box, "GET", "/state").faults
    assert.equal(1, rules[1].acted)
    assert.equal(0, rules[2].acted)
    client.admin(box, "DELETE", "/faults")
    assert.equal(200, client.call(box, "GET", ACCOUNTS).status)
  end)

  it("is noted in the log of requests", function()
    client.admin(box, "POST", "/faults", { reset = true })
    assert.is_nil((client.call(box, "GET", ACCOUNTS)))
    local entry = client.admin(box, "GET", "/requests").requests[1]
    assert.is_true(entry.fault)
    assert.is_true(entry.reset)
  end)
end)
