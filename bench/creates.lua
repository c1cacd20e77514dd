-- How fast calls go where the service's answer takes its time: CALLS creates against the sandbox, which
-- answers each after SECONDS, AT_ONCE in flight.
-- usage: creates.lua CALLS AT_ONCE SECONDS; prints the seconds that all took
local ddokta = require "ddokta"
local sandbox = require "ddokta.sandbox"
local now = require("ddokta.core").system.now

local calls, at_once, seconds = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])

local box = assert(sandbox.start { latency = seconds, limit = calls * 10, log_size = 0 })
local dd = assert(ddokta.client {
  base_url = box.base_url,
  ca_file = box.ca_file,
  api_key = box.api_key,
  app_key = box.app_key,
  max_in_flight = at_once,
})

local names = {}
for i = 1, calls do
  names[i] = ("Bench %d"):format(i)
end

local started = now()
local results = ddokta.parallel(
  at_once,
  names,
  function(name)
    return dd:create_okta_account {
      name = name,
      domain = "https://example.okta.com/",
      auth_method = "oauth",
      client_id = "0oabench0000000001",
      client_secret = "bench-secret",
    }
  end
)
local took = now() - started
box:stop()
for _, result in ipairs(results) do
  assert(result[1], result[2])
end
print(("%.6f"):format(took))
