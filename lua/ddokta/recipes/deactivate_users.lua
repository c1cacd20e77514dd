--- deactivate_users: users are deactivated ("Deactivate Users" of the guide), never deleted: those that are
--- named, or all whom a source does not have or has as inactive, as Okta's agent does with those who lost
--- the app. Where a guard trips, as for more than max_deactivations of them, nothing is done.

local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local measure = require "ddokta.bulk.measure"
local people = require "ddokta.recipes.people"
local rows = require "ddokta.recipes.rows"
local bulk = require "ddokta.bulk"

local function wrong(message)
  return nil, failure.new { kind = "config", code = "argument", message = message }
end

-- --- who stays ----------------------------------------------------------------------------------

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
    if type(name) ~= "string" or name == "" then return wrong("users: a list of user names is wanted") end
    if stays[name:lower()] then
      kept[#kept + 1] = name
    else
      named[#named + 1] = { userName = name, active = false }
    end
  end
  for _, name in ipairs(kept) do
    work.warn(
      own and name:lower() == own:lower() and ("%s is whose key this is: not deactivated"):format(name)
        or ("%s is among the exceptions: not deactivated"):format(name)
    )
  end
  local source = assert(bulk.read(named, { name = "users" }))
  return rows.new(source, "scim_users"), function(row) return row end, false
end

-- --- all but those of a source ------------------------------------------------------------------

local function warn_of_kept(work, list, stays, own)
  local there = {}
  for row in list:each() do
    there[tostring(row.userName):lower()] = { active = not people.is_inactive(row) }
  end
  local self = own and (there[own:lower()] or {})
  if self and not self.active then
    work.warn(("%s is not in the source, but whose key this is: not deactivated"):format(own))
  end
  for folded, name in pairs(stays) do
    if not there[folded] then list:add { userName = name } end
  end
end

local function read_rest(work, stays, own)
  local list, err = people.read_source(work, work.args.source)
  if not list then return nil, err end
  -- an exception is worth nothing in an empty source: the guards are to see that it is empty
  if #list > 0 then warn_of_kept(work, list, stays, own) end
  return list,
    function(row)
      if people.is_inactive(row) and not stays[tostring(row.userName):lower()] then return nil end
      return { userName = row.userName }
    end,
    true
end

local function read(work)
  if (work.args.users == nil) == (work.args.source == nil) then
    return wrong("deactivate_users needs users (who) or source (who is to stay), one of them")
  end
  local stays, own = exempt(work)
  if not stays then return nil, own end
  local list, change, prune = (work.args.users and read_named or read_rest)(work, stays, own)
  if not list then return nil, change end
  local options = { change = change, prune = prune, only_there = true }
  local facts, err = people.facts(work, list, options)
  if not facts then return nil, err end
  if options.missing and work.args.users then
    work.warn(("not in Datadog, so nothing to be done: %s"):format(people.shown(options.missing)))
  end
  return facts
end

return people.recipe {
  name = "deactivate_users",
  summary = "deactivate users, or all whom a file or an Okta group does not have",
  arguments = {
    { name = "users", kind = "list", words = "who is to be deactivated, by user name" },
    {
      name = "source",
      kind = "source",
      words = "who is to stay: a file, okta:group/<name>, okta:app/<label>; all others are deactivated",
    },
    { name = "except", kind = "list", words = "who stays in any case, by user name" },
    "mapping",
    "max_deactivations",
    "format",
  },
  read = read,
  advice = function(_, facts)
    if #find.sorted(facts.details.will_deactivate or {}) == 0 then return {} end
    return { "who is deactivated keeps what is theirs; provision_users makes them active again" }
  end,
}
