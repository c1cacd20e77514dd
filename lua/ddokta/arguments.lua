--- What a public function is given. Anything else is a mistake in the script: it raises a sentence, at the
--- line that called the function.
local client = require "ddokta.client"
local errors = require "ddokta.error"
local text = require "ddokta.text"

local arguments = {}

local TITLES = { datadog = "Datadog", okta = "Okta" }

-- A value as a sentence has it. An error is most often that of a call before, which nobody looked at.
local function described(value)
  if value == nil then return "nothing" end
  if errors.is(value) then return "the error of another call: " .. tostring(value) end
  local service = client.service_of(value)
  if service then return "a client of " .. (TITLES[service] or "another service") end
  local metatable = type(value) == "table" and getmetatable(value)
  local name = type(metatable) == "table" and rawget(metatable, "__name")
  return type(name) == "string" and "a " .. name:gsub("^ddokta%.", "") or "a " .. type(value)
end

--- Raises where a public function was called, unless it was given what it takes.
---@param is_right any
---@param name string the function's, "bulk.apply"
---@param wanted string "a plan"
---@param value any what was given
function arguments.need(is_right, name, wanted, value)
  if is_right then return end
  error(("%s: %s is needed, not %s"):format(name, wanted, described(value)), 3)
end

--- The same for a client; service: whose.
---@param name string the function's
---@param value any
---@param service? "datadog"|"okta" nil: either's
function arguments.client(name, value, service)
  local given = client.service_of(value)
  local is_right = given and (not service or not TITLES[given] or given == service)
  if is_right then return end
  local wanted = ("a client%s (%s)"):format(
    service and " of " .. TITLES[service] or "",
    service == "okta" and "ddokta.okta makes one"
      or service and "ddokta.client makes one"
      or "ddokta.client or ddokta.okta makes one"
  )
  error(("%s: %s is needed, not %s"):format(name, wanted, described(value)), 3)
end

--- What a function of another file raises for options that it will be given: at our caller, before anything
--- is done.
---@param check fun(options: table) raises
---@param options table
function arguments.values(check, options)
  local ok, message = pcall(check, options)
  if not ok then error((tostring(message):gsub("^[^\n]-%.lua:%d+: ", "")), 3) end
end

--- Is it an object of a class of ours?
---@param value any
---@param class string "plan": its metatable has the __name "ddokta.plan"
---@return boolean
function arguments.is(value, class)
  local metatable = getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__name") == "ddokta." .. class
end

local function refuse_self(value, class, method)
  error(
    ("%s is called with a colon, of a %s: %s:%s(...), not of %s"):format(
      method,
      class,
      class,
      method,
      described(value)
    ),
    4
  )
end

--- The same for the object of a method.
---@param value any
---@param class string as of arguments.is
---@param method string
function arguments.self(value, class, method)
  if not arguments.is(value, class) then refuse_self(value, class, method) end
end

--- The same for the object of a method that cannot be had of a closed one.
---@param value any
---@param class string as of arguments.is
---@param method string
function arguments.open(value, class, method)
  if not arguments.is(value, class) then refuse_self(value, class, method) end
  if not value:is_open() then error(("this %s is closed"):format(class), 3) end
end

-- The names that a user may want, in their order.
local function names_of(module, others)
  local names = {}
  for _, list in ipairs { module, others } do
    for name in pairs(list) do
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

--- Has a module raise for a name that it does not have, instead of answering nil. Names that only a metatable
--- or a library looks for are none.
---@param module table
---@param title string "ddokta.bulk"
---@param find? fun(name: string): any what the module has besides, made when it is asked for
---@param others? table<string, any> its names
---@return table module
function arguments.strict(module, title, find, others)
  return setmetatable(module, {
    __index = function(_, name)
      local value = find and find(name)
      if value ~= nil then return value end
      if type(name) ~= "string" or name:find "^_" then return nil end
      local meant = text.did_you_mean(name, names_of(module, others or {}), { or_list = true })
      error(("there is no %s.%s%s"):format(title, text.show(name), meant), 2)
    end,
  })
end

return arguments
