--- The options of a client: their types, defaults and environment variables.
---
--- A wrong type or an unknown name raises, for it is a bug in the script; what the world got wrong (a missing
--- key, an unknown site) is an error of kind "config".
local core = require "ddokta.native"
local errors = require "ddokta.error"
local text = require "ddokta.text"

--- What on_event is called with: an attempt begins, an answer is there, a call waits, a limit was learnt.
---@class ddokta.Event
---@field type "attempt"|"answer"|"wait"|"limit"
---@field operation string
---@field method string
---@field call integer
---@field attempt integer
---@field seconds? number
---@field kind? ddokta.Kind|"ok"
---@field status? integer
---@field limit? string

local options = {}

local MIB = 1024 * 1024
local YEAR = 365 * 86400

-- type: what Lua's type() says, or several. positive: a number above 0; whole: without a fraction; max:
-- the limits that csrc/binding/client_options.c checks again. hidden: not to be shown, as keys (secret) are
-- not. view: may differ in a view, client:with{...}. env: the first of these that is set is the default.
local common = {
  base_url = { type = "string" },
  timeout = { type = "number", positive = true, max = YEAR, default = 60, view = true },
  attempt_timeout = { type = "number", positive = true, max = YEAR, default = 30, view = true },
  connect_timeout = { type = "number", positive = true, max = YEAR, default = 10, view = true },
  max_retries = { type = "number", whole = true, min = 0, max = 1000, default = 4, view = true },
  max_response_bytes = {
    type = "number",
    whole = true,
    min = 1,
    max = 2 ^ 31 - 1,
    default = 64 * MIB,
    view = true,
  },
  max_in_flight = { type = "number", whole = true, min = 1, max = 100000, default = 32 },
  max_api_capacity = { type = "number", positive = true, max = 100, default = 100 },
  strict_fields = { type = "boolean", default = true, view = true },
  proxy = { type = "string" },
  ca_file = { type = "string", env = { "DDOKTA_CA_FILE", "CURL_CA_BUNDLE", "SSL_CERT_FILE" } },
  client_cert = { type = "string" },
  client_key = { type = "string" },
  client_key_password = { type = "string function", hidden = true },
  user_agent = { type = "string" },
  on_event = { type = "function" },
  loop = { type = "string function", default = "auto" },
}

local services = {
  datadog = {
    site = { type = "string", env = { "DD_SITE" }, default = "datadoghq.com" },
    base_url = { type = "string", env = { "DDOKTA_BASE_URL" } },
    api_key = { type = "string function", env = { "DD_API_KEY" }, secret = true },
    app_key = { type = "string function", env = { "DD_APP_KEY" }, secret = true },
    bearer_token = { type = "string function", env = { "DD_BEARER_TOKEN" }, secret = true },
  },
  okta = {
    domain = { type = "string", env = { "OKTA_CLIENT_ORGURL" } },
    base_url = { type = "string", env = { "DDOKTA_OKTA_BASE_URL" } },
    token = { type = "string function", env = { "OKTA_CLIENT_TOKEN" }, secret = true },
    access_token = { type = "string function", secret = true },
  },
}

for _, rows in pairs(services) do
  for name, row in pairs(common) do
    rows[name] = rows[name] or row
  end
end

--- The options of each service, by name: what a row has is said above.
---@type table<"datadog"|"okta", table<string, table>>
options.services = services

local function check_type(name, row, value, level)
  local actual = type(value)
  if not (" " .. row.type .. " "):find(" " .. actual .. " ", 1, true) then
    error(("option %s must be a %s, not a %s"):format(name, row.type:gsub(" ", " or "), actual), level)
  end
  if actual ~= "number" then return end
  local bad = value ~= value and "not a number"
    or row.positive and value <= 0 and "not above 0"
    or row.min and value < row.min and ("below %d"):format(row.min)
    or row.max and value > row.max and ("above %d"):format(row.max)
    or row.whole and value % 1 ~= 0 and "not a whole number"
  if bad then error(("option %s: %.14g is %s"):format(name, value, bad), level) end
