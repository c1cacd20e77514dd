--- The sandbox: a stand-in for Datadog and Okta on loopback, an nginx with handlers in Lua.
--- This file starts and stops it; server.lua and what it requires run inside nginx.
---
---   local box = assert(require("ddokta.sandbox").start{})
---   local dd = ddokta.client{ base_url = box.base_url, ca_file = box.ca_file,
---                             api_key = box.api_key, app_key = box.app_key }
---   local okta = ddokta.okta{ domain = box.okta_url, ca_file = box.ca_file, token = box.okta_token }
---   box:stop()
local finalizer = require "ddokta.finalizer"
local json = require "ddokta.sandbox.json"
local nginx = require "ddokta.sandbox.nginx"
local files = require "ddokta.file"
local services = require "ddokta.sandbox.services"
local settings = require "ddokta.sandbox.settings"
local shell = require "ddokta.shell"
local state_of = require "ddokta.sandbox.state"
local system = require("ddokta.native").system

--- seeds: what there may be at the start, by name
local sandbox = { seeds = require "ddokta.sandbox.seeds" }

---@class ddokta.sandbox.Box a sandbox that runs
---@field base_url string of Datadog, https
---@field okta_url string of Okta, https
---@field http_url string the same as both, without TLS
---@field ca_file string
---@field api_key string
---@field app_key string
---@field okta_token string
---@field okta_access_token string
---@field dir string its folder
---@field pid integer of nginx
---@field exports fun(): string lines for a shell
local Box = {}
Box.__index = Box

-- the boxes that run: one that the caller forgot lives until the Lua state is closed
sandbox.started = {}

local SIGTERM, SIGKILL = 15, 9
local PORTS_TRIED = 20

-- options of the start itself; the others are the rows of settings.lua
local OPTIONS = {
  port = "number", -- of https; the next one when it is taken (default: a free one)
  http_port = "number", -- of plain http, the same way
  seed = "table", -- what there is at the start: {okta_accounts =, users =, roles =, teams =,
  -- okta =}; a list means okta_accounts: {name =, domain =, auth_method =, ...}
  timeout = "number", -- seconds to wait until it answers, default 15
  nginx = "string", -- the program, default: searched
  nginx_modules = "string", -- the folder with ngx_http_lua_module.so, default: searched
  openssl = "string", -- the program, default "openssl"
}

local function check_options(options)
  local set = {}
  for name, value in pairs(options) do
    if OPTIONS[name] == nil then
      set[name] = value
    elseif type(value) ~= OPTIONS[name] then
      error(("sandbox: %s must be a %s"):format(name, OPTIONS[name]), 4)
    end
  end
  local problem = settings.problem(set)
  if problem then error("sandbox: " .. problem, 4) end
  return set
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local ok, err = files.write(path, function(put) put(text) end, { is_private = true })
  return ok, err and err.message
end

local function remove_dir(dir) shell.run("rm -rf " .. shell.quote(dir)) end

-- the folder that has ddokta/sandbox/init.lua, absolute: nginx finds the handlers there
local function lua_dir()
  local source = debug.getinfo(1, "S").source
  local dir = source:match("^@(.*)ddokta/sandbox/init%.lua$")
  if not dir then return nil, "the sandbox must be loaded from its files, not from " .. source:sub(1, 60) end
  local output, status = shell.run("cd " .. shell.quote(dir == "" and "." or dir) .. " && pwd -P")
  if status ~= 0 then return nil, output end
  return (output:gsub("\n$", ""))
end

-- what nginx's handlers start with: the settings as they are set and the seed
local function server_settings(options, set)
  local values = settings.defaults()
  for name, value in pairs(set) do
    values[name] = value
  end
  local operations = services.map()
  return { launcher = system.pid(), seed = options.seed or {}, settings = values, operations = operations }
end

-- what startup logs say when nginx gave up, or will
local GAVE_UP = { "[emerg]", "[error]", "sh: " }

-- waits for `ready`: true; or nil and "port" when a port is taken, else what went wrong
local function await(dir, seconds)
  local deadline = system.now() + seconds
  while true do
    if read(dir .. "/ready") then return true end
    local log = (read(dir .. "/stderr") or "") .. (read(dir .. "/error.log") or "")
    -- nginx tries again for 2.5 seconds; another port is sooner found
    if log:find("Address already in use", 1, true) then return nil, "port" end
    for _, sign in ipairs(GAVE_UP) do
      if log:find(sign, 1, true) then return nil, "nginx did not start:\n" .. log end
    end
    if system.now() > deadline then
      return nil, ("nginx did not answer within %g seconds:\n%s"):format(seconds, log)
    end
    system.sleep(0.005)
  end
end

-- one try: the pipe and the process id, or nil and a message ("port" when a port is taken)
local function launch(found, place, seconds)
  for _, name in ipairs { "ready", "error.log", "stderr" } do
    os.remove(place.dir .. "/" .. name)
  end
  local pipe, pid = nginx.start(found, place)
  if not pipe then return nil, pid end
  local ok, why = await(place.dir, seconds)
  if ok then return pipe, pid end
  system.kill(pid, SIGKILL)
  pipe:close()
  return nil, why
