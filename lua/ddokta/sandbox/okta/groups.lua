--- Okta's groups. Reading is as the specification has it; members can be put in and taken out as well,
--- for that is what is pushed.
local assignments = require "ddokta.sandbox.okta.assignments"
local collection = require "ddokta.sandbox.collection"
local filter = require "ddokta.sandbox.okta.filter"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"
local users = require "ddokta.sandbox.okta.users"

local MEMBER_LIMITS = { default = 1000 }
local OBJECT_CLASS = { OKTA_GROUP = "okta:user_group", APP_GROUP = "okta:app_group" }

local groups = {
  service = "okta",
  dialect = protocol,
  limit = "okta_groups",
  what = "UserGroup",
  store = "groups",
  operations = collection.operations("group", "list get"),
  -- the specification names no default; Okta recommends at most 200
  limits = { default = 200, most = 10000 },
  expressions = true,
  begins = function(group) return group.profile.name end,
}

-- what the query's `expand` asks for, or nil
local function embedded(call, group)
  local wanted, found = protocol.query(call).expand or "", {}
  if wanted:find("stats", 1, true) then
    found.stats = {
      usersCount = group.members.count,
      appsCount = #call.state.okta.assignments:find_all("group", group.id),
      groupPushMappingsCount = #call.state.okta.mappings:find_all("source", group.id),
    }
  end
  local app = group.app
  if wanted:find("app", 1, true) and app then
    found.app = { id = app.id, name = app.name, label = app.label, signOnMode = "SAML_2_0" }
  end
  return next(found) and found or nil
end

--- A group as the API gives it.
function groups.show(call, group)
  local here = "/api/v1/groups/" .. group.id
  return {
    id = group.id,
    type = group.type,
    objectClass = json.array { OBJECT_CLASS[group.type] },
    created = protocol.time(group.created),
    lastUpdated = protocol.time(group.updated),
    lastMembershipUpdated = protocol.time(group.membership_updated),
    profile = group.profile,
    _links = {
      self = protocol.link(call, here),
      users = protocol.link(call, here .. "/users"),
      apps = protocol.link(call, here .. "/apps"),
      source = group.app and protocol.link(call, "/api/v1/apps/" .. group.app.id) or nil,
    },
    _embedded = embedded(call, group),
  }
end

-- an expression knows the app of a group as source.id
function groups.about(call, group)
  local resource = groups.show(call, group)
  resource.source = group.app and { id = group.app.id }
  return resource
end

-- those of which the query's filter may mean one: it need not look at all for a few ids
function groups.records(call)
  local query, records = protocol.query(call), call.state.okta.groups
  local ids = not query.search and query.filter and filter.ids(query.filter)
  if not ids then return records:all() end
  local found, seen = {}, {}
  for _, id in ipairs(ids) do
    local group = records:get(id)
    if group and not seen[group] then
      found[#found + 1], seen[group] = group, true
    end
  end
  table.sort(found, function(a, b) return a.serial < b.serial end)
  return found
end

-- the last name of a member's path is the user's
function groups.find(call)
  local id = call.request.parameters.groupId
  return call.state.okta.groups:get(id) or protocol.refuse_unknown("UserGroup", id)
end

local function list_members(call, group)
  return protocol.page(call, org.members(group), MEMBER_LIMITS, users.show)
end

local function member_endpoint(method, is_member)
  return {
    method = method,
    path = "/api/v1/groups/{groupId}/users/{userId}",
    permission = "okta.groups.manage",
    handler = collection.for_record(groups, function(call, group)
      local id = call.request.parameters.userId
      local user = org.user(call.state, id) or protocol.refuse_unknown("User", id)
      if group.app then protocol.refuse "E0000006" end -- the app owns its members
      assignments.set_member(call.state, group, user, is_member, call.now)
    end),
  }
end

groups.handlers = {
  list_group_users = collection.for_record(groups, list_members),
  member_endpoint("PUT", true),
  member_endpoint("DELETE", false),
}

return collection.new(groups)