end

local function check_names(given, rows, view, level)
  for name, value in pairs(given) do
    local row = type(name) == "string" and rows[name]
    if not row then
      error(("unknown option %s%s"):format(tostring(name), text.did_you_mean(name, rows)), level)
    end
    if view and not row.view then
      error(("option %s belongs to the whole client and cannot differ in a view"):format(name), level)
    end
    check_type(name, row, value, level + 1)
  end
end

-- -> the value of the first of a row's variables that is set, and the variable's name
local function from_environment(row)
  for _, variable in ipairs(row.env or {}) do
    local value = os.getenv(variable)
    if value and value ~= "" then return value, variable end
  end
end

-- Which keys are missing, as the words of an error; nil where enough is there.
local missing_keys = {
  datadog = function(o)
    if o.bearer_token or (o.api_key and o.app_key) then return nil end
    local lacking = {}
    lacking[#lacking + 1] = not o.api_key and "api_key (set DD_API_KEY)" or nil
    lacking[#lacking + 1] = not o.app_key and "app_key (set DD_APP_KEY)" or nil
    return "missing "
      .. table.concat(lacking, " and ")
      .. "; or a bearer_token (DD_BEARER_TOKEN) instead of both"
  end,
  okta = function(o)
    return not o.token and not o.access_token and "missing token (set OKTA_CLIENT_TOKEN), or an access_token"
      or nil
  end,
}

-- What people call a site, besides what Datadog's pages do (csrc/http/site.c).
local site_names = {
  us = "datadoghq.com",
  eu = "datadoghq.eu",
  uk = "uk1.datadoghq.com",
  gov = "ddog-gov.com",
}

-- The site below which an organisation has a host of its own, acme.us5.datadoghq.com; or nil
local function site_above(host)
  local found
  for _, site in ipairs(core.sites) do
    local is_longer = not found or #site > #found
    if is_longer and host:sub(-#site - 1) == "." .. site then found = site end
  end
  return found
end

-- The site that an unknown one may mean, as words. No more than that is shown of it: it may hold a
-- password, or be a key that was put in the wrong place.
local function meant_site(given)
  local word = given:lower():gsub("^%s+", ""):gsub("%s+$", "")
  local host = word:gsub("^https?://", ""):match "^[%w.-]*"
  local above = #host <= 253 and site_above(host)
  if #word > 40 then return above and text.did_you_mean(above, core.sites) or "" end
  local meant = site_names[word] or core.find_site((word:gsub("_", "-"))) or above or word
  return text.did_you_mean(meant, core.sites)
end

-- The address of an organisation of Okta that was given as one word, which is shown where it is too short to
-- be a token that was put in the wrong place.
local MOST_SHOWN = 24
local function organisation_of(word)
  local own = word:lower():gsub("%-admin$", "")
  return (#own <= MOST_SHOWN and own or "example") .. ".okta.com"
end

-- Where the client calls: base_url, else the site's or the organisation's own. `from`: what named it,
-- an option or a variable.
local base_urls = {
  datadog = function(o, from)
    local site = core.find_site(o.site)
    if not site then
      return nil,
        errors.config(
          ("unknown site in %s%s (the sites are: %s)"):format(
            from.site,
            meant_site(o.site),
            table.concat(core.sites, ", ")
          )
        )
    end
    return "https://api." .. site
  end,
  okta = function(o, from)
    if not o.domain then
      return nil, errors.config("missing domain (set OKTA_CLIENT_ORGURL), like example.okta.com")
    end
    if o.domain:find "^[%w-]+$" and o.domain:lower() ~= "localhost" then
      return nil,
        errors.config(
          ("%s cannot be used: it is one word; an organisation's address is like %s"):format(
            from.domain,
            organisation_of(o.domain)
          )
        )
    end
    return o.domain
  end,
}

--- What was given, completed. Raises at the caller's level for what is a bug in the script. A site that was
--- given must exist even where base_url overrules it.
---@param service "datadog"|"okta"
---@param given table
---@param level? integer 1 is whoever calls this
---@return table? options
---@return ddokta.Error? err
function options.read(service, given, level)
  level = (level or 1) + 1
  if type(given) ~= "table" then error("options must be a table, not a " .. type(given), level) end
  local rows = services[service]
  check_names(given, rows, false, level + 1)
  local chosen, from = { service = service }, {}
  for name, row in pairs(rows) do
    chosen[name], from[name] = given[name], "the option " .. name
    if chosen[name] == nil then
      chosen[name], from[name] = from_environment(row)
    end
    if chosen[name] == nil then chosen[name] = row.default end
  end
  if given.bearer_token == nil and given.api_key and given.app_key then
    chosen.bearer_token = nil -- keys that were asked for beat a token that happens to be around
  end
  local missing = missing_keys[service](chosen)
  if missing then return nil, errors.config(missing) end
  if given.site or given.domain or not chosen.base_url then
    local url, err = base_urls[service](chosen, from)
    if not url then return nil, err end
    if not given.base_url and (given.site or given.domain or not chosen.base_url) then
      chosen.base_url, from.base_url = url, from.domain
    end
  end
  chosen.base_url_from = from.base_url -- for the words of an error
  for name, row in pairs(rows) do
    local value = chosen[name]
    if not row.secret and not row.hidden and type(value) == "string" and value:find "[%z\r\n]" then
      return nil, errors.config(name .. " holds a NUL or a line end")
    end
  end
  return chosen
end

--- The options of client:with{...}, checked as read does.
---@param service "datadog"|"okta"
---@param given table
---@param level? integer
---@return table given
function options.read_view(service, given, level)
  level = (level or 1) + 1
  if type(given) ~= "table" then error("options must be a table, not a " .. type(given), level) end
  check_names(given, services[service], true, level + 1)
  return given
end

--- The names of a service's options that are keys.
---@param service "datadog"|"okta"
---@return string[]
function options.keys(service)
  local names = {}
  for name, row in pairs(services[service]) do
    names[#names + 1] = row.secret and name or nil
  end
  table.sort(names)
  return names
end

-- --- options of a function ------------------------------------------------------------------------

local function unknown(name, known)
  local names = {}
  for option in pairs(known) do
    names[#names + 1] = option
  end
  table.sort(names)
  return ("unknown option '%s'%s"):format(tostring(name), text.did_you_mean(name, names, { or_list = true }))
end

local function has_type(value, types)
  for _, name in ipairs(types) do
    if type(value) == name then return true end
  end
  return false
end

--- Options of a function that are not a client's. A wrong one is a bug in the script: it raises at the
--- caller's caller.
---@param given table<string, any>?
---@param known table<string, string[]> {name = {type, ...}}
---@return table<string, any> options a copy
function options.check(given, known)
  if given ~= nil and type(given) ~= "table" then
    error("options: a table is wanted, got " .. type(given), 3)
  end
  local checked = {}
  for name, value in pairs(given or {}) do
    local types = known[name]
    if not types then error(unknown(name, known), 3) end
    if not has_type(value, types) then
      error(("option '%s': a %s is wanted, got %s"):format(name, table.concat(types, " or "), type(value)), 3)
    end
    checked[name] = value
  end
  return checked
end

--- The options of a function that hands them on to several others.
---@param ... table<string, string[]> what each of these takes, as for check
---@return table<string, string[]>
function options.all(...)
  local known = {}
  for _, rows in ipairs { ... } do
    for name, types in pairs(rows) do
      known[name] = types
    end
  end
  return known
end

--- Those of the options that one of these takes.
---@param given table<string, any>
---@param known table<string, string[]>
---@return table<string, any>
function options.pick(given, known)
  local picked = {}
  for name in pairs(known) do
    picked[name] = given[name]
  end
  return picked
end

return options
