--- What nginx.conf calls: reads a request, asks app.lua, has the answer delivered; and ends nginx when
--- the process that started it is gone.
local app = require "ddokta.sandbox.app"
local answers = require "ddokta.sandbox.answers"
local delivery = require "ddokta.sandbox.delivery"
local ffi = require "ffi"
local request_log = require "ddokta.sandbox.request_log"
local json = require "ddokta.sandbox.json"
local shell = require "ddokta.shell"
local state_of = require "ddokta.sandbox.state"
local stream = require "ddokta.stream"

ffi.cdef [[
int getpid(void);
int getppid(void);
int kill(int pid, int signal);
typedef void (*ddokta_signal_handler)(int);
ddokta_signal_handler signal(int signal, ddokta_signal_handler handler);
]]

local server = {}

local SIGHUP, SIGTERM = 1, 15
local IGNORE = ffi.cast("ddokta_signal_handler", 1)
local WATCH_SECONDS = 0.2

local state, launcher

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- When nginx reads its configuration.
function server.init()
  local initial = assert(json.decode(read_file(ngx.config.prefix() .. "settings.json")))
  launcher = initial.launcher
  state = state_of.new(initial)
  state.log_error = function(message) ngx.log(ngx.ERR, message) end
end

-- nginx is the launcher's child (nginx.lua): another parent means that the launcher is gone
local function watch()
  if ffi.C.getppid() ~= launcher then ffi.C.kill(ffi.C.getpid(), SIGTERM) end
end

--- When nginx listens.
function server.init_worker()
  -- a closed terminal ends the launcher and so the sandbox; nginx would read its configuration again
  -- and lose its state
  ffi.C.signal(SIGHUP, IGNORE)
  assert(ngx.timer.every(WATCH_SECONDS, watch))
  local file = assert(io.open(ngx.config.prefix() .. "ready", "w"))
  assert(stream.write(file, ffi.C.getpid() .. "\n"))
  assert(file:close())
end

--- When nginx ends, for whatever reason but SIGKILL: nothing is left behind.
function server.exit_worker()
  local dir = ngx.config.prefix()
  if not io.open(dir .. "settings.json") then return end
  os.execute("rm -rf " .. shell.quote(dir))
end

local function read_body()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then return body end
  local spooled = ngx.req.get_body_file()
  return spooled and read_file(spooled) or ""
end

local function read_request()
  local path, query = ngx.var.request_uri:match("^([^?]*)%??(.*)$")
  return {
    method = ngx.req.get_method(),
    path = path,
    query = query ~= "" and query or nil,
    headers = ngx.req.get_headers(0),
    now = ngx.now(),
    scheme = ngx.var.scheme,
    protocol = ngx.var.server_protocol,
    connection = tonumber(ngx.var.connection),
  }
end

local NO_BODY = { GET = true, DELETE = true, HEAD = true }

-- the Lua module reads no HTTP/2 body of undeclared length and raises
local function add_body(request)
  request.body = ""
  local declared = request.headers["content-length"] or request.headers["transfer-encoding"]
  if NO_BODY[request.method] and not declared then return true end
  local ok, body = pcall(read_body)
  request.body = ok and body or ""
  return ok
end

--- Answers a request.
function server.content()
  local request = read_request()
  local has_body = add_body(request)
  if not has_body then return delivery.send(answers.errors(411, "Length required")) end
  local answer = app.administer(state, request)
  if answer then return delivery.send(answer) end
  request_log.begin(state.request_log, request)
  ngx.ctx.is_counted = true
  return delivery.send(app.answer(state, request))
end

--- When a request is over, even one that the client gave up.
function server.log()
  if ngx.ctx.is_counted then request_log.finish(state.request_log) end
end

return server
