--- check: looks for what the guide requires, and for what makes provisioning fail quietly. Changes nothing.
--
-- The report's `checks` is a list of {name, result = "passed" | "failed" | "unknown", detail, remedy, kind};
-- kind is that of the error where a service refused. `ok`: nothing failed, and all could be asked.

local check_keys = require "ddokta.recipes.check_keys"
local find = require "ddokta.recipes.find"
local push = require "ddokta.recipes.push"
local run = require "ddokta.recipes.run"

local passed, failed, unknown = check_keys.passed, check_keys.failed, check_keys.unknown
local of_error = check_keys.of_error
local NO_CLIENT, SET = check_keys.NO_OKTA, check_keys.SET_OKTA

-- --- Datadog: whose key it is, and its permissions ------------------------------------------------

local function check_owner(_, facts)
  local user = facts.user
  if not user then return unknown("whose key it is could not be read", "see application key") end
  if user.service_account then return passed("the key belongs to a service account") end
  return failed(
    ("the key belongs to a person, %s: it ends when the person leaves, and provisioning with it"):format(
      tostring(user.email or user.handle)
    ),
    "ddokta recipe service_account_key makes another"
  )
end

local function check_permissions(work, facts)
  if not facts.user then return unknown("whose key it is could not be read", "see application key") end
  local list, err = check_keys.permissions(work, facts)
  if not list then return of_error(err, "give the key's owner user_access_read, to look at permissions") end
  local lacking = find.lacking_permissions(list)
  facts.has_permissions = not lacking
  if not lacking then return passed(find.scim_permissions()) end
  return failed("the key's owner lacks " .. lacking, "give the owner a role with " .. lacking)
end

-- --- Datadog: SCIM ----------------------------------------------------------------------------------

