--- Which endpoints the sandbox has: each module of a service names the operations that it answers, and
--- the map of operations (ddokta.core) says their method, path, permission and success.
---
--- Inside nginx the map comes from whoever started it: nginx's LuaJIT cannot load the launcher's
--- ddokta.core.
local router = require "ddokta.sandbox.router"

---@class ddokta.sandbox.Module
---@field service? "datadog"|"okta" default "datadog"
---@field limit string the name of the rate limit under which its requests count
---@field auth? string[] how a request may prove who it is (auth.lua), default as the service has it
---@field errors? "json_api" the shape in which errors are documented
---@field permission? string|table for operations of which the map says none
---@field handlers table<string, function|table> operation -> handler(request, state), or {handler} with what
---  differs from the module; a list entry {method, path, permission, handler} is an endpoint beyond the map
---@field collections? ddokta.sandbox.Module[] more of the same, with limits and permissions of their own
---@field reset? fun(state, seed): boolean?, string? makes its collections in `state`; of modules before it
---  it may use what they made; true, or nil and why the seed is wrong. Also run outside nginx, to try a seed.
---@field describe? fun(state): table fields for /_sandbox/state

local services = {}

--- The modules. The organisation comes first: others use its users and roles. Okta comes last: its agent
--- uses Datadog's SCIM.
services.modules = {
  "ddokta.sandbox.datadog.organisation",
  "ddokta.sandbox.datadog.okta_accounts",
  "ddokta.sandbox.datadog.users",
  "ddokta.sandbox.datadog.roles",
  "ddokta.sandbox.datadog.teams",
  "ddokta.sandbox.datadog.team_memberships",
  "ddokta.sandbox.datadog.team_hierarchy",
  "ddokta.sandbox.datadog.scim.users",
  "ddokta.sandbox.datadog.scim.groups",
  "ddokta.sandbox.datadog.scim.discovery",
  "ddokta.sandbox.datadog.credentials",
  "ddokta.sandbox.datadog.api_keys",
  "ddokta.sandbox.datadog.application_keys",
  "ddokta.sandbox.datadog.access_tokens",
  "ddokta.sandbox.datadog.saml",
  "ddokta.sandbox.datadog.organisations",
  "ddokta.sandbox.datadog.org_configs",
  "ddokta.sandbox.datadog.authn_mappings",
  "ddokta.sandbox.datadog.identity_providers",
  "ddokta.sandbox.datadog.team_connections",
  "ddokta.sandbox.datadog.team_details",
  "ddokta.sandbox.okta.seed",
  "ddokta.sandbox.okta.service_accounts",
  "ddokta.sandbox.okta.users",
  "ddokta.sandbox.okta.apps",
  "ddokta.sandbox.okta.groups",
  "ddokta.sandbox.okta.app_users",
  "ddokta.sandbox.okta.app_groups",
  "ddokta.sandbox.okta.group_push",
  "ddokta.sandbox.okta.provisioning",
  "ddokta.sandbox.okta.schemas",
}

--- The map of operations, as much of it as the sandbox needs: what nginx is started with.
function services.map()
  local map = {}
  for i, operation in ipairs(require("ddokta.native").operations) do
    map[i] = { status = operation.success[1] }
    for _, field in ipairs { "service", "name", "method", "path", "permission" } do
      map[i][field] = operation[field]
    end
  end
  return map
end

-- "a and b": both; "a or b": one of them
local function permission_of(text)
  local names = {}
  for name in (text or ""):gmatch "[%w_.]+" do
    if name ~= "and" and name ~= "or" then names[#names + 1] = name end
  end
  if #names < 2 then return names[1] end
  return text:find(" or ", 1, true) and { any = names } or names
end

local FIELDS = { "service", "limit", "auth", "errors", "media", "permission" }

-- An endpoint. What the handler says counts more than what its module says. The map's permission counts more
-- than the module's, and less than the handler's.
local function row_of(module, operation, handler)
  local own = type(handler) == "table" and handler or { handler = handler }
  local row = { handler = own.handler or own[1], method = operation.method, path = operation.path }
  for _, field in ipairs(FIELDS) do
    local value = own[field]
    if value == nil then value = module[field] end
    row[field] = value
  end
  row.permission = own.permission or permission_of(operation.permission) or module.permission
  row.status = own.status or operation.status or 200
  return row
end

-- puts a module's handlers into `named` ("service operation" -> {module, handler}), its endpoints beyond
-- the map into `rows`
local function collect(module, named, rows)
  for operation, handler in pairs(module.handlers or {}) do
    if type(operation) == "number" then
      rows[#rows + 1] = row_of(module, handler, handler)
    else
      named[(module.service or "datadog") .. " " .. operation] = { module, handler }
    end
  end
  for _, part in ipairs(module.collections or {}) do
    collect(part, named, rows)
  end
end

--- Every endpoint, in the order of the map. An operation that a module names and the map does not have is
--- an error.
---@param map table what services.map gives
function services.rows(map)
  local rows, named = {}, {}
  for _, name in ipairs(services.modules) do
    collect(require(name), named, rows)
  end
  for _, operation in ipairs(map) do
    local key = operation.service .. " " .. operation.name
    if named[key] then rows[#rows + 1] = row_of(named[key][1], operation, named[key][2]) end
    named[key] = nil
  end
  if next(named) then error("the map of operations has no " .. next(named)) end
  return rows
end

--- The routes of every endpoint.
---@param map? table default: that of ddokta.core
function services.routes(map) return router.new(services.rows(map or services.map())) end

return services
