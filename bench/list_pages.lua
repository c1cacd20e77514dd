-- How fast a list of USERS is read in pages of 100, each answered after SECONDS, AT_ONCE calls in flight:
-- all of it, as bulk and recipes read, and by each_scim_user. Over TLS and HTTP/2, the users as Datadog's.
-- usage: list_pages.lua USERS SECONDS AT_ONCE FOLDER, which has server.pem, server.key and ca.pem
-- Prints: seconds at least (all pages, AT_ONCE at a time); seconds for all of it; seconds for each_scim_user.
local ddokta = require "ddokta"
local pages = require "ddokta.pages"
local system = require("ddokta.core").system
local web = require "spec.lua.loop.web"

local users, seconds, at_once, folder = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), arg[4]
local SIZE = 100

local SERVER = [[
  init_by_lua_block {
    function user(i)
      return ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"%08x-bench","userName":'
        .. '"user%d@example.com","active":true,"name":{"formatted":"User %d"},"title":"Engineer","emails":'
        .. '[{"value":"user%d@example.com","type":"work","primary":true}],"roles":[{"value":"a-role"}],'
        .. '"meta":{"resourceType":"User"}}'):format(i, i, i, i)
    end
  }
  server {
    listen 127.0.0.1:$PORT ssl http2;
    ssl_certificate FOLDER/server.pem;
    ssl_certificate_key FOLDER/server.key;
    default_type application/json;
    location / {
      content_by_lua_block {
        ngx.sleep(SECONDS)
        local from = tonumber(ngx.var.arg_startIndex) or 1
        local list = {}
        for i = from, math.min(from + tonumber(ngx.var.arg_count) - 1, USERS) do list[#list + 1] = user(i) end
        ngx.print('{"totalResults":', USERS, ',"startIndex":', from, ',"Resources":[',
          table.concat(list, ","), ']}')
      }
    }
  }
]]

local server = web.start {
  main = "worker_processes 1;",
  http = SERVER:gsub("%f[%u]%u+%f[%U]", { FOLDER = folder, SECONDS = seconds, USERS = users }),
}
local dd = assert(ddokta.client {
  base_url = "https://127.0.0.1:" .. server.port,
  ca_file = folder .. "/ca.pem",
  max_in_flight = at_once,
  proxy = "",
})

local function whole()
  local count = 0
  assert(
    pages.walk(
      { client = dd, operation = "list_scim_users", query = { count = SIZE } },
      function() count = count + 1 end
    )
  )
  return count
end

local function each()
  local count = 0
  for _ in dd:each_scim_user { count = SIZE } do
    count = count + 1
  end
  return count
end

-- seconds that it takes to read all
local function measure(read)
  collectgarbage()
  local from = system.now()
  assert(read() == users)
  return system.now() - from
end

local ok, result = pcall(function()
  assert(dd:list_scim_users { count = 1 }) -- there is a connection
  return ("%.6f %.6f %.6f"):format(math.ceil(users / SIZE) * seconds / at_once, measure(whole), measure(each))
end)
dd:close()
server:stop()
if not ok then error(result, 0) end
print(result)
