-- Plans the import of a file of Okta accounts into a service that has some of them already, half of those
-- with another client id. The service's list is what the client would return: a table in memory.
-- usage: plan_rows.lua FILE ACCOUNTS
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"

local function account(i)
  return {
    id = ("%08x-0000-4000-8000-%012x"):format(i, i),
    type = "okta-accounts",
    auth_method = "oauth",
    name = ("account-%07d"):format(i),
    domain = ("https://customer-%07d.okta.com/"):format(i),
    client_id = ("0oaclient%012d"):format(i % 2 == 0 and i or 0),
  }
end

local count = tonumber(arg[2])
local client = assert(ddokta.client())
rawset(client, "list_okta_accounts", function()
  local list = {}
  for i = 1, count do
    list[i] = account(i)
  end
  return list, { total = count }
end)
local plan = assert(bulk.plan(client, "okta_accounts", bulk.read(arg[1]), { fingerprints = false }))
local counts = plan.counts
print(("%d to create, %d to update, %d unchanged"):format(counts.create, counts.update, counts.unchanged))
