--- find: things of both services by name or id. What is not there is an error, and what there is more
--- than once is refused, with what it may mean.

local failure = require "ddokta.error"
local json = require("ddokta.core").json
local listing = require "ddokta.bulk.listing"
local scim = require "ddokta.scim"

local find = { array = json.array }

local PAGE = { ["page[size]"] = 100 }

-- --- errors -------------------------------------------------------------------------------------

--- refuse(code, message, ...) -> nil, err: it may mean several things, or something is in the way
function find.refuse(code, message, ...)
  return nil, failure.new{ kind = "conflict", code = code, message = message:format(...) }
end

function find.missing(message, ...)
  return nil, failure.new{ kind = "not_found", message = message:format(...) }
end

--- one(list, what, name, show) -> the only one | nil, err
function find.one(list, what, name, show)
  if #list == 1 then return list[1] end
  if #list == 0 then return find.missing("there is no %s '%s'", what, name) end
  local shown = {}
  for i, item in ipairs(list) do shown[i] = show(item) end
  return find.refuse("ambiguous", "%d %ss may be meant by '%s': %s; say which by its id", #list, what, name,
    table.concat(shown, ", "))
end

-- --- lists --------------------------------------------------------------------------------------

--- all(read, query, plural, [keep]) -> list | nil, err. read(page) -> a page, as a method answers.
function find.all(read, query, plural, keep)
  local list = {}
  local count, err = listing.walk(read, query, function(item)
    if not keep or keep(item) then list[#list + 1] = item end
  end, plural)
  if not count then return nil, err end
  return list
end

--- sorted(set) -> the values of a table in order
function find.sorted(set)
  local list = find.array{}
  for _, value in pairs(set) do list[#list + 1] = value end
  table.sort(list)
  return list
end

--- Where a client calls.
function find.base_url(client) return client:address() end

-- --- Okta ---------------------------------------------------------------------------------------

local function show_app(app) return ("%s (%s, %s)"):format(app.id, app.label, app.status) end

local function is_active(app) return app.status == "ACTIVE" end

--- apps(work) -> all that args.app may mean; without it, Datadog's of the catalogue
function find.apps(work)
  local wanted = work.args.app
  local query = wanted and not wanted:find("^0oa%w+$") and { q = wanted, limit = 200 }
    or { filter = 'name eq "datadog"', limit = 200 }
  if wanted and wanted:find("^0oa%w+$") then
    local app, err = work.okta:get_application(wanted)
    if not app then return nil, err end
    return { app }
  end
  return find.all(function(page) return work.okta:list_applications(page) end, query, "apps", function(app)
    return not wanted or app.label == wanted or app.name == wanted
  end)
end

--- app(work) -> the one app that is meant | nil, err
function find.app(work)
  local apps, err = find.apps(work)
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

local function belongs_to(group, app)
  local source = group._links and group._links.source
  return source and tostring(source.href):sub(-#app.id) == app.id
end

--- group(work, app, name or id) -> a group that can be pushed into the app | nil, err
function find.group(work, app, name)
  if name:find("^00g%w+$") then return work.okta:get_group(name) end
  local list, err = find.all(function(page) return work.okta:list_groups(page) end, { q = name, limit = 200 },
    "groups", function(group) return group.profile.name == name and not belongs_to(group, app) end)
  if not list then return nil, err end
  return find.one(list, "Okta group", name, function(group)
    return ("%s (%s)"):format(group.id, group.profile.description or group.type)
  end)
end

--- mappings(work, app, [group]) -> list | nil, err
function find.mappings(work, app, group)
  return find.all(function(page) return work.okta:list_group_push_mappings(app.id, page) end,
    { sourceGroupId = group and group.id, limit = 100 }, "push mappings", function(mapping)
      return not group or mapping.sourceGroupId == group.id
    end)
end

--- app_users(work, app) -> {Okta's user id = app user} | nil, err
function find.app_users(work, app)
  local list, err = find.all(function(page) return work.okta:list_application_users(app.id, page) end,
    { limit = 200 }, "app users")
  if not list then return nil, err end
  local users = {}
  for _, user in ipairs(list) do users[user.id] = user end
  return users
end

local function name_of(user) return user.profile and (user.profile.login or user.profile.email) or user.id end

--- members(work, group, app_users) -> list of {id, name, app_user} | nil, err; without app_user the member
-- does not have the app, and will not be in the team
function find.members(work, group, app_users)
  local list, err = find.all(function(page) return work.okta:list_group_users(group.id, page) end,
    { limit = 200 }, "members")
  if not list then return nil, err end
  for i, user in ipairs(list) do
    local app_user = app_users[user.id]
    local credentials = app_user and app_user.credentials
    list[i] = { id = user.id, app_user = app_user,
      name = credentials and credentials.userName or name_of(user) }
  end
  return list
end

-- --- Datadog ------------------------------------------------------------------------------------

--- The handle of the team that a pushed group becomes.
find.handle_of = require("ddokta.bulk.conflicts").handle_of

--- teams(work, word, keep) -> those that the service finds by a word and that are kept
function find.teams(work, word, keep)
  return find.all(function(page) return work.dd:list_teams(page) end,
    { ["filter[keyword]"] = word, ["page[size]"] = 100 }, "teams", keep)
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
  local names = {}
  local list, err = find.all(function(page)
    local members, response = work.dd:get_team_memberships(team.id, page)
    if members then note_names(names, response.body) end
    return members, response
  end, PAGE, "memberships")
  if not list then return nil, err end
  local members = {}
  for _, membership in ipairs(list) do
    local id = membership.user.data.id
    members[id] = names[id] or id
  end
  return members
end

--- scim_group(work, name) -> group, or false where there is none | nil, err
function find.scim_group(work, name)
  local list, err = find.all(function(page) return work.dd:list_scim_groups(page) end,
    { filter = scim.filter.eq("displayName", name), count = 100 }, "SCIM groups",
    function(group) return group.displayName == name end)
  if not list then return nil, err end
  if #list == 0 then return false end
  return find.one(list, "SCIM group", name, function(group) return group.id end)
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
  local list, err = find.all(function(page) return work.dd:list_scim_users(page) end,
    { filter = scim.filter.eq("userName", name), count = 100 }, "SCIM users")
  if not list then return nil, err end
  return list[1] or false
end

--- scim_users(work, names) -> {user id = name} of those that there are, list of the others | nil, err
function find.scim_users(work, names)
  local results = require("ddokta").parallel(8, names, function(name) return scim_user(work, name) end)
  local users, unknown = {}, find.array{}
  for i, name in ipairs(names) do
    local user, err = results[i][1], results[i][2]
    if user == nil then return nil, failure.is(err) and err or failure.new{ kind = "protocol",
      message = tostring(err) } end
    if user then users[user.id] = name else unknown[#unknown + 1] = name end
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
