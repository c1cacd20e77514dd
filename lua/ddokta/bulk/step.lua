--- One step of a plan: send it, and find out what became of it when the answer does not say.
--
-- Each returns the resource (true for a deletion) or nil, err; `tries` counts attempts on the wire.

local failure = require "ddokta.error"
local same = require "ddokta.bulk.same"
local secrets = require "ddokta.bulk.secrets"

local step = {}

--- One call of the client, its attempts counted. tries: {attempts =}
local function call(tries, dd, operation, ...)
  local result, detail = dd[operation](dd, ...)
  tries.attempts = tries.attempts + (type(detail) == "table" and detail.attempts or 0)
  if result == nil then return nil, detail end
  return result
end

--- What is sent: what the source says, with its secrets, less what an update cannot change.
local function body(action, fixed)
  local fields = {}
  for name, value in pairs(action.desired) do fields[name] = value end
  for name, value in pairs(secrets.of(action) or {}) do fields[name] = value end
  for _, name in ipairs(fixed or {}) do fields[name] = nil end
  return fields
end

--- The things of this key that the service has now.
local function look(tries, dd, kind, action)
  local list, err = call(tries, dd, kind.operations.list)
  if not list then return nil, err end
  local found = {}
  for _, resource in ipairs(list) do
    if resource[kind.key] == action.key then found[#found + 1] = resource end
  end
  return found
end

--- Does the resource have what was asked? Secrets cannot be seen.
local function as_asked(kind, action, resource)
  for _, column in ipairs(kind.columns) do
    local new = action.desired[column.name]
    if new ~= nil and not same(column, resource[column.name], new) then return false end
  end
  return true
end

local function lost_secrets(action)
  if not action.secrets or secrets.of(action) then return nil end
  return failure.new{
    kind = "config",
    message = ("the secrets of '%s' are not in this plan any more: make the plan again"):format(action.key),
  }
end

--- A create that may have arrived, or that the service says is there already: look before the next
-- one, for a second create would make a second account of that name.
local function resolve_create(tries, dd, kind, action, err)
  local found, why = look(tries, dd, kind, action)
  if not found then
    err.message = ("%s (and it could not be looked up: %s)"):format(err.message, why.message)
    return nil, err
  end
  if #found == 1 and as_asked(kind, action, found[1]) then return found[1] end
  if #found == 0 and err.ambiguous then
    return call(tries, dd, kind.operations.create, body(action))
  end
  return nil, err
end

function step.create(tries, dd, kind, action)
  local err = lost_secrets(action)
  if err then return nil, err end
  local created
  created, err = call(tries, dd, kind.operations.create, body(action))
  if created then return created end
  if err.ambiguous or err.kind == "conflict" then return resolve_create(tries, dd, kind, action, err) end
  return nil, err
end

local function vanished(kind, action)
  return failure.new{
    kind = "not_found",
    message = ("there is no %s '%s' any more"):format(kind.noun, action.key),
  }
end

--- An id changes with each update (recorded), so a stale id means: find the thing by its name. An
-- update that may have arrived is sent again to what is there now, which does no harm.
function step.update(tries, dd, kind, action)
  local err = lost_secrets(action)
  if err then return nil, err end
  local operation, fields = kind.operations.update, body(action, kind.fixed)
  local updated, found
  updated, err = call(tries, dd, operation, action.id, fields)
  if updated then return updated end
  if not (err.ambiguous or kind.stale(err)) then return nil, err end
  found = look(tries, dd, kind, action)
  if not found then return nil, err end
  if #found == 0 then return nil, vanished(kind, action) end
  if #found > 1 or (found[1].id == action.id and not err.ambiguous) then return nil, err end
  if not action.secrets and as_asked(kind, action, found[1]) then return found[1] end
  return call(tries, dd, operation, found[1].id, fields)
end

--- Gone is gone, whoever did it. A stale id may hide that the thing lives on under a new one.
function step.delete(tries, dd, kind, action)
  local operation = kind.operations.delete
  local deleted, err, found
  deleted, err = call(tries, dd, operation, action.id)
  if deleted then return true end
  if not (err.ambiguous or kind.stale(err)) then return nil, err end
  found = look(tries, dd, kind, action)
  if not found then return nil, err end
  if #found == 0 then return true end
  for _, resource in ipairs(found) do
    if resource.id == action.id and not err.ambiguous then return nil, err end
  end
  if #found > 1 then return true end -- others of this name, each with a step of its own
  deleted, err = call(tries, dd, operation, found[1].id)
  if deleted or kind.stale(err) then return true end
  return nil, err
end

return step
