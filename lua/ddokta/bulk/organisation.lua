--- organisation: whose a journal is, in words that stay the same from one run to the next.

local SERVICE = "^ddokta client of (.*)$"

-- whoever may not ask who he is, or is told that there is no such question, still has an address
local unanswered = { forbidden = true, not_found = true, invalid_request = true }

local function id_in(user)
  local org = type(user.org) == "table" and user.org.data
  return type(org) == "table" and type(org.id) == "string" and org.id or nil
end

--- of(dd) -> "https://api.datadoghq.com 0a4d3e5c-..." | nil, err. Datadog's address is the same for all of
-- its customers, so the organisation is asked for; an address of Okta is an organisation's own.
return function(dd)
  local address = tostring(dd):match(SERVICE) or "(no address)"
  if dd.service ~= "datadog" then return address end
  local user, err = dd:get_current_user()
  if not user then
    if unanswered[err.kind] then return address end
    return nil, err
  end
  local id = id_in(user)
  return id and address .. " " .. id or address
end
