-- A page in a real Chromium: what it has become when its script has run, and a picture of it. The browser
-- has a profile of its own; all that it would send goes to a port where somebody looks what it is, and
-- nobody answers.
local socket = require "socket"

local M = {}

local quote = require("ddokta.shell").quote

local function succeeds(line)
  local first, _, code = os.execute(line)
  return first == 0 or first == true and code == 0
end

--- is there one? Chromium's sandbox does not work for root, or inside most containers: it is off, for pages
-- that these specs made.
function M.find()
  for _, name in ipairs { "chromium", "chromium-browser" } do
    if succeeds("command -v " .. name .. " >/dev/null 2>&1") then return name end
  end
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

-- takes what comes to a port and hangs up, until a file is there -> the requests' first lines; a browser
-- asks its maker for this and that by itself
local function requests_until(listener, path)
  local lines = {}
  listener:settimeout(0.02)
  while not read(path) do
    local connection = listener:accept()
    if connection then
      connection:settimeout(1)
      lines[#lines + 1] = connection:receive("*l")
      connection:close()
    end
  end
  listener:close()
  return table.concat(lines, "\n")
end

local function run(dir, address, more)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local out, done = dir .. "/browser.out", dir .. "/browser.done"
  os.remove(done)
  local line = (
    "timeout 60 %s --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
    .. " --disable-background-networking --disable-component-update --disable-sync --disable-extensions"
    .. " --proxy-server=127.0.0.1:%d --proxy-bypass-list='<-loopback>' --user-data-dir=%s"
    .. " --virtual-time-budget=5000 %s %s"
  ):format(M.find(), port, quote(dir .. "/profile"), more, quote(address))
  os.execute(
    ("{ HOME=%s %s; : >%s; } >%s 2>/dev/null </dev/null &"):format(quote(dir), line, quote(done), quote(out))
  )
  local requests = requests_until(listener, done)
  return read(out), requests
end

--- dom(dir, path, fragment) -> the page as it is when it was loaded, and the requests that were made
-- dir: a folder for the browser's own files
function M.dom(dir, path, fragment)
  return run(dir, "file://" .. path .. (fragment and "#" .. fragment or ""), "--dump-dom")
end

--- picture(dir, path, target): a screenshot, as PNG
function M.picture(dir, path, target)
  return run(dir, "file://" .. path, "--window-size=1200,800 --screenshot=" .. quote(target))
end

return M
