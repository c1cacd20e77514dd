-- A server for what happens below HTTP: connections, TLS and HTTP/2 frames, one listener for each
-- thing that is to go wrong. A program of its own, because clients block; spec/support/wiring.lua is
-- the other side. (spec/support/server.lua is for what goes wrong in HTTP/1.1.)
--
-- It listens on a port of 127.0.0.1 for its control and prints it. Commands, "<name> <bytes>\n<source>":
--   listen  source: of a table {tls = , serve = function(c, number, log) end}; answers the port.
--           tls: {cert = path, key = path, alpn = "h2" or "http/1.1", protocol = "TLSv1_1",
--           verify = path of the authority that clients' certificates must be of, by_hand = true:
--           serve() does the handshake}. What serve() leaves in log can be asked for;
--           log.connections counts.
--   log     source: the port; answers the log
--   shut    source: the port; its connections read no more, as if their clients had hung up
-- It ends by itself when the process whose id is its argument is gone.
local cqueues = require "cqueues"
local cs = require "cqueues.socket"
local context = require "openssl.ssl.context"
local pkey = require "openssl.pkey"
local x509 = require "openssl.x509"
local x509_store = require "openssl.x509.store"
local h2 = require "spec.support.h2"
local scripted = require "spec.support.scripted"

local OWNER = assert(arg[1], "whose server?")

local queue = cqueues.new()
local listeners = {} -- by port: {serve =, tls =, context =, log =, open = {connections}}

local function quiet(socket)
  socket:setmode("bn", "bn")
  socket:onerror(function(_, _, why) return why end)
end

-- --- connections: thin names over cqueues' ------------------------------------------------------

local Connection = {}
Connection.__index = Connection

-- some bytes; nil: hung up
function Connection:receive()
  while true do
    local bytes, why = self.socket:recv(-65536)
    if bytes then
      return bytes
    elseif why ~= 11 and why ~= 110 then -- EAGAIN
      return nil
    end
    cqueues.poll(self.socket)
  end
end

-- exactly so many
function Connection:take(n)
  while #self.buffer < n do
    local more = self:receive()
    if not more then return nil end
    self.buffer = self.buffer .. more
  end
  local bytes = self.buffer:sub(1, n)
  self.buffer = self.buffer:sub(n + 1)
  return bytes
end

function Connection:send(bytes) return (self.socket:xwrite(bytes, "bn", 10)) end

function Connection:sleep(seconds) -- luacheck: ignore 212
  cqueues.sleep(seconds)
end

-- until the client hangs up
function Connection:stall()
  while self:receive() do
  end
end

-- until there is something to read, which is left there
function Connection:await() cqueues.poll { pollfd = self.socket:pollfd(), events = "r" } end

-- Says no more and hears no more. What was not read makes the kernel answer with a reset.
function Connection:close() self.socket:close() end

-- Ends the TCP connection under TLS: without a close_notify.
function Connection:cut() self.socket:shutdown "rw" end

-- Whatever has arrived and was not read -> bytes, or ""
function Connection:rest() return self.buffer .. (self.socket:recv(-65536) or "") end

-- Says no more, and closes when the client has seen it -> what the client had sent until then, or "". To
-- close at once is not to know: what is on its way then, the kernel takes, and nobody reads it.
function Connection:part()
  self.socket:shutdown "w"
  local sent = self.buffer .. (self:receive() or "")
  self.socket:close()
  return sent
end

-- The port is closed for so long, as it is while a server starts again. see: is given what connections
-- had sent, or send still, that were not yet accepted, a string each.
function Connection:refuse(seconds, see)
  local listener = self.listener
  if not listener.socket then return end
  local waiting = listener.socket:accept({}, 0)
  while waiting do
    quiet(waiting)
    queue:wrap(function(c)
      local sent = c:part()
      if sent ~= "" then see(sent) end
    end, setmetatable({ socket = waiting, buffer = "" }, Connection))
    waiting = listener.socket:accept({}, 0)
  end
  listener.socket:shutdown "r" -- wakes who accepts
  listener.socket = nil
  queue:wrap(function()
    cqueues.sleep(seconds)
    while not listener.open_again(listener) do
      cqueues.sleep(0.01) -- somebody's connection has the port
    end
  end)
end

function Connection:starttls(tls) return self.socket:starttls(tls, 5) end

