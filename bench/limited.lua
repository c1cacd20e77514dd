-- How much of a rate limit is used: CALLS list calls against the sandbox, which lets LIMIT pass per second
-- (by the clock's seconds, as Datadog does), AT_ONCE of them at work; with the headers that tell of the
-- limit, or without any, so that only 429s do.
-- usage: limited.lua CALLS AT_ONCE LIMIT labelled|unlabelled
-- Begins with a second of the clock. Prints: seconds that it took; seconds that it takes at least, until
-- the second begins that lets the last ones pass; answers 200; answers 429.
local ddokta = require "ddokta"
local json = require("ddokta.core").json
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local calls, at_once, limit = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local labelled = arg[4] == "labelled"

local box = assert(sandbox.start { limit = limit, period = 1, log_size = 0 })

-- the sandbox's own interface
local function admin(path, body)
  local words = { "curl", "-q", "-sS", "-f", "--cacert", box.ca_file, box.base_url .. "/_sandbox/" .. path }
  if body then
    words[#words + 1] = "-d"
    words[#words + 1] = body
  end
  local answer, status = shell.run(shell.line(words))
  assert(status == 0, answer)
  return assert(json.decode(answer))
end

local function answered()
  local total = {}
  for _, statuses in pairs(admin "state".requests) do
    for status, count in pairs(statuses) do
      total[status] = (total[status] or 0) + count
    end
  end
  return total["200"] or 0, total["429"] or 0
end

if not labelled then admin("faults", [[{"rate_limit":"absent","times":"always"}]]) end
local dd = assert(ddokta.client {
  base_url = box.base_url,
  ca_file = box.ca_file,
  api_key = box.api_key,
  app_key = box.app_key,
  max_in_flight = at_once,
})

local sent = 0
local function numbers()
  if sent < calls then
    sent = sent + 1
    return sent
  end
end

local clock = os.time()
while os.time() == clock do
  system.sleep(0.001)
end
local started = system.now()
ddokta.parallel(at_once, numbers, function() return dd:list_okta_accounts() end, function(_, _, list, err)
  if not list then error(tostring(err)) end
end)
local took = system.now() - started
local ok, refused = answered()
box:stop()
assert(ok == calls, "some calls were not answered, or twice")
print(("%.6f %.6f %d %d"):format(took, math.ceil(calls / limit) - 1, ok, refused))
