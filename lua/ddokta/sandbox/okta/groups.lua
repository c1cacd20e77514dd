-- Okta's groups: /api/v1/groups. Reading is as the specification has it; members can be put in and taken
-- out as well, for that is what is pushed.
local answers = require "ddokta.sandbox.answers"
local assignments = require "ddokta.sandbox.okta.assignments"
local errors = require "ddokta.sandbox.okta.errors"
local filter = require "ddokta.sandbox.okta.filter"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"
local users = require "ddokta.sandbox.okta.users"

local groups = {}

-- the specification names no default; Okta recommends at most 200
local LIMIT = { default = 200, most = 10000 }
local MEMBER_LIMIT = { default = 1000 }

local OBJECT_CLASS = { OKTA_GROUP = "okta:user_group", APP_GROUP = "okta:app_group" }

local function stats(state, group)
  return {
    usersCount = group.members.count,
    appsCount = #state.okta.assignments:find_all("group", group.id),
    groupPushMappingsCount = #state.okta.mappings:find_all("source", group.id),
  }
end

local function add_embedded(request, state, group, resource)
  local wanted = pages.query(request).expand or ""
  local embedded = {}
  if wanted:find("stats", 1, true) then embedded.stats = stats(state, group) end
  if wanted:find("app", 1, true) and group.app then
    embedded.app =
      { id = group.app.id, name = group.app.name, label = group.app.label, signOnMode = "SAML_2_0" }
  end
  if next(embedded) then resource._embedded = embedded end
  return resource
end

--- A group as the API gives it.
function groups.resource(request, state, group)
  local here = "/api/v1/groups/" .. group.id
  local links = {
    self = pages.link(request, state, here),
    users = pages.link(request, state, here .. "/users"),
    apps = pages.link(request, state, here .. "/apps"),
  }
  if group.app then links.source = pages.link(request, state, "/api/v1/apps/" .. group.app.id) end
  return add_embedded(request, state, group, {
    id = group.id,
    type = group.type,
    objectClass = json.array { OBJECT_CLASS[group.type] },
    created = time(group.created),
    lastUpdated = time(group.updated),
    lastMembershipUpdated = time(group.membership_updated),
    profile = group.profile,
    _links = links,
  })
end

-- what a search is about: it knows the app of a group as source.id
local function searchable(request, state, group)
  local resource = groups.resource(request, state, group)
  resource.source = group.app and { id = group.app.id }
  return resource
end

-- Those of which the query's filter may mean one: it need not look at all for a few ids.
local function candidates(state, query)
  local ids = not query.search and query.filter and filter.ids(query.filter)
  if not ids then return state.okta.groups:all() end
  local found, seen = {}, {}
  for _, id in ipairs(ids) do
    local group = state.okta.groups:get(id)
    if group and not seen[group] then
      found[#found + 1], seen[group] = group, true
    end
  end
  table.sort(found, function(a, b) return a.serial < b.serial end)
  return found
end

local function list(request, state)
  local query = pages.query(request)
  local q = query.q
  local found, refusal = lists.matching(request, state, candidates(state, query), searchable)
  if not found then return refusal end
  if q then found = lists.select(found, function(group) return lists.begins(q, group.profile.name) end) end
  return pages.answer(request, state, found, LIMIT, groups.resource)
end

local function with_group(act)
  return function(request, state)
    local group = state.okta.groups:get(request.parameters.groupId)
    if not group then return errors.not_found(request.parameters.groupId, "UserGroup") end
    return act(request, state, group)
  end
end

local function get(request, state, group) return answers.json(200, groups.resource(request, state, group)) end

local function list_members(request, state, group)
  return pages.answer(request, state, org.members(group), MEMBER_LIMIT, users.resource)
end

local function set_member(is_member)
  return with_group(function(request, state, group)
    local user = org.user(state, request.parameters.userId)
    if not user then return errors.not_found(request.parameters.userId, "User") end
    if group.app then return errors.answer("E0000006") end -- the app owns its members
    assignments.set_member(state, group, user, is_member, request.now)
    return { status = 204, headers = {}, body = "" }
  end)
end

local GROUPS = "/api/v1/groups"
local GROUP = GROUPS .. "/{groupId}"
local MEMBER = GROUP .. "/users/{userId}"
local READ, MANAGE = "okta.groups.read", "okta.groups.manage"

groups.rows = rows("okta_groups", {
  { method = "GET", path = GROUPS, handler = list, permission = READ },
  { method = "GET", path = GROUP, handler = with_group(get), permission = READ },
  { method = "GET", path = GROUP .. "/users", handler = with_group(list_members), permission = READ },
  { method = "PUT", path = MEMBER, handler = set_member(true), permission = MANAGE },
  { method = "DELETE", path = MEMBER, handler = set_member(false), permission = MANAGE },
})

return groups