-- what Okta's "Test API Credentials" asks
local function check_scim(name, method, query)
  return function(work, facts)
    local list, response = work.dd[method](work.dd, query)
    if list then
      facts.scim = "reached"
      return passed(("SCIM answers: %s %s"):format(tostring(response.total or #list), name))
    end
    facts.scim = facts.scim or response.kind
    local check = of_error(response, "check permissions and plan; the token is an application key", failed)
    if response.kind == "not_found" then check.result = "failed" end
    return check
  end
end

-- No endpoint tells the plan: with the permissions held, SCIM's refusal does.
local function check_plan(_, facts)
  if facts.scim == "reached" then return passed("SCIM is part of the plan") end
  local is_refusal = facts.scim == "forbidden" or facts.scim == "not_found"
  if facts.has_permissions and is_refusal then
    return failed(
      "the permissions are there and SCIM refuses: the plan does not have it",
      "SCIM needs Infrastructure Pro, Enterprise or Startup"
    )
  end
  return unknown("SCIM was not reached", "see SCIM users")
end

local function check_jit(work)
  local list, err = work.dd:list_saml_configurations()
  if not list then return of_error(err, "give the key's owner org_management, or look at Login Methods") end
  local domains = {}
  for _, configuration in ipairs(list) do
    for _, domain in ipairs(configuration.jit_domains or {}) do
      domains[#domains + 1] = domain
    end
  end
  if #domains == 0 then return passed("SAML makes no users just in time") end
  return failed(
    "SAML makes users just in time for " .. table.concat(domains, ", "),
    "turn it off in Login Methods: users are SCIM's alone"
  )
end

-- --- Okta -------------------------------------------------------------------------------------------

-- a check that needs the app
local function with_app(look)
  return function(work, facts)
    if not work.okta then return unknown(NO_CLIENT, SET) end
    if not facts.app then return unknown("the app was not found", "see Okta app") end
    return look(work, facts)
  end
end

local function check_app(work, facts)
  if not work.okta then return unknown(NO_CLIENT, SET) end
  local app, err = find.app(work)
  if app then
    facts.app = app
    return passed(("%s (%s)"):format(app.label, app.id))
  end
  if err.kind == "not_found" then
    return failed(err.message, "Applications > Browse App Catalog > Datadog > Add Integration")
  end
  if err.kind == "conflict" then return unknown(err.message, "name the app by its id") end
  return of_error(err, "check the token of Okta: it needs okta.apps.read", failed)
end

-- Okta's names of what the guide's three boxes and Push Groups turn on
local FEATURES = {
  { "PUSH_NEW_USERS", "Create Users" },
  { "PUSH_PROFILE_UPDATES", "Update User Attributes" },
  { "PUSH_USER_DEACTIVATION", "Deactivate Users" },
  { "GROUP_PUSH", "Push Groups" },
}

local check_provisioning = with_app(function(_, facts)
  local lacking = {}
  for _, feature in ipairs(FEATURES) do
    if not find.has_feature(facts.app, feature[1]) then lacking[#lacking + 1] = feature[2] end
  end
  if #lacking == 0 then return passed("provisioning is on") end
  return failed(
    "provisioning of the app lacks " .. table.concat(lacking, ", "),
    "Provisioning > Configure API Integration, then To App > Edit (it has no API for this app)"
  )
end)

-- the attributes of the app's profile that become SCIM's roles
local function role_attributes(schema)
  local list = {}
  for _, part in pairs(schema.definitions or {}) do
    for name, property in pairs(type(part) == "table" and part.properties or {}) do
      if tostring(property.externalName):find("^roles") then
        list[#list + 1] = { name = name, type = property.type, external = property.externalName }
      end
    end
  end
  return list
end

-- 'roles' should be object is what Datadog answers to a list of strings
local check_roles = with_app(function(work, facts)
  local schema, err = work.okta:get_application_user_schema(facts.app.id)
  if not schema then return of_error(err, "give the token okta.schemas.read") end
  local attributes = role_attributes(schema)
  for _, attribute in ipairs(attributes) do
    if attribute.type == "array" or attribute.external == "roles" then
      return failed(
        ("the attribute '%s' sends roles as strings, and Datadog wants objects"):format(attribute.name),
        "give it the external name roles.^[type=='slot1'].value and the type string"
      )
    end
  end
  if #attributes > 0 then return passed("roles are sent as objects: " .. attributes[1].external) end
  return unknown(
    "the app maps no roles: new users get Datadog's default role",
    "map them if that is not meant"
  )
end)

-- --- Okta: the groups that are pushed ---------------------------------------------------------------

-- {mapping, group, members, is_assigned} of one mapping | nil, err
local function read_entry(work, mapping, known)
  local entry, err = { mapping = mapping, group = known.groups[mapping.sourceGroupId] }, nil
  if not entry.group then
    entry.group, err = work.okta:get_group(mapping.sourceGroupId)
  end
  if not entry.group then return nil, err end
  entry.members, err = find.members(work, entry.group, known.app_users)
  if not entry.members then return nil, err end
  entry.is_assigned = known.assigned[entry.group.id] or false
  return entry
end

-- list of such entries | nil, err
local function read_pushed(work, facts)
  local mappings, err = find.mappings(work, facts.app)
  if not mappings then return nil, err end
  local known = {}
  local done
  done, err = find.each_of({ "app_users", "groups", "assigned" }, function(what)
    local why
    if what == "app_users" then
      known[what], why = find.app_users(work, facts.app)
    end
    if what == "groups" then
      known[what], why = find.groups_of(work, mappings)
    end
    if what == "assigned" then
      known[what], why = find.assigned_groups(work, facts.app)
    end
    return known[what], why
  end)
  if not done then return nil, err end
  return find.each_of(mappings, function(mapping) return read_entry(work, mapping, known) end)
end

-- a check of all of them; they are read once
local function of_pushed(look)
  return with_app(function(work, facts)
    if not facts.pushed then
      local pushed, err = read_pushed(work, facts)
      if not pushed then return of_error(err, "give the token okta.groups.read", unknown) end
      facts.pushed = pushed
    end
    if #facts.pushed == 0 then return passed("no group is pushed") end
    return look(work, facts)
  end)
end

local check_mappings = of_pushed(function(_, facts)
  local wrong, idle = {}, {}
  for _, entry in ipairs(facts.pushed) do
    local mapping, name = entry.mapping, find.name_of_group(entry.group)
    if mapping.status == "ERROR" then
      wrong[#wrong + 1] = ("%s: %s"):format(name, tostring(mapping.errorSummary))
    elseif mapping.status ~= "ACTIVE" then
      idle[#idle + 1] = ("%s (%s)"):format(name, tostring(mapping.status))
    end
  end
  if #wrong > 0 then
    return failed(
      "Okta cannot push " .. table.concat(wrong, "; "),
      "ddokta recipe push_group pushes it again"
    )
  end
  if #idle > 0 then
    return unknown("not pushed at present: " .. table.concat(idle, ", "), "is that meant?")
  end
  return passed(#facts.pushed .. " groups are pushed")
end)

local check_double = of_pushed(function(work, facts)
  local names = {}
  for _, entry in ipairs(facts.pushed) do
    if entry.is_assigned then names[#names + 1] = find.name_of_group(entry.group) end
  end
  if #names == 0 then return passed("no group is both assigned and pushed") end
  local text = "both assigned and pushed: " .. table.concat(names, ", ")
  work:warn(text)
  return unknown(
    text .. "; Datadog's page asks for it, and Okta does not support it",
    "where pushes get lost: two groups with the same members, one assigned and one pushed"
  )
end)

local check_members = of_pushed(function(_, facts)
  local texts = {}
  for _, entry in ipairs(facts.pushed) do
    local _, _, unassigned = push.wanted_of(entry.members)
    if #unassigned > 0 then
      texts[#texts + 1] = ("%s: %s"):format(find.name_of_group(entry.group), table.concat(unassigned, ", "))
    end
  end
  if #texts == 0 then return passed("every member of a pushed group has the app") end
  return failed(
    "without the app, so missing in the team: " .. table.concat(texts, "; "),
    "assign the app to them"
  )
end)

-- --- all of them ------------------------------------------------------------------------------------

-- after those of the keys
local checks = {
  { "service account", check_owner },
  { "permissions", check_permissions },
  { "SCIM users", check_scim("users", "list_scim_users", { startIndex = 1, count = 2 }) },
  {
    "SCIM groups",
    check_scim("groups", "list_scim_groups", { startIndex = 1, count = 100 }),
  },
  { "plan", check_plan },
  { "just-in-time provisioning", check_jit },
  { "Okta app", check_app },
  { "Okta provisioning", check_provisioning },
  { "roles", check_roles },
  { "pushed groups", check_mappings },
  { "assigned and pushed", check_double },
  { "members without assignment", check_members },
}

local function add(work, facts, rows)
  for _, row in ipairs(rows) do
    local is_wanted = work.okta or not (work.args.keys_only and check_keys.of_okta[row[1]])
    if is_wanted then
      local check = row[2](work, facts)
      check.name = row[1]
      facts.checks[#facts.checks + 1] = check
      facts.ok = facts.ok and check.result ~= "failed" and not check_keys.is_unanswered(check)
    end
  end
end

local function read(work)
  local facts = { checks = find.array {}, ok = true }
  add(work, facts, check_keys.list)
  if not work.args.keys_only then add(work, facts, checks) end
  return facts
end

return run.recipe {
  name = "check",
  order = 1,
  summary = "check what the guide asks for before provisioning",
  okta = "used",
  arguments = {
    find.app_argument,
    { name = "keys_only", kind = "flag", words = "check the keys alone, as `ddokta check` does" },
  },
  steps = {},
  read = read,
  plan = function() return {} end,
  acts = {},
  result = function(_, facts) return { checks = facts.checks, ok = facts.ok } end,
  outcome = function(_, facts) return facts.ok and "passed" or "failed" end,
}
