--- single: the verbs that make, change or remove one thing: create, update, delete. Each is a plan of one row
--- against what is there of it, and the one change of that plan.

local bulk = require "ddokta.bulk"
local bulk_options = require "ddokta.cli.bulk_options"
local json = require("ddokta.native").json
local resource = require "ddokta.cli.resource"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"

local forms, guards, measure = bulk.forms, bulk.guards, bulk.measure

-- --- the columns as options -----------------------------------------------------------------------

-- Each column is an option; a secret one names a file.
local function option_of(column) return (column.option or column.name):gsub("_", "-") end

local function argument_of(column) return (column.option or column.name) .. (column.secret and "_file" or "") end

local function variable_of(column) return "DDOKTA_" .. (column.option or column.name):upper() end

local function is_in(list, name)
  for _, item in ipairs(list) do
    if item == name then return true end
  end
  return false
end

local ARGNAMES = { boolean = "<true|false>", list = "<list>" }

-- what each column has, by its name
local function words_of(kind)
  local words = {}
  for _, column in ipairs(forms.describe(kind).columns) do
    words[column.name] = column.words
  end
  return words
end

-- options: except, a list of the columns that have no option; needs_required: of these it is said
local function add_columns(parser, kind, options)
  local words = words_of(kind)
  for _, column in ipairs(kind.columns) do
    if not is_in(options.except or {}, column.name) then
      local name = option_of(column)
      if column.secret then
        parser:option("--" .. name .. "-file"):argname("<file>"):description(
          ("file with the %s, - for standard input ($%s)"):format(
            column.name:gsub("_", " "),
            variable_of(column)
          )
        )
      else
        local needed = options.needs_required and column.required and " (required)" or ""
        parser
          :option("--" .. name)
          :argname(ARGNAMES[column.form] or "<text>")
          :description((column.help or words[column.name]) .. needed)
      end
    end
  end
end

local function secret_value(app, column, may_prompt)
  local name = argument_of(column)
  local path = app.args[name]
  if path then return app:read_secret(path, "--" .. name:gsub("_", "-")) end
  local value = app.environment(variable_of(column))
  if value or not (may_prompt and column.prompt and app.can_ask()) then return value end
  return app.ask_secret(column.name:gsub("_", " ") .. " (empty for none): ")
end

-- What the arguments, the environment and (where options.may_prompt) a prompt give.
local function read_columns(app, kind, options)
  local row = {}
  for _, column in ipairs(kind.columns) do
    if column.secret then
      row[column.name] = secret_value(app, column, options and options.may_prompt)
    else
      row[column.name] = app.args[argument_of(column)]
      -- of a list nothing is something
      if column.form == "list" and row[column.name] == "" then row[column.name] = json.array {} end
    end
  end
  return row
end

-- --- a plan of one row -----------------------------------------------------------------------------

