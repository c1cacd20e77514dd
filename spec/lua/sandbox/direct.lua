-- For the sandbox's specs: requests to its app without nginx, each answer held against the service's
-- description where that lies beside the checkout.
local app = require "ddokta.sandbox.app"
local contract = require "spec.support.contract"
local json = require "ddokta.sandbox.json"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local direct = {}

-- a second of the clock that the specs' requests have: 2024-05-05T12:26:40Z
direct.NOW = 1714912000

local function new_state(seed)
  local initial = { settings = settings.defaults(), seed = seed or {} }
  initial.settings.limit = 1000000
  local state = state_of.new(initial)
  state.log_error = function(message) error(message) end
  return state
end

--- Headers with which the sandbox's own keys are sent; others in their place when given.
function direct.keys(state, app_key, api_key)
  return {
    ["dd-api-key"] = api_key or state.settings.api_key,
    ["dd-application-key"] = app_key or state.settings.app_key,
  }
end

--- Headers with which a bearer token is sent.
function direct.bearer(token) return { authorization = "Bearer " .. token } end

local function text_of(body)
  if type(body) == "table" then return json.encode(body) end
  return body or ""
end

--- A sandbox's state and the function that asks it: ask(method, path, body, headers) -> {status, headers,
--- body, json}. Headers: the sandbox's own keys, if none are given. box.now moves its clock;
--- box.undescribed = a status: the next answer of that status is known not to fit the description.
--- box.admin(method, path, body) asks the sandbox's own interface.
function direct.new(seed)
  local box = { state = new_state(seed), now = direct.NOW }
  local described = contract.open "datadog"
  function box.ask(method, target, body, headers)
    local path, query = target:match("^([^?]*)%??(.*)$")
    local answer = app.answer(box.state, {
      method = method,
      path = path,
      query = query ~= "" and query or nil,
      headers = headers or direct.keys(box.state),
      body = text_of(body),
      now = box.now,
      scheme = "http",
      protocol = "HTTP/1.1",
      connection = 1,
    })
    local problem = described and described:problem(method, path, answer.status, answer.body)
    if problem and box.undescribed == answer.status then
      problem, box.undescribed = nil, nil
    end
    if problem then error(problem .. "\n" .. answer.body, 2) end
    return {
      status = answer.status,
      headers = answer.headers,
      body = answer.body,
      json = answer.body ~= "" and json.decode(answer.body) or nil,
    }
  end
  function box.admin(method, path, body)
    local answer = app.administer(
      box.state,
      { method = method, path = path, headers = {}, body = text_of(body), now = box.now }
    )
    return { status = answer.status, body = answer.body, json = json.decode(answer.body) }
  end
  return box
end

--- A JSON:API document.
function direct.document(kind, attributes, more)
  local data = { type = kind, attributes = attributes }
  for name, value in pairs(more or {}) do
    data[name] = value
  end
  return { data = data }
end

return direct
