-- Workers that may not read the folder that ddokta is installed in: nginx loads it as root, and its workers
-- are another user's. Whatever they need must have been loaded before. nginx's Lua is LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "workers without rights", it, function(why) pending(why) end) then return end

local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"
local web = require "spec.lua.loop.web"

local is_root = shell.run("id -u"):match "^0%s"
local it_as_root = is_root and it
  or function(name, run) pending(name .. ": only root can start such an nginx", run) end

local HTTP = [[
  init_by_lua_block {
    ddokta = require "ddokta"
    bulk, recipes = require "ddokta.bulk", require "ddokta.recipes"
    dd = assert(ddokta.client($OPTIONS))
  }
  server {
    listen 127.0.0.1:$PORT;
    location = /loaded {
      content_by_lua_block {
        for name in ("$NAMES"):gmatch "%S+" do
          if not package.loaded[name] then ngx.say(name) end
        end
      }
    }
    location = /readable { content_by_lua_block { ngx.print(tostring(io.open "$COPY/ddokta/init.lua")) } }
    location = /walk {
      content_by_lua_block {
        local source = assert(bulk.read({ { name = "New", domain = "https://new.okta.com/", auth_method = "oauth",
          client_id = "c", client_secret = "s" } }, { kind = "okta_accounts" }))
        local plan = assert(bulk.plan(dd, "okta_accounts", source))
        local report = assert(bulk.apply(dd, plan))
        ngx.say("created ", report.counts.create)
        local listed = ddokta.parallel(2, { 1, 2 }, function() return #assert(dd:list_okta_accounts()) end)
        ngx.say("listed ", listed[1][1], " ", listed[2][1])
        ngx.say(tostring(select(2, bulk.plan(dd, "okta_acounts", source))))
        ngx.say(tostring(select(2, ddokta.client { loop = "lopp", api_key = "a", app_key = "b" })))
        ngx.say("blocking ", #assert(assert(ddokta.client($BLOCKING)):list_okta_accounts()))
      }
    }
  }
]]

-- the modules of the folders that a worker uses
local function modules_in(folders)
  local names = {}
  for _, folder in ipairs(folders) do
    for path in shell.run("cd lua && find ddokta/" .. folder .. " -name '*.lua'"):gmatch "%S+" do
      names[#names + 1] = path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    end
  end
  return names
end

local function lua_of(options)
  local fields = {}
  for name, value in pairs(options) do
    fields[#fields + 1] = ("%s = %s"):format(name, type(value) == "string" and ("%q"):format(value) or value)
  end
  return "{" .. table.concat(fields, ", ") .. "}"
end

describe("workers that may not read ddokta's folder", function()
  local box, server, copy, readable

  setup(function()
    if not is_root then return end
    box = around.box { latency = 0 }
    copy, readable = around.folder(), around.folder()
    local core = package.searchpath("ddokta.core", package.cpath) -- luacheck: ignore 143 LuaJIT has it
    local _, status = shell.run(
      ("cp -r lua/ddokta %s && cp %s %s/ddokta/core.so && cp %s %s/ca.pem && chmod -R a+rX %s"):format(
        copy,
        shell.quote(core),
        copy,
        box.ca_file,
        readable,
        readable
      )
    )
    assert.equal(0, status)
    server = web.start {
      user = "nobody " .. shell.run("id -gn nobody"):gsub("%s", ""),
      path = copy .. "/?.lua;" .. copy .. "/?/init.lua;;",
      cpath = copy .. "/?.so;" .. package.cpath,
      http = HTTP:gsub("%$(%u+)", {
        OPTIONS = lua_of(around.options(box, { ca_file = readable .. "/ca.pem" })),
        BLOCKING = lua_of(around.options(box, { ca_file = readable .. "/ca.pem", loop = "blocking" })),
        COPY = copy,
        NAMES = table.concat(modules_in { "bulk", "recipes", "loop/nginx.lua", "loop/init.lua" }, " "),
      }),
    }
  end)

  teardown(function()
    if server then server:stop() end
    for _, folder in ipairs { copy, readable } do
      around.remove(folder)
    end
    if box then box:stop() end
  end)

  it_as_root("have all that a script may ask for", function()
    assert.equal("nil", (web.get(server.port, "/readable")))
    assert.equal("", (web.get(server.port, "/loaded")))
  end)

  it_as_root("make a list true, and say what is wrong", function()
    local body = web.get(server.port, "/walk")
    assert.equal(
      "created 1\nlisted 4 4\nconfig: unknown kind 'okta_acounts', did you mean 'okta_accounts'?\n"
        .. 'config: there is no loop "lopp": auto, blocking, cqueues, nginx, uv or a function sleep(seconds)\n'
        .. "blocking 4\n",
      body,
      server:log()
    )
  end)
end)