end

-- tries ports until nginx has both
local function launch_on_some_port(found, place, options)
  for try = 0, PORTS_TRIED - 1 do
    place.port = options.port and options.port + try or system.free_port()
    repeat -- a port that is free now may be so twice
      place.http_port = options.http_port and options.http_port + try or system.free_port()
    until options.http_port or place.http_port ~= place.port
    local pipe, pid = launch(found, place, options.timeout or 15)
    if pipe then return pipe, pid end
    if pid ~= "port" then return nil, pid end
  end
  return nil,
    ("no free port: %d tried, the last ones were %d and %d"):format(PORTS_TRIED, place.port, place.http_port)
end

-- fills the folder and starts nginx in it: the pipe and the process id, or nil and a message
local function settle(place, options, set)
  local dir, found, ok
  local initial = server_settings(options, set)
  local problem = state_of.seed_problem(initial.settings, initial.seed)
  if problem then return nil, "seed: " .. problem end
  dir, problem = lua_dir()
  if not dir then return nil, problem end
  place.lua_dir = dir
  found, problem = nginx.find(options.nginx, options.nginx_modules)
  if not found then return nil, problem end
  place.dir, problem = system.mkdtemp("ddokta-sandbox-")
  if not place.dir then return nil, problem end
  ok, problem = nginx.certify(place.dir, options.openssl or "openssl")
  if not ok then return nil, problem end
  ok, problem = write(place.dir .. "/settings.json", json.encode(initial))
  if not ok then return nil, problem end
  return launch_on_some_port(found, place, options)
end

local VARIABLES = {
  { "DDOKTA_BASE_URL", "base_url" },
  { "DDOKTA_CA_FILE", "ca_file" },
  { "DD_API_KEY", "api_key" },
  { "DD_APP_KEY", "app_key" },
  { "OKTA_CLIENT_ORGURL", "okta_url" },
  { "OKTA_CLIENT_TOKEN", "okta_token" },
}

local function exports_of(box)
  local lines = {}
  for i, variable in ipairs(VARIABLES) do
    lines[i] = ("export %s=%s"):format(variable[1], shell.quote(box[variable[2]]))
  end
  return table.concat(lines, "\n")
end

local function new_box(place, set, pipe, pid)
  local url = ("https://127.0.0.1:%d"):format(place.port)
  local box = setmetatable({
    base_url = url,
    okta_url = url,
    http_url = ("http://127.0.0.1:%d"):format(place.http_port),
    ca_file = place.dir .. "/ca.pem",
    dir = place.dir,
    pid = pid,
    pipe = pipe,
  }, Box)
  for _, name in ipairs { "api_key", "app_key", "okta_token", "okta_access_token" } do
    box[name] = set[name] or settings.defaults()[name]
  end
  box.exports = function() return exports_of(box) end
  -- Closing the Lua state closes the pipe, which waits for nginx: nginx must be stopped before. A
  -- finalizer made after the pipe runs before the pipe's.
  box.guard = finalizer.new(function() box:stop() end)
  sandbox.started[box] = true
  return box
end

--- Starts a sandbox and returns when it answers.
---@param options? table the rows of settings.lua (api_key, limit, period, ...) and OPTIONS above; a wrong one
---  raises
---@return ddokta.sandbox.Box? box
---@return string? problem
function sandbox.start(options)
  options = options or {}
  local set = check_options(options)
  local place = {}
  local pipe, pid = settle(place, options, set)
  if pipe then return new_box(place, set, pipe, pid) end
  if place.dir then remove_dir(place.dir) end
  return nil, pid
end

-- nginx removes its folder as it ends, unless SIGKILL ends it: then it waits to be reaped
local function is_running(box)
  if not read(box.dir .. "/ready") then return false end
  local stat = read(("/proc/%d/stat"):format(box.pid))
  return not (stat and stat:find("%) Z "))
end

--- Stops nginx, waits for its exit, removes the folder. Can be called again.
function Box:stop()
  local pipe = self.pipe
  if not pipe then return true end
  self.pipe = nil
  sandbox.started[self] = nil
  system.kill(self.pid, SIGTERM)
  local deadline = system.now() + 5
  while is_running(self) and system.now() < deadline do
    system.sleep(0.005)
  end
  if is_running(self) then system.kill(self.pid, SIGKILL) end
  pipe:close()
  remove_dir(self.dir)
  return true
end

--- Runs a sandbox until Ctrl-C or a signal to either process ends it.
---@param options? table as for start
---@param on_ready? fun(box: ddokta.sandbox.Box) when it answers
---@return boolean? done
---@return string? problem
function sandbox.run(options, on_ready)
  local box, problem = sandbox.start(options)
  if not box then return nil, problem end
  local ok, raised = pcall(on_ready or type, box)
  -- the standalone interpreter turns Ctrl-C into an error "interrupted!"; nginx gets the signal too
  if ok then pcall(function()
    while is_running(box) do
      system.sleep(0.1)
    end
  end) end
  box:stop()
  if not ok and not tostring(raised):find("interrupted!", 1, true) then error(raised, 0) end
  return true
end

return sandbox
