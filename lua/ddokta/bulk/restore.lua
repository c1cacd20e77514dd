--- restore: put back what a run replaced or removed, from the backup that it kept.
--
--   plan, notes = bulk.restore_plan(dd, path, options)     a plan like any other: print it, apply it
--   report, err = bulk.restore(dd, path, options)          the same, and applied; report.notes
--
-- What was replaced gets its old values again, what was removed is created or made active again. What the
-- run created stays. notes: a list of sentences about what cannot be put back: secrets, which no service
-- gives away, and fields that were empty before. options: of bulk.plan, or of bulk.plan and bulk.apply.

local apply = require "ddokta.bulk.apply"
local backup = require "ddokta.bulk.backup"
local bulk_plan = require "ddokta.bulk.plan"
local failure = require "ddokta.error"
local kinds = require "ddokta.bulk.kinds"
local organisation_of = require "ddokta.bulk.organisation"
local read = require "ddokta.bulk.read"

local of_plan = { "max_deactivations", "prune", "strict" }

local function other_organisation(path, theirs, ours)
  return failure.new{
    kind = "conflict", code = "other_organisation",
    message = ("%s is of another organisation, %s, not of %s"):format(path, tostring(theirs), ours),
  }
end

local function fold(kind, key)
  return kind.key_folds and type(key) == "string" and key:lower() or key
end

--- The next saved object whose key did not come yet, as a row of a source.
local function rows_of(kind, lines, notes)
  local seen = {}
  return function()
    for line in lines do
      local row = {}
      for _, column in ipairs(kind.columns) do row[column.name] = line.object[column.name] end
      local key = fold(kind, row[kind.key])
      if key ~= nil and not seen[key] then
        seen[key] = true
        return row
      end
      notes[#notes + 1] = ("There was more than one %s '%s': the first is put back."):format(kind.noun,
        tostring(line.key))
    end
  end
end

local function secret_names(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if column.secret then names[#names + 1] = column.name end
  end
  return names
end

local function add_notes(kind, plan, notes)
  local names = secret_names(kind)
  if names[1] and plan.counts.create > 0 then
    notes[#notes + 1] = ("%d %s are created without their secrets (%s), which no backup has: set them again.")
      :format(plan.counts.create, kind.plural, table.concat(names, ", "))
  end
  if names[1] and plan.counts.source > plan.counts.create then
    notes[#notes + 1] = "Secrets that were replaced stay as they are now."
  end
  if plan.counts.source > plan.counts.create then
    notes[#notes + 1] = "Fields that were empty before stay as they are now."
  end
end

local function pick(options, names)
  local picked = {}
  for _, name in ipairs(names) do picked[name] = options and options[name] end
  return picked
end

local function without(options, names)
  local rest = {}
  for name, value in pairs(options or {}) do rest[name] = value end
  for _, name in ipairs(names) do rest[name] = nil end
  return rest
end

local restore = {}

--- plan(dd, path, options) -> plan, notes | nil, err
function restore.plan(dd, path, options)
  local header, lines = backup.read(path)
  if not header then return nil, lines end
  local kind, organisation, plan, err
  kind, err = kinds.get(header.kind)
  if not kind then return nil, err end
  organisation, err = organisation_of(dd)
  if not organisation then return nil, err end
  if header.organisation ~= organisation then
    return nil, other_organisation(path, header.organisation, organisation)
  end
  local notes = {}
  local source = read.read(rows_of(kind, lines, notes), { name = path })
  plan, err = bulk_plan.plan(dd, kind.name, source, options)
  if not plan then return nil, err end
  add_notes(kind, plan, notes)
  return plan, notes
end

--- restore(dd, path, options) -> report | nil, err
function restore.restore(dd, path, options)
  local plan, notes = restore.plan(dd, path, pick(options, of_plan))
  if not plan then return nil, notes end
  local report, err = apply.apply(dd, plan, without(options, of_plan))
  if report then report.notes = notes end
  return report, err
end

return restore
