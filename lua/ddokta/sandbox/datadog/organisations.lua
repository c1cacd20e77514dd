--- Datadog's organisations, version 1 of the API: the sandbox's own with its SAML settings, and its
--- children. A child is only kept: the sandbox answers for one organisation, and refuses a child's keys.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local multipart = require "ddokta.sandbox.multipart"
local organisation = require "ddokta.sandbox.datadog.organisation"
local saml = require "ddokta.sandbox.datadog.saml"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local organisations = {}

local FIELDS = {
  { name = "name", kind = "text", longest = 32 },
  { name = "description", kind = "text" },
  { name = "billing", kind = "object" },
  { name = "subscription", kind = "object" },
  { name = "settings", kind = "object" },
}
local TO_CREATE = {
  { name = "name", kind = "text", required = true, longest = 32 },
  { name = "billing", kind = "object" },
  { name = "subscription", kind = "object" },
}

--- Makes state.organisations, found by their public id.
function organisations.reset(state)
  state.organisations = store.new()
  state.organisations:add {
    id = organisation.PUBLIC_ID,
    uuid = state.settings.org_id,
    name = organisation.NAME,
    description = "",
    created_at = organisation.CREATED_AT,
    modified_at = organisation.CREATED_AT,
    billing = { type = "parent_billing" },
    subscription = { type = "pro" },
    private_widget_share = false,
  }
  return true
end

--- For /_sandbox/state.
function organisations.describe(state)
  local function described(org) return { public_id = org.id, name = org.name } end
  return { organisations = organisation.first(state.organisations, described) }
end

-- the roles that version 1 knows by short names
local ACCESS_ROLES = {
  adm = organisation.ADMIN_ROLE_ID,
  st = organisation.STANDARD_ROLE_ID,
  ro = organisation.READ_ONLY_ROLE_ID,
}

-- a role of one's own has no short name: it shows as the standard one
local function access_role(role_id)
  for name, id in pairs(ACCESS_ROLES) do
    if id == role_id then return name end
  end
  return "st"
end

local function settings_of(org, config)
  return {
    private_widget_share = org.private_widget_share,
    saml = { enabled = config.enabled },
    saml_autocreate_access_role = access_role(config.default_role_ids[1]),
    saml_autocreate_users_domains = {
      domains = json.array(config.jit_domains),
      enabled = config.jit_enabled and #config.jit_domains > 0,
    },
    saml_can_be_enabled = config.id ~= nil,
    saml_idp_endpoint = saml.LOGIN_URL,
    saml_login_url = saml.LOGIN_URL,
    saml_idp_initiated_login = { enabled = config.idp_initiated },
    saml_idp_metadata_uploaded = config.id ~= nil,
    saml_strict_mode = { enabled = config.strict },
  }
end

local function is_own(org) return org.id == organisation.PUBLIC_ID end

-- the settings of a child are not kept
local function shown(state, org)
  return {
    public_id = org.id,
    name = org.name,
    description = org.description,
    created = org.created_at,
    billing = org.billing,
    subscription = org.subscription,
    trial = false,
    settings = is_own(org) and settings_of(org, state.saml) or nil,
  }
end

local function list(_, state)
  return { orgs = lists.map(state.organisations:all(), function(org) return shown(state, org) end) }
end

-- A 404 is not among the documented answers: that a stranger's organisation is forbidden is assumed.
local function find(request, state)
  return state.organisations:get(request.parameters.public_id) or answers.fail(403, "Forbidden")
end

local function get(request, state) return { org = shown(state, find(request, state)) } end

-- a setting {enabled = boolean} that is a field of the SAML configuration
local function flag(field)
  return {
    fields = { { name = "enabled", kind = "boolean", required = true } },
    set = function(_, config, value) config[field] = value.enabled end,
  }
end

