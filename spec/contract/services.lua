-- The servers of the contract run: Prism, which reads the services' descriptions, and the SCIM server of
-- scim_server.js. What they need of npm lies in build/contract (make test-contract).
local json = require "ddokta.sandbox.json"
local serving = require "spec.support.serving"
local socket = require "socket"
local system = require("ddokta.core").system

local M = {}

local FOLDER = os.getenv "DDOKTA_CONTRACT" or "build/contract"
local MODULES = FOLDER .. "/node_modules"
local START_SECONDS = 60
local SPECS = (os.getenv "DDOKTA_SHARED" or "../shared") .. "/specs"

local function specification(service) return ("%s/%s.openapi.json"):format(SPECS, service) end

-- Why the descriptions cannot be read; nil where they can.
function M.missing()
  for _, service in ipairs { "datadog", "okta" } do
    local file = io.open(specification(service))
    if not file then return "the services' descriptions are not here: " .. SPECS end
    file:close()
  end
end

local documents = {}

local function document_of(service)
  if not documents[service] then
    local file = assert(io.open(specification(service), "rb"))
    documents[service] = assert(json.decode(file:read "*a"))
    file:close()
  end
  return documents[service]
end

-- statuses(operation) -> those that the description has for it, as sorted texts
function M.statuses(operation)
  local described = document_of(operation.service).paths[operation.path][operation.method:lower()]
  local list = {}
  for status in pairs(described.responses) do
    list[#list + 1] = status
  end
  table.sort(list)
  return list
end

local Server = {}
Server.__index = Server

local function is_open(port)
  local c = socket.connect("127.0.0.1", port)
  if c then c:close() end
  return c ~= nil
end

local started = {}

local function start(name, command)
  local self =
    setmetatable({ name = name, port = system.free_port(), log = FOLDER .. "/" .. name .. ".log" }, Server)
  self.url = "http://127.0.0.1:" .. self.port
  self.pid, self.pipe = serving.start_program(("%s >'%s' 2>&1"):format(command:format(self.port), self.log))
  started[#started + 1] = self
  return self
end

-- A server of spec/support between others, see below; stopped with them.
function M.relay()
  local relay = serving.start()
  started[#started + 1] = relay
  return relay
end

-- Stops what has been started here.
function M.stop()
  while #started > 0 do
    table.remove(started):stop()
  end
end

-- set_up(start): calls it; where it fails nothing that it started stays
function M.set_up(start_all)
  local ok, err = pcall(start_all)
  if not ok then
    M.stop()
    error(err, 0)
  end
end

-- Waits until it listens -> itself
function Server:ready()
  local deadline = system.now() + START_SECONDS
  while not is_open(self.port) do
    assert(system.now() < deadline, self.name .. " did not start, see " .. self.log)
    system.sleep(0.02)
  end
  return self
end

function Server:stop() serving.stop_program(self.pid, self.pipe) end

-- The description as Prism reads it: corrected where no request can be as it says.
local function corrected(service)
  local file = ("%s/%s.json"):format(FOLDER, service)
  local ok =
    os.execute(("node spec/contract/corrected.js %s '%s' '%s'"):format(service, specification(service), file))
  assert(ok == true or ok == 0, "the description could not be corrected: " .. service)
  return file
end

-- mock(service): a Prism that answers every request with an example of the description
function M.mock(service)
  return start(
    "mock-" .. service,
    ("node '%s/.bin/prism' mock -h 127.0.0.1 -p %%d '%s'"):format(MODULES, corrected(service))
  )
end

-- proxy(service, url): a Prism that passes requests and answers on, and answers itself, with what is
-- wrong, where one of them is not as described
function M.proxy(service, url)
  return start(
    "proxy-" .. service,
    ("node '%s/.bin/prism' proxy -h 127.0.0.1 -p %%d --errors '%s' '%s'"):format(
      MODULES,
      corrected(service),
      url
    )
  )
end

-- scim(express): the SCIM server on that npm module
function M.scim(express)
  return start("scim-" .. express, ("node spec/contract/scim_server.js '%s' %s %%d"):format(MODULES, express))
end

-- --- around Prism --------------------------------------------------------------------------------

-- Servers of spec/support that pass requests on. The one in front of Prism adds a header that the client
-- cannot send, and notes what Prism says of the request. And Prism looks for a query parameter with
-- brackets by its escaped name while it unescapes what it gets: in front of it such names are escaped
-- once more, so that it checks them, and behind it once less.
local PASS_ON = [=[
  local socket = require "socket"
  local port, header, escape, unescape = %d, %q, { ["["] = "%%255B", ["]"] = "%%255D" }, %s
  local request = ...
  local function rename(name)
    if unescape then
      return (name:gsub("%%%%25(5[BbDd])", "%%%%%%1"))
    end
    return (name:gsub("%%%%5[Bb]", "["):gsub("%%%%5[Dd]", "]"):gsub("[%%[%%]]", escape))
  end
  local head = request.head:gsub("^(%%S+ [^ ?]*)(%%??%%S*)([^\r]*\r\n)", function(path, query, rest)
    return path .. query:gsub("[^&?=]+=", rename) .. rest .. header .. "Connection: close\r\n"
  end, 1)
  head = head:gsub("\r\n[Cc]onnection: keep%%-alive", "")
  local up = assert(socket.connect("127.0.0.1", port))
  up:settimeout(20)
  assert(up:send(head .. "\r\n" .. request.body))
  local answer, _, partial = up:receive "*a"
  answer = answer or partial
  up:close()
  request.violations = answer:match "\r\n[Ss]l%%-[Vv]iolations: ([^\r]*)"
    or answer:match '"validation":(%%b[])'
  return { { send = answer }, { close = true } }
]=]

local function pass_on(relay, port, header, unescape)
  relay:script(PASS_ON:format(port, header, tostring(unescape)))
end

-- prefer(relay, prism, status or nil): from now on Prism is asked for the example of that status
function M.prefer(relay, prism, status)
  pass_on(relay, prism.port, status and ("Prefer: code=%d\r\n"):format(status) or "", false)
end

-- chain(service, url) -> {front, prism, back}: from front to the server at url, through Prism
function M.chain(service, url)
  local chain = { front = M.relay(), back = M.relay() }
  pass_on(chain.back, tonumber(url:match ":(%d+)$"), "", true)
  chain.prism = M.proxy(service, chain.back.url)
  pass_on(chain.front, chain.prism.port, "", false)
  return chain
end

-- What Prism said of the last request since then, as a list of texts; empty: nothing. (It speaks of its
-- own examples too; these are not the client's.) Raises where no request came.
function M.violations(relay)
  local requests, list = relay:requests(), {}
  local last = assert(requests[#requests], "nothing was sent")
  for _, violation in ipairs(last.violations and json.decode(last.violations) or {}) do
    if violation.location[1] ~= "response" then
      list[#list + 1] = ("%s: %s"):format(table.concat(violation.location, "."), violation.message)
    end
  end
  return list
end

return M
