--- What can be set about a running sandbox: one row per setting, read by sandbox.start{} and by
--- PUT /_sandbox/config alike.
local settings = {}

local function text(value)
  if type(value) ~= "string" or value == "" or value:find("%c") then return "a text of one line" end
end

local function text_or_nothing(value)
  if value ~= "" then return text(value) end
end

local function number_from(least)
  return function(value)
    if type(value) ~= "number" or value < least then return "a number of at least " .. least end
  end
end

local function list_of_texts(value)
  if type(value) ~= "table" then return "a list of texts" end
  for key, item in pairs(value) do
    if type(key) ~= "number" or text(item) then return "a list of texts" end
  end
end

local function permissions(value)
  if value ~= "all" and list_of_texts(value) then return '"all" or a list of permission names' end
end

local function limits(value)
  local shape = "a table: rate limit name -> {limit =, period =}"
  if type(value) ~= "table" then return shape end
  for name, limit in pairs(value) do
    if
      text(name)
      or type(limit) ~= "table"
      or number_from(0)(limit.limit)
      or number_from(1)(limit.period)
    then
      return shape
    end
  end
end

settings.rows = {
  { name = "api_key", default = "sandbox-api-key", check = text },
  { name = "app_key", default = "sandbox-app-key", check = text },
  -- the organisation's id
  { name = "org_id", default = "0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d", check = text },
  -- requests per `period` seconds and rate limit name; `limits` sets single names differently
  { name = "limit", default = 1000, check = number_from(0) },
  { name = "period", default = 10, check = number_from(1) },
  { name = "limits", default = {}, check = limits },
  -- what the key may do: "all", or the names of permissions
  { name = "permissions", default = "all", check = permissions },
  -- Okta's API token (SSWS) and access token (Bearer), the scopes that they have, and how many requests
  -- Okta works on at once
  { name = "okta_token", default = "sandbox-okta-token", check = text },
  { name = "okta_access_token", default = "sandbox-okta-access-token", check = text },
  { name = "okta_permissions", default = "all", check = permissions },
  { name = "okta_at_once", default = 75, check = number_from(0) },
  -- what Okta's links begin with; "": the scheme and host that the request names
  { name = "okta_url", default = "", check = text_or_nothing },
  -- seconds until what Okta's agent does for an assignment or a push is seen in Datadog
  { name = "push_delay", default = 0, check = number_from(0) },
  -- seconds that pass between the work and its answer, for every request
  { name = "latency", default = 0, check = number_from(0) },
  -- seconds until a pushed SCIM group is seen in its team
  { name = "managed_delay", default = 0, check = number_from(0) },
  -- what SCIM answers claim to be: the RFC has application/scim+json
  { name = "scim_content_type", default = "application/json", check = text },
  -- how many of the last requests /_sandbox/requests shows
  { name = "log_size", default = 1000, check = number_from(0) },
  -- makes the faults with a `probability` come in the same order again
  { name = "random_seed", default = 1, check = number_from(0) },
}

local by_name = {}
for _, row in ipairs(settings.rows) do
  by_name[row.name] = row
end

--- A fresh table of the defaults.
function settings.defaults()
  local values = {}
  for _, row in ipairs(settings.rows) do
    values[row.name] = type(row.default) == "table" and {} or row.default
  end
  return values
end

--- Is there a setting of this name?
function settings.knows(name) return by_name[name] ~= nil end

--- What is wrong with a table of settings: a message, or nil.
function settings.problem(values)
  for name, value in pairs(values) do
    local row = by_name[name]
    if not row then return ("there is no setting %q"):format(tostring(name)) end
    local expected = row.check(value)
    if expected then return ("%s must be %s"):format(name, expected) end
  end
end

return settings
