--- Calls of real clients to a server that tells what came: what a method's arguments become on the wire, and
--- why others never get there.
---
--- make_calls(setup, teardown, it) -> calls, for the block of a spec that calls it:
---   server, clients     one of each kind: dd, okta, and lenient, which passes unknown fields on
---   are_sent(rows)      {what, service, method, arguments, request line, body or nil, content type}
---   are_refused(rows)   {what, service, method, arguments, the error's message}
local assert = require "luassert"
local ddokta = require "ddokta"
local serving = require "spec.support.serving"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local function make_calls(setup, teardown, it)
  local calls = { clients = {} }
  local clients = calls.clients

  setup(function()
    calls.server = serving.start()
    clients.dd = calls.server:client()
    clients.okta = assert(
      ddokta.okta { base_url = calls.server.url, token = "a-token-of-okta", proxy = "", max_retries = 0 }
    )
    clients.lenient = clients.dd:with { strict_fields = false }
  end)
  teardown(function()
    clients.dd:close()
    clients.okta:close()
    calls.server:stop()
  end)

  function calls.are_sent(rows)
    for _, row in ipairs(rows) do
      local what, service, name, arguments, line, body, content_type = unpack(row, 1, 7)
      it(name .. ": " .. what, function()
        calls.server:answer(serving.json(200, '{"data":[],"Resources":[],"totalResults":0}'))
        clients[service][name](clients[service], unpack(arguments))
        local request = assert(calls.server:requests()[1], "nothing was sent")
        assert.equal(line, request.method .. " " .. request.path)
        assert.equal(body or "", request.body)
        if body == "" then
          assert.is_nil(request.headers["content-type"])
          assert.equal("0", request.headers["content-length"])
        elseif body then
          assert.equal(content_type or "application/json", request.headers["content-type"])
        end
      end)
    end
  end

  function calls.are_refused(rows)
    for _, row in ipairs(rows) do
      local what, service, name, arguments, problem = unpack(row)
      it(name .. " refuses " .. what, function()
        calls.server:answer(serving.json(200, "{}"))
        local result, err = clients[service][name](clients[service], unpack(arguments))
        assert.is_nil(result)
        assert.equal("invalid_request", err.kind)
        assert.equal(problem, err.message)
        assert.equal(0, #calls.server:requests())
      end)
    end
  end

  return calls
end

return make_calls
