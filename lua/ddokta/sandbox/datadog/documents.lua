--- JSON:API documents as Datadog takes and gives them, {"data": {type, id, attributes, relationships}}: the
--- dialect of Datadog's collections. The wording of most of Datadog's own refusals is not recorded.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local timestamp = require "ddokta.sandbox.timestamp"

---@class ddokta.sandbox.Field
---@field name string
---@field kind "text"|"boolean"|"whole"|"time"|"object"|"list"|"texts"|"any"
---@field required? boolean
---@field nullable? boolean
---@field filled? boolean what is no text is as good as missing
---@field longest? integer bytes
---@field one_of? any[]

---@class ddokta.sandbox.DatadogCollection: ddokta.sandbox.Collection
---@field attributes? string[] what a record shows where it has it
---@field nulls? string[] the same: null where it has it not
---@field relations? table<string, string[]> name -> type and the field that has the id
---@field once? fun(record, attributes) adds what the answer to its creation alone shows
---@field mismatch? integer the status when the id of a document is not that of its URL; nil: not looked at
---@field wrong? integer the status when a create is not right, default 400
---@field optional? boolean attributes may be left out of an update altogether
---@field paging? string how a list tells of its pages (lists.paging); nil or "whole": all is one
---@field search? string[] fields in which the query's `filter` is looked for
---@field sorts? table what lists may be sorted by (lists.page)
---@field filters? table<string, string|function> a name of the query -> the field that must have its value
---@field where? fun(call, record, query): boolean
---@field included? fun(call, records): table[]? the resources that come with these records
---@field decorate? fun(call, record, resource) adds to the resource of a record
---@field meta? table what the list's `meta` says besides
---@field self? string what the `links` of one record begin with

local documents = {}

local function is_list(value) return type(value) == "table" and (next(value) == nil or value[1] ~= nil) end

local function is_texts(value)
  if not is_list(value) then return false end
  for _, item in ipairs(value) do
    if type(item) ~= "string" then return false end
  end
  return true
end

local function is_time(value) return type(value) == "string" and timestamp.parse(value) ~= nil end

-- kind of an attribute -> what to call it, and is a value of that kind
local KINDS = {
  text = { "a string", function(value) return type(value) == "string" end },
  boolean = { "a boolean", function(value) return type(value) == "boolean" end },
  whole = { "a whole number", function(value) return type(value) == "number" and value % 1 == 0 end },
  time = { "a date-time", is_time },
  object = { "an object", function(value) return type(value) == "table" and not value[1] end },
  list = { "a list", is_list },
  texts = { "a list of strings", is_texts },
  any = { "a value", function() return true end },
}

--- Is there something, or JSON's null?
function documents.given(value) return value ~= nil and value ~= json.null() end

--- A value, or JSON's null where there is none.
function documents.or_null(value)
  if value == nil then return json.null() end
  return value
end

local function problem_of_field(field, value)
  local what, is_right = KINDS[field.kind][1], KINDS[field.kind][2]
  if value == nil or field.filled and type(value) ~= "string" then
    return field.required and field.name .. " is a required attribute" or nil
  end
  if value == json.null() then
    return not field.nullable and ("%s must be %s"):format(field.name, what) or nil
  end
  if not is_right(value) then return ("%s must be %s"):format(field.name, what) end
  if field.required and value == "" then return field.name .. " is a required attribute" end
  if field.one_of and not lists.among(field.one_of, value) then
    return ("%s must be one of: %s"):format(field.name, table.concat(field.one_of, ", "))
  end
  if field.longest and #value > field.longest then
    return ("%s must not be longer than %d characters"):format(field.name, field.longest)
  end
end

--- What is wrong with attributes: a message, or nil.
---@param attributes table
---@param fields ddokta.sandbox.Field[]
function documents.problem(attributes, fields)
  for _, field in ipairs(fields) do
    local problem = problem_of_field(field, attributes[field.name])
    if problem then return problem end
  end
end

local function problem_of_data(data, shape)
  if type(data) ~= "table" then return "data is required" end
  if data.type ~= shape.type then return "data.type must be " .. shape.type end
  if type(data.attributes) ~= "table" and (shape.attributes or data.attributes ~= nil) then
    return "data.attributes is required"
  end
  if type(data.relationships) ~= "table" and data.relationships ~= nil then
    return "data.relationships must be an object"
  end
  return documents.problem(data.attributes or {}, shape.attributes or shape.optional or {})
end

--- The body of a request as JSON, or a refusal.
---@param status? integer of the refusal, default 400
function documents.body(request, status)
  local document = json.decode(request.body)
  if type(document) ~= "table" then answers.fail(status or 400, "Invalid JSON") end
  return document
end

--- The `data` of a request's document, or a refusal.
---@param request table
---@param shape {type: string, attributes: ddokta.sandbox.Field[]?, optional: ddokta.sandbox.Field[]?}
---  `optional`: attributes that may be left out altogether
---@param status? integer of the refusal, default 400
---@return table data
function documents.data(request, shape, status)
  local document = documents.body(request, status)
  local problem = problem_of_data(document.data, shape)
  if problem then answers.fail(status or 400, problem) end
  return document.data
end

--- The items of a document whose `data` is a list of {type, id}, or a refusal.
function documents.items(request, shape)
  local document = documents.body(request)
  if not is_list(document.data) then answers.fail(400, "data must be a list") end
  for _, item in ipairs(document.data) do
    local problem = problem_of_data(item, shape)
    if not problem and shape.identified and type(item.id) ~= "string" then problem = "data.id is required" end
    if problem then answers.fail(400, problem) end
  end
  return document.data
