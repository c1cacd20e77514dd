--- Everything that a running sandbox knows, in one table; a reset makes it as it was at the start.
local faults = require "ddokta.sandbox.faults"
local request_log = require "ddokta.sandbox.request_log"
local limits = require "ddokta.sandbox.limits"
local router = require "ddokta.sandbox.router"
local services = require "ddokta.sandbox.services"

local state = {}

-- what a seed may have; each part belongs to the module that makes the collection
local SEED_PARTS = { okta_accounts = true, users = true, roles = true, teams = true, okta = true }

local function is_list(value) return next(value) == nil or value[1] ~= nil end

--- A seed with its parts: a plain list means okta_accounts. nil and a message when it is none.
function state.seed_of(given)
  if type(given) ~= "table" then return nil, "the seed must be a table" end
  if is_list(given) then return { okta_accounts = given } end
  for part, value in pairs(given) do
    if not SEED_PARTS[part] then return nil, ("a seed has no part %q"):format(tostring(part)) end
    if type(value) ~= "table" then return nil, ("%s of the seed must be a table"):format(part) end
  end
  return given
end

-- the collections that a seed makes, in a table of their own: a wrong one changes nothing
local function collections(settings, given, modules)
  local seed, problem = state.seed_of(given)
  if not seed then return nil, problem end
  local made = { settings = settings }
  for _, name in ipairs(modules) do
    local reset = require(name).reset
    if reset then
      local ok
      ok, problem = reset(made, seed)
      if not ok then return nil, problem end
    end
  end
  made.settings = nil
  return made
end

--- What is wrong with a seed: a message, or nil.
function state.seed_problem(settings, seed)
  local _, problem = collections(settings, seed, services.modules)
  return problem
end

local function take(self, made)
  for name, collection in pairs(made) do
    self[name] = collection
  end
  return true
end

--- Replaces all collections by those of a seed, and with them what was still to be done with the records
--- (schedule.lua): true, or nil and a message (then nothing has changed).
function state.set_seed(self, seed)
  local made, problem = collections(self.settings, seed, services.modules)
  if not made then return nil, problem end
  return take(self, made)
end

--- Replaces all accounts of the Okta integration: true, or nil and a message (then nothing has changed).
function state.set_accounts(self, given)
  local seed = { okta_accounts = given }
  local made, problem = collections(self.settings, seed, { "ddokta.sandbox.datadog.okta_accounts" })
  if not made then return nil, problem end
  return take(self, made)
end

--- What the modules say about their collections, in one table.
function state.describe(self)
  local described = {}
  for _, name in ipairs(services.modules) do
    local describe = require(name).describe
    for field, value in pairs(describe and describe(self) or {}) do
      described[field] = value
    end
  end
  return described
end

--- Back to the start: settings, collections, limits, faults and log of requests.
function state.reset(self)
  self.settings = {}
  for name, value in pairs(self.initial.settings) do
    self.settings[name] = value
  end
  assert(state.set_seed(self, self.initial.seed))
  self.windows = limits.new()
  self.faults = faults.new()
  self.request_log = request_log.new()
  math.randomseed(self.settings.random_seed)
end

--- A new state.
---@param initial {settings: table, seed: table, operations: table?} all of settings.lua; see seed_of; the map
---@param rows? table endpoints of other services than those of services.lua
function state.new(initial, rows)
  local routes = rows and router.new(rows) or services.routes(initial.operations)
  local self = { initial = initial, routes = routes }
  state.reset(self)
  return self
end

return state
