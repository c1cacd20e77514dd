--- Makes the endpoints of a collection from a table that says what its records are: list, create, get,
--- update and delete are this one piece of code for all of them. How a service writes documents, lists
--- and refusals is its dialect (datadog/documents.lua, okta/protocol.lua).
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

---@class ddokta.sandbox.Call what a hook is called with, before the record
---@field request table
---@field state table
---@field now number seconds since 1970
---@field owner any what the definition's `owner` found: a team, an app, the id of a user

---@class ddokta.sandbox.Collection: ddokta.sandbox.Module
---@field dialect table
---@field type? string the type of its JSON:API documents
---@field what string what a record is called where it is not found
---@field store string the name of its store in the state, or in the owner
--- Its store is made at a reset with these keys (store.lua); nil: another module makes it.
---@field keys? table<string, fun(record): any>
---@field operations table<"list"|"create"|"get"|"update"|"delete", string> the names in the map of operations
---@field fields? table what a create may say and what is wrong with it, as the dialect has it
---@field changes? table the same for an update, default: `fields`
---@field owner? fun(call): any what the records belong to; refuses when the path names none
---@field records? fun(call): table[] those that a list shows, default: all of the store
---@field find? fun(call, id: string): table? the record of an id, default: that of the store
---@field new? fun(call, attributes, data): table what a new record has besides its fields; may refuse
---@field add? fun(call, record) puts a new record where it belongs, default: into the store
---@field changing? fun(call, record, attributes, data) may refuse an update, before anything has changed
---@field changed? fun(call, record, attributes) after an update
---@field removing? fun(call, record): boolean? may refuse a delete; true: has done what there is to do
---@field show fun(call, record): table the record as it is answered

---@alias ddokta.sandbox.Verb fun(definition: ddokta.sandbox.Collection, call: ddokta.sandbox.Call): any

local verbs = {} ---@type table<string, ddokta.sandbox.Verb>

local function store_of(definition, call)
  local stores = definition.service == "okta" and call.state.okta or call.state
  return stores[definition.store] or call.owner[definition.store]
end

-- the record that the last parameter of the path names
local function record_of(definition, call)
  local request = call.request
  local id = request.parameters[request.template:match "{([%w_]+)}[^{}]*$"]
  local record
  if definition.find then
    record = definition.find(call, id)
  else
    record = store_of(definition, call):get(id)
  end
  return record or definition.dialect.refuse_unknown(definition.what, id)
end

function verbs.list(definition, call)
  local records = definition.records and definition.records(call) or store_of(definition, call):all()
  return definition.dialect.list(definition, call, records)
end

function verbs.get(definition, call)
  return definition.dialect.one(definition, call, record_of(definition, call), "get")
end

function verbs.create(definition, call)
  local dialect = definition.dialect
  local attributes, data = dialect.read(definition, call.request, "create")
  local record = definition.new and definition.new(call, attributes, data) or {}
  record.id = record.id or uuid()
  dialect.set(record, attributes, definition.fields)
  if definition.add then
    record = definition.add(call, record) or record
  else
    store_of(definition, call):add(record)
  end
  return dialect.one(definition, call, record, "create")
end

function verbs.update(definition, call)
  local dialect, record = definition.dialect, record_of(definition, call)
  local attributes, data = dialect.read(definition, call.request, "update", record)
  if definition.changing then definition.changing(call, record, attributes, data) end
  dialect.set(record, attributes, definition.changes or definition.fields)
  if definition.changed then definition.changed(call, record, attributes) end
  return dialect.one(definition, call, record, "update")
end

function verbs.delete(definition, call)
  local record = record_of(definition, call)
  if definition.removing and definition.removing(call, record) then return nil end
  store_of(definition, call):remove(record)
end

--- A handler that runs `work(call)` for a request: its owner is known, or the path was refused.
---@param definition ddokta.sandbox.Collection
---@return fun(request, state): any
local function handler(definition, work)
  return function(request, state)
    local call = { request = request, state = state, now = request.now }
    if definition.owner then call.owner = definition.owner(call) end
    return work(call)
  end
end

local collection = {}

-- a reset that makes the definition's store before what else it does
local function with_store(definition)
  local reset = definition.reset
  return function(state, seed)
    state[definition.store] = store.new(definition.keys)
    if reset then return reset(state, seed) end
    return true
  end
end

--- Adds the handlers of a definition's operations to it, beside those that it has of its own; and its store.
---@param definition ddokta.sandbox.Collection
---@return ddokta.sandbox.Collection
function collection.new(definition)
  definition.handlers = definition.handlers or {}
  if definition.keys then definition.reset = with_store(definition) end
  for verb, operation in pairs(definition.operations or {}) do
    local function work(call) return verbs[verb](definition, call) end
    definition.handlers[operation] = handler(definition, work)
  end
  return definition
end

--- The names of a collection's operations as most have them: list_things, create_thing, get_thing, ...
---@param name string of one thing
---@param wanted string which of the five
---@return table<string, string>
function collection.operations(name, wanted)
  local operations = {}
  for verb in wanted:gmatch "%a+" do
    operations[verb] = verb == "list" and ("list_%ss"):format(name) or verb .. "_" .. name
  end
  return operations
end

--- A handler beyond the five: `work(call, record)` with the record that the path names.
function collection.for_record(definition, work)
  return handler(definition, function(call) return work(call, record_of(definition, call)) end)
end

--- The same without a record: `work(call)`.
collection.for_owner = handler

return collection
