--- plan: the difference between a source and a service, as data.
--
-- A plan is {
--   kind, source         names
--   actions              list of {action, key, position, id, current, desired, changes, secrets, reason}
--     action             "create", "update", "unchanged", "conflict" or "delete"
--     changes            list of {field, old, new}
--     secrets            names of the secret fields that are sent along; the values are not in it
--   counts               {create =, update =, unchanged =, conflict =, delete =, source =, service =}
--   blocked              nil, or why nothing of it may be applied (the threshold)
-- }
-- tostring(plan) is a diff; plan:render{...}, plan:to_table() and plan:to_json() show it otherwise.

local check_options = require "ddokta.bulk.options"
local check_source = require "ddokta.bulk.check"
local failure = require "ddokta.error"
local json = require("ddokta.core").json
local kinds = require "ddokta.bulk.kinds"
local render = require "ddokta.bulk.diff"
local same = require "ddokta.bulk.same"
local secrets = require "ddokta.bulk.secrets"
local threshold = require "ddokta.bulk.threshold"

local plan = {}
plan.__index = plan

function plan:to_table()
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  return copy
end

function plan:to_json() return json.encode(self:to_table()) end

plan.render = render
plan.__tostring = function(self) return render(self) end

--- The kind's own fields of a resource: never its secrets, whatever the service sends.
local function public_fields(kind, resource)
  local fields = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then fields[column.name] = resource[column.name] end
  end
  return fields
end

local function by_key(kind, accounts)
  local exact, folded = {}, {}
  for _, account in ipairs(accounts) do
    local key = account[kind.key]
    if type(key) == "string" then
      local lower = key:lower()
      exact[key] = exact[key] or {}
      folded[lower] = folded[lower] or {}
      table.insert(exact[key], account)
      table.insert(folded[lower], account)
    end
  end
  return exact, folded
end

local function secret_names(kind, row)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if row.secrets and row.secrets[column.name] then names[#names + 1] = column.name end
  end
  return names[1] and names or nil
end

local function changes_of(kind, row, current)
  local changes = {}
  for _, column in ipairs(kind.columns) do
    local new = row.values[column.name]
    local old = current and current[column.name]
    if new ~= nil and not same(column, old, new) then
      changes[#changes + 1] = { field = column.name, old = old, new = new }
    end
  end
  return changes
end

local function conflict_reason(kind, row, matches, variants)
  if #matches > 1 then
    return ("%d %s have this name: rename or delete all but one first"):format(#matches, kind.plural)
  end
  for _, account in ipairs(variants) do
    local key = account[kind.key]
    if key ~= row.key then
      return ("there is '%s', which differs in letter case only: use that spelling, or delete it first")
        :format(key)
    end
  end
  return nil
end

local function compare(kind, row, matches, variants, rotate)
  local reason = conflict_reason(kind, row, matches, variants)
  if reason then return { action = "conflict", reason = reason, desired = row.values } end
  local account = matches[1]
  local action = { desired = row.values }
  if account then action.id, action.current = account.id, public_fields(kind, account) end
  action.changes = changes_of(kind, row, action.current)
  local names = secret_names(kind, row)
  if not account then
    action.action = "create"
  elseif action.changes[1] or (rotate and names) then
    action.action = "update"
  else
    action.action, action.changes = "unchanged", nil
  end
  if names and action.action ~= "unchanged" then
    action.secrets = names
    secrets.keep(action, row.secrets)
  end
  return action
end

local function deletions(kind, accounts, claimed)
  local actions = {}
  for _, account in ipairs(accounts) do
    local key = account[kind.key]
    if type(key) == "string" and not claimed[key:lower()] then
      actions[#actions + 1] = {
        action = "delete", key = key, id = account.id, current = public_fields(kind, account),
      }
    end
  end
  return actions
end

local function count(actions)
  local counts = { create = 0, update = 0, unchanged = 0, conflict = 0, delete = 0 }
  for _, action in ipairs(actions) do counts[action.action] = counts[action.action] + 1 end
  return counts
end

--- All there is in the service; a list that says it is longer than what came is no base for a plan.
local function list_service(dd, kind)
  local accounts, response = dd[kind.operations.list](dd)
  if not accounts then return nil, response end
  local total = response and response.total
  if total and total ~= #accounts then
    return nil, failure.new{
      kind = "protocol",
      message = ("the service says it has %d %s and sent %d"):format(total, kind.plural, #accounts),
      operation = kind.operations.list,
    }
  end
  return accounts
end

local function build(kind, rows, source, accounts, options)
  local exact, folded = by_key(kind, accounts)
  local actions, claimed = json.array{}, {}
  for i, row in ipairs(rows) do
    local lower = row.key:lower()
    local action = compare(kind, row, exact[row.key] or {}, folded[lower] or {}, options.rotate_secrets)
    action.key, action.position = row.key, source:place(row.line)
    actions[i], claimed[lower] = action, true
  end
  if options.prune then
    for _, action in ipairs(deletions(kind, accounts, claimed)) do actions[#actions + 1] = action end
  end
  local counts = count(actions)
  counts.source, counts.service = #rows, #accounts
  return setmetatable({ kind = kind.name, source = source.name, actions = actions, counts = counts }, plan)
end

--- bulk.plan(dd, kind, bulk.read(...)) hands over read's nil, err; with options behind it Lua cuts
-- the error off.
local function read_failure(err)
  if type(err) == "table" and type(err.message) == "string" and err.kind then return err end
  return failure.new{
    kind = "invalid_request",
    message = "there is no source: bulk.read failed (assert(bulk.read(...)) says why)",
  }
end

local known = {
  prune = { "boolean" },
  max_deactivations = { "number", "string" },
  rotate_secrets = { "boolean" },
  strict = { "boolean" },
}

local make = {}

--- plan(dd, kind, source, options) -> plan, or nil, err
-- dd: a client; kind: a name of kinds/; source: from bulk.read, whose failure passes through.
-- options: prune (delete what the source does not have; false), max_deactivations (number or
-- percent; "10%"), rotate_secrets (send secrets although they cannot be compared; false), strict
-- (an unknown column is an error; true).
function make.plan(dd, kind_name, source, options)
  if source == nil then return nil, read_failure(options) end
  options = check_options(options, known)
  local limit, message = threshold.parse(options.max_deactivations or "10%")
  if not limit then error("option 'max_deactivations': " .. message, 2) end
  local kind, rows, accounts, err
  kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  rows, err = check_source(kind, source, options.strict ~= false)
  if not rows then return nil, err end
  accounts, err = list_service(dd, kind)
  if not accounts then return nil, err end
  local result = build(kind, rows, source, accounts, options)
  result.blocked = threshold.check(result, kind, limit)
  return result
end

return make
