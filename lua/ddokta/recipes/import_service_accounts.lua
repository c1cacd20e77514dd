--- import_service_accounts: imports service accounts of Okta Privileged Access from a file.
--
-- They are accounts of an app, and Okta keeps their passwords. No password is shown, logged, or written into
-- a journal or a report.
--
-- A password is asked for by Okta's newest specification and by none before: an account without one is
-- taken, with a warning. It is sent at creation only; that an update cannot change it, nor the app, nor the
-- user name, is the service's.

local bulk = require "ddokta.bulk"
local bulk_plan = require "ddokta.recipes.bulk_plan"
local find = require "ddokta.recipes.find"

local KIND = "app_service_accounts"

-- --- read ---------------------------------------------------------------------------------------

local function is_given(value) return value ~= nil and value ~= "" end

local function read_rows(work)
  local from = work.args.source
  if type(from) == "string" and from:find "^okta:" then
    return bulk_plan.refuse("%s: service accounts come from a file, Okta is where they go to", from)
  end
  return bulk_plan.read_source(work, KIND)
end

-- The app that accounts without a containerOrn are of.
local function read_orn(work, list)
  local lacking
  for row in list:each() do
    lacking = lacking or not is_given(row.containerOrn)
  end
  if not lacking or not work.args.app then return true end
  local app, err = find.app(work)
  if not app then return nil, err end
  if type(app.orn) ~= "string" then
    return find.refuse(
      "no_orn",
      "Okta does not tell the ORN of the app '%s': give containerOrn in each row",
      tostring(app.label)
    )
  end
  for row in list:each() do
    if not is_given(row.containerOrn) then row.containerOrn = app.orn end
  end
  list:add_column("containerOrn")
  return true
end

local function has_password(step)
  for _, name in ipairs(step.secrets or {}) do
    if name == "password" then return true end
  end
  return false
end

-- of those that are new: the others have theirs, or had none
local function warn_of_passwords(work, plan)
  local names = {}
  for step in plan:changes() do
    if step.action == "create" and not has_password(step) then names[#names + 1] = step.key end
  end
  if names[1] then
    work:warn(
      (
        "without a password, which an app needs that is not provisioned or does not synchronise "
        .. "passwords: %s"
      ):format(bulk_plan.shown(names))
    )
  end
end

local function read(work)
  local list, err = read_rows(work)
  if not list then return nil, err end
  local ok, facts
  ok, err = read_orn(work, list)
  if not ok then return nil, err end
  facts, err = bulk_plan.facts(KIND, work.okta, function()
    local options = { allow = work.args.allow, strict = not work.args.ignore_unknown_columns }
    return bulk.plan(work.okta, KIND, list:source(function(row) return row end), options)
  end)
  if not facts then return nil, err end
  warn_of_passwords(work, facts.plan)
  return facts
end

return bulk_plan.recipe {
  name = "import_service_accounts",
  order = 10,
  summary = "bring service accounts of an app into Okta Privileged Access",
  okta = "needed",
  datadog = "unused",
  arguments = {
    {
      name = "source",
      kind = "source",
      required = true,
      words = "a file (.csv, .jsonl, .json): name, username, password, containerOrn, description, owners",
    },
    {
      name = "app",
      kind = "text",
      value = "id or name",
      words = "the app of accounts without a containerOrn, by id or label",
    },
    bulk_plan.arguments.mapping,
    bulk_plan.arguments.delimiter,
    bulk_plan.arguments.format,
    bulk_plan.arguments.ignore_unknown_columns,
  },
  read = read,
}
