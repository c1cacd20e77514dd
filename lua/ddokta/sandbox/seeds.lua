--- Whole organisations to begin with, by name: `demo`, to look at, and `guide`, as doc/scim-guide.md has it.
local function person(first, last, title)
  local login = ("%s.%s@example.com"):format(first, last):lower()
  return {
    login = login,
    profile = {
      firstName = first,
      lastName = last,
      displayName = first .. " " .. last,
      email = login,
      title = title,
      department = title and "Engineering" or nil,
    },
  }
end

local function account(name, domain, client_id)
  return { name = name, domain = domain, auth_method = "oauth", client_id = client_id }
end

local ADA, GRACE, ALAN = "ada.byron@example.com", "grace.murray@example.com", "alan.mathison@example.com"

---@type table<"demo"|"guide", table>
return {
  demo = {
    okta_accounts = {
      account("Example Production", "https://example.okta.com/", "0oaexample1001"),
      account("Example Preview", "https://example.oktapreview.com/", "0oaexample1002"),
      account("Example Partners", "https://example-partners.okta.com/", "0oaexample1003"),
    },
    okta = { demo = true },
  },
  guide = {
    teams = { { name = "Identity", handle = "identity" } },
    okta = {
      users = {
        person("Ada", "Byron", "Engineer"),
        person("Grace", "Murray"),
        person("Alan", "Mathison"),
        { login = "dan@example.com", profile = { firstName = "Dan", lastName = "Guest" } },
      },
      groups = {
        { name = "Platform", members = { ADA, GRACE } },
        { name = "Identity", members = { ALAN } },
        { name = "Contractors", members = { "dan@example.com" } },
      },
      apps = { { name = "datadog", label = "Datadog", users = { ADA, GRACE, ALAN } } },
    },
  },
}