-- One HTTP/1.1 request, whole -> its head, its body; nil: hung up. Counted.
function Connection:request()
  local head
  while not head do
    local rest
    head, rest = self.buffer:match "^(.-\r\n\r\n)(.*)$"
    if head then
      self.buffer = rest
    else
      local more = self:receive()
      if not more then return nil end
      self.buffer = self.buffer .. more
    end
  end
  local body = self:take(tonumber(head:lower():match "content%-length: *(%d+)" or 0))
  self.log.requests = (self.log.requests or 0) + 1
  return body and head, body
end

-- {"data":[]}, or other bytes
function Connection:answer(body, headers)
  body = body or '{"data":[]}'
  return self:send(("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s"):format(headers or "", #body, body))
end

-- --- listeners ----------------------------------------------------------------------------------

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "*a"
  file:close()
  return bytes
end

local function new_context(tls, log)
  local c = context.new(tls.protocol or "TLS", true)
  if tls.protocol then c:setCipherList "ALL:@SECLEVEL=0" end
  c:setCertificate(x509.new(read_file(tls.cert)))
  c:setPrivateKey(pkey.new(read_file(tls.key)))
  if tls.verify then
    local store = x509_store.new()
    store:add(x509.new(read_file(tls.verify)))
    c:setStore(store)
    c:setVerify(context.VERIFY_PEER + context.VERIFY_FAIL_IF_NO_PEER_CERT)
  end
  local words = {}
  for word in (tls.alpn or ""):gmatch "%S+" do
    words[#words + 1] = word
  end
  if words[1] then
    c:setAlpnSelect(function(_, offered)
      local wanted = words[log.connections] or words[#words]
      for _, name in ipairs(offered) do
        if name == wanted then return name end
      end
    end)
  end
  return c
end

local function serve(listener, socket, number)
  quiet(socket)
  local c = setmetatable(
    { socket = socket, buffer = "", log = listener.log, h2 = h2, listener = listener },
    Connection
  )
  listener.open[c] = true
  local tls = listener.tls
  if not tls or tls.by_hand or c:starttls(listener.context) then
    listener.serve(c, number, listener.log, listener.context) -- no pcall: 5.1 cannot yield in one
  else
    cqueues.sleep(0.2) -- until our alert was read: to close with something unread is to reset
  end
  listener.open[c] = nil
  socket:close()
end

local function accept(listener, socket)
  while listener.socket == socket do
    local c = socket:accept()
    if c then
      local log = listener.log
      log.connections = log.connections + 1
      queue:wrap(serve, listener, c, log.connections)
    end
  end
  socket:close()
end

local function open(listener, port)
  local socket = cs.listen { host = "127.0.0.1", port = port, nodelay = true, reuseaddr = true }
  if not socket or not socket:listen() then return false end
  quiet(socket)
  listener.socket = socket
  queue:wrap(accept, listener, socket)
  return true
end

local function listen(what)
  local listener = { serve = what.serve, tls = what.tls, log = { connections = 0 }, open = {} }
  listener.context = what.tls and new_context(what.tls, listener.log)
  assert(open(listener, 0))
  local _, _, port = listener.socket:localname()
  listener.open_again = function() return open(listener, port) end
  listeners[port] = listener
  return tostring(port)
end

-- --- control ------------------------------------------------------------------------------------

local commands = {}

function commands.listen(source) return listen(assert(scripted.load("return " .. source))()) end

function commands.log(port) return scripted.quoted(listeners[tonumber(port)].log) end

function commands.shut(port)
  local listener = listeners[tonumber(port)]
  for c in pairs(listener.open) do
    c.socket:shutdown "r"
  end
end

local function control(socket)
  quiet(socket)
  local c = setmetatable({ socket = socket, buffer = "", log = {} }, Connection)
  local line = ""
  repeat
    local byte = c:take(1)
    line = line .. (byte or "\n")
  until line:find "\n"
  local name, length = line:match "^(%a+) (%d+)\n$"
  if name then -- none of them waits
    local ok, result = pcall(commands[name], c:take(tonumber(length)))
    result = tostring(result or "")
    c:send(("%s %d\n%s"):format(ok and "ok" or "error", #result, result))
  end
  socket:close()
end

local controller = assert(cs.listen { host = "127.0.0.1", port = 0 })
assert(controller:listen())
local _, _, control_port = controller:localname()
queue:wrap(function()
  while true do -- 5.1 cannot yield in an iterator either
    local c = controller:accept()
    queue:wrap(control, c)
  end
end)

io.stdout:write(("%d\n"):format(control_port))
io.stdout:flush()
repeat
  local ok, why, _, task = queue:step(1)
  if not ok then
    why = task and debug.traceback(task, tostring(why)) or tostring(why)
    io.stderr:write("spec/support/wire.lua: ", why, "\n")
  end
until not scripted.lives(OWNER)
