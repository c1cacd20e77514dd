--- restore: put back what a run replaced or removed, from the backup that it kept.
--
--   plan, notes = bulk.restore_plan(dd, path, options)     a plan like any other: print it, apply it
--   report, err = bulk.restore(dd, path, options)          the same, and applied; report.notes, report.left
--
-- path: of the backup, or of the journal that it is beside. Both are locked until the plan is closed (or
-- collected), so that no run goes on with them meanwhile.
--
-- Of what was replaced those fields get their old values again that the run has changed, empty ones too; a
-- group's members those whom the run took, less those whom it added; what was removed is created, or made
-- active again. Where somebody has changed the same field since, or removed the thing, it is a conflict
-- (option force: put back all the same). What the run created stays, unless remove_created says otherwise;
-- then a plan's guards count it.
--
-- A team that a group of the run has taken over has its members and their roles again when that group is
-- removed.
--
-- What cannot be put back is in plan.left and report.left, a list of {key, field, reason}: secrets, which no
-- service gives away, members who are gone, ... plan.created: names of what the run created and stays.
-- notes: the same in sentences; they are in plan.note too.
-- options: force, remove_created, and those of bulk.plan, or of bulk.plan and bulk.apply.

local apply = require "ddokta.bulk.apply"
local backup = require "ddokta.bulk.backup"
local bulk_plan = require "ddokta.bulk.plan"
local check_options = require "ddokta.bulk.options"
local errors = require "ddokta.error"
local fingerprints = require "ddokta.bulk.fingerprints"
local forms = require "ddokta.bulk.forms"
local json = require("ddokta.core").json
local kinds = require "ddokta.bulk.kinds"
local owner_of = require("ddokta.bulk.journal_file").owner
local resources = require "ddokta.bulk.resources"
local read_source = require("ddokta.bulk.source").read

local CLEAR = "(none)" -- as forms.lua has it: what clears a value

-- the options that are the plan's; the others are apply's
local of_plan = { "allow", "force", "max_deactivations", "place", "remove_created", "strict" }

-- --- rows -----------------------------------------------------------------------------------------

--- By which a thing is known among the others of its kind; nil: it has no name.
local function name_of(kind, values)
  local key = values[kind.key]
  if type(key) ~= "string" then return nil end
  return fingerprints.key(kind, kind.key_folds and key:lower() or key, values)
end

