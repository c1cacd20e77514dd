-- Bodies of requests to Okta: JSON, in which null means what is absent.
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"

local body = {}

local function without_nulls(value)
  if type(value) ~= "table" then return value end
  for key, item in pairs(value) do
    if item == json.null() then
      value[key] = nil
    else
      without_nulls(item)
    end
  end
  return value
end

--- The decoded body of a request (an object or an array), or nil and the answer to give.
function body.read(request)
  local value = json.decode(request.body)
  if type(value) ~= "table" then return nil, errors.answer("E0000003") end
  return without_nulls(value)
end

--- The same for a body that may be left out: {} then.
function body.read_optional(request)
  if request.body == "" then return {} end
  return body.read(request)
end

-- characters, not bytes
local function length(text)
  local _, continuations = text:gsub("[\128-\191]", "")
  return #text - continuations
end

--- A check: a text of so many characters that matches a pattern. A check gives a message, or nil.
function body.text(least, most, pattern)
  return function(value)
    if type(value) ~= "string" then return "must be a string" end
    if length(value) < least or length(value) > most then
      return ("must be from %d to %d characters long"):format(least, most)
    end
    if pattern and not value:find(pattern) then return "has characters that are not allowed" end
  end
end

--- A check: a list of at most so many texts.
function body.texts(most)
  return function(value)
    if type(value) ~= "table" then return "must be an array" end
    for key, item in pairs(value) do
      if type(key) ~= "number" or type(item) ~= "string" then return "must be an array of strings" end
    end
    if #value > most then return ("must have at most %d items"):format(most) end
  end
end

--- A check: one of these texts.
function body.one_of(...)
  local names = { ... }
  return function(value)
    for _, name in ipairs(names) do
      if value == name then return nil end
    end
    return "must be one of: " .. table.concat(names, ", ")
  end
end

--- A check: an object.
function body.object(value)
  if type(value) ~= "table" or value[1] ~= nil then return "must be an object" end
end

local function sorted_names(checks)
  local names = {}
  for name in pairs(checks) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The answer that refuses a body, or nil. checks: name -> check; required: list of names.
function body.problem(value, checks, required)
  for _, name in ipairs(required or {}) do
    if value[name] == nil then return errors.invalid(name, name .. ": The field cannot be left blank") end
  end
  for _, name in ipairs(sorted_names(checks)) do
    local problem = value[name] ~= nil and checks[name](value[name])
    if problem then return errors.invalid(name, name .. ": " .. problem) end
  end
end

return body
