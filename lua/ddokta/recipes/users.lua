--- users: recipes that make, update and deactivate Datadog's users from a source, as Okta's own agent does.
--
-- provision_users, update_users and deactivate_users are the toggles Create Users, Update User Attributes and
-- Deactivate Users of the guide's screen "Provisioning to App".
--
-- The agent looks for a userName, adopts who is there (active again, attributes brought up to date), else
-- makes a user; updates whole objects; deactivates and never deletes. The same comes of it here; the one
-- look for each user is one list for all, and an update sends what differs. Of what the agent sends besides
-- (a password that nobody uses, externalId, locale, groups) Datadog's users have nothing: it is not sent.

local bulk = require "ddokta.bulk"
local bulk_plan = require "ddokta.recipes.bulk_plan"
local find = require "ddokta.recipes.find"

local forms = bulk.forms
local measure = bulk.measure

local KIND = "scim_users"

local shared = bulk_plan.arguments

local source_argument = {
  name = "source",
  kind = "source",
  required = true,
  words = "who is to have Datadog: a file (.csv, .jsonl, .json), okta:group/<name>, okta:app/<label>",
}

local roles_argument = {
  name = "roles",
  kind = "list",
  words = "roles by name or id, for those of whom the source says nothing; they replace what a user has",
}

-- --- read ---------------------------------------------------------------------------------------

local ACTIVE = { name = "active", form = "boolean" }

-- Does the source say that this user is not to be active?
local function is_inactive(row)
  return row.active ~= nil and row.active ~= "" and forms.normalise(ACTIVE, row.active) == false
end

local function with(row, name, value)
  local copy = {}
  for field, old in pairs(row) do
    copy[field] = old
  end
  copy[name] = value
  return copy
end

local ROLES = { name = "roles", form = "list" }

-- The source of the arguments. Rows that say nothing of roles get those of the arguments; the plan makes ids
-- of the names.
local function read_source(work)
  local list, err = bulk_plan.read_source(work, KIND)
  if not list or work.args.roles == nil then return list, err end
  local names, message = forms.normalise(ROLES, work.args.roles)
  if not names then return bulk_plan.refuse("roles: %s", message) end
  for row in list:each() do
    if row.roles == nil or row.roles == "" then row.roles = names end
  end
  return list
end

-- --- plan ---------------------------------------------------------------------------------------

local function fold(name) return type(name) == "string" and name:lower() or name end

