--- Datadog's AuthN mappings: a user whose SAML assertion has a certain attribute and value gets a role, or
--- joins a team.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local teams = require "ddokta.sandbox.datadog.teams"

local function team_resource(_, team) return teams.short_resource(team) end

-- what a mapping may lead to: its type, where it is found, how it is shown
local TARGETS = {
  role = { type = "roles", store = "roles", what = "Role", resource = organisation.role_resource },
  team = { type = "team", store = "teams", what = "Team", resource = team_resource },
}

-- an attribute and its value have one id, however many mappings they are in
local function attribute_id(state, key, value)
  local known = state.saml_attributes
  local name = ("%d:%s=%s"):format(#key, key, value)
  if not known.ids[name] then
    known.count = known.count + 1
    known.ids[name] = ("%d"):format(known.count)
  end
  return known.ids[name]
end

local function target_of(call, mapping) return call.state[TARGETS[mapping.kind].store]:get(mapping.target_id) end

-- a mapping ends with its role or team: looked at here, so that those need not know of it
local function living(call)
  return call.state.authn_mappings:living(function(mapping) return target_of(call, mapping) end)
end

local function resource(_, mapping)
  local attributes = { saml_assertion_attribute_id = mapping.attribute_id }
  for _, name in ipairs { "attribute_key", "attribute_value", "created_at", "modified_at" } do
    attributes[name] = mapping[name]
  end
  return {
    type = "authn_mappings",
    id = mapping.id,
    attributes = attributes,
    relationships = {
      [mapping.kind] = documents.reference(TARGETS[mapping.kind].type, mapping.target_id),
      saml_assertion_attribute = documents.reference("saml_assertion_attributes", mapping.attribute_id),
    },
  }
end

local function attribute_resource(mapping)
  local attributes = { attribute_key = mapping.attribute_key, attribute_value = mapping.attribute_value }
  return { type = "saml_assertion_attributes", id = mapping.attribute_id, attributes = attributes }
end

-- the attributes, roles and teams of mappings
local function included(call, mappings)
  return lists.once(mappings, function(mapping, add)
    add(mapping.attribute_id, function() return attribute_resource(mapping) end)
    local target = TARGETS[mapping.kind]
    add(mapping.target_id, function() return target.resource(call.state, target_of(call, mapping)) end)
  end)
end

-- "role" or "team" and its id; nil when no relationship is sent
local function read_target(call, data)
  local kind, id
  for name, target in pairs(TARGETS) do
    local ids = documents.related(data, name, target.type)
    if ids and kind then answers.fail(400, "a mapping leads to a role or a team, not to both") end
    if ids then
      kind, id = name, tostring(ids[1])
    end
  end
  if kind then documents.find(call.state[TARGETS[kind].store], id, TARGETS[kind].what) end
  return kind, id
end

-- The same mapping twice: no status is documented for a create, 409 is for an update.
local function refuse_twin(call, wanted, except, status)
  for _, mapping in ipairs(living(call)) do
    if
      mapping ~= except
      and mapping.attribute_id == wanted.attribute_id
      and mapping.target_id == wanted.target_id
    then
      answers.fail(status, "There is such an AuthN mapping already")
    end
  end
end

-- what a new mapping is, or one with its changes
local function wanted_of(call, attributes, data, mapping)
  local kind, id = read_target(call, data)
  local before = mapping or {}
  local wanted = { kind = kind or before.kind, target_id = id or before.target_id }
  if not wanted.kind then answers.fail(400, "relationships.role or relationships.team is required") end
  local key = attributes.attribute_key or before.attribute_key
  wanted.attribute_id = attribute_id(call.state, key, attributes.attribute_value or before.attribute_value)
  refuse_twin(call, wanted, mapping, mapping and 409 or 400)
  wanted.modified_at = organisation.timestamp(call.now)
  wanted.created_at = before.created_at or wanted.modified_at
  return wanted
end

local function role_of(call, mapping) return mapping.kind == "role" and target_of(call, mapping) or nil end

local authn_mappings = {
  dialect = documents,
  limit = "authn_mappings",
  type = "authn_mappings",
  what = "AuthN mapping",
  store = "authn_mappings",
  keys = {},
  operations = collection.operations("authn_mapping", "list create get update delete"),
  fields = {
    { name = "attribute_key", kind = "text", required = true },
    { name = "attribute_value", kind = "text", required = true },
  },
  changes = { { name = "attribute_key", kind = "text" }, { name = "attribute_value", kind = "text" } },
  optional = true,
  mismatch = 422,
  records = living,
  find = function(call, id)
    living(call)
    return call.state.authn_mappings:get(id)
  end,
  new = wanted_of,
  changing = function(call, mapping, attributes, data)
    for name, value in pairs(wanted_of(call, attributes, data, mapping)) do
      mapping[name] = value
    end
  end,
  show = resource,
  included = included,
  paging = "counted",
  search = { "attribute_key", "attribute_value" },
  filters = { resource_type = "kind" },
  sorts = {
    "created_at",
    role_id = function(call, mapping) return (role_of(call, mapping) or {}).id end,
    ["role.name"] = function(call, mapping) return (role_of(call, mapping) or {}).name end,
    saml_assertion_attribute_id = function(_, mapping)
      return ("%020d"):format(tonumber(mapping.attribute_id))
    end,
    ["saml_assertion_attribute.attribute_key"] = function(_, mapping) return mapping.attribute_key end,
    ["saml_assertion_attribute.attribute_value"] = function(_, mapping) return mapping.attribute_value end,
  },
}

--- Makes state.saml_attributes.
function authn_mappings.reset(state)
  state.saml_attributes = { count = 0, ids = {} }
  return true
end

return collection.new(authn_mappings)
