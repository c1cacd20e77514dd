-- The sandbox's Datadog without nginx, for specs: asks it and holds each answer against the service's
-- OpenAPI where that lies beside the checkout (spec/support/contract.lua).
local app = require "ddokta.sandbox.app"
local contract = require "spec.support.contract"
local json = require "ddokta.sandbox.json"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local house = {}
house.__index = house

--- Is there a description to hold answers against?
house.has_contract = contract.open "datadog" ~= nil

--- A sandbox with a seed and settings. `now` is its clock.
function house.new(seed, set)
  local values = settings.defaults()
  for name, value in pairs(set or {}) do
    values[name] = value
  end
  local self = setmetatable({ now = 1700000000 }, house)
  self.state = state_of.new { settings = values, seed = seed or {} }
  self.state.log_error = function(message) error(message, 0) end
  return self
end

local KEYS = { ["dd-api-key"] = "sandbox-api-key", ["dd-application-key"] = "sandbox-app-key" }
local BEARER = { authorization = "Bearer sandbox-app-key" }

-- errors with a status that the description does not have for this operation are the sandbox's own
local function check(method, path, answer)
  local described = contract.open "datadog"
  local problem = described and described:problem(method, path, answer.status, answer.body)
  if problem and answer.status >= 400 and problem:find("is not described", 1, true) then return end
  if problem then error(problem, 3) end
end

--- Asks: {status, headers, body, json}. options: headers; as_recorded = true where the recorded answer is
--- not what the description says.
function house:ask(method, path, body, options)
  options = options or {}
  local place, query = path:match("^([^?]*)%??(.*)$")
  if type(body) == "table" then body = json.encode(body) end
  local headers = options.headers or (place:find("/scim/", 1, true) and BEARER or KEYS)
  local answer = app.answer(self.state, {
    method = method,
    path = place,
    query = query ~= "" and query or nil,
    headers = headers,
    body = body or "",
    now = self.now,
    protocol = "HTTP/1.1",
    connection = 1,
    scheme = "http",
  })
  if not options.as_recorded then check(method, place, answer) end
  answer.json = json.decode(answer.body)
  return answer
end

--- The same, where another status than the one that is meant is an error: the decoded body.
function house:must(status, method, path, body)
  local answer = self:ask(method, path, body)
  if answer.status ~= status then
    error(("%s %s: %d instead of %d: %s"):format(method, path, answer.status, status, answer.body), 2)
  end
  return answer.json
end

return house
