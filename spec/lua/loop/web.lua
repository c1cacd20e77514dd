-- An nginx with the Lua module that the specs put ddokta into, and a client that makes many requests
-- at once. nginx's Lua is LuaJIT: all this is for that one.
local nginx = require "ddokta.sandbox.nginx"
local shell = require "ddokta.shell"
local socket = require "socket"
local system = require("ddokta.core").system
local around = require "spec.lua.loop.surroundings"

local M = {}
local Web = {}
Web.__index = Web

local TERM, HUP, QUIT, KILL = 15, 1, 3, 9
M.signals = { reload = HUP, quit = QUIT, stop = TERM }

-- main: directives outside of http; http: inside; $NAMES are filled in
local CONFIGURATION = [[
user $USER;
daemon off;
pid $FOLDER/nginx.pid;
error_log $FOLDER/error.log warn;
$MAIN
events { worker_connections 2000; }
http {
$TEMPORARY
$HTTP
}
]]

local TEMPORARY = [[
  access_log off;
  client_body_temp_path $FOLDER/body;
  proxy_temp_path $FOLDER/proxy;
  fastcgi_temp_path $FOLDER/fastcgi;
  uwsgi_temp_path $FOLDER/uwsgi;
  scgi_temp_path $FOLDER/scgi;
  lua_package_path "$LUA_PATH";
  lua_package_cpath "$LUA_CPATH";
]]

local function fill(text, values)
  local previous
  repeat
    previous = text
    text = text:gsub("%$(%u[%u_]+)", values)
  until text == previous
  return text
end

local function answers(port)
  local c = socket.tcp()
  c:settimeout(1)
  local ok = c:connect("127.0.0.1", port)
  c:close()
  return ok
end

local function launch(self, found)
  local command = (
    "cd %s && unset LUA_PATH LUA_CPATH LUA_INIT LD_PRELOAD; %s ulimit -n 8192; echo $$; "
    .. "exec %s -p %s -c %s -e %s -g %s </dev/null >%s 2>&1"
  ):format(
    shell.quote(self.folder),
    self.exports,
    shell.quote(found.binary),
    shell.quote(self.folder),
    shell.quote(self.folder .. "/nginx.conf"),
    shell.quote(self.folder .. "/error.log"),
    shell.quote(found.load_modules),
    shell.quote(self.folder .. "/stderr")
  )
  self.pipe = assert(io.popen(command, "r"))
  self.pid = assert(tonumber(self.pipe:read "*l"))
  local up = around.eventually(function()
    local log = self:log()
    return answers(self.port) or log:find("[emerg]", 1, true) or log:find("init_by_lua error", 1, true)
  end)
  return up and answers(self.port)
end

--- Has this nginx's Lua module a directive? Newer ones have more.
function M.knows(directive)
  local found = assert(nginx.find())
  local file = found.load_modules:match '([^"]*ngx_http_lua_module%.so)"' or found.binary
  local _, status = shell.run(("grep -qa %s %s"):format(directive, shell.quote(file)))
  return status == 0
end

--- Is it OpenResty, whose nginx has patches of its own?
function M.is_openresty()
  return shell.run(shell.quote(assert(nginx.find()).binary) .. " -V"):find("version: openresty/", 1, true)
    ~= nil
end

--- A configuration of examples/ as it is shipped, but for its port; and its workers may read this checkout.
function M.example(name) return "user root;\n" .. around.read("examples/" .. name):gsub("8080", "$PORT") end

--- What a shell has in which such a configuration is started: `make env`'s lines, and a sandbox's.
function M.exports(box)
  local here = shell.run("pwd"):gsub("\n$", "")
  local path = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(here, here)
  return ("%s\nexport LUA_PATH=%s LUA_CPATH=%s\n"):format(
    box:exports(),
    shell.quote(path),
    shell.quote(package.cpath)
  )
end

