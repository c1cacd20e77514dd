--- How Datadog answers, for app.lua: who may ask, what a refusal looks like, its rate limit headers.
local answers = require "ddokta.sandbox.answers"
local credentials = require "ddokta.sandbox.datadog.credentials"
local documents = require "ddokta.sandbox.datadog.documents"

-- the ways in which a request may prove who it is, where its row names none (auth.lua)
local service = { name = "datadog", ways = { "keys", "bearer" } }

--- Does this service answer for a path that has no endpoint? Datadog does where no other service owns it.
function service.owns() return true end

--- What the key may do: "all", or a list of permissions.
function service.held(_, state, request) return credentials.held(state, request) end

--- How many requests it works on at once; nil: as many as come.
function service.at_once() end

-- Some endpoints document errors as JSON:API has them (row.errors), most the plain ones.
local function forbidden(row)
  if row.errors == "json_api" then return documents.error(403, "Forbidden") end
  return answers.errors(403, "Forbidden")
end

service.unauthorized, service.forbidden = forbidden, forbidden

--- The answer that a handler's value makes. A 204 has none; SCIM's content type is a setting.
function service.answer(row, value, state)
  if value == nil then return answers.nothing() end
  local answer = answers.json(row.status or 200, value)
  if row.media then answer.headers["Content-Type"] = state.settings[row.media] end
  return answer
end

--- A handler's refusal in the shape that is documented for its endpoint.
function service.refused(row, refusal)
  return row.errors == "json_api" and documents.as_json_api(refusal) or refusal
end

function service.too_many() return answers.errors(429, "Too many requests") end

function service.unknown_path() return answers.errors(404, "Not found") end

function service.unknown_method() return answers.errors(405, "Method not allowed") end

--- Any other error: a fault on demand, a bug of the sandbox.
function service.failure(status, message) return answers.errors(status, message) end

--- The rate limit headers of a window. Reset: seconds until the next period, never 0 (recorded: from
--- 1 up).
function service.rate_headers(window, name, now)
  return {
    ["X-RateLimit-Limit"] = ("%d"):format(window.limit),
    ["X-RateLimit-Period"] = ("%d"):format(window.period),
    ["X-RateLimit-Remaining"] = ("%d"):format(math.max(0, window.limit - window.used)),
    ["X-RateLimit-Reset"] = ("%d"):format(math.max(1, math.ceil(window.start + window.period - now))),
    ["X-RateLimit-Name"] = name,
  }
end

return service
