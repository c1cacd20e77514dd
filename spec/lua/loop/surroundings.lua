-- What the specs of the loops share: the sandbox they call, programs to run, files to leave nowhere.
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local M = { now = system.now, quote = shell.quote, timed = require "spec.support.timed" }

-- how long the sandbox takes for each answer, in seconds
M.CALL = 0.3

-- How late a timer or another request may be, in seconds: far less than a call, for which a loop that
-- is blocked would hold it up. What it is on a machine that does nothing else is a figure of the bench.
M.LATE = 0.1

-- accounts(n) -> a seed of so many: "Account 1", ...
function M.accounts(n)
  local list = {}
  for i = 1, n do
    list[i] = {
      name = "Account " .. i,
      domain = ("https://number-%d.okta.com/"):format(i),
      auth_method = "oauth",
    }
  end
  return list
end

-- A sandbox whose every answer takes CALL seconds.
function M.box(options)
  local all = { latency = M.CALL, limit = 100000, seed = M.accounts(3) }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(sandbox.start(all))
end

-- The options of a client of that sandbox.
function M.options(box, more)
  local all = {
    base_url = box.base_url,
    ca_file = box.ca_file,
    api_key = box.api_key,
    app_key = box.app_key,
    proxy = "",
    max_in_flight = 200,
  }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

function M.client(box, more) return assert(require("ddokta").client(M.options(box, more))) end

function M.read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

function M.folder() return assert(system.mkdtemp "ddokta-loop-") end

function M.remove(folder) shell.run("rm -rf " .. shell.quote(folder)) end

-- tell(box, method, path, json): speaks to the sandbox's own interface, /_sandbox/...
function M.tell(box, method, path, json)
  local output, status = shell.run(shell.line {
    "curl",
    "-q",
    "-sS",
    "--noproxy",
    "*",
    "-X",
    method,
    "--data-binary",
    json or "{}",
    box.http_url .. "/_sandbox/" .. path,
  })
  assert(status == 0, output)
  return output
end

-- eventually(condition [, seconds]) -> true, or false when it does not hold in time (15, for a busy machine)
function M.eventually(condition, seconds)
  local deadline = system.now() + (seconds or 15)
  repeat
    if condition() then return true end
    system.sleep(0.005)
  until system.now() > deadline
  return false
end

-- descriptors() -> how many this process has open, counted in it: of a child, and of the pipe to it, each
-- count would show another part
function M.descriptors()
  local n = 0
  for _ in require("lfs").dir "/proc/self/fd" do
    n = n + 1
  end
  return n - 3 -- ".", ".." and the one that lists
end

return M
