-- Datadog's checks of keys: of both, or of the API key alone. The two that check the API key alone look
-- at it themselves, because their refusals differ.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"

local validation = {}

-- a request whose keys are wrong does not get here: it is answered with 403
local function validate_keys() return answers.json(200, { status = "ok" }) end

-- the refusal of a missing key is recorded, that of a wrong one is assumed to be the general one
local function validate_v1(request, state)
  local given = request.headers["dd-api-key"]
  if not given or given == "" then return answers.errors(403, "API key required") end
  if not credentials.api_key(state, given) then return answers.errors(403, "Forbidden") end
  return answers.json(200, { valid = true })
end

local function validate_v2(request, state)
  local key = credentials.api_key(state, request.headers["dd-api-key"])
  if not key then return documents.error(403, "Forbidden", "The API key is missing or not valid") end
  return answers.json(200, {
    data = {
      type = "validate_v2",
      id = state.settings.org_id,
      attributes = { api_key_id = key.id, api_key_scopes = json.array(), valid = true },
    },
  })
end

local OPEN = { "none" }

validation.rows = {
  { method = "GET", path = "/api/v2/validate_keys", handler = validate_keys, limit = "validate_keys" },
  { method = "GET", path = "/api/v2/validate", handler = validate_v2, auth = OPEN, limit = "validate" },
  { method = "GET", path = "/api/v1/validate", handler = validate_v1, auth = OPEN, limit = "validate" },
}

return validation
