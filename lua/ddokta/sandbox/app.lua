--- From a request to its answer, without nginx: route, fault, key, rate limit, permission, handler.
--- A request is {method, path, query, headers (lower-case names), body, now, scheme, protocol,
--- connection}; an answer {status, headers, body} and how it is delivered: delay, slow, truncate, reset.
--- What differs between Datadog and Okta is in their service.lua.
local admin = require "ddokta.sandbox.admin"
local answers = require "ddokta.sandbox.answers"
local auth = require "ddokta.sandbox.auth"
local datadog = require "ddokta.sandbox.datadog.service"
local faults = require "ddokta.sandbox.faults"
local request_log = require "ddokta.sandbox.request_log"
local schedule = require "ddokta.sandbox.schedule"
local limits = require "ddokta.sandbox.limits"
local okta = require "ddokta.sandbox.okta.service"
local router = require "ddokta.sandbox.router"

local app = {}

local SERVICES = { okta, datadog }

local service_named = {}
for _, service in ipairs(SERVICES) do
  service_named[service.name] = service
end

local function service_of(row, path)
  if row then return service_named[row.service or "datadog"] end
  for _, service in ipairs(SERVICES) do
    if service.owns(path) then return service end
  end
end

local function add_headers(answer, headers)
  for name, value in pairs(headers) do
    answer.headers[name] = value
  end
  return answer
end

-- what a handler gives as an answer of its service; a bug of the sandbox is seen by whoever calls it
local function run(row, request, state, service)
  local ok, value, refusal = pcall(answers.catch, row.handler, request, state)
  if not ok then
    state.log_error(value)
    return service.failure(500, "sandbox error: " .. value)
  end
  if refusal then return service.refused(row, refusal) end
  return answers.is_answer(value) and value or service.answer(row, value, state)
end

local function no_row(service, path, methods)
  if #methods == 0 then return service.unknown_path(path) end
  local answer = service.unknown_method()
  answer.headers["Allow"] = table.concat(methods, ", ")
  return answer
end

local function look(state, request, row, service)
  return limits.look(state.windows, state.settings, row.limit, request.now, service.rate_headers)
end

-- true and the headers of the answer, or false and those of the refusal
local function take(state, request, row, service)
  local most = service.at_once(state.settings)
  if most and limits.busy(state.windows, service.name, request.now) >= most then
    return false, limits.crowded(request.now, row.limit, service.rate_headers)
  end
  return limits.take(state.windows, state.settings, row.limit, request.now, service.rate_headers)
end

-- A refused key does not use up the organisation's limit; a refused permission does.
local function serve(state, request, row, service)
  if not request.way then
    return add_headers(service.unauthorized(row), look(state, request, row, service))
  end
  local allowed, headers = take(state, request, row, service)
  if not allowed then return add_headers(service.too_many(), headers) end
  if not auth.may(row.permission, service.held(state.settings, state, request)) then
    return add_headers(service.forbidden(row), headers)
  end
  return add_headers(run(row, request, state, service), headers)
end

-- a proxy's page has no rate limit headers, another answer has those of its place
local function fault_answer(state, request, row, service, rule)
  local answer = faults.answer(rule, service.failure)
  if not row or rule.html then return answer end
  return add_headers(answer, look(state, request, row, service))
end

local function answer_with_faults(state, request, row, service, methods)
  local rule = faults.take(state.faults, request)
  local replaced = rule and faults.replaces(rule)
  local answer
  if not replaced or rule.when == "after" then
    answer = row and serve(state, request, row, service) or no_row(service, request.path, methods)
  end
  if replaced then answer = fault_answer(state, request, row, service, rule) end
  if not rule then return answer end
  answer.fault = true
  return faults.alter(rule, answer, request.now)
end

-- an answer that comes later keeps a service busy until then; a refusal for want of room does not
local function keep_busy(state, request, answer, service)
  if answer.delay > 0 and answer.status ~= 429 and service.at_once(state.settings) then
    limits.occupy(state.windows, service.name, request.now + answer.delay)
  end
end

--- The answer to a request of the sandbox's own interface, or nil when it is none.
function app.administer(state, request)
  if request.path:sub(1, #admin.PREFIX) ~= admin.PREFIX then return nil end
  schedule.catch_up(state, request.now)
  local row, found = router.match(admin.routes, request.method, request.path)
  if not row then return no_row(datadog, request.path, found) end
  return run(row, request, state, datadog)
end

--- The answer to a request of an API, noted in the log. For requests that the sandbox makes itself
--- while it answers another one; no work that is due comes between.
function app.answer_within(state, request)
  local row, found = router.match(state.routes, request.method, request.path)
  local service = service_of(row, request.path)
  if row then
    request.parameters, request.template, request.permission = found, row.path, row.permission
  end
  request.way, request.credential = auth.check(request, state, row and row.auth or service.ways)
  local answer = answer_with_faults(state, request, row, service, found)
  answer.delay = (answer.delay or 0) + state.settings.latency
  keep_busy(state, request, answer, service)
  request_log.note(state.request_log, request, answer, state.settings.log_size)
  return answer
end

--- The same for a client's request: what was due until now is done before, and what came due by it is
--- done before it is answered.
function app.answer(state, request)
  schedule.catch_up(state, request.now)
  local answer = app.answer_within(state, request)
  schedule.catch_up(state, request.now)
  return answer
end

return app
