-- Okta's errors: one shape, and one row per error code.
local json = require "ddokta.sandbox.json"
local id = require "ddokta.sandbox.okta.id"

local errors = {}

local CODES = {
  E0000001 = { 400, "Api validation failed: %s" },
  E0000003 = { 400, "The request body was not well-formed." },
  E0000006 = { 403, "You do not have permission to perform the requested action" },
  E0000007 = { 404, "Not found: Resource not found: %s (%s)" },
  E0000009 = { 500, "Internal Server Error" },
  E0000011 = { 401, "Invalid token provided" },
  E0000022 = { 405, "The endpoint does not support the provided HTTP method" },
  E0000031 = { 400, "Invalid search criteria: %s" },
  E0000041 = { 400, "Credentials should not be set on this resource based on the scheme." },
  E0000047 = { 429, "API call exceeded rate limit due to too many requests." },
}

-- the code of an error that is known by its status only
local BY_STATUS = {
  [400] = "E0000001",
  [401] = "E0000011",
  [403] = "E0000006",
  [404] = "E0000007",
  [405] = "E0000022",
  [429] = "E0000047",
}

local function answer(status, code, summary, causes)
  local list = json.array()
  for i, cause in ipairs(causes) do
    list[i] = { errorSummary = cause }
  end
  return {
    status = status,
    headers = { ["Content-Type"] = "application/json" },
    body = json.encode {
      errorCode = code,
      errorSummary = summary,
      errorLink = code,
      errorId = id("oae"),
      errorCauses = list,
    },
  }
end

--- The answer of a code; the arguments fill in its summary.
function errors.answer(code, ...)
  local row = CODES[code]
  return answer(row[1], code, select("#", ...) > 0 and row[2]:format(...) or row[2], {})
end

--- 400: `field` is what the summary names, the messages say why.
function errors.invalid(field, ...) return answer(400, "E0000001", CODES.E0000001[2]:format(field), { ... }) end

--- 404 for an id of a kind of thing: "User", "UserGroup", "AppInstance", ...
function errors.not_found(unknown, kind) return errors.answer("E0000007", unknown, kind) end

--- An error that has a status and a message.
function errors.other(status, message) return answer(status, BY_STATUS[status] or "E0000009", message, {}) end

return errors
