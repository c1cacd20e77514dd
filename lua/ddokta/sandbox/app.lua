-- From a request to its answer, without nginx: route, fault, key, rate limit, permission, handler.
-- A request is {method, path, query, headers (lower-case names), body, now, protocol, connection};
-- an answer {status, headers, body} and how it is delivered: delay, slow, truncate, reset.
local admin = require "ddokta.sandbox.admin"
local answers = require "ddokta.sandbox.answers"
local auth = require "ddokta.sandbox.auth"
local faults = require "ddokta.sandbox.faults"
local journal = require "ddokta.sandbox.journal"
local limits = require "ddokta.sandbox.limits"
local router = require "ddokta.sandbox.router"

local app = {}

local function add_headers(answer, headers)
  for name, value in pairs(headers) do answer.headers[name] = value end
  return answer
end

-- a bug of the sandbox is seen by whoever calls it
local function run(handler, request, state)
  local ok, answer = xpcall(function() return handler(request, state) end, debug.traceback)
  if ok then return answer end
  state.log_error(answer)
  return answers.errors(500, "sandbox error: " .. answer)
end

local function no_row(methods)
  if #methods == 0 then return answers.errors(404, "Not found") end
  local answer = answers.errors(405, "Method not allowed")
  answer.headers["Allow"] = table.concat(methods, ", ")
  return answer
end

-- A refused key does not use up the organisation's limit; a refused permission does.
local function serve(state, request, row)
  local settings = state.settings
  if not request.way then
    local headers = limits.look(state.windows, settings, row.limit, request.now)
    return add_headers(answers.errors(403, "Forbidden"), headers)
  end
  local allowed, headers = limits.take(state.windows, settings, row.limit, request.now)
  if not allowed then return add_headers(answers.errors(429, "Too many requests"), headers) end
  if not auth.may(row.permission, settings) then
    return add_headers(answers.errors(403, "Forbidden"), headers)
  end
  return add_headers(run(row.handler, request, state), headers)
end

-- a proxy's page has no rate limit headers, another answer has those of its place
local function fault_answer(state, request, row, rule)
  local answer = faults.answer(rule)
  if not row or rule.html then return answer end
  return add_headers(answer, limits.look(state.windows, state.settings, row.limit, request.now))
end

local function answer_with_faults(state, request, row, methods)
  local rule = faults.take(state.faults, request)
  local replaced = rule and faults.replaces(rule)
  local answer
  if not replaced or rule.when == "after" then
    answer = row and serve(state, request, row) or no_row(methods)
  end
  if replaced then answer = fault_answer(state, request, row, rule) end
  if not rule then return answer end
  answer.fault = true
  return faults.alter(rule, answer, request.now)
end

--- The answer to a request of the sandbox's own interface, or nil when it is none.
function app.administer(state, request)
  if request.path:sub(1, #admin.PREFIX) ~= admin.PREFIX then return nil end
  local row, found = router.match(admin.routes, request.method, request.path)
  if not row then return no_row(found) end
  return run(row.handler, request, state)
end

--- The answer to a request of an API, noted in the journal.
function app.answer(state, request)
  local row, found = router.match(state.routes, request.method, request.path)
  if row then
    request.parameters, request.template, request.permission = found, row.path, row.permission
  end
  request.way = auth.check(request.headers, state.settings, row and row.auth)
  local answer = answer_with_faults(state, request, row, found)
  answer.delay = (answer.delay or 0) + state.settings.latency
  journal.note(state.journal, request, answer, state.settings.log_size)
  return answer
end

return app
