-- Starts and stops the server of spec/support/wire.lua, and makes the certificates that it shows.
local modules = require "spec.support.modules"
local scripted = require "spec.support.scripted"
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system

local M = {}
M.__index = M

-- --- certificates: one folder, one authority ----------------------------------------------------

local Certificates = {}
Certificates.__index = Certificates

function Certificates:run(command)
  local ok = os.execute(("cd '%s' && (%s) >/dev/null 2>&1"):format(self.folder, command))
  assert(ok == true or ok == 0, command)
end

function Certificates:path(name) return self.folder .. "/" .. name end

local NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

-- <name>.pem and <name>.key, signed by itself
function Certificates:authority(name)
  self:run(
    ("openssl req -x509 %s -days 2 -subj /CN=%s -keyout %s.key -out %s.pem"):format(NEW_KEY, name, name, name)
  )
end

local CONF = "[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=new\\n"
  .. "default_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n[x]\\nsubjectAltName=%s\\n"

-- <name>.pem and <name>.key, signed by the authority; to: its last moment, YYYYMMDDHHMMSSZ
function Certificates:sign(name, authority, subject_names, to)
  self:run("rm -rf new index* && mkdir new && touch index && echo 01 > serial")
  self:run(("printf '" .. CONF .. "' > conf"):format(subject_names))
  self:run(("openssl req %s -subj /CN=%s -keyout %s.key -out request"):format(NEW_KEY, name, name))
  self:run(
    (
      "openssl ca -batch -notext -config conf -extensions x -in request -cert %s.pem -keyfile %s.key "
      .. "-startdate 20200101000000Z -enddate %s -out %s.pem"
    ):format(authority, authority, to or "20491231235959Z", name)
  )
end

function Certificates:remove() os.execute(("rm -rf '%s'"):format(self.folder)) end

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
  local lua = modules.lua_with("cqueues", "openssl.ssl.context")
  assert(lua, "no Lua here has cqueues and luaossl")
  local self = setmetatable({ certificates = certificates }, M)
  self.pid, self.pipe = serving.start_program(("%s spec/support/wire.lua %d"):format(lua, system.pid()))
  self.control_port = tonumber(self.pipe:read "*l" or "")
  assert(self.control_port, "the server of spec/support/wire.lua did not start")
  return self
end

function M:stop() serving.stop_program(self.pid, self.pipe) end

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
      local quoted = type(value) == "string" and ("%q"):format(value) or tostring(value)
      fields[#fields + 1] = name .. "=" .. quoted
    end
  end
  return ask(
    self,
    "listen",
    ("{%s serve = function(c, number, log, context) %s end}"):format(
      tls ~= "tcp" and ("tls={%s},"):format(table.concat(fields, ",")) or "",
      body
    )
  )
end

function M:log(port) return assert(scripted.load("return " .. ask(self, "log", port)))() end

-- Its connections read no more, as if their clients had hung up.
function M:shut(port) ask(self, "shut", port) end

return M
