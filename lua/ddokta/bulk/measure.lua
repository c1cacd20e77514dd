--- What a plan would do to people and groups, in the facts that guards.lua judges.
--
-- It is asked of the comparison of a plan, of the whole source and the whole service, whatever part of them a
-- shard has.

local is_unanswered = require("ddokta.bulk.journal_file").is_unanswered
local pages = require "ddokta.pages"
local resources = require "ddokta.bulk.resources"

---@class ddokta.bulk.measure
local measure = {}

local function folded(name) return type(name) == "string" and name ~= "" and name:lower() or nil end

-- --- whose keys these are -------------------------------------------------------------------------

--- own_user(dd) -> {id, name, names = {name in lower case = true}}: whose key or token is used | false, err:
-- that cannot be asked | nil, err. The address of a service account is that of whoever is told about it, so
-- it is known by its id alone.
function measure.own_user(dd)
  local user, err = dd:get_current_user()
  if not user then
    if is_unanswered(err) then return false, err end
    return nil, err
  end
  local own = { id = user.id, name = user.handle or user.email or user.id, names = {} }
  if user.service_account then return own end
  for _, name in ipairs { folded(user.handle) or false, folded(user.email) or false } do
    if name then own.names[name] = true end
  end
  return own
end

--- is_own(own, id, key): is this thing the caller's own user?
function measure.is_own(own, id, key)
  return id ~= nil and id == own.id or own.names[folded(key) or ""] == true
end

-- --- changes that take something away -------------------------------------------------------------

