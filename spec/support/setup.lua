-- Loaded before every suite: no key, proxy or address of the user's own environment reaches a spec.
-- The environment cannot be changed from Lua, so os.getenv is: it is what ddokta.options asks. And spec/part
-- takes these names from what specs start.
local hidden = {
  "DD_SITE",
  "DD_API_KEY",
  "DD_APP_KEY",
  "DD_BEARER_TOKEN",
  "OKTA_CLIENT_ORGURL",
  "OKTA_CLIENT_TOKEN",
  "DDOKTA_BASE_URL",
  "DDOKTA_OKTA_BASE_URL",
  "DDOKTA_CA_FILE",
  "DDOKTA_FINGERPRINT_KEY",
}
local environment = {}
local getenv = os.getenv

for _, name in ipairs(hidden) do
  environment[name] = false
end

os.getenv = function(name) -- luacheck: ignore 122
  if environment[name] ~= nil then return environment[name] or nil end
  return getenv(name)
end

-- setenv(name, value or nil): for specs of the environment's part; undone by unsetenv()
local M = {}

function M.setenv(name, value) environment[name] = value or false end

function M.unsetenv()
  for _, name in ipairs(hidden) do
    environment[name] = false
  end
end

package.loaded["spec.support.environment"] = M

-- What lives as long as the suite: busted loads all other modules anew for each file.
package.loaded["spec.support.suite"] = {}

-- busted keeps each file's tests, and with them all modules that the file has loaded, until the suite ends:
-- a collection, of which specs ask for thousands, would go through all of it.
local busted = require "busted"

local function forget(element)
  local children = busted.children(element)
  for i = #children, 1, -1 do
    forget(children[i])
    children[i] = nil
  end
  for name, value in pairs(element) do
    -- also the lists of setups, of tests ...
    local is_needed = name == "descriptor" or name == "name" or name == "attributes" or name == "trace"
    if not is_needed and type(value) ~= "number" then element[name] = nil end
  end
end

busted.subscribe({ "file", "end" }, function(file)
  local run = file.run
  forget(file)
  file.run = run -- which says whose file it is
  return nil, true
end, { priority = 1000 })

-- A sanitizer is loaded before this Lua alone: programs that specs start (curl for one) may not bear
-- it. A Lua among them gets it from the wrapper that .ci/sanitize puts in front of it.
if getenv "LD_PRELOAD" then
  local execute, popen = os.execute, io.popen
  os.execute = function(command) -- luacheck: ignore 122
    return execute(command and "unset LD_PRELOAD; " .. command)
  end
  io.popen = function(command, mode) -- luacheck: ignore 122
    return popen("unset LD_PRELOAD; " .. command, mode)
  end
end
