--- The header of a plan: of which service it is, when and with whose keys it was made, and from what source.
--
-- The plan, the question before it is applied, its report and its page begin with it.

local owner_of = require("ddokta.bulk.journal_file").owner
local version = require "ddokta.version"

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

function header.title(about)
  return ("%s from %s%s"):format(about.kind, about.source, about.shard and ", shard " .. about.shard or "")
end

local function organisation_text(about)
  local id, name = about.organisation, about.organisation_name
  if id == about.address then id = nil end
  return name and id and ("%s (%s)"):format(name, id) or name or id or "not known"
end

--- rows(about) -> {{name, text}, ...}: what stands below the title. about: a plan or a report
function header.rows(about)
  if not about.time then return {} end
  return {
    { "service", about.address },
    { "organisation", organisation_text(about) },
    { "keys of", about.caller or "not known" },
    { "time", (about.time:gsub("T", " "):gsub("Z$", " UTC")) },
    { "version", "ddokta " .. about.version },
  }
end

--- lines(about, show) -> list of texts, the title first. show(text): what makes a name fit for a terminal
function header.lines(about, show)
  local lines = { show(header.title(about)) }
  for _, row in ipairs(header.rows(about)) do
    lines[#lines + 1] = ("  %-12s  %s"):format(row[1], show(row[2]))
  end
  return lines
end

return header
