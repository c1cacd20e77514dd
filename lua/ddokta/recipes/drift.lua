--- drift: compares Okta's app and its pushed groups with Datadog's users and teams, and explains differences.
--
-- It says what differs and what the likely cause is: as text, as one HTML page, as JSON. It changes nothing.
-- The command ends with status 5 where there is a difference, so that cron can tell it from a failure.
--
-- All is read completely before anything is compared: a list that is not whole is an error, not a drift.

local bulk = require "ddokta.bulk"
local bulk_plan = require "ddokta.recipes.bulk_plan"
local compare = require "ddokta.recipes.drift_compare"
local core = require "ddokta.native"
local drift_page = require "ddokta.recipes.drift_page"
local errors = require "ddokta.error"
local file = require "ddokta.file"
local find = require "ddokta.recipes.find"
local new_report = require("ddokta.recipes.report").new
local pushes = require "ddokta.recipes.pushes"
local run = require "ddokta.recipes.run"
local text = require "ddokta.text"

local kind = assert(bulk.kind "scim_users")
local okta_source = bulk.sources.get "okta"
local resources = bulk.resources

-- --- Okta -----------------------------------------------------------------------------------------

-- what Okta sends as displayName, unless a mapping says what the name is
local function display_name(app_user, mapping)
  if mapping and mapping.name then return nil end
  local user = (app_user._embedded or {}).user or {}
  return (app_user.profile or {}).displayName or (user.profile or {}).displayName
end

local function read_app_users(work, snapshot)
  local options, list, err
  options, err = bulk_plan.source_options(work)
  if not options then return nil, err end
  list, err = find.list_app_users(work, snapshot.app, "user")
  if not list then return nil, err end
  local mapping = options.map
  for _, app_user in ipairs(list) do
    app_user.row = okta_source.app_user_row(app_user, mapping)
    app_user.display_name = display_name(app_user, mapping)
  end
  snapshot.app_users = list
  return true
end

local function is_wanted(work, group)
  local wanted = work.args.groups
  if not wanted then return true end
  for _, name in ipairs(wanted) do
    if name == group.id or name == find.name_of_group(group) then return true end
  end
  return false
end

local function groups_named(work, list)
  for _, wanted in ipairs(work.args.groups or {}) do
    local found = false
    for _, one in ipairs(list) do
      found = found or one.group.id == wanted or find.name_of_group(one.group) == wanted
    end
    if not found then return find.missing("the app pushes no group '%s'", tostring(wanted)) end
  end
  return true
end

local function read_pushes(work, snapshot)
  local err
  snapshot.pushes, err = pushes.read(work, snapshot.app, function(group) return is_wanted(work, group) end)
  if not snapshot.pushes then return nil, err end
  return groups_named(work, snapshot.pushes)
end

local function read_assigned(work, snapshot)
  local err
  snapshot.assigned, err = find.assigned_groups(work, snapshot.app)
  return snapshot.assigned and true, err
end

