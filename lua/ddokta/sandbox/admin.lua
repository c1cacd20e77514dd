-- The sandbox's own interface under /_sandbox/: what it saw, and what it is to do next. No key is
-- asked for and nothing is counted: it listens on loopback and guards nothing.
local answers = require "ddokta.sandbox.answers"
local faults = require "ddokta.sandbox.faults"
local journal = require "ddokta.sandbox.journal"
local json = require "ddokta.sandbox.json"
local router = require "ddokta.sandbox.router"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local admin = { PREFIX = "/_sandbox/" }

-- runs `use` with the decoded body, or answers why there is none
local function with_body(request, use)
  local value = json.decode(request.body)
  if type(value) ~= "table" then return answers.errors(400, "the body must be a JSON object or array") end
  return use(value)
end

local function show_state(_, state)
  local book = state.journal
  local shown = {
    settings = state.settings,
    faults = json.array(state.faults),
    requests = book.counts,
    request_count = book.total,
    protocols = book.protocols,
    connections = book.connections,
    in_flight = book.in_flight,
    max_in_flight = book.max_in_flight,
  }
  for name, value in pairs(state_of.describe(state)) do
    shown[name] = value
  end
  return answers.json(200, shown)
end

local function show_requests(_, state)
  return answers.json(200, { requests = journal.entries(state.journal, state.settings.log_size) })
end

-- in-flight requests are still counted: their end must find its beginning
local function forget_requests(_, state)
  local in_flight = state.journal.in_flight
  state.journal = journal.new()
  state.journal.in_flight, state.journal.max_in_flight = in_flight, in_flight
  return answers.json(200, {})
end

local function configure(request, state)
  return with_body(request, function(values)
    local problem = settings.problem(values)
    if problem then return answers.errors(400, problem) end
    for name, value in pairs(values) do
      state.settings[name] = value
    end
    if values.random_seed then math.randomseed(values.random_seed) end
    return answers.json(200, state.settings)
  end)
end

local function add_faults(request, state)
  return with_body(request, function(given)
    local rules = given[1] and given or { given }
    for _, rule in ipairs(rules) do
      local problem = faults.problem(rule)
      if problem then return answers.errors(400, problem) end
    end
    for _, rule in ipairs(rules) do
      faults.add(state.faults, rule)
    end
    return answers.json(201, { faults = json.array(state.faults) })
  end)
end

local function remove_faults(_, state)
  state.faults = faults.new()
  return answers.json(200, {})
end

local function reset(_, state)
  local in_flight = state.journal.in_flight
  state_of.reset(state)
  state.journal.in_flight = in_flight
  return answers.json(200, {})
end

local function replace_accounts(request, state)
  return with_body(request, function(accounts)
    local ok, problem = state_of.set_accounts(state, accounts)
    if not ok then return answers.errors(400, problem) end
    return answers.json(200, { account_count = state.okta_accounts.count })
  end)
end

local function replace_seed(request, state)
  return with_body(request, function(seed)
    local ok, problem = state_of.set_seed(state, seed)
    if not ok then return answers.errors(400, problem) end
    return answers.json(200, {})
  end)
end

admin.routes = router.new {
  { method = "GET", path = "/_sandbox/state", handler = show_state },
  { method = "GET", path = "/_sandbox/requests", handler = show_requests },
  { method = "DELETE", path = "/_sandbox/requests", handler = forget_requests },
  { method = "PUT", path = "/_sandbox/config", handler = configure },
  { method = "POST", path = "/_sandbox/faults", handler = add_faults },
  { method = "DELETE", path = "/_sandbox/faults", handler = remove_faults },
  { method = "POST", path = "/_sandbox/reset", handler = reset },
  { method = "PUT", path = "/_sandbox/accounts", handler = replace_accounts },
  { method = "PUT", path = "/_sandbox/seed", handler = replace_seed },
}

return admin
