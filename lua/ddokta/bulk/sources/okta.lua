--- A source out of Okta: the people of a group or of an app, or such groups themselves.
--
--   bulk.read("okta:group/Engineering", { okta = okta, kind = "scim_users" })
--
--   okta:group/<id or name>  of users: who is in the group; of groups: this one, with its members
--   okta:app/<id or label>   of users: who has the app; of groups: those that are pushed into it, with
--                            those of their members who have the app, as Okta's own push does it
--
-- All of it is read before the first row is given: a list that is incomplete, or a page that cannot be
-- had, is an error and no source.

local failure = require "ddokta.error"
local json = require("ddokta.native").json
local pages = require "ddokta.pages"
local mapping = require "ddokta.bulk.mapping"
local did_you_mean = require("ddokta.text").did_you_mean

local AT_ONCE = 8 -- groups whose members are read

-- which attributes of Okta's profile make a column: Datadog's app for Okta maps them so by default.
local attributes = {
  userName = { "login" },
  name = { "firstName", "lastName" },
  email = { "email" },
  title = { "title" },
}

-- what a user's status in Okta makes of `active`. Those that are not here say nothing: Okta tells an app
-- nothing of a suspension, and a status that is not known means nothing.
local active = {
  ACTIVE = true,
  PROVISIONED = true,
  RECOVERY = true,
  PASSWORD_EXPIRED = true,
  LOCKED_OUT = true,
  STAGED = false,
  DEPROVISIONED = false,
}

local function refuse(message, kind)
  return nil, failure.new { kind = kind or "invalid_request", message = message, errors = { message } }
end

