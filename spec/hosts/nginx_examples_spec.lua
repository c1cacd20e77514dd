-- examples/nginx.conf and webhook.conf, started by the commands that they themselves name, in a folder that
-- the workers may not read if their master is root. nginx's Lua is LuaJIT: run with that one.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "the examples in nginx", it, function(why) pending(why) end) then return end
if os.getenv "LD_PRELOAD" then -- nginx_spec and webhook_spec make the same calls under sanitizers
  it("the examples in nginx", function() pending "they name an nginx that no sanitizer is loaded into" end)
  return
end

local around = require "spec.lua.loop.surroundings"
local shell = require "ddokta.shell"
local socket = require "socket"
local system = require("ddokta.core").system
local web = require "spec.lua.loop.web"

local INT, TERM = 2, 15
local PARTS = { "Makefile", ".ci", "csrc", "lua" } -- of a checkout, that `make env` and what it names need

-- The commands of an example's first comment: one text for each group of lines that are set in.
local function commands(text)
  local groups, group = {}, nil
  for line in text:match("^(.-\n)[^#]"):gmatch "#([^\n]*)\n" do
    local command = line:match "^   (.+)$"
    if command then
      group = group and group .. "\n" .. command or command
    elseif group then
      groups[#groups + 1], group = group, nil
    end
  end
  return groups
end

local function group_with(groups, words)
  for _, group in ipairs(groups) do
    if group:find(words, 1, true) then return group end
  end
  error("the example names no command with " .. words)
end

-- A checkout with a copy of the example, whose port is a free one, and links. mkdtemp's folders are 0700.
local function checkout(name, port)
  local folder = around.folder() .. "/the checkout"
  local core = package.searchpath("ddokta.core", package.cpath) -- luacheck: ignore 143 LuaJIT has it
  local lines =
    { ("mkdir -p %s %s"):format(shell.quote(folder .. "/build"), shell.quote(folder .. "/examples")) }
  for _, part in ipairs(PARTS) do
    lines[#lines + 1] = ('ln -s "$PWD/%s" %s'):format(part, shell.quote(folder))
  end
  local built = core:gsub("/ddokta/core%.so$", "")
  lines[#lines + 1] = ('ln -s "$(cd %s && pwd)" %s'):format(
    shell.quote(built),
    shell.quote(folder .. "/build/luajit")
  )
  local output, status = shell.run(table.concat(lines, " && "))
  assert(status == 0, output)
  local text = around.read("examples/" .. name):gsub("8080", tostring(port))
  around.write(folder .. "/examples/" .. name, text)
  return folder, commands(text)
end

-- start(name, box) -> {port, groups, log(), signal(), stop()}: the example as its comment says
local function start(name, box)
  local port = system.free_port()
  local folder, groups = checkout(name, port)
  local lines = {
    "cd " .. shell.quote(folder),
    "unset B MAKEFLAGS MAKELEVEL LUA_PATH LUA_CPATH LD_PRELOAD",
    box:exports(),
    group_with(groups, "make -s env"):gsub("WEBHOOK_SECRET=[^\n]*", "WEBHOOK_SECRET=0123456789abcdef"),
    group_with(groups, web.is_openresty() and "openresty" or "load_module"),
  }
  local log = folder .. "/log"
  around.write(folder .. "/paste", table.concat(lines, "\n") .. "\n")
  local pipe =
    assert(io.popen(("sh %s </dev/null >%s 2>&1"):format(shell.quote(folder .. "/paste"), shell.quote(log))))

  local self = { port = port, groups = groups }
  function self.log() return around.read(log) end
  -- signal(number) -> what it has written, when it has ended
  function self.signal(number)
    local pid = tonumber(around.read(folder .. "/build/nginx.pid") or "")
    if pid then system.kill(pid, number) end
    pipe:close()
    return self.log()
  end
  function self.stop()
    if io.type(pipe) == "file" then self.signal(TERM) end
    around.remove((folder:gsub("/[^/]*$", "")))
  end
  if around.eventually(function() return (socket.connect("127.0.0.1", port)) end) then return self end
  local why = self.log()
  self.stop()
  error("the example did not start:\n" .. why)
end

describe("the example of nginx", function()
  local box, server

  setup(function()
    box = around.box { latency = 0 }
    server = start("nginx.conf", box)
  end)

  teardown(function()
    if server then server.stop() end
    if box then box:stop() end
  end)

  it(
    "lists accounts to the curl that it names",
    function()
      assert.equal(
        "Account 1\thttps://number-1.okta.com/\nAccount 2\thttps://number-2.okta.com/\n"
          .. "Account 3\thttps://number-3.okta.com/\n",
        (
          shell.run(
            "export NO_PROXY='*' no_proxy='*'; " .. group_with(server.groups, "curl ") .. " 2>/dev/null"
          )
        )
      )
    end
  )

  it("answers 502 and writes why to its log", function()
    around.tell(box, "POST", "faults", '{"status":403,"path":"^/api/"}')
    local _, status = web.get(server.port, "/accounts")
    assert.equal(502, status)
    assert.truthy(server.log():find("list_okta_accounts: forbidden (403)", 1, true), server.log())
  end)

  it("ends with Ctrl-C, and had no other complaint", function()
    for line in server.signal(INT):gmatch "[^\n]+" do
      assert.truthy(line:find("[notice]", 1, true) or line:find("forbidden (403)", 1, true), line)
    end
  end)
end)

describe("the example of a webhook", function()
  it("starts as it says", function()
    local box = around.box { latency = 0 }
    local started, server = pcall(start, "webhook.conf", box)
    box:stop()
    assert.is_true(started, server)
    local _, status = web.get(server.port, "/users")
    server.stop()
    assert.equal(403, status) -- not POST; spec/hosts/webhook_spec.lua has the rest
  end)
end)
