--- What Datadog's teams have besides members: the links that they show, who may edit them, and where what
--- concerns them is sent. All three end with their team, because they are kept in it.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local teams = require "ddokta.sandbox.datadog.teams"

-- --- links ----------------------------------------------------------------------------------------

local LINK = {
  { name = "label", kind = "text", required = true, longest = 256 },
  { name = "url", kind = "text", required = true },
  { name = "position", kind = "whole" },
}

local link_operations = collection.operations("team_link", "create get update delete")
link_operations.list = "get_team_links"

local links = collection.new {
  dialect = documents,
  limit = "teams",
  type = "team_links",
  what = "Team link",
  store = "links",
  operations = link_operations,
  owner = teams.of_path,
  fields = LINK,
  wrong = 422, -- documented for the create alone
  new = function(call) return { position = call.owner.links.count } end,
  show = function(call, link) return teams.link_resource(call.owner, link) end,
}

-- --- permission settings --------------------------------------------------------------------------

local PERMISSION = "team_permission_settings"
local VALUE = { type = PERMISSION, attributes = { { name = "value", kind = "text", required = true } } }

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

local function permission_resource(team, action)
  return {
    type = PERMISSION,
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

local permissions = {
  dialect = documents,
  limit = "teams",
  what = "Permission setting",
  owner = teams.of_path,
  find = function(_, name)
    for _, action in ipairs(ACTIONS) do
      if action.name == name then return action end
    end
  end,
}

local function list_permissions(call)
  return { data = lists.map(ACTIONS, function(action) return permission_resource(call.owner, action) end) }
end

local function update_permission(call, action)
  local value = documents.data(call.request, VALUE).attributes.value
  if not lists.among(action.options, value) then
    answers.fail(400, "%s is not an option of %s", value, action.name)
  end
  if not is_editable(call.owner, action) then teams.refuse_managed(call.owner) end
  call.owner.permissions[action.name] = value
  return { data = permission_resource(call.owner, action) }
end

permissions.handlers = {
  get_team_permission_settings = collection.for_owner(permissions, list_permissions),
  update_team_permission_setting = collection.for_record(permissions, update_permission),
}

-- --- notification rules ---------------------------------------------------------------------------

-- a rule has at least one of these: its fields
local CHANNELS = {
  email = { { name = "enabled", kind = "boolean" } },
  ms_teams = { { name = "connector_name", kind = "text" } },
  pagerduty = { { name = "service_name", kind = "text" } },
  slack = { { name = "channel", kind = "text" }, { name = "workspace", kind = "text" } },
}

local RULE = {
  { name = "email", kind = "object" },
  { name = "ms_teams", kind = "object" },
  { name = "pagerduty", kind = "object" },
  { name = "slack", kind = "object" },
}

-- the channels that a request names
local function channels_of(attributes)
  local channels = {}
  for name, fields in pairs(CHANNELS) do
    local given = attributes[name]
    local problem = given and documents.problem(given, fields)
    if problem then answers.fail(400, "%s: %s", name, problem) end
    channels[name] = given and documents.set({}, given, fields)
  end
  if not next(channels) then answers.fail(400, "a rule needs a channel") end
  return channels
end

local rule_operations = collection.operations("team_notification_rule", "create get update delete")
rule_operations.list = "get_team_notification_rules"

local rules = collection.new {
  dialect = documents,
  limit = "teams",
  type = "team_notification_rules",
  what = "Notification rule",
  store = "rules",
  operations = rule_operations,
  owner = teams.of_path,
  fields = RULE,
  show = function(_, rule)
    return { type = "team_notification_rules", id = rule.id, attributes = rule.channels }
  end,
  paging = "whole",
  -- the same channels twice: the shape of this error is recorded, what else it stands for is not
  new = function(call, attributes)
    local channels = channels_of(attributes)
    for _, rule in ipairs(call.owner.rules:all()) do
      if json.encode(rule.channels) == json.encode(channels) then
        documents.refuse_conflict("notification rule %s says the same", rule.id)
      end
    end
    return { channels = channels }
  end,
  changing = function(_, rule, attributes) rule.channels = channels_of(attributes) end,
}

return { limit = "teams", collections = { links, permissions, rules } }