-- start{main =, http =, whole =, exports =, user =}: an nginx that answers on web.port. http is what the http
-- block has, with $PORT; whole: all of nginx.conf instead. exports: lines for the shell before. user: of its
-- workers, by default root. path, cpath: where its modules are, by default this checkout's.
function M.start(given)
  local found = assert(nginx.find())
  for _ = 1, 5 do -- another process may take the port before nginx does
    local self = setmetatable(
      { folder = around.folder(), port = system.free_port(), exports = (given.exports or "") .. "\n" },
      Web
    )
    local here = shell.run("pwd"):gsub("\n$", "")
    around.write(
      self.folder .. "/nginx.conf",
      fill(given.whole or CONFIGURATION, {
        FOLDER = self.folder,
        PORT = tostring(self.port),
        USER = given.user or "root",
        MAIN = given.main or "",
        HTTP = given.http or "",
        TEMPORARY = TEMPORARY,
        LUA_PATH = given.path or ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(here, here, here),
        LUA_CPATH = (given.cpath or package.cpath):gsub('["\\]', "\\%0"),
      })
    )
    if launch(self, found) then return self end
    local log = self:log()
    self:stop()
    if not log:find("Address already in use", 1, true) then error("nginx did not start:\n" .. log) end
  end
  error "no free port for nginx"
end

-- What nginx has complained of.
function Web:log()
  return (around.read(self.folder .. "/stderr") or "") .. (around.read(self.folder .. "/error.log") or "")
end

function Web:signal(signal) assert(system.kill(self.pid, signal)) end

function Web:runs() return around.read(self.folder .. "/nginx.pid") ~= nil end

function Web:stop()
  if self.pipe then
    system.kill(self.pid, TERM)
    if not around.eventually(function() return not self:runs() end) then system.kill(self.pid, KILL) end
    self.pipe:close()
    self.pipe = nil
    around.remove(self.folder)
  end
end

-- --- requests -----------------------------------------------------------------------------------

local Request = {}
Request.__index = Request

local function open(port, path)
  local c = socket.tcp()
  c:settimeout(0)
  c:connect("127.0.0.1", port)
  return setmetatable({
    socket = c,
    started = system.now(),
    bytes = "",
    text = "GET " .. path .. " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
  }, Request)
end

function Request:close()
  if self.socket then
    self.socket:close()
    self.socket = nil
    self.seconds = system.now() - self.started
    self.status = tonumber(self.bytes:match "^HTTP/%d%.%d (%d+)")
    self.body = self.bytes:match "\r\n\r\n(.*)$"
  end
end

function Request:write()
  if self.socket:send(self.text) then self.text = nil end
end

function Request:read()
  local bytes, why, partial = self.socket:receive(65536)
  self.bytes = self.bytes .. (bytes or partial or "")
  if why == "closed" then self:close() end
end

-- A set of requests under way together.
local Client = {}
Client.__index = Client

function M.client(port) return setmetatable({ port = port, requests = {} }, Client) end

function Client:get(path)
  local request = open(self.port, path)
  self.requests[#self.requests + 1] = request
  return request
end

-- Goes on for some seconds, or until done() is true (default: until all have been answered).
function Client:run(seconds, done)
  local deadline = system.now() + seconds
  repeat
    if done and done() then return true end
    local reading, writing, of, open_ones = {}, {}, {}, {}
    for _, request in ipairs(self.requests) do
      if request.socket then
        open_ones[#open_ones + 1] = request
        of[request.socket] = request
        local list = request.text and writing or reading
        list[#list + 1] = request.socket
      end
    end
    self.requests = open_ones
    if not done and #open_ones == 0 then return true end
    local readable, writable = socket.select(reading, writing, 0.05)
    for _, c in ipairs(writable) do
      of[c]:write()
    end
    for _, c in ipairs(readable) do
      of[c]:read()
    end
  until system.now() > deadline
  return false
end

-- get(port, path[, most]) -> body, status, seconds; all nil where no answer came in so many seconds (10)
function M.get(port, path, most)
  local client = M.client(port)
  local request = client:get(path)
  client:run(most or 10)
  request:close()
  return request.body, request.status, request.seconds
end

return M
