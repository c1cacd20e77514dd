-- The sandbox's own certificate authority and the server certificate it signs, made by openssl:
-- P-256 keys (quick to make), 30 days, for 127.0.0.1, ::1 and localhost.
local file_output = require "ddokta.output"
local shell = require "ddokta.sandbox.launch.shell"

local certificate = {}

local CONFIG = [[
[req]
distinguished_name = name
prompt = no
[name]
CN = ddokta sandbox CA
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, IP:::1, DNS:localhost
authorityKeyIdentifier = keyid
]]

local NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config openssl.cnf"

-- the authority's key is not needed again, so nobody else can sign with it
local COMMANDS = table
  .concat({
    'cd "$1" && umask 077',
    '"$2" req -x509 %s -keyout ca.key -out ca.pem -days 30 -extensions authority',
    '"$2" req -new %s -keyout server.key -out server.csr -subj "/CN=127.0.0.1"',
    '"$2" x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 0x"$("$2" rand -hex 12)"'
      .. " -days 30 -extfile openssl.cnf -extensions server -out server.pem",
    "rm ca.key server.csr openssl.cnf",
  }, " && ")
  :format(NEW_KEY, NEW_KEY)

--- Makes ca.pem, server.pem and server.key in a folder: true, or nil and a message.
function certificate.make(dir, openssl)
  local ok, err = file_output.write(dir .. "/openssl.cnf", function(put) put(CONFIG) end)
  if not ok then return nil, err.message end
  local output, status = shell.run(shell.line { "sh", "-c", COMMANDS, "sh", dir, openssl })
  if status == 0 then return true end
  if output:find("not found", 1, true) then
    return nil, ("the sandbox needs openssl (no %s here); on Debian: apt-get install openssl"):format(openssl)
  end
  return nil, "openssl could not make the sandbox's certificates:\n" .. output
end

return certificate
