-- Creates of Okta accounts at the bench's server, which answers each alike.
-- usage: apply_rows.lua calls|apply|plan FILE AT_ONCE; the rest from the environment
--   calls   the rows of the file, each by the client's create, in ddokta.parallel
--   plan    read, checked and planned against a service that has nothing
--   apply   the same, and carried out
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"

local mode, path, at_once = arg[1], arg[2], tonumber(arg[3])
local dd = assert(ddokta.client { max_in_flight = at_once, user_agent = os.getenv "BENCH_USER_AGENT" })

-- the rows as a script has them that makes the calls itself
local function calls()
  local source, done = assert(bulk.read(path)), 0
  ddokta.parallel(
    at_once,
    function() return (source:next()) end,
    function(row) return dd:create_okta_account(row) end,
    function(_, _, account, err)
      if not account then error(tostring(err)) end
      done = done + 1
    end
  )
  return done
end

-- to a plan the service has nothing yet
rawset(dd, "list_okta_accounts", function() return {}, { total = 0 } end)

local function plan() return assert(bulk.plan(dd, "okta_accounts", bulk.read(path))) end

if mode == "calls" then
  print(calls() .. " created")
elseif mode == "plan" then
  print(plan().counts.create .. " to create")
else
  -- the calls that it is held against leave no fingerprints either
  local report = assert(
    bulk.apply(dd, plan(), { max_in_flight = at_once, keep_rows = arg[4] ~= "lean", fingerprints = false })
  )
  print(report.counts.done .. " created")
end
