--- people: the users of Datadog's SCIM from a source, as Okta's own agent does it. What provision_users,
-- update_users and deactivate_users share: the toggles Create Users, Update User Attributes and Deactivate
-- Users of the guide's screen "Provisioning to App".
--
-- The agent looks for a userName, adopts who is there (active again, attributes brought up to date), else
-- makes a user; updates whole objects; deactivates and never deletes. The same comes of it here; the one
-- look for each user is one list for all, and an update sends what differs. Of what the agent sends besides
-- (a password that nobody uses, externalId, locale, groups) Datadog's users have nothing: it is not sent.

local bulk = require "ddokta.bulk"
local bulk_steps = require "ddokta.recipes.bulk_steps"
local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local forms = require "ddokta.bulk.forms"
local mapping = require "ddokta.bulk.mapping"
local okta_source = require "ddokta.bulk.sources.okta"
local rows = require "ddokta.recipes.rows"
local run = require "ddokta.recipes.run"

local KIND = "scim_users"

local people = {
  -- which attributes of Okta's profile make a column, where args.mapping says nothing else
  attributes = okta_source.attributes,
}

people.arguments = {
  source = {
    name = "source",
    kind = "source",
    required = true,
    words = "who is to have Datadog: a file (.csv, .jsonl, .json), okta:group/<name>, okta:app/<label>",
  },
  mapping = {
    name = "mapping",
    kind = "map",
    words = "what a column is made of: title=jobTitle, name=firstName+lastName, "
      .. [['name="Last Name"+", "+"First Name"']],
  },
  roles = {
    name = "roles",
    kind = "list",
    words = "roles by name or id, for those of whom the source says nothing; they replace what a user has",
  },
  max_deactivations = {
    name = "max_deactivations",
    kind = "limit",
    allows = "deactivations",
    words = "do nothing where more than that many would be deactivated, a number or a percentage (10%)",
  },
  delimiter = {
    name = "delimiter",
    kind = "text",
    words = "what separates the columns of CSV: a character, or comma, semicolon, tab, pipe",
  },
  format = { name = "format", kind = "text", words = "csv, jsonl or json, where the name does not say it" },
}

-- --- read ---------------------------------------------------------------------------------------

local function refuse_argument(message, ...)
  return nil, failure.new { kind = "config", code = "argument", message = message:format(...) }
end

--- source_options(work) -> options of bulk.read by the recipe's arguments | nil, err
function people.source_options(work)
  local args = work.args
  local options = { format = args.format, delimiter = args.delimiter }
  if args.delimiter then
    local character, message = forms.column_separator(args.delimiter)
    if not character then return refuse_argument("delimiter: %s", message) end
  end
  if args.mapping then
    local map, message = mapping.read(args.mapping)
    if not map then return refuse_argument("mapping: %s", message) end
    options.map = map
  end
  return options
end

--- read_source(work, from) -> rows | nil, err
function people.read_source(work, from)
  local options, err = people.source_options(work)
  if not options then return nil, err end
  if bulk.sources.of(from) == okta_source then
    if not work.okta then
      return refuse_argument("%s needs a client of Okta (set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN)", from)
    end
    options.okta, options.kind = work.okta, KIND
  end
  local source
  source, err = bulk.read(from, options)
  if not source then return nil, err end
  return rows.new(source, KIND)
end

local ACTIVE = { name = "active", form = "boolean" }

--- is_inactive(row): does the source say that this user is not to be active?
function people.is_inactive(row)
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

people.with = with

local ROLES = { name = "roles", form = "list" }

--- default_roles(work, list) -> true | nil, err: rows that say nothing of roles get those of the arguments.
-- The plan makes ids of the names.
function people.default_roles(work, list)
  if work.args.roles == nil then return true end
  local names, message = forms.normalise(ROLES, work.args.roles)
  if not names then return refuse_argument("roles: %s", message) end
  for row in list:each() do
    if row.roles == nil or row.roles == "" then row.roles = names end
  end
  return true
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

--- planner(work, list, options) -> function() -> plan | nil, err
-- options: change(row) -> row or nil; prune; only_there: whoever Datadog does not have is left out, and
-- options.missing is the list of their names then
function people.planner(work, list, options)
  -- who becomes active again each recipe says itself
  local settings = {
    prune = options.prune,
    max_deactivations = work.args.max_deactivations,
    allow = work.args.allow,
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
  return function()
    local plan, err = make({})
    if not plan or not options.only_there or plan.counts.create == 0 then return plan, err end
    local missing
    missing, options.missing = missing_in(plan)
    plan:close()
    return make(missing)
  end
end

--- facts(work, list, options) -> facts, with the plan | nil, err
function people.facts(work, list, options)
  local facts = { kind = KIND, client = work.dd, make = people.planner(work, list, options) }
  local err
  facts.plan, err = facts.make()
  if not facts.plan then return nil, err end
  facts.details, facts.amounts = bulk_steps.details(facts.plan)
  return facts
end

--- shown(names) -> "a, b and 3 more"
function people.shown(names)
  local most = 10
  if #names <= most then return table.concat(names, ", ") end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, most), #names - most)
end

--- recipe{name =, summary =, arguments = {names of people.arguments, or rows}, read =, advice =}
function people.recipe(fields)
  fields.okta, fields.steps, fields.own_journal = "used", bulk_steps.keys, true
  fields.plan = function(_, facts) return bulk_steps.plan(facts) end
  fields.acts, fields.verify, fields.measure = bulk_steps.acts, bulk_steps.verify, bulk_steps.measure
  fields.details = function(_, facts) return facts.details end
  for i, argument in ipairs(fields.arguments) do
    if type(argument) == "string" then fields.arguments[i] = people.arguments[argument] end
  end
  return run(fields)
end

return people
