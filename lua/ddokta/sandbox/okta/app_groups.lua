-- Which groups have an app: /api/v1/apps/{appId}/groups.
local answers = require "ddokta.sandbox.answers"
local apps = require "ddokta.sandbox.okta.apps"
local assignments = require "ddokta.sandbox.okta.assignments"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local groups = require "ddokta.sandbox.okta.groups"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"

local app_groups = {}

local LIMIT = { default = 20, least = 20, most = 200 }

local function whole_number(value)
  if type(value) ~= "number" or value % 1 ~= 0 then return "must be an integer" end
end

local CHECKS = { priority = whole_number, profile = body.object }

local check_op = body.one_of("remove", "replace")

local EMBEDDED = {
  group = groups.resource,
  metadata = function() return { credentials = {}, profile = {} } end,
}

--- An assignment as the API gives it.
function app_groups.resource(request, state, assignment)
  local app_path = "/api/v1/apps/" .. assignment.app.id
  local group = assignment.group
  local resource = {
    id = group.id,
    priority = assignment.priority,
    profile = assignment.profile,
    lastUpdated = time(assignment.updated),
    _links = {
      app = pages.link(request, state, app_path),
      self = pages.link(request, state, app_path .. "/groups/" .. group.id),
      group = pages.link(request, state, "/api/v1/groups/" .. group.id),
    },
  }
  local wanted = pages.query(request).expand
  if EMBEDDED[wanted] then resource._embedded = { [wanted] = EMBEDDED[wanted](request, state, group) } end
  return resource
end

local function list(request, state, app)
  local q = pages.query(request).q
  local found = state.okta.assignments:find_all("app", app.id)
  if q then
    found = lists.select(
      found,
      function(assignment) return lists.begins(q, assignment.group.profile.name) end
    )
  end
  return pages.answer(request, state, found, LIMIT, app_groups.resource)
end

local function with_assignment(act)
  return apps.with_app(function(request, state, app)
    local id = request.parameters.groupId
    local group = state.okta.groups:get(id)
    local assignment = group and org.assignment(state, app, group)
    if not assignment then return errors.not_found(id, "ApplicationGroupAssignment") end
    return act(request, state, assignment)
  end)
end

local function get(request, state, assignment)
  return answers.json(200, app_groups.resource(request, state, assignment))
end

-- a new assignment comes after those there are
local function add(state, app, group, given, now)
  local assignment = org.add_assignment(state, app, group, {
    priority = given.priority or #state.okta.assignments:find_all("app", app.id),
    profile = given.profile or {},
    updated = now,
  })
  assignments.group_settle(state, app, group, now)
  return assignment
end
app_groups.add = add

local function assign(request, state, app)
  local group = state.okta.groups:get(request.parameters.groupId)
  if not group then return errors.not_found(request.parameters.groupId, "UserGroup") end
  local given, refusal = body.read_optional(request)
  if not given then return refusal end
  refusal = body.problem(given, CHECKS)
  if refusal then return refusal end
  local assignment = org.assignment(state, app, group)
  if not assignment then
    assignment = add(state, app, group, given, request.now)
  else
    assignment.priority, assignment.profile =
      given.priority or assignment.priority, given.profile or assignment.profile
    assignment.updated = request.now
  end
  return get(request, state, assignment)
end

-- what an operation may change: /priority, /profile, and single attributes of the profile
local function apply(assignment, operation)
  local attribute = type(operation.path) == "string" and operation.path:match("^/profile/([^/]+)$")
  local value = operation.op == "replace" and operation.value or nil
  local problem = check_op(operation.op)
  if problem then return "op: " .. problem end
  if attribute then
    assignment.profile[attribute] = value
  elseif operation.path == "/profile" and not body.object(value or {}) then
    assignment.profile = value or {}
  elseif operation.path == "/priority" and not whole_number(value) then
    assignment.priority = value
  else
    return "path: must be /priority, /profile or an attribute of the profile, with a value of its type"
  end
end

-- all operations or none
local function update(request, state, assignment)
  local operations, refusal = body.read_optional(request)
  if not operations then return refusal end
  local changed = { priority = assignment.priority, profile = {} }
  for name, value in pairs(assignment.profile) do
    changed.profile[name] = value
  end
  for _, operation in ipairs(operations) do
    local problem = type(operation) ~= "table" and "must be objects" or apply(changed, operation)
    if problem then return errors.invalid("operations", problem) end
  end
  assignment.priority, assignment.profile = changed.priority, changed.profile
  assignment.updated = request.now
  return get(request, state, assignment)
end

local function unassign(request, state, assignment)
  state.okta.assignments:remove(assignment)
  assignments.group_settle(state, assignment.app, assignment.group, request.now)
  return { status = 204, headers = {}, body = "" }
end

local GROUPS = "/api/v1/apps/{appId}/groups"
local GROUP = GROUPS .. "/{groupId}"
local READ, MANAGE = "okta.apps.read", "okta.apps.manage"

app_groups.rows = rows("okta_apps", {
  { method = "GET", path = GROUPS, handler = apps.with_app(list), permission = READ },
  { method = "GET", path = GROUP, handler = with_assignment(get), permission = READ },
  { method = "PUT", path = GROUP, handler = apps.with_app(assign), permission = MANAGE },
  { method = "PATCH", path = GROUP, handler = with_assignment(update), permission = MANAGE },
  { method = "DELETE", path = GROUP, handler = with_assignment(unassign), permission = MANAGE },
})

return app_groups
