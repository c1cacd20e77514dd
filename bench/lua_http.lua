-- The peer of list_calls.lua: the same calls with lua-http, lua-cjson and cqueues, AT_ONCE streams of one
-- HTTP/2 connection. One coroutine takes the answers in the order of their requests: one for each stream
-- costs the same, and now and then lua-http loses a wake-up and stands still.
-- usage: luajit lua_http.lua CALLS AT_ONCE; the rest from the environment, as for list_calls.lua
local cqueues = require "cqueues"
local decode = require("cjson").decode
local client = require "http.client"
local new_headers = require("http.headers").new
local tls = require "http.tls"

local calls, at_once = tonumber(arg[1]), tonumber(arg[2])
local host, port = os.getenv("DDOKTA_BASE_URL"):match "^https://([^:]+):(%d+)$"

local function connect()
  local context = tls.new_client_context()
  context:getStore():add(os.getenv "DDOKTA_CA_FILE")
  return assert(client.connect {
    host = host,
    port = tonumber(port),
    tls = true,
    ctx = context,
    version = 2,
  })
end

local function request_headers()
  local headers = new_headers()
  headers:append(":method", "GET")
  headers:append(":scheme", "https")
  headers:append(":authority", host .. ":" .. port)
  headers:append(":path", "/api/v2/integrations/okta/accounts")
  headers:append("accept", "application/json")
  headers:append("user-agent", os.getenv "BENCH_USER_AGENT")
  headers:append("dd-api-key", os.getenv "DD_API_KEY")
  headers:append("dd-application-key", os.getenv "DD_APP_KEY")
  return headers
end

local function send(connection, headers)
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(headers, true))
  return stream
end

local function take(stream)
  local answer = assert(stream:get_headers())
  assert(answer:get ":status" == "200")
  return decode(assert(stream:get_body_as_string())).data
end

local function run()
  local connection, headers = connect(), request_headers()
  local streams, accounts = {}, 0
  for i = 1, math.min(at_once, calls) do
    streams[i] = send(connection, headers)
  end
  for i = 1, calls do
    accounts = accounts + #take(streams[i])
    streams[i] = nil
    if i + at_once <= calls then streams[i + at_once] = send(connection, headers) end
  end
  connection:close()
  print(accounts .. " accounts")
end

local queue = cqueues.new()
queue:wrap(run)
assert(queue:loop())
