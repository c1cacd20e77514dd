--- A small organisation to try things in, made when a seed asks for it ({okta = {demo = true}}): five
--- people, two teams, the Datadog app with both assigned and one of them pushed.
local function person(first, last, title)
  local email = ("%s.%s@example.com"):format(first, last):lower()
  return {
    login = email,
    profile = {
      login = email,
      email = email,
      firstName = first,
      lastName = last,
      displayName = first .. " " .. last,
      title = title,
    },
  }
end

return {
  users = {
    person("Ada", "Byron", "Platform Engineer"),
    person("Grace", "Murray", "Site Reliability Engineer"),
    person("Alan", "Mathison", "Security Engineer"),
    person("Edsger", "Wybe", "Software Engineer"),
    person("Barbara", "Huberman", "Engineering Manager"),
  },
  groups = {
    {
      name = "Platform",
      description = "Runs what the others run on",
      members = { "ada.byron@example.com", "grace.murray@example.com", "barbara.huberman@example.com" },
    },
    {
      name = "Security",
      description = "Looks at it from outside",
      members = { "alan.mathison@example.com", "barbara.huberman@example.com" },
    },
  },
  apps = {
    {
      name = "datadog",
      id = "0oaSandboxDatadog0g1",
      label = "Datadog",
      groups = { "Platform", "Security" },
      push = { "Platform" },
    },
    {
      name = "salesforce",
      id = "0oaSandboxForce000g1",
      label = "Salesforce",
      provisioning = false,
      users = { "edsger.wybe@example.com" },
    },
  },
}
