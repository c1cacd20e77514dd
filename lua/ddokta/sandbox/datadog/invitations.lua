-- Datadog's invitations of users: /api/v2/user_invitations.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local lists = require "ddokta.sandbox.datadog.lists"
local organisation = require "ddokta.sandbox.datadog.organisation"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local invitations = {}

local SHAPE = { type = "user_invitations" }
-- the link of an invitation works for two days (documented)
local LIFETIME = 2 * 86400

local function resource(invitation)
  return {
    type = "user_invitations",
    id = invitation.id,
    attributes = {
      uuid = invitation.id,
      invite_type = "openid_invite",
      created_at = invitation.created_at,
      expires_at = invitation.expires_at,
    },
    relationships = { user = { data = { type = "users", id = invitation.user_id } } },
  }
end

local function invite(state, user_id, now)
  return state.invitations:add {
    id = uuid(),
    user_id = user_id,
    created_at = organisation.timestamp(now),
    expires_at = organisation.timestamp(now + LIFETIME),
  }
end

-- the ids of the users to invite, or nil and the answer to give
local function users_of(state, items)
  local ids = {}
  for i, item in ipairs(items) do
    local named, refusal = documents.related(item, "user", "users")
    if not named then return nil, refusal or answers.errors(400, "relationships.user is required") end
    if not state.users:get(named[1]) then
      return nil, answers.errors(400, ("User %s not found"):format(tostring(named[1])))
    end
    ids[i] = named[1]
  end
  return ids
end

local function send(request, state)
  local items, refusal = documents.read_list(request, SHAPE)
  if not items then return refusal end
  local ids
  ids, refusal = users_of(state, items)
  if not ids then return refusal end
  local sent = lists.map(ids, function(id) return resource(invite(state, id, request.now)) end)
  return answers.json(201, { data = sent })
end

local function get(request, state)
  local id = request.parameters.user_invitation_uuid
  local invitation = state.invitations:get(id)
  if not invitation then return documents.unknown("Invitation", id) end
  return answers.json(200, { data = resource(invitation) })
end

-- all of a user's; that there may be none is assumed
local function delete_of_user(request, state)
  local id = request.parameters.user_id
  if not state.users:get(id) then return documents.unknown("User", id) end
  local list = state.invitations:find_all("user", id)
  while list[1] do
    state.invitations:remove(list[1])
  end
  return answers.json(200, {})
end

local INVITATIONS = "/api/v2/user_invitations"
local LIMIT, INVITE = "user_invitations", "user_access_invite"

invitations.rows = {
  { method = "POST", path = INVITATIONS, handler = send, permission = INVITE, limit = LIMIT },
  {
    method = "GET",
    path = INVITATIONS .. "/{user_invitation_uuid}",
    handler = get,
    permission = INVITE,
    limit = LIMIT,
  },
  {
    method = "DELETE",
    path = "/api/v2/users/{user_id}/invitations",
    handler = delete_of_user,
    permission = INVITE,
    limit = LIMIT,
  },
}

--- Makes state.invitations, empty.
function invitations.reset(state)
  state.invitations = store.new { user = function(invitation) return invitation.user_id end }
  return true
end

--- For /_sandbox/state.
function invitations.describe(state) return { invitation_count = state.invitations.count } end

return invitations
