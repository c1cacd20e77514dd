--- The checks of keys, for `ddokta check` and for the recipe check: each key by itself, whose it is, which
--- site answers, and what the keys may do. None changes anything.
--
-- A check is {name, function(work, facts)}, which answers {result = "passed" | "failed" | "unknown", detail,
-- remedy, kind}; kind is that of the error where a service refused.

local core = require "ddokta.native"
local errors = require "ddokta.error"
local reference = require "ddokta.reference"

local check_keys = {}

local function verdict(result)
  return function(detail, remedy) return { result = result, detail = detail, remedy = remedy } end
end

local passed, failed, unknown = verdict "passed", verdict "failed", verdict "unknown"
check_keys.passed, check_keys.failed, check_keys.unknown = passed, failed, unknown

--- Could it not even be asked?
---@param check table
---@return boolean
function check_keys.is_unanswered(check)
  return check.kind ~= nil and check.result == "unknown" and not errors.is_refusal(check.kind)
end

--- What an error means for what was to be looked at: refused is an answer, anything else is none.
---@param err ddokta.Error
---@param remedy string
---@param when_refused function one of the verdicts
---@return table check
function check_keys.of_error(err, remedy, when_refused)
  local check = (errors.is_refusal(err.kind) and when_refused or unknown)(tostring(err.message), remedy)
  check.kind = err.kind
  return check
end

local of_error = check_keys.of_error

-- --- Datadog ----------------------------------------------------------------------------------------

-- The API key is asked alone: what the application key is worth says nothing of it. A token (bearer_token, or
-- an app_key that is one) stands for both keys, and shows in the next call alone.
local function check_api_key(work, facts)
  local answer, err = work.dd:validate_v1()
  facts.api_error = not answer and err or nil
  facts.has_api_key = answer ~= nil
  if answer then return passed "the API key is valid" end
  if errors.is_refusal(err.kind) and work.dd:get_current_user() then
    facts.has_api_key = true
    return passed "none is needed: a token is used instead of the two keys"
  end
  return of_error(
    err,
    errors.is_refusal(err.kind) and "check $DD_API_KEY, and that it is of an organisation of this site"
      or "see site",
    failed
  )
end

local function name_of(user) return tostring(user.email or user.handle or user.name or user.id) end

local WRONG_APP_KEY = "check $DD_APP_KEY: it must belong to the same organisation as the API key"

local function check_application_key(work, facts)
  local user, err = work.dd:get_current_user()
  if user then
    facts.user = user
    local sort = user.service_account and "a service account" or "a person"
    local answer = passed(("it belongs to %s, %s"):format(name_of(user), sort))
    if not user.service_account then
      answer.remedy = "a service account's key does not end when a person leaves"
    end
    return answer
  end
  if not errors.is_refusal(err.kind) then return of_error(err, "see site", failed) end
  if not facts.has_api_key then
    local check = unknown("it is asked together with the API key, which is wrong", "see API key")
    check.kind = err.kind
    return check
  end
  if work.dd:validate_api_key() then
    return passed "it is valid; whose it is its scopes do not let it read"
  end
  return of_error(err, WRONG_APP_KEY, failed)
end

-- The site of Datadog that an API host is of, or nil.
local function site_of(url)
  local host = url:match "^https?://([^/:]+)"
  for _, site in ipairs(core.sites) do
    if host == "api." .. site then return site end
  end
end

local function check_site(work, facts)
  local url, err = work.dd.base_url, facts.api_error
  if err and not errors.is_refusal(err.kind) then
    local check = failed(
      ("%s: %s"):format(url, tostring(err.message)),
      "check the site, base_url, the network and the proxy"
    )
    check.kind = err.kind
    return check
  end
  local site = site_of(url)
  if site then return passed(("%s; Okta's Base URL is %s/api/v2/scim"):format(site, url)) end
  return unknown(
    url .. " is no API host of Datadog: a proxy, or a stand-in",
    "Okta's Base URL is https://api.<site>/api/v2/scim, the API host and not the app's"
  )
end

-- what people do with ddokta, and an operation whose permission it needs
local DEEDS = {
  { "read Okta accounts", "list_okta_accounts" },
  { "change Okta accounts", "create_okta_account" },
  { "change users and groups by SCIM", "create_scim_user" },
  { "change teams", "create_team" },
  { "make service accounts", "create_service_account" },
}

-- The names in "a and b", "a or b".
local function permissions_in(words) return (words or ""):gmatch "%w+_[%w_]+" end