local function leave(work, item, field, reason)
  work.left[#work.left + 1] = { key = tostring(item.key), field = field, reason = reason }
end

--- The value as a row of a source has it.
local function row_value(column, value)
  if value == nil or value == "" or column.form == "list" and value[1] == nil then return CLEAR end
  return value
end

--- The columns that the row has: of what was removed all that there are, of what was replaced those that the
-- run has changed, and what an update must have.
local function row_of(kind, item)
  local row = { id = item.object.id }
  for _, column in ipairs(kind.columns) do
    local was = item.object[column.name]
    if item.action ~= "update" then
      row[column.name] = was
    elseif item.changes[column.name] ~= nil and not column.secret then
      row[column.name] = row_value(column, was)
    elseif column.required or column.name == kind.key then
      row[column.name] = was
    end
  end
  return row
end

--- What a source would refuse is left out, so that it does not stop all. nil: the whole row is.
local function with_what_goes(work, item, row)
  for _, column in ipairs(work.kind.columns) do
    local value = row[column.name]
    local is_key = column.name == work.kind.key
    local _, message = nil, nil
    if value ~= nil then
      _, message = forms.normalise(column, value, work.kind)
    end
    if message then
      local was_empty = value == CLEAR or type(value) == "table" and value[1] == nil
      leave(work, item, column.name, was_empty and "it was empty, and cannot be emptied again" or message)
      if is_key or column.required then return nil end
      row[column.name] = nil
    end
  end
  return row
end

--- An iterator over rows, the first of each name; work.items has for each what it is of.
local function rows_of(work, lines)
  local kind, seen = work.kind, {}
  return function()
    for item in lines do
      item.changes = item.changes or {}
      local key = name_of(kind, item.object)
      if item.action == "take_over" then
        work.teams[#work.teams + 1] = {
          group = item.key,
          name = item.object.name,
          id = item.object.id,
          members = item.object.members or {},
        }
      elseif key == nil or seen[key] then
        leave(work, item, nil, "there was more than one of this name: the first is put back")
      else
        seen[key] = true
        for id, name in pairs(item.names or {}) do
          work.spare.names[id] = name
        end
        local row = with_what_goes(work, item, row_of(kind, item))
        if row then
          work.items[#work.items + 1] = item
          work.ids[tostring(item.object.id)], work.keys[key] = true, true
          return row
        end
      end
    end
  end
end

-- --- what may be put back -------------------------------------------------------------------------

--- Is that the same to the service? Nothing, an empty text and an empty list are.
local function alike(column, a, b)
  if column.form == "list" then
    a, b = a or {}, b or {}
    return #resources.less(a, b) == 0 and #resources.less(b, a) == 0
  end
  if a == nil or a == "" then return b == nil or b == "" end
  return b ~= nil and (a == b or forms.same(column, a, b))
end

local function shown(value)
  if type(value) == "table" then value = table.concat(value, ", ") end
  return (value == nil or value == "") and "nothing" or "'" .. tostring(value) .. "'"
end

--- Of a list those items that the run took come again, and those that it added go.
local function list_again(work, was, made, now)
  local target, added = {}, {}
  for _, id in ipairs(resources.less(made, was)) do
    added[id] = true
  end
  for _, id in ipairs(now) do
    if not added[id] then target[#target + 1] = id end
  end
  local missing = {}
  for _, id in ipairs(resources.less(was, made)) do
    if not work.spare.lost[id] then missing[#missing + 1] = work.spare.ids[id] or id end
  end
  for _, id in ipairs(resources.less(missing, target)) do
    target[#target + 1] = id
  end
  table.sort(target)
  return json.array(target)
end

local function note_lost(work, item, list)
  for _, id in ipairs(list or {}) do
    local name = work.spare.lost[id]
    if name then
      leave(work, item, nil, ("'%s' is not there any more, and cannot be put into it again"):format(name))
    end
  end
end

--- The value that a replaced field gets -> value | nil: as it is | nil, why not.
local function value_again(work, item, column, now, wanted)
  local was, made = item.object[column.name], item.changes[column.name]
  if column.by_item then
    note_lost(work, item, was)
    return list_again(work, was or {}, made, now or {})
  end
  if alike(column, now, was) then return nil end
  if alike(column, now, made) or work.force then
    note_lost(work, item, column.form == "list" and was or nil)
    return wanted
  end
  return nil, ("%s is %s now, not %s as the run left it"):format(column.name, shown(now), shown(made))
end

--- What may be done about a secret that is lost.
local function set_again(kind, name)
  for _, column in ipairs(kind.columns) do
    if column.name == name and column.immutable then return kind.fixed_secrets end
  end
  return "set it again"
end

local function replaced_secrets(work, item)
  for _, name in ipairs(item.secrets or {}) do
    leave(work, item, name, "the run has replaced it, and no backup has the one before: set it again")
  end
end

--- All that was saved: for what is gone, though the run had only changed it.
local function whole_row(work, item)
  local row = {}
  for _, column in ipairs(work.kind.columns) do
    local value = item.object[column.name]
    if column.form == "list" and value then value = list_again(work, value, json.array {}, {}) end
    row[column.name] = value
  end
  return row
end

local function lost_secrets(work, item)
  for _, name in ipairs(fingerprints.fields(work.kind)) do
    leave(work, item, name, "no backup has it: it is there without, " .. set_again(work.kind, name))
  end
end

local function judge_replaced(work, item, row, now)
  if not now then
    if not work.force then return nil, "somebody has removed it since" end
    lost_secrets(work, item)
    return whole_row(work, item)
  end
  local again, reasons = {}, {}
  for _, column in ipairs(work.kind.columns) do
    local name = column.name
    if item.changes[name] ~= nil and row[name] ~= nil then
      local reason
      again[name], reason = value_again(work, item, column, now[name], row[name])
      reasons[#reasons + 1] = reason
    end
    if again[name] == nil and (column.required or name == work.kind.key) then again[name] = now[name] end
  end
  if reasons[1] then return nil, table.concat(reasons, "; ") .. ": somebody has changed it since" end
  replaced_secrets(work, item)
  return again
end

--- A thing that an earlier restore has made again has no secret still, as far as is known.
local function note_missing_secrets(work, item)
  local name = fingerprints.key(work.kind, item.object[work.kind.key], item.object)
  for _, field in ipairs(fingerprints.fields(work.kind)) do
    if work.store:state(name, { [field] = "" }) == "never" then
      leave(work, item, field, "no backup has it: it is there without, " .. set_again(work.kind, field))
    end
  end
end

local function judge_removed(work, item, row, now)
  if not now then
    lost_secrets(work, item)
    for _, column in ipairs(work.kind.columns) do
      if column.refers then note_lost(work, item, item.object[column.name]) end
    end
    return nil
  end
  local instead = work.kind.deactivate
  if instead then return { [work.kind.key] = now[work.kind.key], [instead.column] = not instead.value } end
  for _, column in ipairs(work.kind.columns) do
    local wanted, there = row[column.name], now[column.name]
    if wanted ~= nil and not column.secret and not alike(column, there, wanted) and not work.force then
      return nil,
        ("somebody has made one of this name since, whose %s is %s, not %s"):format(
          column.name,
          shown(there),
          shown(wanted)
        )
    end
  end
  note_missing_secrets(work, item)
  return nil
end

--- What is left of this one, for its row in a report.
local function note_of(work, first)
  local notes = {}
  for i = first, #work.left do
    local one = work.left[i]
    notes[#notes + 1] = ("%snot put back: %s"):format(one.field and one.field .. " is " or "", one.reason)
  end
  return notes[1] and table.concat(notes, "; ") or nil
end

local function judge(work, number, row, now)
  local item, first = work.items[number], #work.left + 1
  local what = item.action == "update" and judge_replaced or judge_removed
  local again, reason = what(work, item, row, now)
  return again, reason, note_of(work, first)
end

-- --- what the run created -------------------------------------------------------------------------

--- Has a thing that the run created other values than it was made with? Where the journal has them.
local function differs(kind, made, values)
  for _, column in ipairs(kind.columns) do
    local asked = made.new and made.new[column.name]
    local is_known = asked ~= nil and not column.secret
    if is_known and not alike(column, values[column.name], asked) then return true end
  end
  return false
end

--- only(values) for the plan: is the thing one of those that this restore is about? What the run created is,
-- where it is to be removed, and nobody has changed it since.
local function new_filter(work, removes)
  local by_id, by_key = {}, {}
  for _, made in ipairs(work.made) do
    by_id[tostring(made.id)] = made
    by_key[name_of(work.kind, made.new or { [work.kind.key] = made.key }) or ""] = made
  end
  return function(values)
    local key = name_of(work.kind, values) or ""
    if work.ids[tostring(values.id)] or work.keys[key] then return true end
    local made = by_id[tostring(values.id)] or by_key[key]
    if not made then
      work.there[key] = true
      return false
    end
    local instead = work.kind.deactivate
    if instead and values[instead.column] == instead.value then return false end
    work.created[#work.created + 1] = made.key
    local is_ours = by_id[tostring(values.id)] and not differs(work.kind, made, values)
    if removes and not is_ours and not work.force then
      work.changed[#work.changed + 1] = made.key
    elseif removes then
      work.created[#work.created] = nil
      return true
    end
    work.there[key] = true
    return false
  end
end

-- --- teams that were taken over -------------------------------------------------------------------

local function member_words(team)
  local texts = {}
  for i, member in ipairs(team.members) do
    texts[i] = member.name .. (member.role and " (" .. member.role .. ")" or "")
  end
  return table.concat(texts, ", ")
end

--- Is the group that took it over away, or will be when the plan is applied?
local function is_free(work, team)
  return not work.there[name_of(work.kind, { [work.kind.key] = team.group }) or ""]
end

local function leave_teams(work)
  for _, team in ipairs(work.teams) do
    if team.members[1] and not is_free(work, team) then
      local text = "it has taken over the team '%s', in which %s %s: remove created ends that, and puts them "
        .. "back"
      leave(
        work,
        { key = team.group },
        "members",
        text:format(tostring(team.name), #team.members == 1 and "was" or "were", member_words(team))
      )
    end
  end
end

-- seconds: a team that a group has left may be taken for a managed one a little longer
local PAUSES, NO_PAUSES = { 0, 2, 5, 10 }, { 0 }

--- One member, in the role of old -> true | nil, err
local function put_member(dd, team, member, pauses)
  local body = { role = member.role, user = { data = { type = "users", id = member.id } } }
  local ok, err
  for _, pause in ipairs(pauses) do
    if pause > 0 then dd:sleep(pause) end
    ok, err = dd:create_team_membership(team.id, body)
    if ok or err.kind ~= "forbidden" then break end
  end
  if not ok and err.kind == "conflict" then
    if not member.role then return true end
    ok, err = dd:update_team_membership(team.id, member.id, { role = member.role })
  end
  return ok, err
end

--- Who was in it -> the names of those who are again
local function put_team(dd, work, team)
  local names, pauses = {}, PAUSES
  for _, member in ipairs(team.members) do
    local ok, err = put_member(dd, team, member, pauses)
    pauses = NO_PAUSES -- whoever waited has waited for all
    if ok then
      names[#names + 1] = member.name
    else
      leave(
        work,
        { key = team.group },
        "members",
        ("%s is not in the team '%s' again: %s"):format(member.name, tostring(team.name), err.message)
      )
    end
  end
  return names
end

--- For plan:afterwards: who was in a team before a group took it over is in it again.
local function put_members(dd, work, plan)
  local texts = {}
  for _, team in ipairs(work.teams) do
    local names = is_free(work, team) and put_team(dd, work, team) or {}
    if names[1] then
      local text = "in the team '%s' again: %s"
      texts[#texts + 1] = text:format(tostring(team.name), table.concat(names, ", "))
    end
  end
  if #work.left > 0 then plan.left = json.array(work.left) end
  return texts[1] and table.concat(texts, "; ") or nil
end

-- --- words ----------------------------------------------------------------------------------------

local MOST = 5 -- names in a sentence

local function listed(names)
  local first = {}
  for i = 1, math.min(#names, MOST) do
    first[i] = names[i]
  end
  return table.concat(first, ", ") .. (#names > MOST and (" and %d more"):format(#names - MOST) or "")
end

--- One sentence for all that is left for one reason.
local function left_sentences(work, notes)
  local order, groups = {}, {}
  for _, one in ipairs(work.left) do
    local name = (one.field or "") .. "\n" .. one.reason
    if not groups[name] then
      groups[name] = { one = one, keys = {} }
      order[#order + 1] = groups[name]
    end
    table.insert(groups[name].keys, one.key)
  end
  for _, group in ipairs(order) do
    local count = #group.keys == 1 and "one " .. work.kind.noun or #group.keys .. " " .. work.kind.plural
    local field = group.one.field and group.one.field .. " of " or ""
    notes[#notes + 1] = ("Not put back: %s%s (%s): %s."):format(
      field,
      count,
      listed(group.keys),
      group.one.reason
    )
  end
end

local function notes_of(work, held)
  local notes = {}
  left_sentences(work, notes)
  if #work.created > 0 then
    notes[#notes + 1] = ("What the run created stays: %s (remove created takes it away)."):format(
      listed(work.created)
    )
  end
  if #work.changed > 0 then
    notes[#notes + 1] = ("Somebody has changed what the run created, so it stays: %s (force takes it away)."):format(
      listed(work.changed)
    )
  end
  if not held.knows_created then
    notes[#notes + 1] = "What the run created stays: its journal, which knows it, is not beside the backup."
  end
  return notes
end

-- --- plan -----------------------------------------------------------------------------------------

local function other_organisation(path, theirs, ours)
  return errors.new {
    kind = "conflict",
    code = "other_organisation",
    message = ("%s is of another organisation, %s, not of %s"):format(path, tostring(theirs), ours),
  }
end

--- The kind, of which a thing is found by its id first: it may have another name now.
local function by_id(kind)
  if kind.id_changes then return kind end
  return setmetatable({ known_by = "id" }, { __index = kind })
end

local function new_work(held, kind, options, dd)
  return {
    kind = by_id(kind),
    force = options.force,
    items = {},
    ids = {},
    keys = {},
    left = {},
    created = {},
    changed = {},
    teams = {},
    there = {},
    made = held:created(),
    spare = { names = {}, ids = {}, lost = {} },
    store = fingerprints.lazy(dd, kind),
  }
end

--- All at once: which things the plan is about must be known before the service is read.
local function read_rows(work, held)
  local rows = {}
  local ran, err = pcall(function()
    for row in rows_of(work, held:lines()) do
      rows[#rows + 1] = row
    end
  end)
  if ran then return rows end
  if errors.is_memory(err) or type(err) ~= "table" then error(err, 0) end
  return nil, err
end

local function make_plan(dd, held, kind, options)
  local work = new_work(held, kind, options, dd)
  local rows, err = read_rows(work, held)
  if not rows then return nil, err end
  local plan
  plan, err = bulk_plan.plan(dd, work.kind, read_source(rows, { name = held.path }), {
    prune = options.remove_created,
    max_deactivations = options.max_deactivations,
    strict = options.strict,
    allow = options.allow,
    place = options.place,
    reactivate = false,
    fingerprints = work.store,
  }, {
    judge = function(number, row, now) return judge(work, number, row, now) end,
    only = new_filter(work, options.remove_created),
    spare = work.spare,
    after = function(client, made) return put_members(client, work, made) end,
    on_close = function() held:close() end,
  })
  work.store:close()
  if not plan then return nil, err end
  leave_teams(work)
  local notes = notes_of(work, held)
  if #work.left > 0 then plan.left = json.array(work.left) end
  if #work.created > 0 then plan.created = json.array(work.created) end
  if plan.note then notes[#notes + 1] = plan.note .. "." end
  plan.note = notes[1] and table.concat(notes, " "):gsub("%.$", "") or nil
  return plan, notes
end

local restore = {}

local known = {
  allow = { "table" },
  force = { "boolean" },
  max_deactivations = { "number", "string" },
  place = { "string" },
  remove_created = { "boolean" },
  strict = { "boolean" },
}

--- plan(dd, path, options) -> plan, notes | nil, err
function restore.plan(dd, path, options)
  options = check_options(options, known)
  local held, err = backup.hold(path, options.force)
  if not held then return nil, err end
  local kind, organisation, plan, notes
  kind, err = kinds.get(held.header.kind)
  if kind then
    organisation, err = owner_of(dd)
  end
  if organisation and held.header.organisation ~= organisation then
    organisation, err = nil, other_organisation(path, held.header.organisation, organisation)
  end
  if organisation then
    plan, notes = make_plan(dd, held, kind, options)
  end
  if not plan then
    held:close()
    return nil, err or notes
  end
  return plan, notes
end

local function pick(options, names)
  local picked = {}
  for _, name in ipairs(names) do
    picked[name] = options and options[name]
  end
  return picked
end

local function without(options, names)
  local rest = {}
  for name, value in pairs(options or {}) do
    rest[name] = value
  end
  for _, name in ipairs(names) do
    rest[name] = nil
  end
  return rest
end

--- restore(dd, path, options) -> report | nil, err
function restore.restore(dd, path, options)
  local plan, notes = restore.plan(dd, path, pick(options, of_plan))
  if not plan then return nil, notes end
  local report, err = apply.apply(dd, plan, without(options, of_plan))
  plan:close()
  if report then report.notes = notes end
  return report, err
end

return restore
