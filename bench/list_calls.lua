-- What the bench's C programs do, with ddokta: CALLS list calls, AT_ONCE of them in flight, each answer
-- decoded to tables.
-- usage: list_calls.lua CALLS AT_ONCE; the rest from the environment (DDOKTA_BASE_URL, DD_API_KEY, ...)
local ddokta = require "ddokta"

local calls, at_once = tonumber(arg[1]), tonumber(arg[2])
local dd = assert(ddokta.client { max_in_flight = at_once, user_agent = os.getenv "BENCH_USER_AGENT" })
local sent, accounts = 0, 0

local function numbers()
  if sent < calls then
    sent = sent + 1
    return sent
  end
end

ddokta.parallel(at_once, numbers, function() return dd:list_okta_accounts() end, function(_, _, list, err)
  if not list then error(tostring(err)) end
  accounts = accounts + #list
end)
print(accounts .. " accounts")
