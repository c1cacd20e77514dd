--- Bulk: make a service match a source. read -> plan -> apply -> report, one file each.
--
--   local bulk   = require "ddokta.bulk"
--   local plan   = ddokta.assert(bulk.plan(dd, "okta_accounts", bulk.read("accounts.csv")))
--   local report = ddokta.assert(bulk.apply(dd, plan, { max_in_flight = 32 }))
--
-- A kind of thing is a data file in kinds/, a file format one in formats/.

---@class ddokta.bulk
local bulk = {
  read = require("ddokta.bulk.read").read,
  check = require("ddokta.bulk.plan").check,
  plan = require("ddokta.bulk.plan").plan,
  load = require("ddokta.bulk.plan").load,
  apply = require("ddokta.bulk.apply").apply,
  apply_all = require("ddokta.bulk.apply").apply_all,
  restore = require("ddokta.bulk.restore").restore,
  restore_plan = require("ddokta.bulk.restore").plan,
  fingerprints = require("ddokta.bulk.fingerprints").of,
  write = require("ddokta.bulk.write").write,
  export = require("ddokta.bulk.write").export,
  kinds = require("ddokta.bulk.kinds").names,
}

return bulk
