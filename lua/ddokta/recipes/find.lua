--- find: things of both services by name or id. What is not there is an error, and what there is more
--- than once is refused, with what it may mean.

local errors = require "ddokta.error"
local json = require("ddokta.native").json
local pages = require "ddokta.pages"
local reference = require "ddokta.reference"
local scim = require "ddokta.scim"

local find = { array = json.array }

-- what a list has, in words; and where a page may have more than others of that service, that
local LISTS = {
  get_team_memberships = { "memberships" },
  list_application_group_assignments = { "group assignments" },
  list_application_users = { "app users", { limit = 500 } },
  list_applications = { "apps" },
  list_group_push_mappings = { "push mappings", { limit = 1000 } },
  list_group_users = { "members" },
  list_groups = { "groups" },
  list_roles = { "roles" },
  list_scim_groups = { "SCIM groups" },
  list_scim_users = { "SCIM users" },
  list_service_account_application_keys = { "application keys" },
  list_teams = { "teams" },
  list_users = { "users" },
}
local AT_ONCE = 32 -- what is asked for many things
local FEW, IDS = 2, 40 -- ids that are asked for alone, and those of one filter: a URL of 2 KB

-- --- errors -------------------------------------------------------------------------------------

--- refuse(code, message, ...) -> nil, err: it may mean several things, or something is in the way
function find.refuse(code, message, ...)
  return nil, errors.new { kind = "conflict", code = code, message = message:format(...) }
end

function find.missing(message, ...)
  return nil, errors.new { kind = "not_found", message = message:format(...) }
end

--- one(list, what, name, show) -> the only one | nil, err
function find.one(list, what, name, show)
  if #list == 1 then return list[1] end
  if #list == 0 then return find.missing("there is no %s '%s'", what, name) end
  local shown = {}
  for i, item in ipairs(list) do
    shown[i] = show(item)
  end
  return find.refuse(
    "ambiguous",
    "%d %ss may be meant by '%s': %s; say which by its id",
    #list,
    what,
    name,
    table.concat(shown, ", ")
  )
end

-- --- lists --------------------------------------------------------------------------------------

