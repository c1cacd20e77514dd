--- restore: puts back what a run replaced or removed, from the backup that it kept.
--
-- What was replaced gets the old values of the fields that the run changed, empty ones too. A group gets back
-- the members that the run took, and loses those that it added. What was removed is created, or made active
-- again. Where somebody has changed the same field since, or removed the thing, it is a conflict
-- (force: put back all the same). What the run created stays, unless remove_created says otherwise. A team
-- that a group of the run has taken over has its members and their roles again when that group is removed.
--
-- What cannot be put back is in plan.left and report.left, a list of {key, field, reason}: secrets, which no
-- service gives away, members who are gone, ... plan.created: names of what the run created and stays.

local apply = require "ddokta.bulk.apply"
local arguments = require "ddokta.arguments"
local backup = require "ddokta.bulk.backup"
local bulk_plan = require "ddokta.bulk.plan"
local options_of = require "ddokta.options"
local fingerprints = require "ddokta.bulk.fingerprints"
local json = require("ddokta.native").json
local kinds = require "ddokta.bulk.kinds"
local check_owner = require("ddokta.bulk.journal_file").check_owner
local read_source = require("ddokta.bulk.source").read
local restore_rows = require "ddokta.bulk.restore_rows"
local words = require "ddokta.bulk.words"

-- --- teams that were taken over -------------------------------------------------------------------

local function member_words(team)
  local texts = {}
  for i, member in ipairs(team.members) do
    texts[i] = member.name .. (member.role and " (" .. member.role .. ")" or "")
  end
  return table.concat(texts, ", ")
end

--- Is the group that took it over away, or will be when the plan is applied?
local function is_free(saved, team) return not saved:has(team.group) end

