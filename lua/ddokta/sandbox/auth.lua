--- Who is asking, and what may they do. Datadog: its two key headers, or a bearer token instead of
--- them. Okta: an API token, or an access token.
local credentials = require "ddokta.sandbox.datadog.credentials"

local auth = {}

local function has_authorization(headers, scheme, secret)
  local authorization = headers["authorization"]
  return type(authorization) == "string" and authorization == scheme .. " " .. secret
end

-- what a request has of a service's secrets: Datadog's are records, of which more is asked later
local WAYS = {
  keys = function(request, state) return credentials.of_keys(state, request) end,
  -- access tokens are sent so; SCIM takes the application key
  bearer = function(request, state) return credentials.of_bearer(state, request) end,
  ssws = function(request, state)
    return has_authorization(request.headers, "SSWS", state.settings.okta_token)
  end,
  okta_bearer = function(request, state)
    return has_authorization(request.headers, "Bearer", state.settings.okta_access_token)
  end,
  none = function() return true end,
}

--- The way in which a request proves who it is ("keys", "bearer", ...) and what is known of its secret;
--- or nil. `ways` are those that its row or its service accepts.
function auth.check(request, state, ways)
  for _, way in ipairs(ways) do
    local found = WAYS[way](request, state)
    if found then return way, type(found) == "table" and found or nil end
  end
end

local function is_held(permission, held)
  for _, name in ipairs(held) do
    if name == permission then return true end
  end
  return false
end

local function is_any_held(permissions, held)
  for _, permission in ipairs(permissions) do
    if is_held(permission, held) then return true end
  end
  return false
end

--- Is everything held that is needed? `needed`: nothing, a permission, a list of them, or {any = list}
--- of which one is enough; `held`: "all" or a list.
function auth.may(needed, held)
  if not needed or held == "all" then return true end
  if type(needed) == "string" then return is_held(needed, held) end
  if needed.any then return is_any_held(needed.any, held) end
  for _, permission in ipairs(needed) do
    if not is_held(permission, held) then return false end
  end
  return true
end

return auth