-- Okta's own pages say that it does not support one group for both.
local function warn_of_double(work, snapshot)
  local names = {}
  for _, one in ipairs(snapshot.pushes) do
    if snapshot.assigned[one.group.id] then names[#names + 1] = find.name_of_group(one.group) end
  end
  if names[1] then
    work:warn(
      ("both assigned to the app and pushed, which Okta does not support: %s"):format(bulk_plan.shown(names))
    )
  end
end

-- --- Datadog --------------------------------------------------------------------------------------

local function read_users(work, snapshot)
  local err
  snapshot.users, err = find.all(work.dd, "list_scim_users")
  return snapshot.users and true, err
end

local function read_teams(work, snapshot)
  local err
  snapshot.teams, err = find.all(work.dd, "list_teams")
  return snapshot.teams and true, err
end

-- Roles are names in Okta and ids in Datadog.
local function read_roles(work, snapshot)
  local has_any = false
  for _, app_user in ipairs(snapshot.app_users) do
    has_any = has_any or app_user.row.roles ~= nil
  end
  if not has_any then return true end
  local err
  snapshot.roles, err = resources.read_names(work.dd, resources.references(kind)[1])
  return snapshot.roles and true, err
end

-- --- who is in a group, and in its team -----------------------------------------------------------

local function read_group(work, _, one)
  local err
  one.users, err = find.group_users(work, one.group)
  return one.users and true, err
end

local function read_team(work, snapshot, one)
  local team = compare.team_of(snapshot, one)
  if not team or one.mapping.status == "INACTIVE" then return true end
  local err
  one.team_members, err = find.team_members(work, team)
  return one.team_members and true, err
end

local words = {}
for _, row in ipairs(compare.causes) do
  words[row[1]] = row[2]
end

-- --- the report as text
-- -----------------------------------------------------------------------------------------

local function values_of(row)
  if not row.okta then return row.difference end
  return ("%s: '%s' in Okta, '%s' in Datadog"):format(row.difference, row.okta, row.datadog)
end

local function subject_of(row) return row.team and ("%s of %s"):format(row.name, row.team) or row.name end

local columns = {
  { name = "what" },
  { name = "name", kept = true },
  { name = "difference", kept = true, wraps = true },
  { name = "likely cause" },
  { name = "that is", wraps = true },
}

local function table_of(differences, layout)
  local rows = {}
  for i, row in ipairs(differences) do
    rows[i] = { row.what, subject_of(row), values_of(row), words[row.cause], row.explanation }
  end
  return text.table(columns, rows, layout)
end

local function amount(count) return count == 1 and "1 difference" or count .. " differences" end

-- What was compared and how many differences there are
local function sentence(differences, details)
  return ("%s between Okta's app %s and Datadog (%d users, %d pushed groups compared)"):format(
    #differences == 0 and "no difference" or amount(#differences),
    details.app,
    details.users,
    details.groups
  )
end

local function to_text(self, layout)
  local function prose(line) return layout.width and text.wrap(line, layout.width) or line end
  local lines = { prose(("drift: %s."):format(sentence(self.differences, self.details))) }
  if #self.differences > 0 then lines[2] = table_of(self.differences, layout) end
  for _, warning in ipairs(self.warnings) do
    lines[#lines + 1] = prose("Warning: " .. text.show(warning))
  end
  return table.concat(lines, "\n")
end

-- a recipe's report that is shown as a table
local function report_of(fields)
  local report = new_report(fields)
  local meta = getmetatable(report)
  local methods = setmetatable({}, { __index = meta.__index })
  function methods:lay_out(layout)
    -- it may fail before it compares
    return self.differences and to_text(self, layout) or meta.__index.lay_out(self, layout)
  end
  return setmetatable(report, { __index = methods, __tostring = meta.__tostring })
end

-- --- files ----------------------------------------------------------------------------------------

local function put_html(put, found)
  drift_page.write(put, found, sentence(found.differences, found.details) .. ".")
end

local function put_json(put, found)
  local document, err = core.json.encode {
    differences = find.array(found.differences),
    details = found.details,
    warnings = find.array(found.warnings),
    time = found.time,
  }
  if not document then return err end
  put(document .. "\n")
end

local function put_text(put, found)
  put(sentence(found.differences, found.details) .. ".\n")
  if #found.differences > 0 then put(table_of(found.differences, {}) .. "\n") end
end

local writers = { html = put_html, json = put_json, txt = put_text }

-- open_report(path) -> write(found) -> true | nil, err; nil, err where the name's ending is none of .html,
-- .json
--- and .txt. The file is written beside its place and moved there: whoever reads it never sees a half.
local function open_report(path)
  local put_all = writers[file.extension(path) or ""]
  if not put_all then
    return nil,
      errors.new {
        kind = "config",
        code = "argument",
        message = "report: a name that ends in .html, .json or .txt is wanted, got " .. path,
      }
  end
  return function(found)
    return file.write(path, function(put)
      local err = put_all(put, found)
      if err then return nil, err end
      return true
    end)
  end
end

-- --- the recipe -----------------------------------------------------------------------------------

-- Reads parts of the snapshot side by side -> true | nil, err
local function read_all(work, snapshot, parts)
  local done, err = find.each_of(parts, function(part) return part.read(work, snapshot, part.one) end)
  return done and true, err
end

local function read_members(work, snapshot)
  local ok, err = read_all(work, snapshot, { { read = read_pushes }, { read = read_teams } })
  if not ok then return nil, err end
  local parts = {}
  for _, one in ipairs(snapshot.pushes) do
    parts[#parts + 1] = { read = read_group, one = one }
    parts[#parts + 1] = { read = read_team, one = one }
  end
  return read_all(work, snapshot, parts)
end

local function read_snapshot(work)
  local app, err = find.app(work)
  if not app then return nil, err end
  local snapshot = { app = app, all_teams = work.args.groups == nil, ignore = {} }
  for _, name in ipairs(work.args.ignore or {}) do
    snapshot.ignore[tostring(name):lower()] = true
  end
  local ok
  ok, err = read_all(
    work,
    snapshot,
    { { read = read_app_users }, { read = read_members }, { read = read_assigned }, { read = read_users } }
  )
  if ok then
    ok, err = read_roles(work, snapshot)
  end
  if not ok then return nil, err end
  local app_users = {}
  for _, app_user in ipairs(snapshot.app_users) do
    app_users[app_user.id] = app_user
  end
  for _, one in ipairs(snapshot.pushes) do
    one.members = find.as_members(one.users, app_users)
  end
  warn_of_double(work, snapshot)
  return snapshot
end

local function facts_of(work, snapshot)
  return {
    differences = compare.differences(snapshot),
    warnings = work.warnings,
    time = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    details = {
      app = ("'%s' (%s)"):format(tostring(snapshot.app.label), snapshot.app.id),
      users = #snapshot.users,
      groups = #snapshot.pushes,
    },
  }
end

local function read(work)
  local write, why
  if work.args.report then
    write, why = open_report(work.args.report) -- a wrong name is said before anything is read
    if not write then return nil, why end
  end
  local snapshot, err = read_snapshot(work)
  if not snapshot then return nil, err end
  local facts, ok = facts_of(work, snapshot), true
  if write then
    facts.command = work.args.command
    facts.datadog, facts.okta = bulk.header.of(work.dd), bulk.header.of(work.okta)
    ok, err = write(facts)
  end
  return ok and facts, err
end

return run.recipe {
  name = "drift",
  order = 11,
  summary = "compare Okta's assignments and groups with Datadog's users and teams",
  okta = "needed",
  arguments = {
    find.app_argument,
    { name = "groups", kind = "list", words = "only these pushed groups, by name or id (default: all)" },
    { name = "ignore", kind = "list", words = "users of whom nothing is said, by user name" },
    bulk_plan.arguments.mapping,
    {
      name = "report",
      kind = "text",
      value = "file",
      words = "write what was found to this file: .html, .json or .txt",
    },
  },
  steps = {},
  acts = {},
  columns = {
    { name = "what" },
    { name = "name", kept = true },
    { name = "team" },
    { name = "difference", kept = true, wraps = true },
    { name = "okta" },
    { name = "datadog" },
    { name = "cause" },
    { name = "explanation", wraps = true },
  },
  read = read,
  plan = function() return {} end,
  details = function(_, facts) return facts.details end,
  result = function(_, facts) return { differences = facts.differences, ok = #facts.differences == 0 } end,
  outcome = function(_, facts) return #facts.differences == 0 and "no drift" or "drift" end,
  new_report = report_of,
}
