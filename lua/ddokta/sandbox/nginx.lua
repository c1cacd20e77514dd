--- nginx as the sandbox needs it: where it is, whether it has the Lua module, its configuration and its
--- certificates, how it is started. 1.19.10 or newer (keepalive_requests for HTTP/2).
local files = require "ddokta.file"
local shell = require "ddokta.shell"

local nginx = {}

-- /usr/sbin is not in an ordinary user's PATH on Debian
local FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/local/openresty/nginx/sbin:/opt/homebrew/bin"
local MODULE_FILES = { "ndk_http_module.so", "ngx_http_lua_module.so" }
-- where distributions put modules that nginx itself does not look for there
local MODULE_FOLDERS = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules" }
local NEEDED = "the sandbox needs nginx with its Lua module (%s); "
  .. "on Debian: apt-get install nginx libnginx-mod-http-lua lua-cjson"

-- Every nginx of $PATH and of the folders above, in that order; /sbin may be /usr/sbin.
local LIST = "set -f; IFS=:; folders=$PATH:"
  .. FOLDERS
  .. '; for folder in $folders; do for name in nginx openresty; do [ -x "$folder/$name" ] && '
  .. '[ -f "$folder/$name" ] && (cd "$folder" && echo "$(pwd -P)/$name"); done; done; :'

local function exists(path)
  local file = io.open(path, "rb")
  return file and file:close() and true
end