-- those that the service does not have, by name in lower case, in the order of the source
local function missing_in(plan)
  local missing, names = {}, find.array {}
  for step in plan:changes() do
    if step.action == "create" then
      missing[step.key:lower()] = true
      names[#names + 1] = step.key
    end
  end
  return missing, names
end

-- facts_of(work, list, options) -> facts | nil, err
-- options: change(row) -> row or nil; prune; only_there: whoever Datadog does not have is left out, and
-- options.missing is the list of their names then
local function facts_of(work, list, options)
  -- who becomes active again each recipe says itself
  local settings = {
    prune = options.prune,
    max_deactivations = work.args.max_deactivations,
    allow = work.args.allow,
    strict = not work.args.ignore_unknown_columns,
    reactivate = false,
  }
  local function make(left_out)
    return bulk.plan(
      work.dd,
      KIND,
      list:source(function(row)
        local userName = fold(row.userName)
        return not (userName and left_out[userName]) and options.change(row) or nil
      end),
      settings
    )
  end
  return bulk_plan.facts(KIND, work.dd, function()
    local plan, err = make {}
    if not plan or not options.only_there or plan.counts.create == 0 then return plan, err end
    local missing
    missing, options.missing = missing_in(plan)
    plan:close()
    return make(missing)
  end)
end

-- --- provision_users ------------------------------------------------------------------------------

-- Whoever the source has gets Datadog: users are made, those who are there already are adopted, active again
-- and as the source has them. Nobody is deactivated.
local function read_all(work)
  local list, err = read_source(work)
  if not list then return nil, err end
  local left_out = {}
  for row in list:each() do
    if is_inactive(row) then left_out[#left_out + 1] = tostring(row.userName) end
  end
  if left_out[1] then
    work:warn(("not active in the source, so neither made nor changed: %s"):format(bulk_plan.shown(left_out)))
  end
  return facts_of(work, list, {
    change = function(row)
      if is_inactive(row) then return nil end
      -- what is no boolean is the plan's to refuse
      if row.active ~= nil and row.active ~= "" then return row end
      return with(row, "active", true)
    end,
  })
end

local provision_users = bulk_plan.recipe {
  name = "provision_users",
  order = 3,
  summary = "make users from a file or an Okta group, adopt those who are there",
  okta = "used",
  arguments = {
    source_argument,
    shared.mapping,
    roles_argument,
    shared.delimiter,
    shared.format,
    shared.ignore_unknown_columns,
  },
  read = read_all,
  advice = function(_, facts)
    if facts.plan.counts.create == 0 then return {} end
    return { "Datadog sends whoever is new an invitation by e-mail; its link is said to be good for 2 days" }
  end,
}

-- --- update_users ---------------------------------------------------------------------------------

-- Those users of the source whom Datadog has get the attributes and the roles that the source says. Nobody is
-- made, activated or deactivated.
local function read_known(work)
  local list, err = read_source(work)
  if not list then return nil, err end
  local options = { only_there = true }
  function options.change(row) return with(row, "active", nil) end
  local facts
  facts, err = facts_of(work, list, options)
  if not facts then return nil, err end
  if options.missing then
    work:warn(
      ("not in Datadog, so not updated (provision_users makes them): %s"):format(
        bulk_plan.shown(options.missing)
      )
    )
  end
  return facts
end

local update_users = bulk_plan.recipe {
  name = "update_users",
  order = 4,
  summary = "bring users up to date from a file or an Okta group",
  okta = "used",
  arguments = {
    source_argument,
    shared.mapping,
    roles_argument,
    shared.delimiter,
    shared.format,
    shared.ignore_unknown_columns,
  },
  read = read_known,
}

-- --- deactivate_users -----------------------------------------------------------------------------

-- Users are deactivated, never deleted: those that are named, or all whom a source does not have or has as
-- inactive, as Okta's agent does with those who lost the app.

-- Whose key is used: a person who deactivates himself ends the key at once. Such a one is an exception as
-- long as it is not said otherwise; the guard stands behind it, should a name be another here and there.
local function own_name(work)
  if work.allowed.self.any then return false end
  local own, err = measure.own_user(work.dd)
  if own == nil then return nil, err end
  return own and next(own.names) and own.name or false
end

-- {name in lower case = name}: whoever stays, whatever else is said
local function exempt(work)
  local names = {}
  for _, name in ipairs(work.args.except or {}) do
    names[tostring(name):lower()] = name
  end
  local own, err = own_name(work)
  if own == nil then return nil, err end
  if own then names[own:lower()] = own end
  return names, own
end

-- --- those that are named -----------------------------------------------------------------------

local function read_named(work, stays, own)
  local named, kept = {}, {}
  for _, name in ipairs(work.args.users) do
    if type(name) ~= "string" or name == "" then
      return bulk_plan.refuse("users: a list of user names is wanted")
    end
    if stays[name:lower()] then
      kept[#kept + 1] = name
    else
      named[#named + 1] = { userName = name, active = false }
    end
  end
  for _, name in ipairs(kept) do
    work:warn(
      own and name:lower() == own:lower() and ("%s is whose key this is: not deactivated"):format(name)
        or ("%s is among the exceptions: not deactivated"):format(name)
    )
  end
  local source = assert(bulk.read(named, { name = "users" }))
  return bulk_plan.rows(source, KIND), function(row) return row end, false
end

-- --- all but those of a source ------------------------------------------------------------------

local function warn_of_kept(work, list, stays, own)
  local there = {}
  for row in list:each() do
    there[tostring(row.userName):lower()] = { active = not is_inactive(row) }
  end
  local self = own and (there[own:lower()] or {})
  if self and not self.active then
    work:warn(("%s is not in the source, but whose key this is: not deactivated"):format(own))
  end
  for folded, name in pairs(stays) do
    if not there[folded] then list:add { userName = name } end
  end
end

local function read_rest(work, stays, own)
  local list, err = bulk_plan.read_source(work, KIND)
  if not list then return nil, err end
  -- an exception is worth nothing in an empty source: the guards are to see that it is empty
  if #list > 0 then warn_of_kept(work, list, stays, own) end
  return list,
    function(row)
      if is_inactive(row) and not stays[tostring(row.userName):lower()] then return nil end
      return { userName = row.userName }
    end,
    true
end

local function read_leaving(work)
  if (work.args.users == nil) == (work.args.source == nil) then
    return bulk_plan.refuse("deactivate_users needs users (who) or source (who is to stay), one of them")
  end
  local stays, own = exempt(work)
  if not stays then return nil, own end
  local list, change, prune = (work.args.users and read_named or read_rest)(work, stays, own)
  if not list then return nil, change end
  local options = { change = change, prune = prune, only_there = true }
  local facts, err = facts_of(work, list, options)
  if not facts then return nil, err end
  if options.missing and work.args.users then
    work:warn(("not in Datadog, so nothing to be done: %s"):format(bulk_plan.shown(options.missing)))
  end
  return facts
end

local deactivate_users = bulk_plan.recipe {
  name = "deactivate_users",
  order = 5,
  okta = "used",
  summary = "deactivate users, or all whom a file or an Okta group does not have",
  arguments = {
    { name = "users", kind = "list", words = "who is to be deactivated, by user name" },
    {
      name = "source",
      kind = "source",
      words = "who is to stay: a file, okta:group/<name>, okta:app/<label>; all others are deactivated",
    },
    { name = "except", kind = "list", words = "who stays in any case, by user name" },
    shared.mapping,
    {
      name = "max_deactivations",
      kind = "limit",
      allows = "deactivations",
      words = "do nothing where more than that many would be deactivated, a number or a percentage (default: 10%)",
    },
    shared.delimiter,
    shared.format,
    shared.ignore_unknown_columns,
  },
  read = read_leaving,
  advice = function(_, facts)
    if #find.sorted(facts.details.will_deactivate or {}) == 0 then return {} end
    return { "who is deactivated keeps what is theirs; provision_users makes them active again" }
  end,
}

return { provision_users, update_users, deactivate_users }
