--- organisation: whose a journal is, in words that stay the same from one run to the next.

-- whoever may not ask who he is, or is told that there is no such question, still has an address
local unanswered = { forbidden = true, not_found = true, invalid_request = true }

local function id_in(user)
  local org = type(user.org) == "table" and user.org.data
  return type(org) == "table" and type(org.id) == "string" and org.id or nil
end

--- of(dd) -> "0a4d3e5c-...", user, response | nil, err. Datadog has one address for many customers, and one
-- customer many addresses (a proxy, a private link): the organisation is its id, and the address only where
-- the id is not to be had. An address of Okta is an organisation's own. user, response: what Datadog said of
-- whose keys they are, nil where it was not asked or did not say.
return function(dd)
  if dd.service ~= "datadog" then return dd:address() end
  local user, detail = dd:get_current_user()
  if not user and not unanswered[detail.kind] then return nil, detail end
  return user and id_in(user) or dd:address(), user, detail
end
