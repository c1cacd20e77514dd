-- Who is asking: Datadog's two key headers, or a bearer token instead of them.
local auth = {}

local WAYS = {
  keys = function(headers, settings)
    return headers["dd-api-key"] == settings.api_key and headers["dd-application-key"] == settings.app_key
  end,
  -- access tokens are sent so; SCIM takes the application key
  bearer = function(headers, settings)
    local authorization = headers["authorization"]
    return type(authorization) == "string" and authorization == "Bearer " .. settings.app_key
  end,
  none = function() return true end,
}

local DEFAULT = { "keys", "bearer" }

--- The way in which a request proves who it is ("keys", "bearer", "none"), or nil. `ways` are those
--- that a row accepts.
function auth.check(headers, settings, ways)
  for _, way in ipairs(ways or DEFAULT) do
    if WAYS[way](headers, settings) then return way end
  end
end

--- Has the key this permission?
function auth.may(permission, settings)
  if not permission or settings.permissions == "all" then return true end
  for _, held in ipairs(settings.permissions) do
    if held == permission then return true end
  end
  return false
end

return auth