--- All items of a list, or those for which keep(item) holds.
---@param client ddokta.Client
---@param operation string of LISTS
---@param chosen? table the path's parameters in their order, and those of the query by name
---@param keep? fun(item: table): boolean
---@param on_page? fun(items: table[], response: table)
---@return table[]? items
---@return table? err
function find.all(client, operation, chosen, keep, on_page)
  local list, items = LISTS[operation], {}
  local parameters, query = {}, {}
  for name, value in pairs(list[2] or {}) do
    query[name] = value
  end
  for name, value in pairs(chosen or {}) do
    local to = type(name) == "number" and parameters or query
    to[name] = value
  end
  local count, err = pages.walk({
    client = client,
    operation = operation,
    parameters = parameters,
    query = query,
    title = list[1],
    on_page = on_page,
  }, function(item)
    if not keep or keep(item) then items[#items + 1] = item end
  end)
  if not count then return nil, err end
  return items
end

-- An error as it is; what a bug has raised, as one.
local function raised(err)
  return type(err) == "table" and err.kind and err
    or errors.new { kind = "protocol", message = tostring(err) }
end

--- each_of(list, act) -> the values of act(item) but for those that are false | nil, err. Many at once; after
-- a errors no other is begun.
function find.each_of(list, act)
  local has_failed, values = false, {}
  local results = require("ddokta").parallel(AT_ONCE, list, function(item)
    if has_failed then return false end
    local value, err = act(item)
    has_failed = has_failed or value == nil
    return value, err
  end)
  for i = 1, #list do
    local value, err = results[i][1], results[i][2]
    if value == nil then return nil, raised(err) end
    if value then values[#values + 1] = value end
  end
  return values
end

--- What SCIM asks of the key's owner, in words: "a and b".
---@return string
function find.scim_permissions() return reference.permission "create_scim_user" end

--- Those of SCIM's permissions that are lacking in a list of Datadog's, in words; nil: none.
---@param permissions table[]
---@return string?
function find.lacking_permissions(permissions)
  local held, lacking = {}, {}
  for _, permission in ipairs(permissions) do
    held[permission.name] = true
  end
  for name in find.scim_permissions():gmatch "%w+_[%w_]+" do
    if not held[name] then lacking[#lacking + 1] = name end
  end
  return lacking[1] and table.concat(lacking, " and ")
end

--- Reads or looks at one thing after the other, as long as all goes well.
---@param work ddokta.recipe.work
---@param facts table
---@param parts function[] part(work, facts, found) -> any | nil, err
---@param found? table
---@return table? facts
---@return table? err
function find.in_turn(work, facts, parts, found)
  for _, part in ipairs(parts) do
    local ok, err = part(work, facts, found)
    if ok == nil then return nil, err end
  end
  return facts
end

--- sorted(set) -> the values of a table in order
function find.sorted(set)
  local list = find.array {}
  for _, value in pairs(set) do
    list[#list + 1] = value
  end
  table.sort(list)
  return list
end

-- --- Okta ---------------------------------------------------------------------------------------

find.app_argument = {
  name = "app",
  kind = "text",
  value = "id or name",
  words = "Okta's app, by id or label (default: the one Datadog app)",
}

find.group_argument = {
  name = "group",
  kind = "text",
  value = "id or name",
  required = true,
  words = "the Okta group, by name or id; without Okta: the team's name",
}

local function show_app(app) return ("%s (%s, %s)"):format(app.id, app.label, app.status) end

local function is_active(app) return app.status == "ACTIVE" end

-- all that args.app may mean; without it, Datadog's of the catalogue
local function apps_meant(work)
  local wanted = work.args.app
  if not wanted then return find.all(work.okta, "list_applications", { filter = 'name eq "datadog"' }) end
  if wanted:find "^0oa%w+$" then
    local app, err = work.okta:get_application(wanted)
    return app and { app }, err
  end
  local function is_meant(app) return app.label == wanted or app.name == wanted end
  return find.all(work.okta, "list_applications", { q = wanted }, is_meant)
end

--- app(work) -> the one app that is meant | nil, err
function find.app(work)
  local apps, err = apps_meant(work)
  if not apps then return nil, err end
  local active = {}
  for _, app in ipairs(apps) do
    if is_active(app) then active[#active + 1] = app end
  end
  if #active == 0 and #apps > 0 then
    return find.refuse("inactive", "the app %s is not active", show_app(apps[1]))
  end
  return find.one(active, "app", work.args.app or "datadog", show_app)
end

--- Does the app have this part of its provisioning?
---@param app table Okta's
---@param name string
---@return boolean
function find.has_feature(app, name)
  for _, feature in ipairs(app.features or {}) do
    if feature == name then return true end
  end
  return false
end

--- read_app(work, facts) -> facts.app | nil, err
function find.read_app(work, facts)
  local err
  facts.app, err = find.app(work)
  return facts.app, err
end

--- read_group(work, facts) -> facts.group, which args.group means | nil, err
function find.read_group(work, facts)
  local err
  facts.group, err = find.group(work, facts.app, work.args.group)
  return facts.group, err
end

local function belongs_to(group, app)
  local source = group._links and group._links.source
  return source and tostring(source.href):sub(-#app.id) == app.id
end

-- A group without a profile has no name, and is none that anybody means.
local function is_named(group, name) return type(group.profile) == "table" and group.profile.name == name end

--- name_of_group(group) -> its name, or its id where it has none
function find.name_of_group(group)
  local name = type(group.profile) == "table" and group.profile.name
  return type(name) == "string" and name or group.id
end

--- group(work, app, name or id) -> a group that can be pushed into the app | nil, err
function find.group(work, app, name)
  if name:find("^00g%w+$") then return work.okta:get_group(name) end
  local function is_meant(group) return is_named(group, name) and not belongs_to(group, app) end
  local function show(group)
    return ("%s (%s)"):format(group.id, tostring(group.profile.description or group.type))
  end
  local list, err = find.all(work.okta, "list_groups", { q = name }, is_meant)
  if not list then return nil, err end
  return find.one(list, "Okta group", name, show)
end

-- the group of an id; false: there is none
local function group_of(work, id)
  local group, err = work.okta:get_group(id)
  if group or err.kind ~= "not_found" then return group, err end
  return false
end

-- lists of filters of which each finds IDS of them
local function filters_of(ids)
  local filters, wanted = {}, {}
  for i, id in ipairs(ids) do
    wanted[#wanted + 1] = scim.filter.eq("id", id)
    if #wanted == IDS or i == #ids then
      filters[#filters + 1] = table.concat(wanted, " or ")
      wanted = {}
    end
  end
  return filters
end

--- groups(work, ids) -> {id = group} of those that there are | nil, err. Many are found by one call; a few
-- are asked for alone.
function find.groups(work, ids)
  local function one(id)
    local group, err = group_of(work, id)
    return group and { group }, err
  end
  local function many(filter) return find.all(work.okta, "list_groups", { filter = filter }) end
  local few = #ids <= FEW
  local lists, err = find.each_of(few and ids or filters_of(ids), few and one or many)
  if not lists then return nil, err end
  local found = {}
  for _, list in ipairs(lists) do
    for _, group in ipairs(list) do
      found[group.id] = group
    end
  end
  return found
end

--- groups_of(work, mappings) -> {id = group}: their source and target groups | nil, err
function find.groups_of(work, mappings)
  local ids, seen = {}, {}
  for _, mapping in ipairs(mappings) do
    for _, id in ipairs { mapping.sourceGroupId or false, mapping.targetGroupId or false } do
      if id and not seen[id] then
        ids[#ids + 1], seen[id] = id, true
      end
    end
  end
  return find.groups(work, ids)
end

--- mappings(work, app, [group]) -> list | nil, err
function find.mappings(work, app, group)
  local function is_of_group(mapping) return not group or mapping.sourceGroupId == group.id end
  local chosen = { app.id, sourceGroupId = group and group.id }
  return find.all(work.okta, "list_group_push_mappings", chosen, is_of_group)
end

--- list_app_users(work, app, [expand]) -> Okta's app users | nil, err
function find.list_app_users(work, app, expand)
  return find.all(work.okta, "list_application_users", { app.id, expand = expand })
end

--- app_users(work, app) -> {Okta's user id = app user} | nil, err
function find.app_users(work, app)
  local list, err = find.list_app_users(work, app)
  if not list then return nil, err end
  local users = {}
  for _, user in ipairs(list) do
    users[user.id] = user
  end
  return users
end

local function name_of(user)
  local profile = type(user.profile) == "table" and user.profile or {}
  return profile.login or profile.email or user.id
end

--- group_users(work, group) -> the users in a group | nil, err
function find.group_users(work, group) return find.all(work.okta, "list_group_users", { group.id }) end

--- as_members(users, app_users) -> list of {id, name, app_user}; without app_user the member does not have
-- the app, and will not be in the team
function find.as_members(users, app_users)
  local list = {}
  for i, user in ipairs(users) do
    local app_user = app_users[user.id]
    local credentials = app_user and app_user.credentials
    list[i] =
      { id = user.id, app_user = app_user, name = credentials and credentials.userName or name_of(user) }
  end
  return list
end

--- assigned_groups(work, app) -> {Okta's group id = true} of those that give their members the app | nil, err
function find.assigned_groups(work, app)
  local list, err = find.all(work.okta, "list_application_group_assignments", { app.id })
  if not list then return nil, err end
  local ids = {}
  for _, assignment in ipairs(list) do
    ids[assignment.id] = true
  end
  return ids
end

--- is_assigned(work, app, group) -> does the group give its members the app? | nil, err
function find.is_assigned(work, app, group)
  local assignment, err = work.okta:get_application_group_assignment(app.id, group.id)
  if assignment then return true end
  if err.kind == "not_found" then return false end
  return nil, err
end

--- members(work, group, app_users) -> the members of a group, as above | nil, err
function find.members(work, group, app_users)
  local users, err = find.group_users(work, group)
  if not users then return nil, err end
  return find.as_members(users, app_users)
end

-- --- Datadog ------------------------------------------------------------------------------------

--- teams(work, word, keep) -> those that the service finds by a word and that are kept
function find.teams(work, word, keep)
  return find.all(work.dd, "list_teams", { ["filter[keyword]"] = word }, keep)
end

--- team_named(work, name) -> team, or false where there is none | nil, err
function find.team_named(work, name)
  local list, err = find.teams(work, name, function(team) return team.name == name end)
  if not list then return nil, err end
  if #list == 0 then return false end
  return find.one(list, "team", name, find.show_team)
end

function find.show_team(team) return ("%s (%s, handle %s)"):format(team.id, team.name, team.handle) end

local function note_names(names, body)
  for _, item in ipairs(type(body) == "table" and body.included or {}) do
    if item.type == "users" then
      local attributes = item.attributes or {}
      names[item.id] = attributes.handle or attributes.email or attributes.name
    end
  end
end

--- team_members(work, team) -> {user id = name} | nil, err
function find.team_members(work, team)
  local names, members = {}, {}
  local function note_page(_, response) note_names(names, response.body) end
  local list, err = find.all(work.dd, "get_team_memberships", { team.id }, nil, note_page)
  if not list then return nil, err end
  for _, membership in ipairs(list) do
    local user = type(membership.user) == "table" and membership.user.data
    local id = type(user) == "table" and user.id
    if not id then
      return nil,
        errors.new {
          kind = "protocol",
          operation = "get_team_memberships",
          message = ("the membership %s of the team '%s' does not say whose it is"):format(
            tostring(membership.id),
            tostring(team.name)
          ),
        }
    end
    members[id] = names[id] or id
  end
  return members
end

--- scim_group(work, name) -> group, with its members, or false where there is none | nil, err
function find.scim_group(work, name)
  local chosen = { filter = scim.filter.eq("displayName", name) }
  local function is_meant(group) return group.displayName == name end
  local list, err = find.all(work.dd, "list_scim_groups", chosen, is_meant)
  if not list then return nil, err end
  if #list == 0 then return false end
  local group
  group, err = find.one(list, "SCIM group", name, function(one) return one.id end)
  if not group then return nil, err end
  -- members that a list leaves out are not known; out of a group that is asked for alone a service leaves
  -- them where there are none (RFC 7643, 2.5)
  if scim.get(group, "members") == nil then return work.dd:get_scim_group(group.id) end
  return group
end

--- scim_members(group) -> {user id = name}
function find.scim_members(group)
  local members = {}
  for _, member in ipairs(scim.get(group, "members") or {}) do
    members[member.value] = member.display or member.value
  end
  return members
end

local function scim_user(work, name)
  local list, err = find.all(work.dd, "list_scim_users", { filter = scim.filter.eq("userName", name) })
  if not list then return nil, err end
  return list[1] or false
end

--- scim_users(work, names) -> {user id = name} of those that there are, list of the others | nil, err
function find.scim_users(work, names)
  local found, err = find.each_of(names, function(name)
    local user, why = scim_user(work, name)
    if user == nil then return nil, why end
    return { user = user, name = name }
  end)
  if not found then return nil, err end
  local users, unknown = {}, find.array {}
  for _, one in ipairs(found) do
    if one.user then
      users[one.user.id] = one.name
    else
      unknown[#unknown + 1] = one.name
    end
  end
  return users, unknown
end

--- difference(a, b) -> {id = name} of a that b does not have
function find.difference(a, b)
  local rest = {}
  for id, name in pairs(a) do
    if b[id] == nil then rest[id] = name end
  end
  return rest
end

return find
