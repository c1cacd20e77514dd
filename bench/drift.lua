-- How long recipes.drift takes over USERS people and GROUPS pushed groups of 30 members each, all as it
-- should be, where each answer takes SECONDS and AT_ONCE calls are in flight to each service.
-- usage: drift.lua USERS GROUPS SECONDS AT_ONCE
-- Prints: seconds that it took; calls that it made.
local ddokta = require "ddokta"
local recipes = require "ddokta.recipes"
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system

local users, groups, seconds, at_once = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local MEMBERS = 30

local function login(i) return ("person%05d@example.com"):format((i - 1) % users + 1) end

local function seed()
  local okta = {
    users = {},
    groups = {},
    apps = { { name = "datadog", id = "0oadatadog", label = "Datadog", users = {}, push = {} } },
  }
  for i = 1, users do
    okta.users[i] = {
      login = login(i),
      profile = {
        login = login(i),
        email = login(i),
        firstName = "Person",
        lastName = tostring(i),
        displayName = "Person " .. i,
      },
    }
    okta.apps[1].users[i] = login(i)
  end
  for g = 1, groups do
    local members = {}
    for m = 1, MEMBERS do
      members[m] = login(g * MEMBERS + m)
    end
    local name = ("Group %03d"):format(g)
    okta.groups[g] = { name = name, members = members }
    okta.apps[1].push[g] = name
  end
  return { okta = okta }
end

local box =
  assert(sandbox.start { seed = seed(), latency = seconds, limit = 1000000, log_size = 0, timeout = 60 })
local dd = assert(ddokta.client {
  base_url = box.base_url,
  ca_file = box.ca_file,
  api_key = box.api_key,
  app_key = box.app_key,
  max_in_flight = at_once,
  proxy = "",
})
local okta = assert(ddokta.okta {
  domain = box.okta_url,
  ca_file = box.ca_file,
  token = box.okta_token,
  max_in_flight = at_once,
  proxy = "",
})

local ok, result = pcall(function()
  assert(dd:list_scim_users { count = 1 }) -- what is assigned is pushed, and there are connections
  assert(okta:list_groups { limit = 1 })
  local before = dd:stats().calls + okta:stats().calls
  local from = system.now()
  local report = ddokta.assert(recipes.drift(dd, okta, {}))
  local took = system.now() - from
  assert(report.ok, tostring(report))
  return ("%.6f %d"):format(took, dd:stats().calls + okta:stats().calls - before)
end)
dd:close()
okta:close()
box:stop()
if not ok then error(result, 0) end
print(result)