local function list_columns(kind, name)
  local columns = {}
  for _, column in ipairs(kind.columns) do
    if column.form == "list" and column[name] then columns[#columns + 1] = column end
  end
  return columns
end

--- May the update of this row take something away? It looks at the row alone, and makes no change.
local function may_take_away(comparison, number, lists)
  local values, instead = comparison.rows:get(number), comparison.kind.deactivate
  if instead and values[instead.column] == instead.value then return true end
  for _, column in ipairs(lists) do
    if values[column.name] then return true end
  end
  return false
end

local function takes_away(change, kind, lists)
  for _, field in ipairs(change.changes or {}) do
    if kind.deactivate and field.field == kind.deactivate.column then
      return field.new == kind.deactivate.value
    end
    for _, column in ipairs(lists) do
      if field.field == column.name and resources.less(field.old or {}, field.new)[1] then return true end
    end
  end
  return false
end

--- An iterator over the deletions, and over the updates after which a thing is inactive or has fewer items of
-- its lists.
local function removals(comparison, change_at)
  local rows, lists = comparison.rows:count(), list_columns(comparison.kind, "refers")
  local number = comparison.match:counts().update > 0 and 0 or rows
  return function()
    number = number and comparison.match:next(number)
    while number do
      local action = comparison.match:at(number)
      if action == "delete" then return change_at(number) end
      if action == "update" and may_take_away(comparison, number, lists) then
        local change = change_at(number)
        if takes_away(change, comparison.kind, lists) then return change end
      end
      number = comparison.match:next(number)
    end
  end
end

-- --- members --------------------------------------------------------------------------------------

local function old_list(comparison, index, name)
  local closer = comparison.closer[index]
  if closer and closer[name] then return closer[name] end
  local list = comparison.service:get(index)[name]
  return type(list) == "table" and list or {}
end

local function count_members(comparison, columns)
  local count = 0
  for index = 1, comparison.service:count() do
    for _, column in ipairs(columns) do
      count = count + #old_list(comparison, index, column.name)
    end
  end
  return count
end

local function field_of(change, name)
  for _, field in ipairs(change.changes or {}) do
    if field.field == name then return field end
  end
end

--- A group that is deleted takes all its members out of the team.
local function add_loss(facts, columns, change)
  for _, column in ipairs(columns) do
    local old, field = change.old[column.name] or {}, field_of(change, column.name)
    local remaining = change.action == "update" and (field and field.new or old) or nil
    local lost = #resources.less(old, remaining or {})
    if lost > 0 then
      facts.losses[#facts.losses + 1] =
        { key = change.key, lost = lost, members = #old, remaining = remaining and #remaining }
    end
  end
end

-- --- one's own ------------------------------------------------------------------------------------

--- own_words(kind, own, change) -> what the caller would lose by a change, in words, or nil
function measure.own_words(kind, own, change)
  local what
  if change.action == "delete" then what = kind.deactivate and "deactivated" or "deleted" end
  for _, field in ipairs(change.action == "update" and change.changes or {}) do
    if field.field == kind.deactivate.column and field.new == kind.deactivate.value then
      what = "deactivated"
    elseif type(field.new) == "table" and not what then
      local names = {}
      for i, id in ipairs(resources.less(field.old or {}, field.new)) do
        names[i] = "'" .. tostring(change.names and change.names[id] or id) .. "'"
      end
      if names[1] then
        return ("%s, whose keys these are, would lose of the %s %s"):format(
          own.name,
          field.field,
          table.concat(names, ", ")
        )
      end
    end
  end
  return what and ("%s, whose keys these are, would be %s"):format(own.name, what)
end

-- --- teams that are taken over --------------------------------------------------------------------

local function note_names(names, body)
  for _, item in ipairs(type(body) == "table" and body.included or {}) do
    if item.type == "users" and type(item.attributes) == "table" then
      names[item.id] = item.attributes.handle or item.attributes.email or item.attributes.name
    end
  end
end

--- team_members(dd, id) -> list of {id, name, role} | nil, err: who is in a team, whoever manages it
function measure.team_members(dd, id)
  local members, names = {}, {}
  local function read(page)
    local list, response = dd:get_team_memberships(id, page)
    if list then note_names(names, response.body) end
    return list, response
  end
  local list = { client = dd, operation = "get_team_memberships", read = read, title = "memberships" }
  local ok, err = pages.walk(list, function(membership)
    local user = type(membership.user) == "table" and membership.user.data
    if type(user) == "table" and user.id then
      members[#members + 1] = { id = user.id, role = membership.role }
    end
  end)
  if not ok then return nil, err end
  for _, member in ipairs(members) do
    member.name = names[member.id] or member.id
  end
  table.sort(members, function(a, b) return a.name < b.name end)
  return members
end

--- lost(members, ids) -> the names of those members whose ids are not in the list
function measure.lost(members, ids)
  local stays, names = {}, {}
  for _, id in ipairs(ids) do
    stays[id] = true
  end
  for _, member in ipairs(members) do
    if not stays[member.id] then names[#names + 1] = member.name end
  end
  return names
end

--- The teams with members that creates would take over -> list of {name, lost} | nil, err. Who is in them is
--- kept with the row (found.takes.members), so that a backup can have it.
local function read_taken(dd, comparison, change_at, facts)
  local taken = {}
  for number, found in pairs(comparison.found) do
    if found.takes and not found.reason then
      local members, err = measure.team_members(dd, found.takes.id)
      if not members then return nil, err end
      found.takes.members = members
      facts.asked = true
      local wanted = change_at(number).new.members or {}
      -- of an empty team, such as a group leaves that was deleted, nothing is lost
      if members[1] then
        local lost = measure.lost(members, wanted)
        taken[#taken + 1] = { name = found.takes.name, number = number, lost = lost }
        found.note = found.takes.words
          .. (lost[1] and ", no longer in it: " .. table.concat(lost, ", ") or "")
      end
    end
  end
  table.sort(taken, function(a, b) return a.number < b.number end)
  return taken
end

-- --- the facts ------------------------------------------------------------------------------------

--- How many rows the service once had, where it has nothing at all now: they have its id.
local function known_rows(comparison)
  if comparison.kind.known_by ~= "id" or comparison.service:count() > 0 then return 0 end
  local count = 0
  for number = 1, comparison.rows:count() do
    local id = comparison.rows:get(number).id
    if id ~= nil and id ~= "" then count = count + 1 end
  end
  return count
end

--- What a restore is about is a backup, of whatever size, and not the whole service: nothing follows from
-- that it has no rows, or that it shares few with what is there.
local function plain_facts(comparison, counts, source)
  local kind, seen = comparison.kind, comparison.seen
  local facts = {
    noun = kind.noun,
    plural = kind.plural,
    is_deactivation = kind.deactivate ~= nil,
    source = source,
    active = seen and seen.active or counts.active,
    deletions = counts.delete,
    deactivations = counts.deactivations,
    losses = {},
    own = {},
  }
  if seen then return facts end
  facts.rows, facts.service = comparison.rows:count(), comparison.service:count()
  facts.met, facts.known = counts.met, known_rows(comparison)
  return facts
end

--- of(dd, comparison, change_at, source) -> facts | nil, err
-- change_at(number) -> a change of the plan. Asks the service whose keys these are where somebody would lose
-- something, and who is in the teams that would be taken over. facts.unasked: why the first cannot be told.
function measure.of(dd, comparison, change_at, source)
  local kind = comparison.kind
  local facts = plain_facts(comparison, comparison.match:counts(), source)
  local columns, own = list_columns(kind, "by_item"), nil
  for change in removals(comparison, change_at) do
    if own == nil and kind.deactivate then
      local why
      own, why = measure.own_user(dd)
      if own == nil then return nil, why end
      facts.asked, facts.unasked = true, not own and why or nil
    end
    if own and measure.is_own(own, change.id, change.key) then
      facts.own[#facts.own + 1] = measure.own_words(kind, own, change)
    end
    add_loss(facts, columns, change)
  end
  facts.members = facts.losses[1] and count_members(comparison, columns) or 0
  local err
  facts.taken, err = read_taken(dd, comparison, change_at, facts)
  if not facts.taken then return nil, err end
  return facts
end

return measure
