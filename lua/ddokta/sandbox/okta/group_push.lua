--- Which groups Okta pushes into an app; a seed may name the first ones.
local agent = require "ddokta.sandbox.okta.agent"
local apps = require "ddokta.sandbox.okta.apps"
local collection = require "ddokta.sandbox.collection"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"

local time = protocol.time

local STATUS = protocol.one_of("ACTIVE", "INACTIVE")
local QUERY_CHECKS = {
  status = protocol.one_of("ACTIVE", "INACTIVE", "ERROR"),
  lastUpdated = protocol.text(20, 20, "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"),
}

local group_push = {
  service = "okta",
  dialect = protocol,
  limit = "okta_group_push",
  what = "GroupPushMapping",
  operations = collection.operations("group_push_mapping", "list create get update delete"),
  owner = apps.of_path,
  find = function(call, id)
    local mapping = call.state.okta.mappings:get(id)
    return mapping and mapping.app == call.owner and mapping or nil
  end,
  limits = { default = 100, most = 1000 },
  fields = {
    sourceGroupId = protocol.text(1, 100),
    targetGroupId = protocol.text(1, 100),
    targetGroupName = protocol.text(1, 255),
    status = STATUS,
    appConfig = protocol.object,
  },
  required = { "sourceGroupId" },
  changes = { status = STATUS },
  must_change = { "status" },
}

--- A mapping as the API gives it. The target is known when the first push has made or found it.
function group_push.show(call, mapping)
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
      app = protocol.link(call, "/api/v1/apps/" .. mapping.app.id),
      sourceGroup = protocol.link(call, "/api/v1/groups/" .. mapping.source.id),
      targetGroup = target and protocol.link(call, "/api/v1/groups/" .. target.id) or nil,
    },
  }
end

function group_push.records(call)
  local query = protocol.query(call)
  protocol.check(query, QUERY_CHECKS)
  return protocol.select(
    call.state.okta.mappings:find_all("app", call.owner.id),
    function(mapping)
      return (not query.status or mapping.status == query.status)
        and (not query.sourceGroupId or mapping.source.id == query.sourceGroupId)
        and (not query.lastUpdated or time(mapping.updated) >= query.lastUpdated:sub(1, -2))
    end
  )
end

-- the source of a new mapping
local function source_of(state, app, id)
  local source = state.okta.groups:get(id)
  if not source or source.app then
    protocol.refuse_invalid("sourceGroupId", "sourceGroupId: there is no group with this id")
  end
  for _, mapping in ipairs(state.okta.mappings:find_all("source", id)) do
    if mapping.app == app then
      protocol.refuse_invalid("sourceGroupId", "sourceGroupId: the group is already mapped in this app")
    end
  end
  return source
end

-- its target, if there is one already
local function target_of(state, app, given)
  if not given.targetGroupId then return org.group_named(state, given.targetGroupName, app) end
  local target = state.okta.groups:get(given.targetGroupId)
  if not target or target.app ~= app then
    protocol.refuse_invalid("targetGroupId", "targetGroupId: the app has no group with this id")
  end
  return target
end

--- Makes a mapping, pushed at once when it is active. fields: {source =, target =, target_name =, status
--- =}.
function group_push.map(state, app, fields, now)
  fields.id, fields.app, fields.created, fields.updated = protocol.id "gPm", app, now, now
  local mapping = org.add(state, "mappings", fields)
  if mapping.status == "ACTIVE" then agent.mapping_activated(state, mapping, now) end
  return mapping
end

function group_push.new(call, given)
  local state, app = call.state, call.owner
  if (given.targetGroupId == nil) == (given.targetGroupName == nil) then
    local problem = "targetGroup: Either targetGroupId or targetGroupName must be provided, but not both"
    protocol.refuse_invalid("targetGroup", problem)
  end
  -- groups can be pushed to an app whose provisioning is on and that there is a service for
  if not (app.provisioning and app.name == "datadog") then
    protocol.refuse_invalid("feature", "Provisioning is not enabled for the app instance.")
  end
  local source, target = source_of(state, app, given.sourceGroupId), target_of(state, app, given)
  return group_push.map(state, app, {
    source = source,
    target = target,
    target_name = target and target.profile.name or given.targetGroupName,
    status = given.status or "ACTIVE",
  }, call.now)
end

function group_push.add() end -- `new` has done it

-- becoming active is a first push, from ERROR too
function group_push.changing(call, mapping, given)
  local before = mapping.status
  mapping.status, mapping.problem, mapping.updated = given.status, nil, call.now
  if given.status == "ACTIVE" and before ~= "ACTIVE" then
    agent.mapping_activated(call.state, mapping, call.now)
  end
end

local WISHES = { ["true"] = true, ["false"] = false }

function group_push.removing(call, mapping)
  local wish = WISHES[protocol.query(call).deleteTargetGroup or ""]
  if wish == nil then
    protocol.refuse_invalid("deleteTargetGroup", "deleteTargetGroup: must be true or false")
  end
  if mapping.status ~= "INACTIVE" then
    protocol.refuse_invalid("status", "status: The group push mapping must be INACTIVE to be deleted")
  end
  call.state.okta.mappings:remove(mapping)
  agent.mapping_deleted(call.state, mapping, wish, call.now)
  return true
end

return collection.new(group_push)
