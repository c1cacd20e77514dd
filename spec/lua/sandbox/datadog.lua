-- For the sandbox's specs: requests to its Datadog without nginx, each answer held against the service's
-- OpenAPI where that lies beside the checkout (spec/support/contract.lua).
local app = require "ddokta.sandbox.app"
local contract = require "spec.support.contract"
local json = require "ddokta.sandbox.json"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local datadog = {
  -- is there a description to hold answers against?
  has_contract = contract.open "datadog" ~= nil,
  -- a second of the clock that `open` starts with: 2024-05-05T12:26:40Z
  NOW = 1714912000,
}
datadog.__index = datadog

--- A sandbox with a seed and settings. `now` is its clock.
function datadog.new(seed, set)
  local values = settings.defaults()
  for name, value in pairs(set or {}) do
    values[name] = value
  end
  local box = setmetatable({ now = 1700000000 }, datadog)
  box.state = state_of.new { settings = values, seed = seed or {} }
  box.state.log_error = function(message) error(message, 0) end
  return box
end

--- Headers with which the sandbox's own keys are sent; others in their place when given.
function datadog.keys(state, app_key, api_key)
  return {
    ["dd-api-key"] = api_key or state.settings.api_key,
    ["dd-application-key"] = app_key or state.settings.app_key,
  }
end

--- Headers with which a bearer token is sent.
function datadog.bearer(token) return { authorization = "Bearer " .. token } end

--- A JSON:API document.
function datadog.document(kind, attributes, more)
  local data = { type = kind, attributes = attributes }
  for name, value in pairs(more or {}) do
    data[name] = value
  end
  return { data = data }
end

local function text_of(body) return type(body) == "table" and json.encode(body) or body or "" end

-- the answer, and what is wrong with it by the description
local function answer_to(box, method, target, body, headers)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local answer = app.answer(box.state, {
    method = method,
    path = path,
    query = query ~= "" and query or nil,
    headers = headers,
    body = text_of(body),
    now = box.now,
    protocol = "HTTP/1.1",
    connection = 1,
    scheme = "http",
  })
  answer.json = answer.body ~= "" and json.decode(answer.body) or nil
  local described = contract.open "datadog"
  return answer, described and described:problem(method, path, answer.status, answer.body)
end

--- Asks: {status, headers, body, json}. Errors with a status that the description does not have for this
--- operation are the sandbox's own. options: headers; as_recorded = true where the recorded answer is not
--- what the description says.
function datadog:ask(method, target, body, options)
  options = options or {}
  local is_scim = target:find("/scim/", 1, true)
  local headers = options.headers or is_scim and datadog.bearer "sandbox-app-key" or datadog.keys(self.state)
  local answer, problem = answer_to(self, method, target, body, headers)
  local is_own = problem and answer.status >= 400 and problem:find("is not described", 1, true)
  if problem and not is_own and not options.as_recorded then error(problem, 2) end
  return answer
end

--- The same, where another status than the one that is meant is an error: the decoded body.
function datadog:must(status, method, target, body)
  local answer = self:ask(method, target, body)
  if answer.status == status then return answer.json end
  error(("%s %s: %d instead of %d: %s"):format(method, target, answer.status, status, answer.body), 2)
end

--- A sandbox with functions to ask it: ask(method, target, body, headers), with the sandbox's own keys if no
--- headers are given, where the description must have every answer but one (undescribed = a status: the next
--- answer of that status is known not to fit); admin(method, path, body) asks the sandbox's own interface.
function datadog.open(seed)
  local box = datadog.new(seed, { limit = 1000000 })
  box.now = datadog.NOW
  function box.ask(method, target, body, headers)
    local answer, problem = answer_to(box, method, target, body, headers or datadog.keys(box.state))
    if problem and box.undescribed == answer.status then
      problem, box.undescribed = nil, nil
    end
    if problem then error(problem .. "\n" .. answer.body, 2) end
    return answer
  end
  function box.admin(method, path, body)
    local request = { method = method, path = path, headers = {}, body = text_of(body), now = box.now }
    local answer = app.administer(box.state, request)
    answer.json = json.decode(answer.body)
    return answer
  end
  return box
end

return datadog
