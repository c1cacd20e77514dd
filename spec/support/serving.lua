-- Starts and stops the server of spec/support/server.lua, tells it what to answer, and asks it what
-- came. Every spec that wants one starts it in setup and stops it in teardown.
local scripted = require "spec.support.scripted"
local socket = require "socket"
local system = require("ddokta.core").system

local M = {}
M.__index = M

-- Keys that are easily found where they must not be.
M.API_KEY = "0123456789abcdef-API-KEY"
M.APP_KEY = "fedcba9876543210-APP-KEY"

local deaf = {}

-- deaf_port() -> a port of 127.0.0.1 that refuses, for as long as this process lives: it is taken,
-- and nobody listens there; and the socket, which could. (A port that is merely free may be somebody
-- else's a moment later.)
function M.deaf_port()
  local holder = assert(socket.tcp())
  assert(holder:bind("127.0.0.1", 0))
  deaf[#deaf + 1] = holder
  local _, port = holder:getsockname()
  return tonumber(port), holder
end

-- start_program(command) -> pid, pipe: by the shell, whose exec keeps the pid. The sanitizers'
-- library is not for others.
function M.start_program(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; echo $$; exec " .. command, "r"))
  return assert(tonumber(pipe:read "*l"), "no pid of: " .. command), pipe
end

function M.stop_program(pid, pipe)
  system.kill(pid, 15)
  pipe:close() -- waits for its end
end

function M.start()
  local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
  local self = setmetatable({}, M)
  self.pid, self.pipe = M.start_program(("%s spec/support/server.lua %d"):format(lua, system.pid()))
  local ports = self.pipe:read "*l" or ""
  self.port, self.control_port = ports:match "^(%d+) (%d+)$"
  assert(self.port, "the server of spec/support/server.lua did not start")
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

function M:stop() M.stop_program(self.pid, self.pipe) end

local function ask(self, command, source)
  local c = assert(socket.connect("127.0.0.1", tonumber(self.control_port)))
  c:settimeout(10)
  assert(c:send(("%s %d\n%s"):format(command, #source, source)))
  local status, length = assert(c:receive "*l"):match "^(%a+) (%d+)$"
  local result = tonumber(length) > 0 and assert(c:receive(tonumber(length))) or ""
  c:close()
  assert(status == "ok", result)
  return result
end

-- The body of a function(request, number) that answers a list of actions; forgets what came before.
function M:script(source) ask(self, "script", source) end

-- The same of a function(number) for connections, before anything is read from them. After script.
function M:on_connect(source) ask(self, "connections", source) end

local function actions_of(step) return #step > 0 and step or { step } end

-- answer(step, ...): what to do with the first request, the second, ...; the last again for all
-- others. A step is an action or a list of actions.
function M:answer(...)
  local steps = {}
  for i, step in ipairs { ... } do
    steps[i] = actions_of(step)
  end
  self:script("local steps, request, n = " .. scripted.quoted(steps) .. [[, ...
    return steps[n] or steps[#steps] ]])
end

-- {requests = {{method, path, headers, body, connection, busy, at, head}, ...}, connections = n}
function M:log() return assert(scripted.load("return " .. ask(self, "log", "")))() end

function M:requests() return self:log().requests end

-- A client of this server; the environment's proxy is not for loopback.
function M:client(options)
  local ddokta = require "ddokta"
  local all = {
    base_url = self.url,
    api_key = M.API_KEY,
    app_key = M.APP_KEY,
    proxy = "",
    timeout = 30,
    max_retries = 0,
  } -- long: what hangs is to be seen, not what waits for a processor
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(ddokta.client(all))
end

-- --- answers --------------------------------------------------------------------------------------

M.ACCOUNT = '{"data":{"type":"okta-accounts","id":"an-id","attributes":{"auth_method":"oauth",'
  .. '"domain":"https://example.okta.com/","name":"Okta-Prod","client_id":"an-app"}}}'
M.EMPTY_LIST = { status = 200, headers = { ["Content-Type"] = "application/json" }, body = '{"data":[]}' }

-- json(status, body [, headers]) -> an action
function M.json(status, body, headers)
  local all = { ["Content-Type"] = "application/json" }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  return { status = status, headers = all, body = body }
end

-- What send_invitations takes: a POST that answers a list, as a server does that answers every request so.
function M.invitation(user) return { { user = user or "a-user" } } end

-- What a create takes.
function M.account(changes)
  local account = { auth_method = "oauth", domain = "https://example.okta.com/", name = "Okta-Prod" }
  for name, value in pairs(changes or {}) do
    account[name] = value
  end
  return account
end

-- eventually(condition[, seconds]) -> true, or false when it does not hold in so many (15, for busy machines)
function M.eventually(condition, seconds)
  local deadline = system.now() + (seconds or 15)
  repeat
    if condition() then return true end
    system.sleep(0.005)
  until system.now() > deadline
  return false
end

return M
