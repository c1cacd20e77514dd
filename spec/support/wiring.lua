-- Starts and stops the server of spec/support/wire.lua, and makes the certificates that it shows.
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system

local load = loadstring or load -- luacheck: ignore 113 143

local M = {}
M.__index = M

-- --- certificates: one folder, one authority ----------------------------------------------------

local Certificates = {}
Certificates.__index = Certificates

function Certificates:run(command)
  local ok = os.execute(("cd '%s' && (%s) >/dev/null 2>log"):format(self.folder, command))
  assert(ok == true or ok == 0, command)
end

function Certificates:path(name)
  return self.folder .. "/" .. name
end

local NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

-- <name>.pem and <name>.key, signed by itself
function Certificates:authority(name)
  self:run(("openssl req -x509 %s -days 2 -subj /CN=%s -keyout %s.key -out %s.pem"):format(NEW_KEY, name, name, name))
end

-- <name>.pem and <name>.key, signed by <ca>; days: [from, to] as openssl ca wants them
function Certificates:sign(name, ca, subject_names, from, to)
  self:run(table.concat({
    "rm -rf new && mkdir new && touch index && echo 01 > serial && rm -f index* && touch index",
    "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=new\\ndefault_md=sha256\\n"
      .. "policy=p\\n[p]\\ncommonName=supplied\\n[x]\\nsubjectAltName=%s\\n' > conf",
    "openssl req %s -subj /CN=%s -keyout %s.key -out request",
    "openssl ca -batch -notext -config conf -cert %s.pem -keyfile %s.key -extensions x -startdate %s -enddate %s "
      .. "-in request -out %s.pem" }, " && "):format(subject_names, NEW_KEY, name, name, ca, ca,
    from or "20200101000000Z", to or "20491231235959Z", name))
end

function Certificates:remove()
  os.execute(("rm -rf '%s'"):format(self.folder))
end

-- A folder with ca.pem and server.pem, server.key for 127.0.0.1 by it.
function M.certificates()
  local self = setmetatable({ folder = assert(system.mkdtemp "ddokta-spec-") }, Certificates)
  self:authority "ca"
  self:sign("server", "ca", "IP:127.0.0.1")
  return self
end

-- --- the server ---------------------------------------------------------------------------------

-- certificates: of M.certificates(), for listeners that speak TLS
function M.start(certificates)
  local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
  local self = setmetatable({ certificates = certificates }, M)
  self.pid, self.pipe = serving.start_program(lua .. " spec/support/wire.lua")
  self.control_port = assert(tonumber(self.pipe:read "*l" or ""), "the server of spec/support/wire.lua did not start")
  return self
end

function M:stop()
  serving.stop_program(self.pid, self.pipe)
end

local function ask(self, command, source)
  local c = assert(socket.connect("127.0.0.1", self.control_port))
  c:settimeout(10)
  assert(c:send(("%s %d\n%s"):format(command, #source, source)))
  local status, length = assert(c:receive "*l"):match "^(%a+) (%d+)$"
  local result = tonumber(length) > 0 and assert(c:receive(tonumber(length))) or ""
  c:close()
  assert(status == "ok", result)
  return result
end

-- listen(how, body) -> port. body: of a function(c, number, log, context), in Lua.
-- how: "tcp", "tls" (HTTP/1.1), "h2", or the fields of tls as a table.
function M:listen(how, body)
  local tls = how
  if how == "tls" then
    tls = { alpn = "http/1.1" }
  elseif how == "h2" then
    tls = { alpn = "h2" }
  end
  local fields = {}
  if tls ~= "tcp" then
    tls.cert = tls.cert or self.certificates:path "server.pem"
    tls.key = tls.key or self.certificates:path "server.key"
    for name, value in pairs(tls) do
      fields[#fields + 1] = ("%s=%s"):format(name, type(value) == "string" and ("%q"):format(value) or tostring(value))
    end
  end
  return ask(self, "listen", ("{%s serve = function(c, number, log, context) %s end}"):format(
    tls ~= "tcp" and ("tls={%s},"):format(table.concat(fields, ",")) or "", body))
end

function M:log(port)
  return assert(load("return " .. ask(self, "log", port)))()
end

function M:unlisten(port)
  ask(self, "unlisten", port)
end

return M
