-- An HTTP server that misbehaves as told. A program of its own, because clients block; see
-- spec/support/serving.lua for the other side.
--
-- It listens on two ports of 127.0.0.1 and prints them: "<port> <control port>". Over the control
-- port comes the script, as Lua source: a function body that is called with each request and its
-- number, and answers a list of actions, done one after the other:
--   {send = bytes}  {status =, headers = {...}, body =}  {sleep = seconds}
--   {close = true}  {reset = true}  {stall = true}: nothing more until the client hangs up
-- A second source does the same for connections, before anything is read from them.
-- It ends by itself when the process whose id is its argument is gone: a suite may be busy with itself
-- for as long as it wants.
local scripted = require "spec.support.scripted"
local socket = require "socket"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local OWNER, LOOK_SECONDS = assert(arg[1], "whose server?"), 5
local reasons = { [200] = "OK", [201] = "Created", [204] = "No Content" }

local script, connection_script, requests, connections, busy

local function reset_script()
  script = function() return { { status = 500, body = '{"errors":["no script"]}' } } end
  connection_script = function() return {} end
  requests, connections, busy = {}, 0, 0
end

-- --- waiting: every connection is a coroutine that yields what it waits for ----------------------

local waiting = {} -- coroutine -> {read = socket} | {write = socket} | {at = time}

local function start(fn, ...)
  local task = coroutine.create(fn)
  local arguments, n = { ... }, select("#", ...)
  waiting[task] = { at = 0, first = function() return unpack(arguments, 1, n) end }
end

local function receive(c)
  while true do
    local bytes, why, partial = c:receive(65536)
    bytes = bytes or partial
    if bytes and #bytes > 0 then
      return bytes
    elseif why ~= "timeout" then
      return nil
    end
    coroutine.yield { read = c }
  end
end

local function send(c, bytes)
  local from = 1
  while from <= #bytes do
    local last, why, partial = c:send(bytes, from)
    from = (last or partial or from - 1) + 1
    if why == "timeout" then
      coroutine.yield { write = c }
    elseif why then
      return false
    end
  end
  return true
end

-- --- HTTP ---------------------------------------------------------------------------------------

-- Reads a request; the rest of what was read comes back as the second value. nil: hung up.
local function read_request(c, buffer)
  local head, rest
  while not head do
    head, rest = buffer:match("^(.-\r\n)\r\n(.*)$")
    if not head then
      local more = receive(c)
      if not more then return nil end
      buffer = buffer .. more
    end
  end
  local method, path = head:match("^(%S+) (%S+) ")
  local request = { method = method, path = path, headers = {}, head = head, at = socket.gettime() }
  for name, value in head:gmatch("([^\r\n:]+):[ \t]*([^\r\n]*)\r\n") do
    request.headers[name:lower()] = value
  end
  local length = tonumber(request.headers["content-length"]) or 0
  while #rest < length do
    local more = receive(c)
    if not more then return nil end
    rest = rest .. more
  end
  request.body = rest:sub(1, length)
  return request, rest:sub(length + 1)
end

local function response(action)
  local body = action.body or ""
  local lines = { ("HTTP/1.1 %d %s"):format(action.status, reasons[action.status] or "Whatever") }
  for name, value in pairs(action.headers or {}) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if action.status ~= 204 then lines[#lines + 1] = "Content-Length: " .. #body end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

-- false: the connection is over
local function act(c, action)
  if action.sleep then
    coroutine.yield { at = socket.gettime() + action.sleep }
  elseif action.send then
    return send(c, action.send)
  elseif action.status then
    return send(c, response(action))
  elseif action.reset then
    c:setoption("linger", { on = true, timeout = 0 })
    return false
  elseif action.stall then
    while receive(c) do
    end
    return false
  elseif action.close then
    return false
  end
  return true
end

local function act_all(c, actions)
  for _, action in ipairs(actions) do
    if not act(c, action) then return false end
  end
  return true
end

local function serve(c)
  c:settimeout(0)
  c:setoption("tcp-nodelay", true)
  connections = connections + 1
  local number, buffer = connections, ""
  local open = act_all(c, connection_script(number))
  while open do
    local request
    request, buffer = read_request(c, buffer)
    if not request then break end
    busy = busy + 1
    request.connection, request.busy = number, busy
    requests[#requests + 1] = request
    open = act_all(c, script(request, #requests))
    busy = busy - 1
  end
  c:close()
end

-- --- control ------------------------------------------------------------------------------------

local commands = {}

function commands.script(source)
  reset_script()
  script = assert(scripted.load(source))
end

function commands.connections(source) connection_script = assert(scripted.load(source)) end

function commands.log() return scripted.quoted { requests = requests, connections = connections } end

-- "<command> <bytes>\n<source>" -> "ok <bytes>\n<result>"
local function control(c)
  c:settimeout(0)
  local buffer = ""
  while true do
    local name, length, rest = buffer:match("^(%a+) (%d+)\n(.*)$")
    if name and #rest >= tonumber(length) then
      local ok, result = pcall(commands[name], rest:sub(1, tonumber(length)))
      result = result or ""
      send(c, ("%s %d\n%s"):format(ok and "ok" or "error", #result, result))
      break
    end
    local more = receive(c)
    if not more then break end
    buffer = buffer .. more
  end
  c:close()
end

-- --- the loop -----------------------------------------------------------------------------------

local function listen()
  local l = assert(socket.bind("127.0.0.1", 0, 64))
  l:settimeout(0)
  local _, port = l:getsockname()
  return l, port
end

local server, port = listen()
local controller, control_port = listen()

local function resume(task, ...)
  waiting[task] = nil
  local ok, wanted = coroutine.resume(task, ...)
  if not ok then
    io.stderr:write("spec/support/server.lua: ", debug.traceback(task, tostring(wanted)), "\n")
  elseif coroutine.status(task) ~= "dead" then
    waiting[task] = wanted
  end
end

local function run_ready()
  local now, reading, writing, soonest = socket.gettime(), { server, controller }, {}, LOOK_SECONDS
  for _, wanted in pairs(waiting) do
    if wanted.at then
      soonest = math.min(soonest, math.max(0, wanted.at - now))
    else
      local list = wanted.read and reading or writing
      list[#list + 1] = wanted.read or wanted.write
    end
  end
  local readable, writable = socket.select(reading, writing, soonest)
  now = socket.gettime()
  local ready = {}
  for task, wanted in pairs(waiting) do
    if
      wanted.at and wanted.at <= now
      or wanted.read and readable[wanted.read]
      or wanted.write and writable[wanted.write]
    then
      ready[#ready + 1] = task
    end
  end
  for l, fn in pairs { [server] = serve, [controller] = control } do
    local c = readable[l] and l:accept()
    while c do
      start(fn, c)
      c = l:accept()
    end
  end
  for _, task in ipairs(ready) do
    local first = waiting[task].first
    if first then
      resume(task, first())
    else
      resume(task)
    end
  end
end

reset_script()
io.stdout:write(port, " ", control_port, "\n")
io.stdout:flush()
local looked = socket.gettime()
repeat
  run_ready()
  local look = socket.gettime() - looked > LOOK_SECONDS
  if look then looked = socket.gettime() end
until look and not scripted.lives(OWNER)