end

--- Copies the attributes that a request sends into a record; null clears what may be null.
function documents.set(record, attributes, fields)
  for _, field in ipairs(fields or {}) do
    local value = attributes[field.name]
    if value == json.null() then
      record[field.name] = nil
    elseif value ~= nil then
      record[field.name] = value
    end
  end
  return record
end

--- The ids that a relationship of `data` names: a list, or nil when it is not sent; or a refusal.
function documents.related(data, name, type_name)
  local relationship = data.relationships and data.relationships[name]
  if not documents.given(relationship) then return nil end
  local linked = type(relationship) == "table" and relationship.data
  if type(linked) ~= "table" then answers.fail(400, "relationships.%s needs data", name) end
  local ids = {}
  for i, item in ipairs(is_list(linked) and linked or { linked }) do
    if type(item) ~= "table" or item.type ~= type_name or type(item.id) ~= "string" then
      answers.fail(400, "relationships.%s must name %s by id", name, type_name)
    end
    ids[i] = item.id
  end
  return ids
end

--- The one id that a relationship must name, or a refusal.
function documents.related_id(data, name, type_name)
  local ids = documents.related(data, name, type_name)
  if not ids or not ids[1] then answers.fail(400, "relationships.%s is required", name) end
  return ids[1]
end

--- The ids that a relationship names, all of them in a store, or a refusal; nil when it is not sent.
---@param refusal string a format for an id that is not there
function documents.related_to(data, name, type_name, records, refusal)
  local ids = documents.related(data, name, type_name)
  for _, id in ipairs(ids or {}) do
    if not records:get(id) then answers.fail(400, refusal, id) end
  end
  return ids
end

--- Refuses an id that is not known. Recorded: 404 for deleted keys and mappings; not its text.
function documents.refuse_unknown(what, id) answers.fail(404, "%s %s not found", what, tostring(id)) end

--- The record of an id in a store, or the refusal of what is not known.
function documents.find(records, id, what) return records:get(id) or documents.refuse_unknown(what, id) end

--- Refuses a document whose id is not that of its URL. The text is recorded, with 422; where that is not
--- among the documented answers, 400 is assumed.
function documents.check_id(data, id, status)
  if data.id ~= id then answers.fail(status, "UUID's in the URL and request body do not match") end
end

--- An error in the shape of JSON:API: {"errors": [{status, title, detail}]}.
function documents.error(status, title, detail)
  return answers.errors(status, { status = ("%d"):format(status), title = title, detail = detail })
end

--- Refuses what is there already, in that shape (recorded for memberships).
function documents.refuse_conflict(text, ...)
  answers.refuse(documents.error(409, "Conflict", text:format(...)))
end

local TITLES = { [400] = "Bad Request", [404] = "Not Found" }

--- The same refusal for an endpoint that documents its errors in JSON:API's shape.
function documents.as_json_api(answer)
  local text = json.decode(answer.body).errors[1]
  return type(text) == "table" and answer or documents.error(answer.status, TITLES[answer.status], text)
end

-- --- the dialect ----------------------------------------------------------------------------------

--- The attributes of a document and its whole data, or a refusal.
---@param definition ddokta.sandbox.DatadogCollection
---@param verb "create"|"update"
---@param record? table the one that is updated
function documents.read(definition, request, verb, record)
  local fields = verb == "update" and definition.changes or definition.fields
  local has_to = not (verb == "update" and definition.optional)
  local shape = { type = definition.type, [has_to and "attributes" or "optional"] = fields }
  local data = documents.data(request, shape, verb == "create" and definition.wrong or nil)
  if record and definition.mismatch then documents.check_id(data, record.id, definition.mismatch) end
  return data.attributes or {}, data
end

--- A record as a JSON:API resource.
---@param definition ddokta.sandbox.DatadogCollection
function documents.resource(definition, call, record)
  if definition.show then return definition.show(call, record) end
  local attributes = {}
  for _, name in ipairs(definition.attributes or {}) do
    attributes[name] = record[name]
  end
  for _, name in ipairs(definition.nulls or {}) do
    attributes[name] = documents.or_null(record[name])
  end
  local resource = { type = definition.type, id = record.id, attributes = attributes }
  for name, relation in pairs(definition.relations or {}) do
    resource.relationships = resource.relationships or {}
    resource.relationships[name] = documents.reference(relation[1], record[relation[2]])
  end
  if definition.decorate then definition.decorate(call, record, resource) end
  return resource
end

--- A relationship to one thing.
function documents.reference(type_name, id) return { data = { type = type_name, id = id } } end

--- Relationships to many things.
function documents.references(type_name, ids)
  return { data = lists.map(ids, function(id) return { type = type_name, id = id } end) }
end

--- The document of a record.
function documents.one(definition, call, record, verb)
  local shown = documents.resource(definition, call, record)
  if verb == "create" and definition.once then definition.once(record, shown.attributes) end
  return {
    data = shown,
    included = definition.included and definition.included(call, { record }),
    links = definition.self and { self = definition.self .. record.id },
  }
end

--- The document of a list, in pages where the definition has paging.
function documents.list(definition, call, records)
  local page = { records = records }
  local links, meta
  if definition.paging then
    if definition.paging ~= "whole" then page = lists.page(call, records, definition) end
    meta, links = lists.paging[definition.paging](page, call.request)
  end
  for name, value in pairs(definition.meta or {}) do
    meta[name] = value
  end
  return {
    data = lists.map(page.records, function(record) return documents.resource(definition, call, record) end),
    included = definition.included and definition.included(call, page.records),
    links = links,
    meta = meta,
  }
end

return documents
