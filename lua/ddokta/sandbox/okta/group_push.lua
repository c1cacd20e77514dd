-- Which groups are pushed into an app: /api/v1/apps/{appId}/group-push/mappings.
local agent = require "ddokta.sandbox.okta.agent"
local answers = require "ddokta.sandbox.answers"
local apps = require "ddokta.sandbox.okta.apps"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local id_of = require "ddokta.sandbox.okta.id"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"

local group_push = {}

local LIMIT = { default = 100, most = 1000 }

local CHECKS = {
  sourceGroupId = body.text(1, 100),
  targetGroupId = body.text(1, 100),
  targetGroupName = body.text(1, 255),
  status = body.one_of("ACTIVE", "INACTIVE"),
  appConfig = body.object,
}

--- A mapping as the API gives it. The target is known when the first push has made or found it.
function group_push.resource(request, state, mapping)
  local target = mapping.target
  return {
    id = mapping.id,
    status = mapping.status,
    errorSummary = mapping.problem or "",
    created = time(mapping.created),
    lastUpdated = time(mapping.updated),
    lastPush = mapping.last_push and time(mapping.last_push) or nil,
    sourceGroupId = mapping.source.id,
    targetGroupId = target and target.id or nil,
    _links = {
      app = pages.link(request, state, "/api/v1/apps/" .. mapping.app.id),
      sourceGroup = pages.link(request, state, "/api/v1/groups/" .. mapping.source.id),
      targetGroup = target and pages.link(request, state, "/api/v1/groups/" .. target.id) or nil,
    },
  }
end

local QUERY_CHECKS = {
  status = body.one_of("ACTIVE", "INACTIVE", "ERROR"),
  lastUpdated = body.text(20, 20, "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"),
}

local function list(request, state, app)
  local query = pages.query(request)
  local refusal = body.problem(query, QUERY_CHECKS)
  if refusal then return refusal end
  local found = lists.select(
    state.okta.mappings:find_all("app", app.id),
    function(mapping)
      return (not query.status or mapping.status == query.status)
        and (not query.sourceGroupId or mapping.source.id == query.sourceGroupId)
        and (not query.lastUpdated or time(mapping.updated) >= query.lastUpdated:sub(1, -2))
    end
  )
  return pages.answer(request, state, found, LIMIT, group_push.resource)
end

-- the app that groups can be pushed to: its provisioning is on, and it is the one that there is a
-- service for
local function push_problem(app)
  if app.provisioning and app.name == "datadog" then return nil end
  return errors.invalid("feature", "Provisioning is not enabled for the app instance.")
end

-- the answer that refuses the groups of a new mapping, or nil, the source, and the target if there is one
local function groups_of(state, app, given)
  local okta_groups = state.okta.groups
  local source = okta_groups:get(given.sourceGroupId)
  if not source or source.app then
    return errors.invalid("sourceGroupId", "sourceGroupId: there is no group with this id")
  end
  for _, mapping in ipairs(state.okta.mappings:find_all("source", source.id)) do
    if mapping.app == app then
      return errors.invalid("sourceGroupId", "sourceGroupId: the group is already mapped in this app")
    end
  end
  if not given.targetGroupId then return nil, source, org.group_named(state, given.targetGroupName, app) end
  local target = okta_groups:get(given.targetGroupId)
  if not target or target.app ~= app then
    return errors.invalid("targetGroupId", "targetGroupId: the app has no group with this id")
  end
  return nil, source, target
end

local function target_problem(given)
  if (given.targetGroupId == nil) == (given.targetGroupName == nil) then
    return errors.invalid(
      "targetGroup",
      "targetGroup: Either targetGroupId or targetGroupName must be provided, but not both"
    )
  end
end

--- Adds a mapping, pushed at once when it is active. fields: {source =, target =, target_name =, status =}.
function group_push.add(state, app, fields, now)
  local mapping = org.add(state, "mappings", {
    id = id_of("gPm"),
    app = app,
    source = fields.source,
    target = fields.target,
    target_name = fields.target_name,
    status = fields.status,
    created = now,
    updated = now,
  })
  if mapping.status == "ACTIVE" then agent.mapping_activated(state, mapping, now) end
  return mapping
end

local function create(request, state, app)
  local given, refusal = body.read(request)
  if not given then return refusal end
  refusal = body.problem(given, CHECKS, { "sourceGroupId" }) or target_problem(given) or push_problem(app)
  if refusal then return refusal end
  local source, target
  refusal, source, target = groups_of(state, app, given)
  if refusal then return refusal end
  local mapping = group_push.add(state, app, {
    source = source,
    target = target,
    target_name = target and target.profile.name or given.targetGroupName,
    status = given.status or "ACTIVE",
  }, request.now)
  return answers.json(201, group_push.resource(request, state, mapping))
end

local function with_mapping(act)
  return apps.with_app(function(request, state, app)
    local id = request.parameters.mappingId
    local mapping = state.okta.mappings:get(id)
    if not mapping or mapping.app ~= app then return errors.not_found(id, "GroupPushMapping") end
    return act(request, state, mapping)
  end)
end

local function get(request, state, mapping)
  return answers.json(200, group_push.resource(request, state, mapping))
end

-- becoming active is a first push, from ERROR too
local function update(request, state, mapping)
  local given, refusal = body.read(request)
  if not given then return refusal end
  refusal = body.problem(given, { status = CHECKS.status }, { "status" })
  if refusal then return refusal end
  local before = mapping.status
  mapping.status, mapping.problem, mapping.updated = given.status, nil, request.now
  if given.status == "ACTIVE" and before ~= "ACTIVE" then
    agent.mapping_activated(state, mapping, request.now)
  end
  return get(request, state, mapping)
end

local WISHES = { ["true"] = true, ["false"] = false }

local function delete(request, state, mapping)
  local wish = WISHES[pages.query(request).deleteTargetGroup or ""]
  if wish == nil then
    return errors.invalid("deleteTargetGroup", "deleteTargetGroup: must be true or false")
  end
  if mapping.status ~= "INACTIVE" then
    return errors.invalid("status", "status: The group push mapping must be INACTIVE to be deleted")
  end
  state.okta.mappings:remove(mapping)
  agent.mapping_deleted(state, mapping, wish, request.now)
  return { status = 204, headers = {}, body = "" }
end

local MAPPINGS = "/api/v1/apps/{appId}/group-push/mappings"
local MAPPING = MAPPINGS .. "/{mappingId}"
local READ = { "okta.apps.read", "okta.groups.read" }
local MANAGE = { "okta.apps.manage", "okta.groups.manage" }

group_push.rows = rows("okta_group_push", {
  { method = "GET", path = MAPPINGS, handler = apps.with_app(list), permission = READ },
  { method = "POST", path = MAPPINGS, handler = apps.with_app(create), permission = MANAGE },
  { method = "GET", path = MAPPING, handler = with_mapping(get), permission = READ },
  { method = "PATCH", path = MAPPING, handler = with_mapping(update), permission = MANAGE },
  { method = "DELETE", path = MAPPING, handler = with_mapping(delete), permission = MANAGE },
})

return group_push
