--- Okta accounts of Datadog's Okta integration.
--
-- Recorded: a list has no secrets, an update answers with a new id, the domain is echoed as it was
-- sent. An update needs auth_method and domain, so both are required here.

local function has_long_label(host)
  for label in host:gmatch("[^.]+") do
    if #label > 63 then return true end
  end
  return false
end

-- labels of letters, digits and inner hyphens, two or more
local function is_host(host)
  return host:find("^%w[%w.%-]*%.[%w.%-]*%w$") ~= nil and not host:find("..", 1, true)
    and not host:find(".-", 1, true) and not host:find("-.", 1, true)
    and #host <= 253 and (#host <= 63 or not has_long_label(host))
end

--- normalise_domain("Example.okta.com") -> "https://example.okta.com/", or nil and what is wrong.
local function normalise_domain(value)
  -- as nearly all are written, quickly: a file may have a million
  local usual = value:match("^https://([^/:@?#]*)/?$")
  if usual and is_host(usual) then return "https://" .. usual:lower() .. "/" end
  local scheme, rest = value:match("^([^/]*)://(.*)$")
  if scheme and scheme:lower() ~= "https" then
    return nil, ("'%s' must start with https://"):format(value)
  end
  local host = (rest or value):gsub("/$", "", 1)
  if host:find("@", 1, true) then return nil, "has a user in it, before an '@'" end
  if host:find("[/?#]") then return nil, ("'%s' is more than a host name"):format(value) end
  if host:find(":", 1, true) then return nil, ("'%s' has a port in it"):format(value) end
  if not is_host(host) then
    return nil, ("'%s' is not a URL such as https://example.okta.com/"):format(value)
  end
  return "https://" .. host:lower() .. "/"
end

return {
  name = "okta_accounts",
  noun = "Okta account",
  plural = "Okta accounts",
  key = "name",
  columns = {
    { name = "name", required = true },
    { name = "domain", required = true, normalise = normalise_domain },
    { name = "auth_method", required = true }, -- no list of values: only "oauth" was ever seen
    { name = "client_id" },
    { name = "client_secret", secret = true, prompt = true },
    { name = "api_key", secret = true, option = "account_api_key" }, -- --api-key-file is ddokta's own
  },
  ignored = { "id", "type" },
  fixed = { "name" }, -- cannot be changed by an update
  operations = {
    list = "list_okta_accounts",
    get = "get_okta_account",
    create = "create_okta_account",
    update = "update_okta_account",
    delete = "delete_okta_account",
  },
  stale = function(err)
    if err.kind == "not_found" then return true end
    return err.status == 400 and tostring(err.message):find("Unknown error occurred", 1, true) ~= nil
  end,
}