--- All that a list has. list: as of pages.walk
local function all(okta, list)
  local things = {}
  list.client = okta
  local count, err = pages.walk(list, function(thing) things[#things + 1] = thing end)
  if not count then return nil, err end
  return things
end

-- --- whom it names --------------------------------------------------------------------------------

-- a group that an app has brought along has the name of the one it stands for
local function own_groups(groups)
  local own = {}
  for _, group in ipairs(groups) do
    if group.type ~= "APP_GROUP" then own[#own + 1] = group end
  end
  return own[1] and own or groups
end

local places = {
  group = {
    noun = "group",
    plural = "groups",
    prefix = "^00g",
    get = "get_group",
    list = "list_groups",
    name = function(group) return group.profile and group.profile.name end,
    prefer = own_groups,
  },
  app = {
    noun = "app",
    plural = "apps",
    prefix = "^0oa",
    get = "get_application",
    list = "list_applications",
    name = function(app) return app.label end,
    prefer = function(apps) return apps end,
  },
}

local function ids_of(resources)
  local ids = {}
  for i, resource in ipairs(resources) do
    ids[i] = tostring(resource.id)
  end
  return table.concat(ids, ", ")
end

local function not_there(okta, place, wanted)
  local names = {}
  local list = all(okta, { operation = place.list, title = place.plural }) or {}
  for _, resource in ipairs(list) do
    names[#names + 1] = place.name(resource)
  end
  local words = "Okta has no %s with the id or name '%s'%s"
  return refuse(words:format(place.noun, wanted, did_you_mean(wanted, names)), "not_found")
end

local function find_named(okta, place, wanted)
  local list, err = all(okta, { operation = place.list, query = { q = wanted }, title = place.plural })
  if not list then return nil, err end
  local named = {}
  for _, resource in ipairs(list) do
    if place.name(resource) == wanted then named[#named + 1] = resource end
  end
  named = place.prefer(named)
  if #named > 1 then
    return refuse(
      ("Okta has %d %s with the name '%s', use an id: %s"):format(#named, place.plural, wanted, ids_of(named)),
      "conflict"
    )
  end
  if named[1] then return named[1] end
  return not_there(okta, place, wanted)
end

local function find(okta, place, wanted)
  if wanted:find(place.prefix) then
    local resource, err = okta[place.get](okta, wanted)
    if resource then return resource end
    if err.kind ~= "not_found" then return nil, err end
  end
  return find_named(okta, place, wanted)
end

-- --- what is read ---------------------------------------------------------------------------------

local function group_users(okta, group)
  return all(okta, { operation = "list_group_users", parameters = { group.id }, title = "people" })
end

local function app_users(okta, app)
  return all(okta, {
    operation = "list_application_users",
    parameters = { app.id },
    query = { expand = "user" },
    title = "people",
  })
end

--- A user of an app as a user: what the app's own profile says goes before Okta's.
local function as_user(app_user)
  local user = (app_user._embedded or {}).user or {}
  local profile = {}
  for _, part in ipairs { user.profile or {}, app_user.profile or {} } do
    for name, value in pairs(part) do
      profile[name] = value
    end
  end
  profile.login = (app_user.credentials or {}).userName or profile.login
  -- the id that the app knows the user by
  return { id = app_user.id, external_id = app_user.externalId, status = user.status, profile = profile }
end

--- A user's row. An attribute that is a list stays one, and is refused where the column has one value.
local function user_row(user, map)
  local row = {}
  for column, parts in pairs(map) do
    row[column] = mapping.value(parts, user.profile or {})
  end
  row.active, row.id = active[user.status], user.external_id
  return row
end

local function user_rows(users, map)
  local rows = {}
  for i, user in ipairs(users) do
    rows[i] = user_row(user, map)
  end
  return rows
end

-- who is gone is not in a team either
local function group_row(group, users, map, logins)
  local members = {}
  for _, user in ipairs(users) do
    local login = logins and logins[user.id] or not logins and mapping.value(map.userName, user.profile or {})
    if login and active[user.status] ~= false then members[#members + 1] = login end
  end
  return { displayName = group.profile.name, members = json.array(members) }
end

--- The groups that are pushed into an app. logins: by user id, of those who have the app
local function pushed_rows(okta, app, map)
  local users, err = app_users(okta, app)
  if not users then return nil, err end
  local logins = {}
  for _, user in ipairs(users) do
    logins[user.id] = mapping.value(map.userName, as_user(user).profile)
  end
  local pushed
  pushed, err = all(okta, {
    operation = "list_group_push_mappings",
    parameters = { app.id },
    query = { status = "ACTIVE" },
    title = "group push mappings",
  })
  if not pushed then return nil, err end
  local results = require("ddokta").parallel(AT_ONCE, pushed, function(push)
    local group, members, why
    group, why = okta:get_group(push.sourceGroupId)
    if not group then return nil, why end
    members, why = group_users(okta, group)
    if not members then return nil, why end
    return group_row(group, members, map, logins)
  end)
  local rows = {}
  for i = 1, #pushed do
    rows[i] = results[i][1]
    if not rows[i] then return nil, results[i][2] end
  end
  return rows
end

-- by kind and place: read(okta, group or app, map) -> rows, or nil, err
local readers = {
  scim_users = {
    group = function(okta, group, map)
      local users, err = group_users(okta, group)
      if not users then return nil, err end
      return user_rows(users, map)
    end,
    app = function(okta, app, map)
      local users, err = app_users(okta, app)
      if not users then return nil, err end
      for i, user in ipairs(users) do
        users[i] = as_user(user)
      end
      return user_rows(users, map)
    end,
  },
  scim_groups = {
    group = function(okta, group, map)
      local users, err = group_users(okta, group)
      if not users then return nil, err end
      return { group_row(group, users, map) }
    end,
    app = pushed_rows,
  },
}

-- --- the source -----------------------------------------------------------------------------------

--- The default with its changes, resolved: an attribute that nobody has is no mistake, for who knows what a
-- profile may have.
local function map_of(changes)
  local map, message = mapping.read(changes or {})
  if not map then error("option 'attributes': " .. message, 4) end
  for column, names in pairs(attributes) do
    map[column] = map[column] or names
  end
  return (mapping.resolve(map))
end

local okta_source = {
  attributes = attributes,
  active = active,
  client = "okta",
  words = { "okta:group/<id or name>", "okta:app/<id or label>" },
  options = { okta = { "table" }, kind = { "string" }, attributes = { "table" } },
}

--- Is this a source of Okta, such as "okta:group/Engineering"?
function okta_source.is(from) return from:find("^okta:") ~= nil end

--- Has Okta things of this kind?
function okta_source.has(kind_name) return readers[kind_name] ~= nil end

--- app_user_row(app user, changes) -> its row; listed with expand = "user"; changes: as attributes below
function okta_source.app_user_row(app_user, changes) return user_row(as_user(app_user), map_of(changes)) end

--- read(from, options) -> a list of rows, or nil, err
-- options: okta (a client of Okta), kind ("scim_users" or "scim_groups"; the former), attributes (other
-- ones for some columns: {title = "jobTitle", name = {"givenName", "familyName"}}, see bulk/mapping.lua).
function okta_source.read(from, options)
  local okta, kind_name = options.okta, options.kind or "scim_users"
  if type(okta) ~= "table" or okta.service ~= "okta" then
    error("option 'okta': a client of Okta (ddokta.okta) is wanted to read " .. from, 3)
  end
  local what, wanted = from:match("^okta:(%l+)/(.+)$")
  local place = places[what]
  if not place then
    return refuse(("'%s': %s is wanted"):format(from, table.concat(okta_source.words, " or ")))
  end
  local by_place = readers[kind_name]
  if not by_place then
    return refuse(("%s: Okta is a source of scim_users and scim_groups, not of %s"):format(from, kind_name))
  end
  local found, err = find(okta, place, wanted)
  if not found then return nil, err end
  return by_place[what](okta, found, map_of(options.attributes))
end

return okta_source
