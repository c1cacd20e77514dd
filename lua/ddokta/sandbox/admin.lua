--- The sandbox's own interface under /_sandbox/: what it saw, and what it is to do next. No key is
--- asked for and nothing is counted: it listens on loopback and guards nothing.
local answers = require "ddokta.sandbox.answers"
local faults = require "ddokta.sandbox.faults"
local request_log = require "ddokta.sandbox.request_log"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local admin = { PREFIX = "/_sandbox/" }

local function body_of(request)
  local value = json.decode(request.body)
  if type(value) ~= "table" then answers.fail(400, "the body must be a JSON object or array") end
  return value
end

local function show_state(_, state)
  local log, shown = state.request_log, state_of.describe(state)
  for _, name in ipairs { "protocols", "connections", "in_flight", "max_in_flight" } do
    shown[name] = log[name]
  end
  shown.settings, shown.faults = state.settings, json.array(state.faults)
  shown.requests, shown.request_count = log.counts, log.total
  return shown
end

local function show_requests(_, state)
  return { requests = request_log.entries(state.request_log, state.settings.log_size) }
end

-- in-flight requests are still counted: their end must find its beginning
local function forget_requests(_, state)
  local in_flight = state.request_log.in_flight
  state.request_log = request_log.new()
  state.request_log.in_flight, state.request_log.max_in_flight = in_flight, in_flight
  return {}
end

local function configure(request, state)
  local values = body_of(request)
  local problem = settings.problem(values)
  if problem then answers.fail(400, "%s", problem) end
  for name, value in pairs(values) do
    state.settings[name] = value
  end
  if values.random_seed then math.randomseed(values.random_seed) end
  return state.settings
end

local function add_faults(request, state)
  local given = body_of(request)
  local rules = given[1] and given or { given }
  for _, rule in ipairs(rules) do
    local problem = faults.problem(rule)
    if problem then answers.fail(400, "%s", problem) end
  end
  for _, rule in ipairs(rules) do
    faults.add(state.faults, rule)
  end
  return answers.json(201, { faults = json.array(state.faults) })
end

local function remove_faults(_, state)
  state.faults = faults.new()
  return {}
end

local function reset(_, state)
  local in_flight = state.request_log.in_flight
  state_of.reset(state)
  state.request_log.in_flight = in_flight
  return {}
end

local function replace_accounts(request, state)
  local ok, problem = state_of.set_accounts(state, body_of(request))
  if not ok then answers.fail(400, "%s", problem) end
  return { account_count = state.okta_accounts.count }
end

local function replace_seed(request, state)
  local ok, problem = state_of.set_seed(state, body_of(request))
  if not ok then answers.fail(400, "%s", problem) end
  return {}
end

local ROUTES = {
  {
    method = "GET",
    path = "/_sandbox/state",
    handler = show_state,
    what = "what there is, and the settings",
  },
  { method = "GET", path = "/_sandbox/requests", handler = show_requests, what = "the last requests" },
  { method = "DELETE", path = "/_sandbox/requests", handler = forget_requests, what = "forget them" },
  { method = "PUT", path = "/_sandbox/config", handler = configure, what = "other settings" },
  { method = "POST", path = "/_sandbox/faults", handler = add_faults, what = "let requests go wrong" },
  { method = "DELETE", path = "/_sandbox/faults", handler = remove_faults, what = "end that" },
  { method = "POST", path = "/_sandbox/reset", handler = reset, what = "begin anew" },
  { method = "PUT", path = "/_sandbox/accounts", handler = replace_accounts, what = "other Okta accounts" },
  { method = "PUT", path = "/_sandbox/seed", handler = replace_seed, what = "begin anew with another seed" },
}

-- what there is here, for whoever opens the address that `ddokta sandbox` prints
local function show_index()
  local list = {}
  for i, route in ipairs(ROUTES) do
    list[i] = { method = route.method, path = route.path, what = route.what }
  end
  return { paths = list, page = "doc/sandbox.md" }
end

table.insert(ROUTES, 1, { method = "GET", path = "/_sandbox/", handler = show_index, what = "this list" })

admin.routes = router.new(ROUTES)

return admin
