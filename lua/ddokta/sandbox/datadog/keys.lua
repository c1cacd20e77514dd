-- Datadog's checks of keys.
local answers = require "ddokta.sandbox.answers"

local keys = {}

-- a request whose keys are wrong does not get here: it is answered with 403
local function validate_keys()
  return answers.json(200, { status = "ok" })
end

keys.rows = {
  { method = "GET", path = "/api/v2/validate_keys", handler = validate_keys, limit = "validate_keys" },
}

return keys