-- wanted, or all that there are
local function binaries(wanted)
  if wanted then return { wanted } end
  local list, seen = {}, {}
  for path in shell.run(LIST):gmatch "[^\n]+" do
    if path:find "^/" and not seen[path] then
      list[#list + 1], seen[path] = path, true
    end
  end
  return list
end

-- What configure was told: each by its name, and all of --add-module together.
local function configured(description)
  local arguments = { ["add-module"] = "" }
  for name, value in description:gmatch "%-%-([%w_-]+)=(%S+)" do
    if name == "add-module" then value = arguments[name] .. " " .. value end
    arguments[name] = value
  end
  return arguments
end

-- The folder that `load_module modules/...` means.
local function own_folder(arguments)
  local prefix, folder = arguments.prefix or "/usr/local/nginx", arguments["modules-path"] or "modules"
  return folder:find "^/" and folder or prefix .. "/" .. folder
end

-- the lines that load the module from that folder; nil: it is not there
local function lines_of(folder)
  if not exists(folder .. "/" .. MODULE_FILES[2]) then return nil end
  local lines = {}
  for _, file in ipairs(MODULE_FILES) do
    local path = folder .. "/" .. file
    if exists(path) then lines[#lines + 1] = ('load_module "%s";'):format(path) end
  end
  return table.concat(lines, "\n")
end

-- the lines that load the module; "" when it is built in; nil when it is not to be found
local function load_lines(description, folders)
  local arguments = configured(description)
  local built_in = arguments["add-module"]
  if built_in:find("ngx_lua", 1, true) or built_in:find("lua-nginx-module", 1, true) then return "" end
  for _, folder in ipairs(folders or { own_folder(arguments) }) do
    local lines = lines_of(folder)
    if lines then return lines end
  end
end

-- {binary, load_modules, separate_http2} | nil, what this one lacks
local function examine(path, folders)
  local description, status = shell.run(shell.quote(path) .. " -V")
  if status ~= 0 then return nil, path .. " does not run" end
  local load_modules = load_lines(description, folders)
  if not load_modules then return nil, path .. " has no Lua module" end
  local major, minor, patch = description:match("version: %a+/(%d+)%.(%d+)%.(%d+)")
  local version = (tonumber(major) or 0) * 1e6 + (tonumber(minor) or 0) * 1e3 + (tonumber(patch) or 0)
  return { binary = path, load_modules = load_modules, separate_http2 = version >= 1025001 }
end

-- the first of these that has the module in one of the folders, by default its own | nil, what they lack
local function first_of(paths, folders)
  local problems = {}
  for _, path in ipairs(paths) do
    local found, problem = examine(path, folders)
    if found then return found end
    problems[#problems + 1] = problem
  end
  return nil, problems[1] and table.concat(problems, ", ") or "no nginx in PATH or /usr/sbin"
end

--- Finds the first nginx that has the Lua module: {binary, load_modules, separate_http2}, or nil and a
--- message that says what to install. `binary` and `modules` (a folder) override the search.
function nginx.find(binary, modules)
  local paths = binaries(binary)
  local found, problem
  if modules then
    found, problem = first_of(paths, { modules })
  else
    -- a module fits the nginx that it was built for, so others' folders are the second choice
    found = first_of(paths)
    if not found then
      found, problem = first_of(paths, MODULE_FOLDERS)
    end
  end
  if found then return found end
  return nil, NEEDED:format(problem)
end

-- Paths are relative to nginx's prefix, the sandbox's folder; $NAMES are filled in.
local CONFIGURATION = [[
$LOAD_MODULES
# one process: it is the state, its id is the sandbox's, and no `user` is needed
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;

events {
  worker_connections 4000;
}

http {
  access_log off;
  default_type "";
  client_body_temp_path tmp_body;
  proxy_temp_path tmp_proxy;
  fastcgi_temp_path tmp_fastcgi;
  uwsgi_temp_path tmp_uwsgi;
  scgi_temp_path tmp_scgi;

  client_max_body_size 64m;
  client_body_buffer_size 1m;

  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.2 TLSv1.3;

  # an answer that is late or slow ends when its client gives up
  lua_check_client_abort on;
  lua_package_path "$LUA_PATH";
  init_by_lua_block { require("ddokta.sandbox.server").init() }
  init_worker_by_lua_block { require("ddokta.sandbox.server").init_worker() }
  exit_worker_by_lua_block { require("ddokta.sandbox.server").exit_worker() }

  server {
    listen 127.0.0.1:$HTTP_PORT;
    listen 127.0.0.1:$PORT ssl$LISTEN_HTTP2;
    $HTTP2_ON

    location / {
      # nginx drops the content type of a 204, Datadog sends one (recorded): added by hand
      set $content_type_of_204 "";
      add_header Content-Type $content_type_of_204 always;
      content_by_lua_block { require("ddokta.sandbox.server").content() }
      log_by_lua_block { require("ddokta.sandbox.server").log() }
    }
  }
}
]]

local function configuration(found, place)
  local values = {
    LOAD_MODULES = found.load_modules,
    LUA_PATH = (place.lua_dir .. "/?.lua;" .. place.lua_dir .. "/?/init.lua;;"):gsub('["\\]', "\\%0"),
    PORT = ("%d"):format(place.port),
    HTTP_PORT = ("%d"):format(place.http_port),
    LISTEN_HTTP2 = found.separate_http2 and "" or " http2",
    HTTP2_ON = found.separate_http2 and "http2 on;" or "",
  }
  return (CONFIGURATION:gsub("%$(%u[%u%d_]+)", values))
end

-- LUA_PATH and LUA_CPATH are those of the launcher's Lua: nginx's LuaJIT must not load its modules.
-- LD_PRELOAD is a sanitizer's that checks the launcher.
-- The shell tells its process id and then becomes nginx, which so is the launcher's own child.
local START = 'cd "$1" && unset LUA_PATH LUA_CPATH LUA_INIT LD_PRELOAD;'
  .. " ulimit -n 8192 2>/dev/null || :; echo $$;"
  .. ' exec "$2" -p "$1/" -c "$1/nginx.conf" -e error.log </dev/null >>stderr 2>&1'

--- Starts nginx in a folder that has settings.json and the certificates. place: {dir, lua_dir, port,
--- http_port}. Returns a pipe whose close() waits for nginx's exit, and nginx's process id; or nil
--- and a message. nginx writes `ready` when it answers.
function nginx.start(found, place)
  local ok, err = files.write(place.dir .. "/nginx.conf", function(put) put(configuration(found, place)) end)
  if not ok then return nil, err.message end
  local command = shell.line { "sh", "-c", START, "sh", place.dir, found.binary }
  local pipe, message = io.popen("exec " .. command, "r")
  if not pipe then return nil, message end
  local pid = tonumber(pipe:read("*l") or "")
  if pid then return pipe, pid end
  pipe:close()
  return nil, "cannot start a shell for nginx in " .. place.dir
end

-- --- certificates ---------------------------------------------------------------------------------

-- The sandbox's own certificate authority and the server certificate that it signs: P-256 keys (quick to
-- make), 30 days, for 127.0.0.1, ::1 and localhost.
local OPENSSL = [[
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
local MAKE_CERTIFICATES = table
  .concat({
    'cd "$1" && umask 077',
    '"$2" req -x509 %s -keyout ca.key -out ca.pem -days 30 -extensions authority',
    '"$2" req -new %s -keyout server.key -out server.csr -subj "/CN=127.0.0.1"',
    '"$2" x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 0x"$("$2" rand -hex 12)"'
      .. " -days 30 -extfile openssl.cnf -extensions server -out server.pem",
    "rm ca.key server.csr openssl.cnf",
    -- whom to trust is no secret: others than who started it, such as nginx's workers, read it too
    "chmod 644 ca.pem && chmod 711 .",
  }, " && ")
  :format(NEW_KEY, NEW_KEY)

--- Makes ca.pem, server.pem and server.key in a folder: true, or nil and a message.
function nginx.certify(dir, openssl)
  local ok, err = files.write(dir .. "/openssl.cnf", function(put) put(OPENSSL) end)
  if not ok then return nil, err.message end
  local output, status = shell.run(shell.line { "sh", "-c", MAKE_CERTIFICATES, "sh", dir, openssl })
  if status == 0 then return true end
  if output:find("not found", 1, true) then
    return nil, ("the sandbox needs openssl (no %s here); on Debian: apt-get install openssl"):format(openssl)
  end
  return nil, "openssl could not make the sandbox's certificates:\n" .. output
end

return nginx
