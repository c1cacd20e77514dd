-- Real programs of Debian between a client and a server: a proxy (tinyproxy), a web server (nginx).
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system

local M = {}
M.__index = M

local function is_open(port)
  local c = socket.connect("127.0.0.1", port)
  if c then c:close() end
  return c ~= nil
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- command and configuration: %PORT%, %FOLDER% and %CONF% stand for what is found here
local function start(command, configuration)
  local self = setmetatable({ folder = assert(system.mkdtemp "ddokta-spec-"), port = system.free_port() }, M)
  local names = { PORT = tostring(self.port), FOLDER = self.folder, CONF = self.folder .. "/conf" }
  write(names.CONF, (configuration:gsub("%%(%u+)%%", names)))
  self.pid, self.pipe = serving.start_program(command:gsub("%%(%u+)%%", names) .. " >/dev/null 2>&1")
  assert(serving.eventually(function() return is_open(self.port) end), "did not start: " .. command)
  return self
end

function M:stop()
  serving.stop_program(self.pid, self.pipe)
  os.execute(("rm -rf '%s'"):format(self.folder))
end

-- tinyproxy(user, password) -> {port =}; without them it asks nobody
function M.tinyproxy(user, password)
  return start(
    "tinyproxy -d -c %CONF%",
    table.concat({
      "Port %PORT%",
      "Listen 127.0.0.1",
      "Timeout 20",
      "LogLevel Critical",
      user and ("BasicAuth %s %s"):format(user, password) or "",
      "",
    }, "\n")
  )
end

-- nginx(certificates, directives) -> {port =}: TLS and HTTP/2; answers every request with an empty list, and
-- ends connections when nginx does by default: after 1,000 requests
function M.nginx(certificates, directives)
  return start(
    "nginx -p %FOLDER% -c %CONF%",
    ([[
    daemon off; master_process off; pid %%FOLDER%%/pid; error_log %%FOLDER%%/errors;
    events {}
    http {
      access_log off;
      client_body_temp_path %%FOLDER%%/1; proxy_temp_path %%FOLDER%%/2; fastcgi_temp_path %%FOLDER%%/3;
      uwsgi_temp_path %%FOLDER%%/4; scgi_temp_path %%FOLDER%%/5;
      server {
        listen 127.0.0.1:%%PORT%% ssl http2; ssl_certificate %s; ssl_certificate_key %s; %s
        client_max_body_size 2m;
        location / { proxy_pass http://unix:%%FOLDER%%/inner; } # which reads bodies to their end
      }
      server {
        listen unix:%%FOLDER%%/inner;
        location / { default_type application/json; return 200 '{"data":[]}'; }
      }
    }]]):format(certificates:path "server.pem", certificates:path "server.key", directives or "")
  )
end

return M
