--- Which groups have an app of Okta.
local apps = require "ddokta.sandbox.okta.apps"
local assignments = require "ddokta.sandbox.okta.assignments"
local collection = require "ddokta.sandbox.collection"
local groups = require "ddokta.sandbox.okta.groups"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"

local function whole_number(value)
  if type(value) ~= "number" or value % 1 ~= 0 then return "must be an integer" end
end

local CHECKS = { priority = whole_number, profile = protocol.object }

local check_op = protocol.one_of("remove", "replace")

local EMBEDDED = {
  group = groups.show,
  metadata = function() return { credentials = {}, profile = {} } end,
}

local app_groups = {
  service = "okta",
  dialect = protocol,
  limit = "okta_apps",
  what = "ApplicationGroupAssignment",
  operations = {
    list = "list_application_group_assignments",
    get = "get_application_group_assignment",
    delete = "unassign_application_from_group",
  },
  owner = apps.of_path,
  records = function(call) return call.state.okta.assignments:find_all("app", call.owner.id) end,
  find = function(call, id)
    local group = call.state.okta.groups:get(id)
    return group and org.assignment(call.state, call.owner, group)
  end,
  limits = { default = 20, least = 20, most = 200 },
  begins = function(assignment) return assignment.group.profile.name end,
}

--- An assignment as the API gives it.
function app_groups.show(call, assignment)
  local app_path = "/api/v1/apps/" .. assignment.app.id
  local group = assignment.group
  local wanted = protocol.query(call).expand
  return {
    id = group.id,
    priority = assignment.priority,
    profile = assignment.profile,
    lastUpdated = protocol.time(assignment.updated),
    _links = {
      app = protocol.link(call, app_path),
      self = protocol.link(call, app_path .. "/groups/" .. group.id),
      group = protocol.link(call, "/api/v1/groups/" .. group.id),
    },
    _embedded = EMBEDDED[wanted] and { [wanted] = EMBEDDED[wanted](call, group) } or nil,
  }
end

--- Assigns an app to a group: it comes after those there are.
---@param given {priority: integer?, profile: table?}
function app_groups.assign(state, app, group, given, now)
  local assignment = org.add_assignment(state, app, group, {
    priority = given.priority or #state.okta.assignments:find_all("app", app.id),
    profile = given.profile or {},
    updated = now,
  })
  assignments.group_settle(state, app, group, now)
  return assignment
end

local function assign(call)
  local state, id = call.state, call.request.parameters.groupId
  local group = state.okta.groups:get(id) or protocol.refuse_unknown("UserGroup", id)
  local given = protocol.body(call.request, "optional")
  protocol.check(given, CHECKS)
  local assignment = org.assignment(state, call.owner, group)
  if not assignment then
    assignment = app_groups.assign(state, call.owner, group, given, call.now)
  else
    assignment.priority = given.priority or assignment.priority
    assignment.profile = given.profile or assignment.profile
    assignment.updated = call.now
  end
  return app_groups.show(call, assignment)
end

-- what an operation may change: /priority, /profile, and single attributes of the profile
local function apply(assignment, operation)
  local attribute = type(operation.path) == "string" and operation.path:match "^/profile/([^/]+)$"
  local value = operation.op == "replace" and operation.value or nil
  local problem = check_op(operation.op)
  if problem then return "op: " .. problem end
  if attribute then
    assignment.profile[attribute] = value
  elseif operation.path == "/profile" and not protocol.object(value or {}) then
    assignment.profile = value or {}
  elseif operation.path == "/priority" and not whole_number(value) then
    assignment.priority = value
  else
    return "path: must be /priority, /profile or an attribute of the profile, with a value of its type"
  end
end

-- all operations or none
local function update(call, assignment)
  local changed = { priority = assignment.priority, profile = {} }
  for name, value in pairs(assignment.profile) do
    changed.profile[name] = value
  end
  for _, operation in ipairs(protocol.body(call.request, "optional")) do
    local problem = type(operation) ~= "table" and "must be objects" or apply(changed, operation)
    if problem then protocol.refuse_invalid("operations", problem) end
  end
  assignment.priority, assignment.profile = changed.priority, changed.profile
  assignment.updated = call.now
  return app_groups.show(call, assignment)
end

function app_groups.removing(call, assignment)
  call.state.okta.assignments:remove(assignment)
  assignments.group_settle(call.state, assignment.app, assignment.group, call.now)
  return true
end

app_groups.handlers = {
  assign_group_to_application = collection.for_owner(app_groups, assign),
  update_group_assignment_to_application = collection.for_record(app_groups, update),
}

return collection.new(app_groups)
