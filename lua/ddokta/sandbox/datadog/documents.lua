-- JSON:API documents as Datadog takes them: {"data": {type, id, attributes, relationships}}, checked
-- against a table of what they may say. The wording of most of Datadog's own refusals is not recorded.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local timestamp = require "ddokta.sandbox.timestamp"

local documents = {}

local function is_list(value) return type(value) == "table" and (next(value) == nil or value[1] ~= nil) end

-- kind of an attribute -> is a value of that kind, and what to call it
local KINDS = {
  text = { "a string", function(value) return type(value) == "string" end },
  boolean = { "a boolean", function(value) return type(value) == "boolean" end },
  whole = { "a whole number", function(value) return type(value) == "number" and value % 1 == 0 end },
  time = {
    "a date-time",
    function(value) return type(value) == "string" and timestamp.parse(value) ~= nil end,
  },
  object = { "an object", function(value) return type(value) == "table" and not value[1] end },
  list = { "a list", is_list },
  texts = {
    "a list of strings",
    function(value)
      if not is_list(value) then return false end
      for _, item in ipairs(value) do
        if type(item) ~= "string" then return false end
      end
      return true
    end,
  },
  any = { "a value", function() return true end },
}

--- Is there something, or JSON's null?
function documents.given(value) return value ~= nil and value ~= json.null() end

local function is_one_of(values, value)
  for _, candidate in ipairs(values) do
    if candidate == value then return true end
  end
  return false
end

-- a field: {name =, kind =, required =, nullable =, longest = bytes, one_of = values}
local function problem_of_field(field, value)
  local what, is_right = KINDS[field.kind][1], KINDS[field.kind][2]
  if value == nil then return field.required and field.name .. " is a required attribute" or nil end
  if value == json.null() then
    return not field.nullable and ("%s must be %s"):format(field.name, what) or nil
  end
  if not is_right(value) then return ("%s must be %s"):format(field.name, what) end
  if field.required and value == "" then return field.name .. " is a required attribute" end
  if field.one_of and not is_one_of(field.one_of, value) then
    return ("%s must be one of: %s"):format(field.name, table.concat(field.one_of, ", "))
  end
  if field.longest and #value > field.longest then
    return ("%s must not be longer than %d characters"):format(field.name, field.longest)
  end
end

--- What is wrong with attributes: a message, or nil.
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

--- The body of a request as JSON, or nil and the answer to give.
function documents.body(request)
  local document = json.decode(request.body)
  if type(document) ~= "table" then return nil, answers.errors(400, "Invalid JSON") end
  return document
end

--- The `data` of a request's document, or nil and the answer to give.
-- shape: {type =, attributes = list of fields as above, or optional =
-- the same for attributes that may be left out altogether}
function documents.read(request, shape)
  local document, refusal = documents.body(request)
  if not document then return nil, refusal end
  local problem = problem_of_data(document.data, shape)
  if problem then return nil, answers.errors(400, problem) end
  return document.data
end

--- The items of a document whose `data` is a list of {type, id}, or nil and the answer to give.
function documents.read_list(request, shape)
  local document, refusal = documents.body(request)
  if not document then return nil, refusal end
  if not is_list(document.data) then return nil, answers.errors(400, "data must be a list") end
  for _, item in ipairs(document.data) do
    local problem = problem_of_data(item, shape)
    if not problem and shape.identified and type(item.id) ~= "string" then problem = "data.id is required" end
    if problem then return nil, answers.errors(400, problem) end
  end
  return document.data
end

--- Copies the attributes that a request sends into a record; null clears what may be null.
function documents.set(record, attributes, fields)
  for _, field in ipairs(fields) do
    local value = attributes[field.name]
    if value == json.null() then
      record[field.name] = nil
    elseif value ~= nil then
      record[field.name] = value
    end
  end
  return record
end

--- The ids that a relationship of `data` names: a list, or nil when it is not sent; or nil and the
--- answer to give when it is not a relationship to such things.
function documents.related(data, name, type_name)
  local relationship = data.relationships and data.relationships[name]
  if not documents.given(relationship) then return nil end
  local linked = type(relationship) == "table" and relationship.data
  if type(linked) ~= "table" then
    return nil, answers.errors(400, ("relationships.%s needs data"):format(name))
  end
  local ids = {}
  for i, item in ipairs(is_list(linked) and linked or { linked }) do
    if type(item) ~= "table" or item.type ~= type_name or type(item.id) ~= "string" then
      return nil, answers.errors(400, ("relationships.%s must name %s by id"):format(name, type_name))
    end
    ids[i] = item.id
  end
  return ids
end

--- The answer for an id that is not known. Recorded: 404 for deleted keys and mappings; not its text.
function documents.unknown(what, id) return answers.errors(404, ("%s %s not found"):format(what, id)) end

--- The answer when the id of a document is not that of its URL. Its text is recorded, with 422; where
--- that is not among the documented answers, 400 is assumed.
function documents.mismatch(status)
  return answers.errors(status, "UUID's in the URL and request body do not match")
end

--- An error in the shape of JSON:API: {"errors": [{status, title, detail}]}.
function documents.error(status, title, detail)
  return answers.errors(status, { status = ("%d"):format(status), title = title, detail = detail })
end

local TITLES = { [400] = "Bad Request", [404] = "Not Found" }

--- The same refusal for an endpoint that documents its errors in JSON:API's shape.
function documents.as_json_api(answer)
  local text = json.decode(answer.body).errors[1]
  return documents.error(answer.status, TITLES[answer.status], text)
end

return documents
