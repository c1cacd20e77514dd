-- Who may edit a team of Datadog and its members: /api/v2/team/{team_id}/permission-settings.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local teams = require "ddokta.sandbox.datadog.teams"

local permissions = {}

local TYPE = "team_permission_settings"
local SHAPE = { type = TYPE, attributes = { { name = "value", kind = "text", required = true } } }

local ACTIONS = {
  {
    name = "manage_membership",
    title = "Add or remove team members",
    default = "teams_manage",
    options = { "admins", "members", "organization", "user_access_manage", "teams_manage" },
  },
  {
    name = "edit",
    title = "Edit team details",
    default = "members",
    options = { "admins", "members", "organization", "teams_manage" },
  },
}

-- who is in a managed team is the identity provider's business
local function is_editable(team, action) return not (team.is_managed and action.name == "manage_membership") end

local function resource(team, action)
  return {
    type = TYPE,
    id = ("TeamPermission-%s-%s"):format(team.id, action.name),
    attributes = {
      action = action.name,
      title = action.title,
      options = json.array(action.options),
      value = team.permissions[action.name] or action.default,
      editable = is_editable(team, action),
    },
  }
end

local function list(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local data = lists.map(ACTIONS, function(action) return resource(team, action) end)
    return answers.json(200, { data = data })
  end)
end

local function action_named(name)
  for _, action in ipairs(ACTIONS) do
    if action.name == name then return action end
  end
end

local function update(request, state)
  return teams.with(state, request.parameters.team_id, function(team)
    local action = action_named(request.parameters.action)
    if not action then return documents.unknown("Permission setting", request.parameters.action) end
    local data, refusal = documents.read(request, SHAPE)
    if not data then return refusal end
    local value = data.attributes.value
    if not lists.among(action.options, value) then
      return answers.errors(400, ("%s is not an option of %s"):format(value, action.name))
    end
    if not is_editable(team, action) then return teams.managed(team) end
    team.permissions[action.name] = value
    return answers.json(200, { data = resource(team, action) })
  end)
end

local SETTINGS = "/api/v2/team/{team_id}/permission-settings"

permissions.rows = {
  { method = "GET", path = SETTINGS, handler = list },
  { method = "PUT", path = SETTINGS .. "/{action}", handler = update },
}
for _, row in ipairs(permissions.rows) do
  row.permission, row.limit = "teams_read", "teams"
end

return permissions