-- The same client, whose list of this kind is `list`: a plan of one row needs no more of it.
local function with_list(dd, kind, list)
  return setmetatable(
    { [kind.operations.list] = function() return list, { total = #list } end },
    { __index = dd }
  )
end

-- The things that may have this name. The whole list where the service cannot be asked by name, or where the
-- name has a space or is not plain ASCII: a look-alike may be spelled differently.
local function things_named(app, dd, kind, key)
  local query = kind.find and not key:find "[^\33-\126]" and key ~= "" and kind.find(key)
  return resource.all(app, dd, kind, query or nil)
end

local function usage(app, errors)
  app:fail(status.USAGE, (table.concat(errors, "; "):gsub("arguments row 1: ", "")))
end

local function source_of(row) return bulk.read({ row }, { name = "arguments" }) end

-- Ends the command for what is wrong with the arguments, before the service is asked anything.
local function check_row(app, kind, row)
  local checked, err = bulk.check(kind, source_of(row))
  if not checked then usage(app, err.errors) end
end

-- The same of some columns of a row.
local function check_values(app, kind, values)
  for _, column in ipairs(kind.columns) do
    if values[column.name] ~= nil then
      local value, message = forms.normalise(column, values[column.name])
      if value == nil then usage(app, { column.name .. ": " .. message }) end
    end
  end
end

-- The kind, of which a thing is known by its id whatever its name.
local function by_id(kind) return setmetatable({ known_by = "id" }, { __index = kind }) end

-- Guards that do not apply to a command about one named thing.
local is_said = { "deactivations", "empty_groups", "empty_service", "foreign_source", "member_removals" }

local function allowed(texts)
  local allow = bulk_options.allowed(texts) or {}
  for _, name in ipairs(is_said) do
    allow[name] = true
  end
  return allow
end

-- The one thing may be the caller's own user, or a group that takes over a team.
local function add_allow(parser, kind)
  local has_members = false
  for _, column in ipairs(kind.columns) do
    has_members = has_members or column.by_item or false
  end
  if kind.deactivate or has_members then bulk_options.add_allow(parser) end
end

local function stop(app, tripped)
  if tripped then app:fail(status.STOPPED, text.show(guards.words(tripped, "command"))) end
end

-- Ends the command where a guard keeps this thing.
local function check_removal(app, dd, kind, item)
  if not kind.deactivate then return end
  local own, err = measure.own_user(dd)
  if own == nil then app:must(nil, err) end
  local facts = { own = {} }
  if own and measure.is_own(own, item.id, item[kind.key]) then
    facts.own[1] = measure.own_words(kind, own, { action = "delete" })
  end
  stop(app, guards.judge(facts, assert(guards.allowed(allowed(app.args.allow)))))
end

local function only_change(app, kind, dd, row, list, options)
  local known = row.id and by_id(kind) or kind
  local own = { allow = allowed(app.args.allow), fingerprints = false } -- what is given is sent
  for name, value in pairs(options or {}) do
    own[name] = value
  end
  local plan, err = bulk.plan(with_list(dd, kind, list), known, source_of(row), own)
  if not plan and err.problems then usage(app, err.errors) end
  local found = app:must(plan, err):step(1)
  if found.action ~= "conflict" then stop(app, plan.guards) end
  return found
end

-- The change that the row means where the service has `list`, or the end of the command. options: of
-- bulk.plan
local function plan_one(app, dd, kind, row, list, options)
  local found = only_change(app, kind, dd, row, list, options)
  if found.action == "conflict" then
    app:fail(status.STOPPED, ("'%s': %s"):format(text.show(found.key), text.show(found.reason)))
  end
  if found.note then app:warn(text.show(found.note)) end
  return found
end

-- What there is afterwards (true for a deletion), or the end of the command. What is known of its secrets is
-- kept as an import keeps it.
local function send(app, dd, kind, change)
  local result, err, note = bulk.send(dd, kind, change)
  app:must(result, err)
  if note then app:warn("ddokta: " .. text.show(note)) end
  return result
end

-- --- create ---------------------------------------------------------------------------------------

local create = {}

function create.configure(parser, one)
  add_columns(parser, one.kind, { needs_required = true })
  add_allow(parser, one.kind)
end

local function refuse_existing(app, kind, list, row)
  local key = row[kind.key]
  for _, item in ipairs(list) do
    local other = item[kind.key]
    local is_near = not kind.within or item[kind.within] == row[kind.within]
    if is_near and type(other) == "string" and forms.alike(other) == forms.alike(key) then
      local how = other == key and "" or ", which " .. forms.difference(key, other)
      app:fail(
        status.STOPPED,
        ("there is already '%s' with the id %s%s: update that one"):format(
          text.show(other),
          tostring(item.id),
          how
        )
      )
    end
  end
end

function create.run(app, _, one)
  local kind = one.kind
  local row = read_columns(app, kind, { may_prompt = true })
  check_row(app, kind, row)
  local dd = app:client_of(one)
  refuse_existing(app, kind, things_named(app, dd, kind, row[kind.key]), row)
  return resource.show(app, dd, kind, send(app, dd, kind, plan_one(app, dd, kind, row, {})))
end

-- --- update ---------------------------------------------------------------------------------------

-- What is not named stays as it is. An update gives an Okta account a new id.
local update = {}

function update.configure(parser, one)
  parser:argument("wanted", "an id or a name"):argname "<id or name>"
  add_columns(parser, one.kind, { except = forms.immutable(one.kind) })
  add_allow(parser, one.kind)
end

-- What the arguments ask for, and whether a secret is among it.
local function given(app, kind)
  local values, has_secret = read_columns(app, kind), false
  for _, column in ipairs(kind.columns) do
    local value = values[column.name]
    if value == "" and column.form ~= "list" then app:fail(status.USAGE, column.name .. " is empty") end
    has_secret = has_secret or (column.secret and value ~= nil) or false
  end
  if not next(values) then app:fail(status.USAGE, "nothing to change was given") end
  check_values(app, kind, values)
  return values, has_secret
end

-- What there is besides that may have the new name, where it gets one.
local function others(app, dd, kind, values, current)
  local list = { current }
  if values[kind.key] == current[kind.key] then return list end
  for _, item in ipairs(things_named(app, dd, kind, values[kind.key])) do
    if item.id ~= current.id then list[#list + 1] = item end
  end
  return list
end

function update.run(app, args, one)
  local kind = one.kind
  local values, has_secret = given(app, kind)
  local dd = app:client_of(one)
  local current = resource.find(app, dd, kind, args.wanted)
  -- the service wants the required fields in every update
  for _, column in ipairs(kind.columns) do
    if column.required and values[column.name] == nil then
      values[column.name] = bulk.resources.get(column, current)
    end
  end
  values.id = current.id
  local found = plan_one(
    app,
    dd,
    kind,
    values,
    others(app, dd, kind, values, current),
    { rotate_secrets = has_secret, reactivate = false }
  )
  if found.action == "unchanged" then
    app:warn(("'%s' is so already, nothing was sent"):format(text.show(found.key)))
    return resource.show(app, dd, kind, current)
  end
  -- never a second thing, whatever the plan takes the arguments for
  if found.action ~= "update" or found.id ~= current.id then
    app:fail(status.STOPPED, ("'%s' is not what would be changed"):format(text.show(current[kind.key])))
  end
  return resource.show(app, dd, kind, send(app, dd, kind, found))
end

-- --- delete ---------------------------------------------------------------------------------------

-- Users are deactivated instead, as a plan does it.
local delete = {}

function delete.configure(parser, one)
  parser:argument("wanted", "an id or a name"):argname("<id or name>")
  parser:flag("-y --yes", "do not ask")
  if one.kind.deactivate then add_allow(parser, one.kind) end
end

function delete.run(app, args, one)
  if not args.yes and not app.can_ask() then app:fail_unasked "" end
  local kind, dd = one.kind, app:client_of(one)
  local item = resource.find(app, dd, kind, args.wanted)
  check_removal(app, dd, kind, item)
  local name = text.show(item[kind.key])
  local done = kind.deactivate and "deactivated" or "deleted"
  local question = kind.deactivate and "Deactivate" or "Delete"
  if not args.yes and not app:ask(("%s the %s '%s'?"):format(question, kind.noun, name)) then
    app:fail(status.FAILED, "not " .. done, { kind = "cancelled" })
  end
  local change = {
    kind = kind.name,
    action = "delete",
    key = item[kind.key],
    id = item.id,
    old = bulk.resources.row(kind, item),
  }
  send(app, dd, kind, change)
  if args.json then
    change.outcome = "done"
    app:json(change)
  else
    app:print(("%s '%s'"):format(done, name))
  end
  return status.DONE
end

return { create = create, update = update, delete = delete }