-- what may be done, what may not, and the permissions that lack for that
local function sorted_deeds(held)
  local may, may_not, lacking = {}, {}, {}
  for _, deed in ipairs(DEEDS) do
    local is_held = true
    for name in permissions_in(reference.permission(deed[2], "datadog")) do
      if not held[name] then
        is_held = false
        if not lacking[name] then lacking[#lacking + 1] = name end
        lacking[name] = true
      end
    end
    local list = is_held and may or may_not
    list[#list + 1] = deed[1]
  end
  return may, may_not, lacking
end

local UNREAD = "what it may do is seen with user_access_read; a first call tells as well"

--- The permissions of the key's owner, who is known (facts.user); read once.
---@return table[]? permissions
---@return ddokta.Error? err
function check_keys.permissions(work, facts)
  if not (facts.permissions or facts.permissions_error) then
    facts.permissions, facts.permissions_error = work.dd:list_user_permissions(facts.user.id)
  end
  if facts.permissions then return facts.permissions end
  return nil, facts.permissions_error
end

local function check_deeds(work, facts)
  if not facts.user then return unknown("whose key it is could not be read", "see application key") end
  local list, err = check_keys.permissions(work, facts)
  if not list then return of_error(err, UNREAD, unknown) end
  local held = {}
  for _, permission in ipairs(list) do
    held[permission.name] = true
  end
  local may, may_not, lacking = sorted_deeds(held)
  if #may_not == 0 then return passed("it may " .. table.concat(may, ", ")) end
  local remedy = "for the rest give its owner a role with " .. table.concat(lacking, ", ")
  local refusal = "it may not " .. table.concat(may_not, ", ")
  if #may > 0 then
    local check = passed(("it may %s; %s"):format(table.concat(may, ", "), refusal))
    check.remedy = remedy
    return check
  end
  local check = failed(refusal, remedy)
  check.kind = "forbidden"
  return check
end

-- --- Okta -------------------------------------------------------------------------------------------

check_keys.NO_OKTA = "no client of Okta"
check_keys.SET_OKTA = "set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN"

-- Who "me" is, is known of an API token; a token of OAuth 2.0 for services has no user.
local function check_okta_token(work, facts)
  if not work.okta then return unknown(check_keys.NO_OKTA, check_keys.SET_OKTA) end
  local user, err = work.okta:get_user "me"
  if user then
    local profile = user.profile or {}
    return passed(("it belongs to %s, in %s"):format(tostring(profile.login or user.id), work.okta.base_url))
  end
  facts.is_okta_lost = true
  if err.kind == "unauthorized" then
    return of_error(err, "check $OKTA_CLIENT_TOKEN, and that it is of " .. work.okta.base_url, failed)
  end
  if err.kind == "forbidden" or err.kind == "not_found" then
    facts.is_okta_lost = nil
    return passed("it is valid; it belongs to an app, or may not read whose it is")
  end
  local check = failed(
    ("%s: %s"):format(work.okta.base_url, tostring(err.message)),
    "check $OKTA_CLIENT_ORGURL, the network and the proxy"
  )
  check.kind = err.kind
  return check
end

local READS = {
  { "users", "list_users" },
  { "groups", "list_groups" },
  { "apps", "list_applications" },
}

local function check_okta_scopes(work, facts)
  if not work.okta then return unknown(check_keys.NO_OKTA, check_keys.SET_OKTA) end
  if facts.is_okta_lost then return unknown("the token was not taken", "see Okta token") end
  local may, may_not, lacking, last = {}, {}, {}, nil
  for _, row in ipairs(READS) do
    local list, err = work.okta[row[2]](work.okta, { limit = 1 })
    if not list and not errors.is_refusal(err.kind) then return of_error(err, "see Okta token", unknown) end
    local into = list and may or may_not
    into[#into + 1] = row[1]
    if not list then
      lacking[#lacking + 1], last = reference.permission(row[2], "okta"), err
    end
  end
  if not last then return passed("it may read " .. table.concat(may, ", ")) end
  local check = failed(
    "it may not read " .. table.concat(may_not, ", "),
    "give it the scopes " .. table.concat(lacking, ", ") .. ", or a role of an administrator"
  )
  check.kind = last.kind
  return check
end

--- In the order in which they are made: what one finds in facts the next use.
check_keys.list = {
  { "API key", check_api_key },
  { "application key", check_application_key },
  { "site", check_site },
  { "what it may do", check_deeds },
  { "Okta token", check_okta_token },
  { "Okta scopes", check_okta_scopes },
}

--- Those that need a client of Okta.
check_keys.of_okta = { ["Okta token"] = true, ["Okta scopes"] = true }

return check_keys
