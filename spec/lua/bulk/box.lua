-- A sandbox for the specs of bulk and of the command, its admin interface and files to read.
local ddokta = require "ddokta"
local http = require "socket.http"
local json = require("ddokta.core").json
local ltn12 = require "ltn12"
local sandbox = require "ddokta.sandbox"

local M = {}

--- A client of a sandbox.
function M.client(box)
  return assert(ddokta.client {
    base_url = box.base_url,
    ca_file = box.ca_file,
    api_key = box.api_key,
    app_key = box.app_key,
  })
end

--- start() -> box, dd: a sandbox and a client of it. Options as for sandbox.start.
function M.start(options)
  local box = assert(sandbox.start(options or {}))
  return box, M.client(box)
end

--- admin(box, method, path, value) -> the decoded answer
function M.admin(box, method, path, value)
  local body, parts = value and assert(json.encode(value)) or "", {}
  local ok, status = http.request {
    method = method,
    url = box.http_url .. "/_sandbox/" .. path,
    sink = ltn12.sink.table(parts),
    source = ltn12.source.string(body),
    headers = { ["content-length"] = #body },
  }
  assert(ok and status < 300, ("%s %s: %s %s"):format(method, path, tostring(status), table.concat(parts)))
  return json.decode(table.concat(parts))
end

--- reset(box, accounts): no faults, nothing counted, these accounts.
function M.reset(box, accounts)
  M.admin(box, "POST", "reset", {})
  M.admin(box, "PUT", "accounts", json.array(accounts or {}))
end

function M.state(box) return M.admin(box, "GET", "state") end

--- fault(box, rule): see lua/ddokta/sandbox/faults.lua
function M.fault(box, rule) return M.admin(box, "POST", "faults", rule) end

--- The accounts that the sandbox has, by name; a name that is there twice is an error.
function M.accounts(box)
  local by_name, count = {}, 0
  for _, account in ipairs(M.state(box).accounts) do
    assert(not by_name[account.name], "there are two accounts of the name " .. account.name)
    by_name[account.name], count = account, count + 1
  end
  return by_name, count
end

--- How many requests of this method were seen.
function M.requests(box, method)
  local count = 0
  for name, outcomes in pairs(M.state(box).requests) do
    if name:match("^(%u+)") == method then
      for _, n in pairs(outcomes) do
        count = count + n
      end
    end
  end
  return count
end

--- write(name, text) -> the path of a file in a folder that remove() removes
function M.write(name, text)
  M.dir = M.dir or assert(require("ddokta.core").system.mkdtemp("ddokta-spec-"))
  local path = M.dir .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

function M.remove()
  if M.dir then os.execute("rm -rf '" .. M.dir .. "'") end
  M.dir = nil
end

function M.account(name, changes)
  local account = {
    name = name,
    domain = "https://" .. name:lower():gsub("%W", "-") .. ".okta.com/",
    auth_method = "oauth",
    client_id = "id-" .. name,
  }
  for key, value in pairs(changes or {}) do
    account[key] = value
  end
  return account
end

return M
