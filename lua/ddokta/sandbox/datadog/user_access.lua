-- Where a user of Datadog belongs and what a user may do: /users/{id}/orgs and /users/{id}/permissions.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"

local user_access = {}

local function with_user(request, state, use)
  local user = state.users:get(request.parameters.user_id)
  if not user then return documents.unknown("User", request.parameters.user_id) end
  return use(user)
end

--- The organisation as a JSON:API resource.
function user_access.org_resource(state)
  local org = state.organisations:get(organisation.PUBLIC_ID)
  return {
    type = "orgs",
    id = org.uuid,
    attributes = {
      name = org.name,
      public_id = org.id,
      description = org.description,
      disabled = false,
      sharing = "none",
      url = "https://app.datadoghq.com",
      created_at = org.created_at,
      modified_at = org.modified_at,
    },
  }
end

--- What all roles of a user allow, each permission once.
function user_access.permissions_of(state, user)
  local list, seen = json.array(), {}
  for _, role_id in ipairs(user.role_ids) do
    local role = state.roles:get(role_id)
    for _, id in ipairs(role and role.permission_ids or {}) do
      if not seen[id] then
        seen[id] = true
        list[#list + 1] = state.permissions:get(id)
      end
    end
  end
  return list
end

-- everybody is in the sandbox's one organisation, nobody in its children
local function orgs(request, state)
  return with_user(
    request,
    state,
    function(user)
      return answers.json(200, {
        data = organisation.user_resource(state, user),
        included = json.array { user_access.org_resource(state) },
      })
    end
  )
end

local function permissions(request, state)
  return with_user(request, state, function(user)
    local held = user_access.permissions_of(state, user)
    return answers.json(200, { data = lists.map(held, organisation.permission_resource) })
  end)
end

user_access.rows = {
  { method = "GET", path = "/api/v2/users/{user_id}/orgs", handler = orgs, limit = "users" },
  {
    method = "GET",
    path = "/api/v2/users/{user_id}/permissions",
    handler = permissions,
    permission = "user_access_read",
    limit = "users",
  },
}

return user_access
