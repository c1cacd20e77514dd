-- Datadog's anonymisation: removes what users are known by, for good.
local answers = require "ddokta.sandbox.answers"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"
local uuid = require "ddokta.sandbox.uuid"

local anonymize_users = {}

local SHAPE = {
  type = "anonymize_users_request",
  attributes = {
    { name = "user_ids", kind = "texts", required = true },
  },
}

-- what is left of a user is not documented; that the account is no longer used is assumed
local function anonymize(state, user, now)
  user.name, user.title = "Anonymized User", nil
  user.email = ("anonymized-%s@example.invalid"):format(user.id)
  user.handle = user.email
  organisation.user_changed(state, user, now)
  organisation.set_disabled(state, user, true, now)
end

-- users who are not known are told of one by one: the others are done
local function handle(request, state)
  local data, refusal = documents.read(request, SHAPE)
  if not data then return refusal end
  local done, failed = json.array(), json.array()
  for _, id in ipairs(data.attributes.user_ids) do
    local user = state.users:get(id)
    if user then
      anonymize(state, user, request.now)
      done[#done + 1] = id
    else
      failed[#failed + 1] = { user_id = id, error = "User not found" }
    end
  end
  return answers.json(200, {
    data = {
      type = "anonymize_users_response",
      id = uuid(),
      attributes = { anonymized_user_ids = done, anonymize_errors = failed },
    },
  })
end

anonymize_users.rows = {
  {
    method = "PUT",
    path = "/api/v2/anonymize_users",
    handler = handle,
    permission = "user_access_manage",
    limit = "anonymize_users",
  },
}

return anonymize_users
