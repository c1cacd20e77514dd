-- Everything a running sandbox knows, in one table; a reset makes it as it was at the start.
local faults = require "ddokta.sandbox.faults"
local journal = require "ddokta.sandbox.journal"
local limits = require "ddokta.sandbox.limits"
local okta_accounts = require "ddokta.sandbox.datadog.okta_accounts"
local router = require "ddokta.sandbox.router"
local services = require "ddokta.sandbox.services"
local store = require "ddokta.sandbox.store"

local state = {}

local function service_rows()
  local rows = {}
  for _, name in ipairs(services) do
    for _, row in ipairs(require(name).rows) do rows[#rows + 1] = row end
  end
  return rows
end

--- Replaces all accounts: true, or nil and a message (then nothing has changed).
function state.set_accounts(self, given)
  local accounts = store.new()
  local ok, problem = okta_accounts.seed(accounts, given)
  if not ok then return nil, problem end
  self.okta_accounts = accounts
  return true
end

--- Back to the start: settings, accounts, limits, faults and journal.
function state.reset(self)
  self.settings = {}
  for name, value in pairs(self.initial.settings) do self.settings[name] = value end
  assert(state.set_accounts(self, self.initial.seed))
  self.windows = limits.new()
  self.faults = faults.new()
  self.journal = journal.new()
  math.randomseed(self.settings.random_seed)
end

--- A new state. initial: {settings = all of settings.lua, seed = accounts}; rows: of other services
--- than those of services.lua.
function state.new(initial, rows)
  local self = { initial = initial, routes = router.new(rows or service_rows()) }
  state.reset(self)
  return self
end

return state
