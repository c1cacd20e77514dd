--- What require "ddokta" returns: clients of Datadog and of Okta, and tasks that use them together.
local arguments = require "ddokta.arguments"
local client = require "ddokta.client"
local core = require "ddokta.native"
local person = require "ddokta.person"
local task = require "ddokta.task"

--- An operation of a service: a row of the operation map.
---@class ddokta.Operation
---@field name string
---@field family string
---@field service "datadog"|"okta"
---@field method string
---@field path string
---@field shape "plain"|"json_api"|"json_api_list"|"scim"|"scim_patch"
---@field permission? string
---@field success integer[]
---@field errors integer[]
---@field required string[]
---@field wanted? string[]
---@field fields? string[] of the body
---@field relationships? string[] of the body
---@field read_only? string[] never sent
---@field query string[]
---@field required_query string[]
---@field repeated_query? string[]
---@field paged boolean
---@field body boolean
---@field unstable boolean
---@field optional_body? boolean
---@field form? boolean
---@field bare? boolean
---@field path_id? boolean
---@field list? boolean
---@field empty? boolean
---@field each? string
---@field result? string
---@field bucket? string of Okta: the rate limit that its calls share with others
---@field sunset? string
---@field doc string

local ARRAY = getmetatable(core.json.array {})

---@class ddokta
---@field version string
---@field null lightuserdata JSON's null, to send; a field that is null in an answer is absent
---@field operations ddokta.Operation[] every operation of both services; read-only
---@field sites string[] Datadog's sites
local ddokta = {
  version = require "ddokta.version",
  null = core.json.null,
  sites = core.sites,
  await = task.await,
  parallel = task.parallel,
  spawn = task.spawn,
}

-- C completes a row of the operation map when one of its fields is asked for; whoever asks for the list
-- gets all of them whole.
arguments.strict(ddokta, "ddokta", function(name)
  if name ~= "operations" then return nil end
  ddokta.operations = core.operations
  for _, operation in ipairs(ddokta.operations) do
    assert(operation.path)
  end
  return ddokta.operations
end, { operations = true })

--- A list that is sent as one even when it is empty.
---@param list table
---@return table list
function ddokta.array(list)
  local metatable = getmetatable(list) -- it takes the place of any other
  arguments.need(type(list) == "table" and (not metatable or metatable == ARRAY), "array", "a list", list)
  return core.json.array(list)
end

--- A client of Datadog. Raises for an option of a wrong type or name: see ddokta.options.
---@param options? ddokta.DatadogOptions
---@return ddokta.Datadog? client
---@return ddokta.Error? err of kind "config"
function ddokta.client(options)
  local made, err = client.new("datadog", options, 3) -- no tail call: it would take away the level
  return made, err
end

--- A client of an Okta organisation. Raises for an option of a wrong type or name: see ddokta.options.
---@param options? ddokta.OktaOptions
---@return ddokta.Okta? client
---@return ddokta.Error? err of kind "config"
function ddokta.okta(options)
  local made, err = client.new("okta", options, 3)
  return made, err
end

--- The person that a resource is, or is about, in one shape: a user of Datadog, of SCIM, of Okta or of an app
--- of Okta's, a membership of a team, a member of a SCIM group.
---@param resource table
---@return ddokta.Person? person nil: it is none of these
function ddokta.person(resource)
  local is_one = type(resource) == "table" and not client.service_of(resource)
  arguments.need(is_one, "person", "a resource", resource)
  return person.of(resource)
end

--- Passes on what succeeded; raises a failure as one readable line with the place of the call. Lua's own
--- assert hides an error that is a table on Lua 5.1, 5.2 and in nginx.
---@generic T
---@param result T|nil|false
---@param ... any
---@return T result
---@return any ...
function ddokta.assert(result, ...)
  if result then return result, ... end
  local err = ...
  error(err == nil and "it failed, and nothing says why" or tostring(err), 2)
end

return ddokta
