--- Bulk: make a service match a source. read -> plan -> apply -> report, one file each.
--
--   local bulk   = require "ddokta.bulk"
--   local plan   = assert(bulk.plan(dd, "okta_accounts", bulk.read("accounts.csv")))
--   local report = assert(bulk.apply(dd, plan, { max_in_flight = 32 }))
--
-- A kind of thing is a data file in kinds/, a file format one in formats/.

return {
  read = require("ddokta.bulk.read").read,
  plan = require("ddokta.bulk.plan").plan,
  apply = require("ddokta.bulk.apply").apply,
  write = require("ddokta.bulk.write").write,
  kinds = require("ddokta.bulk.kinds").names,
}