local function leave_teams(saved)
  for _, team in ipairs(saved.teams) do
    if team.members[1] and not is_free(saved, team) then
      local text = "it has taken over the team '%s', in which %s %s: {remove_created} ends that, and puts them "
        .. "back"
      saved:leave(
        { key = team.group },
        "members",
        words
          .spell(text, saved.dialect)
          :format(tostring(team.name), #team.members == 1 and "was" or "were", member_words(team))
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
local function put_team(dd, saved, team)
  local names, pauses = {}, PAUSES
  for _, member in ipairs(team.members) do
    local ok, err = put_member(dd, team, member, pauses)
    pauses = NO_PAUSES -- whoever waited has waited for all
    if ok then
      names[#names + 1] = member.name
    else
      saved:leave(
        { key = team.group },
        "members",
        ("%s is not in the team '%s' again: %s"):format(member.name, tostring(team.name), err.message)
      )
    end
  end
  return names
end

--- For plan:afterwards: who was in a team before a group took it over is in it again.
local function put_members(dd, saved, plan)
  local texts = {}
  for _, team in ipairs(saved.teams) do
    local names = is_free(saved, team) and put_team(dd, saved, team) or {}
    if names[1] then
      local text = "in the team '%s' again: %s"
      texts[#texts + 1] = text:format(tostring(team.name), table.concat(names, ", "))
    end
  end
  if #saved.left > 0 then plan.left = json.array(saved.left) end
  return texts[1] and table.concat(texts, "; ") or nil
end

-- --- words ----------------------------------------------------------------------------------------

local listed = words.listed

--- One sentence for all that is left for one reason.
local function left_sentences(saved, notes)
  local order, groups = {}, {}
  for _, one in ipairs(saved.left) do
    local name = (one.field or "") .. "\n" .. one.reason
    if not groups[name] then
      groups[name] = { one = one, keys = {} }
      order[#order + 1] = groups[name]
    end
    table.insert(groups[name].keys, one.key)
  end
  for _, group in ipairs(order) do
    local count = #group.keys == 1 and "one " .. saved.kind.noun or #group.keys .. " " .. saved.kind.plural
    local field = group.one.field and group.one.field .. " of " or ""
    notes[#notes + 1] = ("Not put back: %s%s (%s): %s."):format(
      field,
      count,
      listed(group.keys),
      group.one.reason
    )
  end
end

local function notes_of(saved, held)
  local notes = {}
  local function spell(text) return words.spell(text, saved.dialect) end
  left_sentences(saved, notes)
  if #saved.created > 0 then
    notes[#notes + 1] =
      spell("What the run created stays: %s ({remove_created} takes it away)."):format(listed(saved.created))
  end
  if #saved.changed > 0 then
    local text = "Somebody has changed what the run created, so it stays: %s ({force} takes it away)."
    notes[#notes + 1] = spell(text):format(listed(saved.changed))
  end
  if not held.knows_created then
    notes[#notes + 1] = "What the run created stays: its journal, which knows it, is not beside the backup."
  end
  return notes
end

-- --- plan -----------------------------------------------------------------------------------------

local function make_plan(dd, held, kind, options)
  local store = fingerprints.lazy(dd, kind)
  local saved, rows = restore_rows.read(held, kind, {
    force = options.force,
    dialect = options.dialect,
    store = store,
  })
  if not saved then return nil, rows end
  local plan, err = bulk_plan.plan(dd, saved.kind, read_source(rows, { name = held.path }), {
    prune = options.remove_created,
    max_deactivations = options.max_deactivations,
    strict = options.strict,
    allow = options.allow,
    dialect = options.dialect,
    reactivate = false,
    fingerprints = store,
  }, {
    judge = function(number, row, now) return saved:judge(number, row, now) end,
    only = saved:filter(options.remove_created),
    spare = saved.spare,
    after = function(client, made) return put_members(client, saved, made) end,
    on_close = function() held:close() end,
  })
  store:close()
  if not plan then return nil, err end
  leave_teams(saved)
  local notes = notes_of(saved, held)
  if #saved.left > 0 then plan.left = json.array(saved.left) end
  if #saved.created > 0 then plan.created = json.array(saved.created) end
  if plan.note then notes[#notes + 1] = plan.note .. "." end
  plan.note = notes[1] and table.concat(notes, " "):gsub("%.$", "") or nil
  return plan, notes
end

-- --- public ---------------------------------------------------------------------------------------

---@class ddokta.bulk.RestorePlanOptions
---@field force? boolean put back also what somebody has changed since (false)
---@field remove_created? boolean remove what the run created; then a plan's guards count it (false)
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field strict? boolean as of bulk.plan

--- Those of restore_plan, and of apply.
---@class ddokta.bulk.RestoreOptions: ddokta.bulk.ApplyOptions
---@field force? boolean put back also what somebody has changed since (false)
---@field remove_created? boolean remove what the run created; then a plan's guards count it (false)
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field strict? boolean as of bulk.plan

local restore = {}

local known = {
  allow = { "table" },
  force = { "boolean" },
  max_deactivations = { "number", "string" },
  dialect = { "string" },
  remove_created = { "boolean" },
  strict = { "boolean" },
}

local known_of_both = options_of.all(known, apply.known)
local pick = options_of.pick

--- Plans to put back what a run replaced or removed: a plan like any other, which can be shown and applied.
--- The backup and its journal are locked until the plan is closed, or collected.
---@param dd ddokta.Client
---@param path string of the backup, or of the journal that it is beside
---@param options? ddokta.bulk.RestorePlanOptions
---@return ddokta.bulk.Plan? plan
---@return string[]|ddokta.Error notes what cannot be put back, in sentences; they are in plan.note too
function restore.plan(dd, path, options)
  options = options_of.check(options, known)
  arguments.values(bulk_plan.checked, options)
  arguments.client("bulk.restore_plan", dd)
  arguments.need(type(path) == "string", "bulk.restore_plan", "the path of a backup or a journal", path)
  local held, err = backup.hold(path, { takes_cut = options.force })
  if not held then return nil, err end
  local kind, is_ours, plan, notes
  kind, err = kinds.get(held.header.kind)
  if kind then
    is_ours, err = check_owner(dd, path, held.header.organisation)
  end
  if is_ours then
    plan, notes = make_plan(dd, held, kind, options)
    err = notes
  end
  if not plan then
    held:close()
    return nil, err
  end
  return plan, notes
end

--- The same, and applied. report.notes and report.left say what could not be put back.
---@param dd ddokta.Client
---@param path string
---@param options? ddokta.bulk.RestoreOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function restore.restore(dd, path, options)
  options = options_of.check(options, known_of_both)
  arguments.client("bulk.restore", dd)
  arguments.need(type(path) == "string", "bulk.restore", "the path of a backup or a journal", path)
  arguments.values(bulk_plan.checked, pick(options, known))
  arguments.values(apply.checked, pick(options, apply.known))
  local plan, notes = restore.plan(dd, path, pick(options, known))
  if not plan then return nil, notes end
  local report, err = apply.apply(dd, plan, pick(options, apply.known))
  plan:close()
  if report then report.notes = notes end
  return report, err
end

return restore
