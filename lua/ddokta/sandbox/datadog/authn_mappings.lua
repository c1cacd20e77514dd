-- Datadog's AuthN mappings: whoever's SAML assertion has an attribute of a value gets a role, or joins a
-- team.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local authn_mappings = {}

local TYPE = "authn_mappings"
local TO_CREATE = {
  type = TYPE,
  attributes = {
    { name = "attribute_key", kind = "text", required = true },
    { name = "attribute_value", kind = "text", required = true },
  },
}
local TO_UPDATE = {
  type = TYPE,
  optional = {
    { name = "attribute_key", kind = "text" },
    { name = "attribute_value", kind = "text" },
  },
}

local function team_resource(_, team)
  return {
    type = "team",
    id = team.id,
    attributes = {
      name = team.name,
      handle = team.handle,
      user_count = team.members.count,
      link_count = team.links.count,
      summary = json.null(),
      avatar = json.null(),
    },
  }
end

-- what a mapping may lead to: its type, where it is found, how it is shown
local TARGETS = {
  role = { type = "roles", collection = "roles", what = "Role", resource = organisation.role_resource },
  team = { type = "team", collection = "teams", what = "Team", resource = team_resource },
}

--- Makes state.authn_mappings and state.saml_attributes: an attribute and its value have one id, however
--- many mappings they are in.
function authn_mappings.reset(state)
  state.authn_mappings, state.saml_attributes = store.new(), { count = 0, ids = {} }
  return true
end

