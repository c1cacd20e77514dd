--- Who is in Datadog's teams: the memberships of a team, and those of a user.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local teams = require "ddokta.sandbox.datadog.teams"

-- an object of the service's language in a text: one of its three shapes of errors (recorded)
local NO_CHOICE = "{'errors': [{'detail': 'Not a valid choice.', 'source': "
  .. "{'pointer': '/data/attributes/role'}}]}"

-- a member is an administrator, or has no role
local function resource(team, member)
  return {
    type = "team_memberships",
    id = member.membership_id,
    attributes = {
      role = member.role or json.null(),
      provisioned_by = member.provisioned_by,
      provisioned_by_id = member.provisioned_by_id,
    },
    relationships = {
      team = documents.reference("team", team.id),
      user = documents.reference("users", member.id),
    },
  }
end

local function by_user(name)
  return function(call, member)
    local user = call.state.users:get(member.id)
    return user and user[name]
  end
end

-- "admin", or nil for no role
local function role_of(data)
  local role = data.attributes and data.attributes.role
  if not documents.given(role) then return nil end
  if role ~= "admin" then answers.fail(400, "%s", NO_CHOICE) end
  return role
end

local memberships = {
  dialect = documents,
  limit = "teams",
  type = "team_memberships",
  what = "Membership of user",
  store = "members",
  operations = collection.operations("team_membership", "update delete"),
  owner = teams.of_path,
  optional = true,
  show = function(call, member) return resource(call.owner, member) end,
  paging = "offset",
  -- nobody of the sandbox has a manager
  sorts = {
    name = by_user "name",
    handle = by_user "handle",
    email = by_user "email",
    manager_name = function() return "" end,
  },
  -- filter[keyword]: a part of the user's name, handle or address
  where = function(call, member, query)
    local word = lists.word(query, "filter[keyword]")
    local user = word and call.state.users:get(member.id)
    return not word or user and lists.contains(user, { "name", "handle", "email" }, word) or false
  end,
  find = function(call, id)
    local member = call.owner.members:get(id) or documents.refuse_unknown("Membership of user", id)
    teams.refuse_managed(call.owner)
    return member
  end,
  changing = function(_, member, _, data) member.role = role_of(data) end,
  removing = function(call, member)
    teams.leave(call.owner, member.id)
    return true
  end,
}

-- the list alone comes with the users
local function list(call)
  local document = documents.list(memberships, call, call.owner.members:all())
  document.included = json.array()
  for _, membership in ipairs(document.data) do
    local user = call.state.users:get(membership.relationships.user.data.id)
    if user then table.insert(document.included, organisation.user_resource(call.state, user)) end
  end
  return document
end

-- 200, not 201; a second time is 409 in the shape of JSON:API (both recorded)
local function create(call)
  local data = documents.data(call.request, { type = "team_memberships" })
  teams.refuse_managed(call.owner)
  local role = role_of(data)
  local id = documents.related_id(data, "user", "users")
  documents.find(call.state.users, id, "User")
  if call.owner.members:get(id) then
    documents.refuse_conflict("users already present on the team [%s]", id)
  end
  return { data = resource(call.owner, teams.join(call.owner, id, role)) }
end

-- all of a user's, on one page (no paging is documented)
local function list_of_user(request, state)
  local id = request.parameters.user_uuid
  documents.find(state.users, id, "User")
  local data, included = json.array(), json.array()
  for _, team in ipairs(state.teams:all()) do
    local member = team.members:get(id)
    if member then
      data[#data + 1], included[#included + 1] = resource(team, member), teams.resource(team)
    end
  end
  return { data = data, included = included }
end

memberships.handlers = {
  get_team_memberships = collection.for_owner(memberships, list),
  create_team_membership = collection.for_owner(memberships, create),
  get_user_memberships = list_of_user,
}

return collection.new(memberships)