-- settings that can be changed: their kind, or those of their fields, and what a value does
local SETTINGS = {
  private_widget_share = {
    kind = "boolean",
    set = function(org, _, value) org.private_widget_share = value end,
  },
  saml = flag "enabled",
  saml_autocreate_access_role = {
    kind = "text",
    set = function(_, config, value) config.default_role_ids = { ACCESS_ROLES[value] } end,
  },
  saml_autocreate_users_domains = {
    fields = { { name = "domains", kind = "texts" }, { name = "enabled", kind = "boolean" } },
    set = function(_, config, value)
      config.jit_domains = value.domains or config.jit_domains
      if value.enabled ~= nil then config.jit_enabled = value.enabled end
    end,
  },
  saml_idp_initiated_login = flag "idp_initiated",
  saml_strict_mode = flag "strict",
}

local function problem_of_setting(name, value)
  local setting = SETTINGS[name]
  local problem = documents.problem({ [name] = value }, { { name = name, kind = setting.kind or "object" } })
  if not problem and setting.fields then problem = documents.problem(value, setting.fields) end
  if problem or name ~= "saml_autocreate_access_role" then return problem end
  return not ACCESS_ROLES[value] and "saml_autocreate_access_role must be adm, st or ro" or nil
end

-- what is only shown is ignored when it is sent: a document that was read may be sent back
local function problem_of_settings(given)
  for name in pairs(SETTINGS) do
    local problem = documents.given(given[name]) and problem_of_setting(name, given[name])
    if problem then return problem end
  end
end

local function set_settings(state, org, given)
  for name, setting in pairs(SETTINGS) do
    if documents.given(given[name]) then setting.set(org, state.saml, given[name]) end
  end
end

local function update(request, state)
  local org, sent = find(request, state), documents.body(request)
  local given = documents.given(sent.settings) and sent.settings or {}
  local problem = documents.problem(sent, FIELDS) or problem_of_settings(given)
  if problem then answers.fail(400, "%s", problem) end
  for _, name in ipairs { "name", "description", "billing", "subscription" } do
    if sent[name] ~= nil then org[name] = sent[name] end
  end
  org.modified_at = organisation.timestamp(request.now)
  if is_own(org) then set_settings(state, org, given) end
  return { org = shown(state, org) }
end

local function maker(user)
  return {
    access_role = access_role(user.role_ids[1]),
    disabled = user.disabled,
    email = user.email,
    handle = user.handle,
    name = user.name,
    verified = user.verified,
    icon = organisation.ICON,
  }
end

local function create(request, state)
  local sent = documents.body(request)
  local problem = documents.problem(sent, TO_CREATE)
  if problem then answers.fail(400, "%s", problem) end
  local at, user = organisation.timestamp(request.now), credentials.user(state, request)
  local org = state.organisations:add {
    id = credentials.digits(11),
    uuid = uuid(),
    name = sent.name,
    description = "",
    billing = sent.billing or { type = "parent_billing" },
    subscription = sent.subscription or { type = "pro" },
    created_at = at,
    modified_at = at,
  }
  return {
    org = shown(state, org),
    user = maker(user),
    api_key = { key = credentials.digits(32), name = sent.name, created = at, created_by = user.handle },
    application_key = { hash = credentials.digits(40), name = sent.name, owner = user.handle },
  }
end

local XML = { ["text/xml"] = true, ["application/xml"] = true, ["application/samlmetadata+xml"] = true }

-- the metadata of a form or of an XML body
local function metadata_of(request)
  local kind = request.headers["content-type"] or ""
  if XML[kind:lower():match "^[^;%s]*"] then return request.body end
  if not kind:lower():find "^multipart/form%-data" then
    answers.fail(415, "the content type must be multipart/form-data or XML")
  end
  local fields, problem = multipart.read(kind, request.body)
  if not fields then answers.fail(400, "%s", problem) end
  return fields.idp_file or ""
end

local function upload(request, state)
  local org = find(request, state)
  local ok, problem = saml.upload(state, metadata_of(request), request.now)
  if not ok then answers.fail(400, "%s", problem) end
  return { message = "IdP metadata successfully uploaded for " .. org.name }
end

organisations.limit, organisations.permission = "org", "org_management"
organisations.handlers = {
  list_orgs = list,
  create_child_org = create,
  get_org = get,
  update_org = update,
  upload_idp_for_org = upload,
}

return organisations