local function attribute_id(state, key, value)
  local known = state.saml_attributes
  local name = ("%d:%s=%s"):format(#key, key, value)
  if not known.ids[name] then
    known.count = known.count + 1
    known.ids[name] = ("%d"):format(known.count)
  end
  return known.ids[name]
end

local function target_of(state, mapping) return state[TARGETS[mapping.kind].collection]:get(mapping.target_id) end

-- a mapping ends with its role or team: looked at here, so that those need not know of it
local function living(state)
  for _, mapping in ipairs(state.authn_mappings:all()) do
    if not target_of(state, mapping) then state.authn_mappings:remove(mapping) end
  end
  return state.authn_mappings:all()
end

local function resource(mapping)
  return {
    type = TYPE,
    id = mapping.id,
    attributes = {
      attribute_key = mapping.attribute_key,
      attribute_value = mapping.attribute_value,
      saml_assertion_attribute_id = mapping.attribute_id,
      created_at = mapping.created_at,
      modified_at = mapping.modified_at,
    },
    relationships = {
      [mapping.kind] = { data = { type = TARGETS[mapping.kind].type, id = mapping.target_id } },
      saml_assertion_attribute = {
        data = { type = "saml_assertion_attributes", id = mapping.attribute_id },
      },
    },
  }
end

-- the attributes, roles and teams of mappings, each once
local function included(state, mappings)
  local list, seen = json.array(), {}
  local function add(id, resource_of)
    if seen[id] then return end
    seen[id] = true
    list[#list + 1] = resource_of
  end
  for _, mapping in ipairs(mappings) do
    add(mapping.attribute_id, {
      type = "saml_assertion_attributes",
      id = mapping.attribute_id,
      attributes = { attribute_key = mapping.attribute_key, attribute_value = mapping.attribute_value },
    })
    add(mapping.target_id, TARGETS[mapping.kind].resource(state, target_of(state, mapping)))
  end
  return list
end

local function sorts_of(state)
  local function key(mapping) return mapping.attribute_key end
  local function value(mapping) return mapping.attribute_value end
  return {
    created_at = function(mapping) return mapping.created_at end,
    role_id = function(mapping) return mapping.kind == "role" and mapping.target_id or "" end,
    ["role.name"] = function(mapping) return mapping.kind == "role" and target_of(state, mapping).name or "" end,
    saml_assertion_attribute_id = function(mapping) return ("%020d"):format(tonumber(mapping.attribute_id)) end,
    ["saml_assertion_attribute.attribute_key"] = key,
    ["saml_assertion_attribute.attribute_value"] = value,
  }
end

local function list(request, state)
  local page, refusal = lists.page(request, living(state), {
    searched = { "attribute_key", "attribute_value" },
    sorts = sorts_of(state),
    where = function(mapping, query) return lists.among(query.resource_type, mapping.kind) end,
  })
  if not page then return refusal end
  return answers.json(200, {
    data = lists.map(page.records, resource),
    included = included(state, page.records),
    meta = { page = { total_count = page.total, total_filtered_count = page.filtered } },
  })
end

local function answer_one(state, mapping)
  return answers.json(200, { data = resource(mapping), included = included(state, { mapping }) })
end

-- "role" or "team" and its id; nil when no relationship is sent; nil, nil and the answer to give
local function read_target(state, data)
  local kind, id
  for name, target in pairs(TARGETS) do
    local ids, refusal = documents.related(data, name, target.type)
    if refusal then return nil, nil, refusal end
    if ids and kind then
      return nil, nil, answers.errors(400, "a mapping leads to a role or a team, not to both")
    end
    if ids then
      kind, id = name, ids[1]
    end
  end
  local target = kind and TARGETS[kind]
  if target and not state[target.collection]:get(id or "") then
    return nil, nil, documents.unknown(target.what, tostring(id))
  end
  return kind, id
end

local TAKEN = "There is such an AuthN mapping already"

-- The same mapping twice: no status is documented for a create, 409 is for an update.
local function twin(state, wanted, except)
  for _, mapping in ipairs(living(state)) do
    if
      mapping ~= except
      and mapping.attribute_id == wanted.attribute_id
      and mapping.target_id == wanted.target_id
    then
      return mapping
    end
  end
end

-- 200, not 201 (documented and recorded)
local function create(request, state)
  local data, refusal = documents.read(request, TO_CREATE)
  if not data then return refusal end
  local kind, target_id
  kind, target_id, refusal = read_target(state, data)
  if refusal then return refusal end
  if not kind then return answers.errors(400, "relationships.role or relationships.team is required") end
  local at = organisation.timestamp(request.now)
  local mapping = documents.set(
    { id = uuid(), kind = kind, target_id = target_id, created_at = at, modified_at = at },
    data.attributes,
    TO_CREATE.attributes
  )
  mapping.attribute_id = attribute_id(state, mapping.attribute_key, mapping.attribute_value)
  if twin(state, mapping) then return answers.errors(400, TAKEN) end
  state.authn_mappings:add(mapping)
  return answer_one(state, mapping)
end

-- runs `use` with the mapping of the path, or answers 404
local function with_mapping(request, state, use)
  living(state)
  local id = request.parameters.authn_mapping_id
  local mapping = state.authn_mappings:get(id)
  if not mapping then return documents.unknown("AuthN mapping", id) end
  return use(mapping)
end

local function get(request, state)
  return with_mapping(request, state, function(mapping) return answer_one(state, mapping) end)
end

-- what a mapping would be with the changes
local function changed(state, mapping, data, kind, target_id)
  local attributes = data.attributes or {}
  local wanted = {
    kind = kind or mapping.kind,
    target_id = target_id or mapping.target_id,
    attribute_key = attributes.attribute_key or mapping.attribute_key,
    attribute_value = attributes.attribute_value or mapping.attribute_value,
  }
  wanted.attribute_id = attribute_id(state, wanted.attribute_key, wanted.attribute_value)
  return wanted
end

local function update(request, state)
  return with_mapping(request, state, function(mapping)
    local data, refusal = documents.read(request, TO_UPDATE)
    if not data then return refusal end
    if data.id ~= mapping.id then return documents.mismatch(422) end
    local kind, target_id
    kind, target_id, refusal = read_target(state, data)
    if refusal then return refusal end
    local wanted = changed(state, mapping, data, kind, target_id)
    if twin(state, wanted, mapping) then return answers.errors(409, TAKEN) end
    for name, value in pairs(wanted) do
      mapping[name] = value
    end
    mapping.modified_at = organisation.timestamp(request.now)
    return answer_one(state, mapping)
  end)
end

local function delete(request, state)
  return with_mapping(request, state, function(mapping)
    state.authn_mappings:remove(mapping)
    return answers.nothing()
  end)
end

local MAPPINGS = "/api/v2/authn_mappings"
local MAPPING = MAPPINGS .. "/{authn_mapping_id}"
local READ, MANAGE = "user_access_read", "user_access_manage"

authn_mappings.rows = {
  { method = "GET", path = MAPPINGS, handler = list, permission = READ, limit = TYPE },
  { method = "POST", path = MAPPINGS, handler = create, permission = MANAGE, limit = TYPE },
  { method = "GET", path = MAPPING, handler = get, permission = READ, limit = TYPE },
  { method = "PATCH", path = MAPPING, handler = update, permission = MANAGE, limit = TYPE },
  { method = "DELETE", path = MAPPING, handler = delete, permission = MANAGE, limit = TYPE },
}

return authn_mappings
