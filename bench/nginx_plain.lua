-- What nginx's other clients notice while 200 requests at once each make a call of 300 ms through
-- ddokta in the same worker: how late a plain location answers meanwhile.
-- usage: luajit bench/nginx_plain.lua, in the checkout's folder, with LuaJIT's build in LUA_CPATH
-- Prints one line: nginx_plain_late_ms <most> nginx_plain_requests <n> nginx_calls_seconds <all 200>
local sandbox = require "ddokta.sandbox"
local web = require "spec.lua.loop.web"

local CALLS, CALL_SECONDS = 200, 0.3

local HTTP = [[
  init_by_lua_block {
    dd = assert(require("ddokta").client{
      base_url = "%s", ca_file = "%s", api_key = "%s", app_key = "%s", max_in_flight = 200, proxy = "" })
  }
  server {
    listen 127.0.0.1:$PORT backlog=1024;
    location = /plain { return 200 plain; }
    location = /accounts {
      content_by_lua_block {
        local accounts, err = dd:list_okta_accounts()
        ngx.print(accounts and "listed" or tostring(err))
      }
    }
  }
]]

-- -> how late the plain location was at most, how often it was asked, how long the calls took
local function measure(server)
  local client = web.client(server.port)
  local calls, plain, most, count = {}, nil, 0, 0
  for i = 1, CALLS do
    calls[i] = client:get "/accounts"
  end
  local function answered()
    for _, call in ipairs(calls) do
      if call.socket then return false end
    end
    return true
  end
  assert(
    client:run(20, function()
      if plain and not plain.socket then
        assert(plain.body == "plain", plain.bytes)
        most, count, plain = math.max(most, plain.seconds), count + 1, nil
      end
      plain = plain or client:get "/plain"
      return answered()
    end),
    "the calls were not answered within 20 seconds"
  )
  local seconds = 0
  for _, call in ipairs(calls) do
    assert(call.body == "listed", call.bytes)
    seconds = math.max(seconds, call.seconds)
  end
  return most * 1000, count, seconds
end

local box = assert(sandbox.start { latency = CALL_SECONDS, limit = 100000 })
local server = web.start {
  main = "worker_processes 1;",
  http = HTTP:format(box.base_url, box.ca_file, box.api_key, box.app_key),
}
local ok, late, count, seconds = pcall(measure, server)
server:stop()
box:stop()
if not ok then error(late, 0) end
io.stdout:write(
  ("nginx_plain_late_ms %.1f nginx_plain_requests %d nginx_calls_seconds %.3f\n"):format(late, count, seconds)
)
