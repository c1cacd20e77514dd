-- A page in a real Chromium, driven as its developer tools do (the DevTools protocol, through two pipes):
-- what the page is when its script has run, how it looks at a width, on paper, without its script.
local json = require("ddokta.core").json

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

local FLAGS = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
  .. " --disable-background-networking --disable-component-update --disable-sync --disable-extensions"
  .. " --hide-scrollbars --force-color-profile=srgb --remote-debugging-pipe"

-- --- the protocol ---------------------------------------------------------------------------------

local Browser = {}
Browser.__index = Browser

-- Each message ends with a NUL, which Lua 5.1 cannot read a line with.
function Browser:receive()
  local parts = {}
  while true do
    local byte = self.output:read(1)
    if not byte then error("Chromium has ended: " .. table.concat(parts)) end
    if byte == "\0" then return assert(json.decode(table.concat(parts))) end
    parts[#parts + 1] = byte
  end
end

function Browser:note(message)
  local page = self.pages[message.sessionId]
  if not page then return end
  if message.method == "Network.requestWillBeSent" then
    page.requests[#page.requests + 1] = message.params.request.url
  elseif message.method == "Page.loadEventFired" then
    page.is_loaded = true
  elseif message.method == "Runtime.exceptionThrown" or message.method == "Log.entryAdded" then
    page.complaints[#page.complaints + 1] = json.encode(message.params)
  end
end

function Browser:send(method, params, page)
  self.last = self.last + 1
  local text = json.encode {
    id = self.last,
    method = method,
    params = next(params or {}) and params or nil,
    sessionId = page and page.session,
  }
  self.input:write(text, "\0")
  self.input:flush()
  while true do
    local message = self:receive()
    if message.id == self.last then
      assert(not message.error, method .. ": " .. json.encode(message.error or {}))
      return message.result
    end
    self:note(message)
  end
end

-- --- pages ----------------------------------------------------------------------------------------

local Page = {}
Page.__index = Page

--- eval(expression) -> its value, as JSON has it; a promise is waited for
function Page:eval(expression)
  local answer = self:send("Runtime.evaluate", {
    expression = expression,
    awaitPromise = true,
    returnByValue = true,
  })
  local thrown = answer.exceptionDetails
  assert(not thrown, thrown and json.encode(thrown))
  return answer.result.value
end

function Page:send(method, params) return self.browser:send(method, params, self) end

--- wait(expression): until it is true
function Page:wait(expression)
  local ended = self:eval(([[new Promise((done) => {
    const until = performance.now() + 30000;
    (function look() {
      if (%s) return done(true);
      if (performance.now() > until) return done(false);
      setTimeout(look, 20);
    })();
  })]]):format(expression))
  assert(ended, "it never became true: " .. expression)
end

--- type(text), press("Escape"): as the keyboard does
function Page:type(text) self:send("Input.insertText", { text = text }) end

local KEYS = { Escape = 27, Tab = 9, Enter = 13, ["/"] = 191, [" "] = 32 }

function Page:press(key)
  for _, kind in ipairs { "keyDown", "keyUp" } do
    local text = kind == "keyDown" and (key == "Enter" and "\r" or #key == 1 and key) or nil
    self:send("Input.dispatchKeyEvent", {
      type = kind,
      key = key,
      code = key == " " and "Space" or key,
      text = text,
      windowsVirtualKeyCode = KEYS[key],
    })
  end
end

local function write_base64(path, text)
  local pipe = assert(io.popen("base64 -d >" .. quote(path), "w"))
  pipe:write(text)
  pipe:close()
end

--- picture(path): of what is seen; pdf(path): of what is printed, as PDF
function Page:picture(path) write_base64(path, self:send("Page.captureScreenshot", { format = "png" }).data) end

function Page:pdf(path)
  write_base64(path, self:send("Page.printToPDF", { preferCSSPageSize = true, printBackground = true }).data)
end

function Page:close()
  self.browser:send("Target.closeTarget", { targetId = self.target })
  self.browser.pages[self.session] = nil
end

--- open(path, options) -> the page, when it is loaded. options: width (1280), height (800), dark, fragment;
-- script = false: its script does not run; media = "print". page.requests has the addresses of all that was
-- asked for, page.complaints what its console would say.
function Browser:open(path, options)
  options = options or {}
  local target = self:send("Target.createTarget", { url = "about:blank" }).targetId
  local session = self:send("Target.attachToTarget", { targetId = target, flatten = true }).sessionId
  local page = { browser = self, target = target, session = session, requests = {}, complaints = {} }
  self.pages[session] = setmetatable(page, Page)
  for _, domain in ipairs { "Page", "Network", "Runtime", "Log" } do
    page:send(domain .. ".enable")
  end
  page:send("Emulation.setDeviceMetricsOverride", {
    width = options.width or 1280,
    height = options.height or 800,
    deviceScaleFactor = 1,
    mobile = false,
  })
  local scheme = { name = "prefers-color-scheme", value = options.dark and "dark" or "light" }
  page:send("Emulation.setEmulatedMedia", { media = options.media or "", features = { scheme } })
  page:send("Emulation.setScriptExecutionDisabled", { value = options.script == false })
  local fragment = options.fragment and "#" .. options.fragment or ""
  page:send("Page.navigate", { url = "file://" .. path .. fragment })
  while not page.is_loaded do
    self:note(self:receive())
  end
  return page
end

--- Ends it: when this returns it writes nothing more.
function Browser:stop()
  self.input:write(json.encode { id = 0, method = "Browser.close" }, "\0")
  self.input:flush()
  self.output:read "*a"
  self.input:close()
  self.output:close()
  os.remove(self.dir .. "/to")
  os.remove(self.dir .. "/from")
end

--- start(dir) -> a browser. dir: a folder for its own files
function M.start(dir)
  local to, from = dir .. "/to", dir .. "/from"
  assert(succeeds(("mkfifo %s %s"):format(quote(to), quote(from))), "mkfifo has failed")
  os.execute(
    ("HOME=%s timeout 300 %s %s --user-data-dir=%s 3<%s 4>%s >%s/browser.log 2>&1 &"):format(
      quote(dir),
      M.find(),
      FLAGS,
      quote(dir .. "/profile"),
      quote(to),
      quote(from),
      quote(dir)
    )
  )
  local input, output = assert(io.open(to, "wb")), assert(io.open(from, "rb"))
  return setmetatable({ dir = dir, input = input, output = output, last = 0, pages = {} }, Browser)
end

return M
