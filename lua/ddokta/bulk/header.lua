--- The header of a plan: of which organisation it is, when and with whose keys it was made, from what source.
--
-- A plan and its page begin with it, as does a report that stands alone; the question before a plan is
-- applied names the organisation.

local owner_of = require("ddokta.bulk.journal_file").owner
local version = require "ddokta.version"
local words = require "ddokta.bulk.words"

--- Fields of a plan and of a report, and so of their JSON.
---@class ddokta.bulk.Header
---@field kind ddokta.bulk.Kind
---@field source string "accounts.csv"
---@field shard? string which part of it: "2/4"
---@field address string of the service: "https://api.us5.datadoghq.com"
---@field organisation? string what tells it from others, as journals have it; nil: not known
---@field organisation_name? string nil where the service did not say
--- Whose keys are used: "ada@example.com", "ci (service account)"; nil where the keys may not read it, or
--- the service cannot say.
---@field caller? string
---@field time string when it was made: "2026-11-30T03:04:52Z"
---@field version string of ddokta

---@class ddokta.bulk.header
local header = {}

local fields = {
  "source",
  "shard",
  "address",
  "organisation",
  "organisation_name",
  "caller",
  "time",
  "version",
}

local function name_of(user)
  local profile = type(user.profile) == "table" and user.profile or {}
  local name = user.email or user.handle or profile.login or user.name or user.id
  return name and tostring(name) .. (user.service_account and " (service account)" or "")
end

local function organisation_name(response)
  local included = type(response) == "table" and type(response.body) == "table" and response.body.included
  for _, resource in ipairs(type(included) == "table" and included or {}) do
    local attributes = resource.type == "orgs" and resource.attributes
    if type(attributes) == "table" and type(attributes.name) == "string" then return attributes.name end
  end
end

function header.now() return os.date "!%Y-%m-%dT%H:%M:%SZ" end

--- of(dd) -> {address, organisation, organisation_name, caller, time, version}. What cannot be had is not
-- known: keys that may not ask, an app of Okta's, which is no user, a gateway that does not know the
-- question. No plan fails for want of its header.
function header.of(dd)
  local organisation, user, response = owner_of(dd)
  if dd.service == "okta" then user = dd:get_user("me") end
  if not organisation then user = nil end -- it is the error
  local address = dd.base_url
  return {
    address = address,
    organisation = organisation,
    caller = user and name_of(user),
    -- an address of Okta is an organisation's own
    organisation_name = dd.service == "okta" and address:match "://([^/]+)" or organisation_name(response),
    time = header.now(),
    version = version,
  }
end

--- copy(from, to) -> to, with the fields that are above
function header.copy(from, to)
  for _, name in ipairs(fields) do
    to[name] = from[name]
  end
  return to
end

--- title(about) -> "users from people.csv, shard 2/4"
function header.title(about)
  local part = about.shard and ", shard " .. about.shard or ""
  return ("%s from %s%s"):format(words.label(about.kind), about.source, part)
end

--- "https://api.us5.datadoghq.com" -> "us5.datadoghq.com", as the option --site has it
local function site_of(address) return (address:gsub("^%a+://", ""):gsub("^api%.", ""):gsub("/$", "")) end

--- The name of the organisation, else what tells it from others, else nil.
local function organisation_name_of(about)
  local id = about.organisation
  return about.organisation_name or id ~= about.address and id or nil
end

--- place(about) -> "Example Org (us5.datadoghq.com)", which no other place is. about: a plan or a report
function header.place(about)
  local site, name = site_of(about.address), organisation_name_of(about)
  if name == site then return site end -- an organisation of Okta
  return ("%s (%s)"):format(name or "an organisation that is not known", site)
end

local function organisation_text(about)
  local id, name = about.organisation, about.organisation_name
  if id == about.address then id = nil end
  return name and id and ("%s (%s)"):format(name, id) or name or id or "not known"
end

local function time_text(about) return (about.time:gsub("T", " "):gsub("Z$", " UTC")) end

--- rows(about) -> {{name, text}, ...}: what stands below the title of a page. about: a plan or a report
function header.rows(about)
  if not about.time then return {} end
  return {
    { "service", about.address },
    { "organisation", organisation_text(about) },
    { "keys of", about.caller or "not known" },
    { "time", time_text(about) },
    { "version", "ddokta " .. about.version },
  }
end

--- line(about) -> "Example Org (us5.datadoghq.com), keys of ada@example.com, 2026-11-30 03:04 UTC", or nil
function header.line(about)
  if not about.time then return nil end
  return ("%s, keys of %s, %s"):format(
    header.place(about),
    about.caller or "an owner who is not known",
    (time_text(about):gsub(":%d%d UTC$", " UTC"))
  )
end

return header
