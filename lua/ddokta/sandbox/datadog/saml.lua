--- Datadog's SAML login: the configuration that uploaded metadata makes, who is let in by it just in time
--- (JIT) and with which role. Version 1 of the API (organisations.lua) shows the same as settings.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local multipart = require "ddokta.sandbox.multipart"
local organisation = require "ddokta.sandbox.datadog.organisation"
local uuid = require "ddokta.sandbox.uuid"

local saml = {}

local APP = "https://app.datadoghq.com"
saml.LOGIN_URL = APP .. "/account/login/id/" .. organisation.PUBLIC_ID

local TYPE = "saml_configurations"
local TO_UPDATE = {
  { name = "idp_initiated", kind = "boolean" },
  { name = "jit_domains", kind = "texts" },
}
local PREFERENCES = {
  type = "saml_preferences",
  attributes = {
    { name = "default_role_uuids", kind = "texts", required = true },
    { name = "jit_domains", kind = "texts", required = true },
  },
}

--- Makes state.saml: {id = nil without metadata, idp_initiated, jit_domains, jit_enabled,
--- default_role_ids, enabled, strict, expires_at}.
function saml.reset(state)
  state.saml = { idp_initiated = false, jit_enabled = true, enabled = false, strict = false }
  state.saml.jit_domains, state.saml.default_role_ids = {}, {}
  return true
end

--- For /_sandbox/state.
function saml.describe(state)
  local shown = {}
  for name, value in pairs(state.saml) do
    shown[name] = value
  end
  shown.jit_domains, shown.default_role_ids =
    json.array(shown.jit_domains), json.array(shown.default_role_ids)
  return { saml = shown }
end

-- why metadata is none, or nil. Only what tells it from another file is looked at.
local function problem_of_metadata(text)
  if not text or text == "" then return "idp_file is required" end
  if not text:find("<[%w_%-%.:]*EntityDescriptor[%s>]") then return "idp_file is not SAML metadata" end
end

--- Takes metadata of an identity provider: true, or nil and what is wrong with it.
function saml.upload(state, text, now)
  local problem = problem_of_metadata(text)
  if problem then return nil, problem end
  local at, config = organisation.timestamp(now), state.saml
  config.id, config.created_at, config.modified_at = config.id or uuid(), config.created_at or at, at
  config.expires_at = text:match('validUntil="([^"]+)"')
  config.enabled = true
  return true
end

-- a default role that has been deleted is none
local function default_role_ids(state) return organisation.known_roles(state, state.saml.default_role_ids) end

local function resource(state)
  local config = state.saml
  return {
    type = TYPE,
    id = config.id,
    attributes = {
      assertion_consumer_service = json.array { APP .. "/account/saml/assertion" },
      entity_id = APP .. "/account/saml/metadata.xml",
      sso_url = saml.LOGIN_URL,
      idp_initiated = config.idp_initiated,
      jit_domains = json.array(config.jit_enabled and config.jit_domains or {}),
      created_at = config.created_at,
      modified_at = config.modified_at,
      expires_at = config.expires_at,
    },
    relationships = { default_roles = documents.references("roles", default_role_ids(state)) },
  }
end

local function with_default_roles(state, data)
  local function role_resource(id) return organisation.role_resource(state, state.roles:get(id)) end
  return { data = data, included = lists.map(default_role_ids(state), role_resource) }
end

-- an organisation has at most one configuration: none before metadata was uploaded
local function list(_, state)
  return with_default_roles(state, json.array(state.saml.id and { resource(state) } or {}))
end

local function refuse_other(request, state)
  local id = request.parameters.saml_config_uuid
  if state.saml.id ~= id then documents.refuse_unknown("SAML configuration", id) end
end

local function get(request, state)
  refuse_other(request, state)
  return with_default_roles(state, resource(state))
end

-- what is wrong with roles that are to be the default: a message, or nil
local function problem_of_roles(state, ids)
  for _, id in ipairs(ids) do
    if not state.roles:get(id) then return ("role %s does not exist"):format(id) end
  end
end

local function update(request, state)
  refuse_other(request, state)
  local config = state.saml
  local data = documents.data(request, { type = TYPE, optional = TO_UPDATE })
  documents.check_id(data, config.id, 422)
  local role_ids = documents.related(data, "default_roles", "roles") or default_role_ids(state)
  local sent = data.attributes or {}
  local problem = problem_of_roles(state, role_ids)
  if #(sent.jit_domains or config.jit_domains) > 0 and #role_ids == 0 then
    problem = "a default role is required for just-in-time provisioning"
  end
  if problem then answers.fail(400, "%s", problem) end
  documents.set(config, sent, TO_UPDATE)
  if sent.jit_domains then config.jit_enabled = true end
  config.default_role_ids, config.modified_at = role_ids, organisation.timestamp(request.now)
  return with_default_roles(state, resource(state))
end

local function set_preferences(request, state)
  local sent = documents.data(request, PREFERENCES).attributes
  local role_ids = sent.default_role_uuids
  if #role_ids ~= 1 then answers.fail(400, "exactly one default role must be given") end
  local problem = problem_of_roles(state, role_ids)
  if problem then answers.fail(404, "%s", problem) end
  state.saml.default_role_ids, state.saml.jit_domains = role_ids, sent.jit_domains
  state.saml.jit_enabled = true
end

-- that the body of this answer is empty is what its description says
local function upload(request, state)
  local fields, problem = multipart.read(request.headers["content-type"], request.body)
  local ok
  if fields then
    ok, problem = saml.upload(state, fields.idp_file, request.now)
  end
  if not ok then answers.fail(400, "%s", problem) end
  return { status = 200, headers = { ["Content-Type"] = "text/html; charset=utf-8" }, body = "" }
end

saml.limit = TYPE
saml.handlers = {
  list_saml_configurations = list,
  get_saml_configuration = get,
  update_saml_configuration = update,
  upload_idp_metadata = upload,
  -- errors of this endpoint are documented as JSON:API has them
  update_org_saml_configurations = { set_preferences, errors = "json_api" },
}

return saml
