-- Where Datadog sends what concerns a team: /api/v2/team/{id}/notification-rules.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local store = require "ddokta.sandbox.store"
local teams = require "ddokta.sandbox.datadog.teams"
local uuid = require "ddokta.sandbox.uuid"

local notification_rules = {}

local TYPE = "team_notification_rules"
-- a rule has at least one of these: its fields
local CHANNELS = {
  email = { { name = "enabled", kind = "boolean" } },
  ms_teams = { { name = "connector_name", kind = "text" } },
  pagerduty = { { name = "service_name", kind = "text" } },
  slack = { { name = "channel", kind = "text" }, { name = "workspace", kind = "text" } },
}
local SHAPE = {
  type = TYPE,
  attributes = {
    { name = "email", kind = "object" },
    { name = "ms_teams", kind = "object" },
    { name = "pagerduty", kind = "object" },
    { name = "slack", kind = "object" },
  },
}

-- the rules end with their team, because they are kept in it
local function rules_of(team)
  team.notification_rules = team.notification_rules or store.new()
  return team.notification_rules
end

local function resource(rule) return { type = TYPE, id = rule.id, attributes = rule.channels } end

local function with_team(request, state, use) return teams.with(state, request.parameters.team_id, use) end

-- runs `use` with the team of the path and its rule, or answers 404
local function with_rule(request, state, use)
  return with_team(request, state, function(team)
    local id = request.parameters.rule_id
    local rule = rules_of(team):get(id)
    if not rule then return documents.unknown("Notification rule", id) end
    return use(team, rule)
  end)
end

-- all rules are one page
local function list(request, state)
  return with_team(request, state, function(team)
    local rules = rules_of(team):all()
    return answers.json(200, {
      data = lists.map(rules, resource),
      meta = {
        page = {
          type = "offset_limit",
          offset = 0,
          limit = math.max(1, #rules),
          total = #rules,
          first_offset = 0,
          last_offset = 0,
          next_offset = json.null(),
          prev_offset = json.null(),
        },
      },
    })
  end)
end

-- the channels that a request names, or nil and the answer to give
local function read_channels(request)
  local data, refusal = documents.read(request, SHAPE)
  if not data then return nil, refusal end
  local channels = {}
  for name, fields in pairs(CHANNELS) do
    local given = data.attributes[name]
    local problem = given and documents.problem(given, fields)
    if problem then return nil, answers.errors(400, ("%s: %s"):format(name, problem)) end
    channels[name] = given and documents.set({}, given, fields)
  end
  if not next(channels) then return nil, answers.errors(400, "a rule needs a channel") end
  return channels
end

-- the same channels twice: the shape of this error is recorded, what else it stands for is not
local function conflict(team, channels)
  for _, rule in ipairs(rules_of(team):all()) do
    if json.encode(rule.channels) == json.encode(channels) then
      return documents.error(409, "Conflict", ("notification rule %s says the same"):format(rule.id))
    end
  end
end

local function create(request, state)
  return with_team(request, state, function(team)
    local channels, refusal = read_channels(request)
    refusal = refusal or conflict(team, channels)
    if refusal then return refusal end
    return answers.json(201, { data = resource(rules_of(team):add { id = uuid(), channels = channels }) })
  end)
end

local function get(request, state)
  return with_rule(request, state, function(_, rule) return answers.json(200, { data = resource(rule) }) end)
end

local function update(request, state)
  return with_rule(request, state, function(_, rule)
    local channels, refusal = read_channels(request)
    if not channels then return refusal end
    rule.channels = channels
    return answers.json(200, { data = resource(rule) })
  end)
end

local function delete(request, state)
  return with_rule(request, state, function(team, rule)
    rules_of(team):remove(rule)
    return answers.nothing()
  end)
end

local RULES = "/api/v2/team/{team_id}/notification-rules"
local RULE = RULES .. "/{rule_id}"
local READ = "teams_read"

notification_rules.rows = {
  { method = "GET", path = RULES, handler = list, permission = READ, limit = "teams" },
  { method = "POST", path = RULES, handler = create, permission = READ, limit = "teams" },
  { method = "GET", path = RULE, handler = get, permission = READ, limit = "teams" },
  { method = "PUT", path = RULE, handler = update, permission = READ, limit = "teams" },
  { method = "DELETE", path = RULE, handler = delete, permission = READ, limit = "teams" },
}

return notification_rules
