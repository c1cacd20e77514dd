--- How Okta answers, for app.lua: who may ask, what a refusal looks like, its rate limit headers.
local answers = require "ddokta.sandbox.answers"
local protocol = require "ddokta.sandbox.okta.protocol"

-- the ways in which a request may prove who it is, where its row names none (auth.lua)
local service = { name = "okta", ways = { "ssws", "okta_bearer" } }

-- Datadog has paths under /api/v1/ as well
local PATHS = {
  "^/privileged%-access/",
  "^/api/v1/apps%f[/%z]",
  "^/api/v1/users%f[/%z]",
  "^/api/v1/groups%f[/%z]",
  "^/api/v1/mappings%f[/%z]",
  "^/api/v1/meta/",
}

--- Does this service answer for a path that has no endpoint?
function service.owns(path)
  for _, pattern in ipairs(PATHS) do
    if path:find(pattern) then return true end
  end
  return false
end

--- What the token may do: "all", or a list of scopes.
function service.held(settings) return settings.okta_permissions end

--- How many requests it works on at once.
function service.at_once(settings) return settings.okta_at_once end

function service.unauthorized() return protocol.error "E0000011" end

function service.forbidden() return protocol.error "E0000006" end

--- The answer that a handler's value makes. A 204 has none.
function service.answer(row, value)
  if value == nil then return { status = 204, headers = {}, body = "" } end
  return answers.json(row.status, value)
end

function service.refused(_, refusal) return refusal end

function service.too_many() return protocol.error "E0000047" end

function service.unknown_path(path) return protocol.error("E0000007", path, "Resource") end

function service.unknown_method() return protocol.error "E0000022" end

--- Any other error: a fault on demand, a bug of the sandbox.
service.failure = protocol.other_error

--- The rate limit headers of a window. Reset: the second of the epoch when the next period begins.
function service.rate_headers(window)
  return {
    ["X-Rate-Limit-Limit"] = ("%d"):format(window.limit),
    ["X-Rate-Limit-Remaining"] = ("%d"):format(math.max(0, window.limit - window.used)),
    ["X-Rate-Limit-Reset"] = ("%d"):format(math.ceil(window.start + window.period)),
  }
end

return service
