--- One thing made or changed: a plan of one row against what is there of it, and its step.

local bulk = require "ddokta.bulk"
local fields = require "ddokta.cli.fields"
local forms = require "ddokta.bulk.forms"
local guards = require "ddokta.bulk.guards"
local text = require "ddokta.text"
local pages = require "ddokta.pages"
local measure = require "ddokta.bulk.measure"
local planning = require "ddokta.cli.planning"
local status = require "ddokta.cli.status"

local single = {}

--- The same client, whose list of this kind is `list`: a plan of one row needs no more of it.
local function with_list(dd, kind, list)
  return setmetatable(
    { [kind.operations.list] = function() return list, { total = #list } end },
    { __index = dd }
  )
end

--- What there may be of a name: all, where the service cannot be asked for it, or where the name has more
-- than plain letters, for what reads like it may be spelled otherwise.
function single.named(app, dd, kind, key)
  local list = {}
  local query = kind.find and not key:find("[^\33-\126]") and key ~= "" and kind.find(key)
  app:must(
    pages.walk(
      { client = dd, operation = kind.operations.list, query = query or kind.page, title = kind.plural },
      function(item) list[#list + 1] = item end
    )
  )
  return list
end

local function usage(app, errors)
  app:fail(status.USAGE, (table.concat(errors, "; "):gsub("arguments row 1: ", "")))
end

local function source_of(row) return bulk.read({ row }, { name = "arguments" }) end

--- check(app, kind, row, partly): what is wrong with the arguments, before the service is asked anything.
-- partly: a required one may be absent
function single.check(app, kind, row, partly)
  if not partly then
    local rows, err = bulk.check(kind, source_of(row))
    if not rows then usage(app, err.errors) end
    return
  end
  for _, column in ipairs(kind.columns) do
    if row[column.name] ~= nil then
      local value, message = forms.normalise(column, row[column.name])
      if value == nil then usage(app, { column.name .. ": " .. message }) end
    end
  end
end

--- The kind, of which a thing is known by its id whatever its name.
local function by_id(kind) return setmetatable({ known_by = "id" }, { __index = kind }) end

-- what somebody says of the one thing that is named is meant
local is_said = { "deactivations", "empty_groups", "empty_service", "foreign_source", "member_removals" }

local function allowed(texts)
  local allow = planning.allowed(texts) or {}
  for _, name in ipairs(is_said) do
    allow[name] = true
  end
  return allow
end

--- The one thing may be the caller's own user, or a group that takes over a team.
function single.configure_allow(parser, kind)
  local has_members = false
  for _, column in ipairs(kind.columns) do
    has_members = has_members or column.by_item or false
  end
  if kind.deactivate or has_members then planning.configure_allow(parser) end
end

local function stop(app, tripped)
  if tripped then app:fail(status.STOPPED, text.show(guards.words(tripped, "command"))) end
end

--- check_removal(app, dd, kind, item): ends the command where a guard keeps this thing.
function single.check_removal(app, dd, kind, item)
  if not kind.deactivate then return end
  local own, err = measure.own_user(dd)
  if own == nil then app:must(nil, err) end
  local facts = { own = {} }
  if own and measure.is_own(own, item.id, item[kind.key]) then
    facts.own[1] = measure.own_words(kind, own, { action = "delete" })
  end
  stop(app, guards.judge(facts, assert(guards.allowed(allowed(app.args.allow)))))
end

local function only_step(app, kind, dd, row, list, options)
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

--- plan(app, dd, kind, row, list, options) -> the step that the row means where the service has `list`, or
-- the end of the command
function single.plan(app, dd, kind, row, list, options)
  local found = only_step(app, kind, dd, row, list, options)
  if found.action == "conflict" then
    app:fail(status.STOPPED, ("'%s': %s"):format(text.show(found.key), text.show(found.reason)))
  end
  if found.note then app:warn(text.show(found.note)) end
  return found
end

function single.show(app, dd, kind, item)
  if app.args.json then
    app:json(item)
  else
    app:print(text.pairs(fields.shown(kind), fields.rows(app, dd, kind, { item })[1]))
  end
  return status.DONE
end

--- carry_out(app, dd, kind, action) -> what there is afterwards (true for a deletion), or the end of the
-- command. What is known of its secrets is kept as an import keeps it.
function single.carry_out(app, dd, kind, action)
  local result, err, note = bulk.send(dd, kind, action)
  app:must(result, err)
  if note then app:warn("ddokta: " .. text.show(note)) end
  return result
end

--- send(app, dd, kind, found): does it, and shows what there is afterwards.
function single.send(app, dd, kind, found)
  return single.show(app, dd, kind, single.carry_out(app, dd, kind, found))
end

return single
