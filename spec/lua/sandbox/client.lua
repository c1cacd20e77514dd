-- For the sandbox's specs: calls by LuaSocket (plain HTTP) and by the curl command (TLS, HTTP/2).
local http = require "socket.http"
local json = require "ddokta.sandbox.json"
local ltn12 = require "ltn12"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local client = { ACCOUNTS = "/api/v2/integrations/okta/accounts" }

http.TIMEOUT = 20

--- Calls the API with its keys: {status, headers, body, json}, or nil and LuaSocket's message.
-- options: body (text, or a table that is sent as JSON), headers (false: without keys)
function client.call(box, method, path, options)
  options = options or {}
  local body = options.body
  if type(body) == "table" then body = json.encode(body) end
  local headers = { ["content-type"] = "application/json", ["content-length"] = body and #body or nil }
  if options.headers ~= false then
    headers["dd-api-key"], headers["dd-application-key"] = box.api_key, box.app_key
  end
  for name, value in pairs(options.headers or {}) do
    headers[name] = value
  end
  local chunks = {}
  local ok, status, received = http.request {
    method = method,
    url = box.http_url .. path,
    headers = headers,
    source = body and ltn12.source.string(body) or nil,
    sink = ltn12.sink.table(chunks),
  }
  if not ok then return nil, status end
  local text = table.concat(chunks)
  return { status = status, headers = received, body = text, json = json.decode(text) }
end

--- Calls the sandbox's own interface and returns the decoded answer.
function client.admin(box, method, path, body)
  local answer = assert(client.call(box, method, "/_sandbox" .. path, { body = body, headers = false }))
  assert(answer.status < 300, answer.body)
  return answer.json
end

--- A POST body for an account.
function client.account(attributes)
  local filled = { auth_method = "oauth", domain = "https://example.okta.com/", name = "Okta-Prod" }
  for name, value in pairs(attributes or {}) do
    filled[name] = value
  end
  return { data = { type = "okta-accounts", attributes = filled } }
end

--- Runs curl against a URL of the box with its keys: {exit, head, body, status, seconds}.
function client.curl(box, words)
  local command = {
    "curl",
    "-sSi",
    "-m",
    "20",
    "--cacert",
    box.ca_file,
    "-H",
    "DD-API-KEY: " .. box.api_key,
    "-H",
    "DD-APPLICATION-KEY: " .. box.app_key,
  }
  for _, word in ipairs(words) do
    command[#command + 1] = word
  end
  local from = system.now()
  local output, exit = shell.run(shell.line(command) .. " 2>/dev/null")
  local head, body = output:match("^(.-)\r\n\r\n(.*)$")
  return {
    exit = exit,
    head = (head or ""):lower(),
    body = body or "",
    status = tonumber((head or ""):match("^HTTP/%S+ (%d+)")),
    seconds = system.now() - from,
  }
end

--- Waits until a condition holds: true, or false when it does not within the seconds.
function client.eventually(seconds, condition)
  local deadline = system.now() + seconds
  while not condition() do
    if system.now() > deadline then return false end
    system.sleep(0.01)
  end
  return true
end

--- Is there such a file or folder?
function client.exists(path)
  local _, status = shell.run("test -e " .. shell.quote(path))
  return status == 0
end

--- Does the process run? A dead one that nobody has waited for does not.
function client.is_alive(pid)
  local output = shell.run(("ps -o stat= -p %d"):format(pid))
  return output:find("^%s*[^Z%s]") ~= nil
end

return client
