--- Guards: what a plan or a recipe may do only where somebody has allowed it.
--
-- A guard is a row of the table below. Where one trips, nothing is done at all. Only the guard failed_creates
-- is asked while a plan is carried out: it stops the removals alone, which come last.
--
-- Plans of bulk and recipes say what they would do in facts, and all of them are judged here:
--
--   allowed = guards.allowed(allow, aliases)      what somebody has allowed | nil, what is wrong with it
--   tripped = guards.judge(facts, allowed)        a list of {guard, text, measure}, or nil where all is well
--   guards.words(tripped, "lua" or "command")     the same in a sentence that names the options
--   guards.error(tripped, dialect)                  the error of what is not done
--
-- Facts: what they do not have counts as nothing.
--   noun, plural, is_deactivation   the things, and whether a removal of one is a deactivation
--   source, rows      the source's name, and how many rows it has
--   service, active   how many things the service has, and how many of those are active
--   deletions         things that only the service has and that would be removed
--   deactivations     things whose row deactivates them
--   known             rows that say of themselves that the service has them
--   met               rows that mean, or read like, something that the service has
--   members           members of all groups together
--   losses            list of {key, lost, members, remaining}: groups that lose members, of how many, and how
--                     many there are afterwards; remaining nil: the group itself is removed
--   own               list of texts: what the caller would lose
--   taken             list of {name, lost = {names}}: teams with members that would be taken over
--   failed            creations that have failed or cannot be carried out, where something would be removed
--   lost_keys         application keys whose value nobody has, in words
--
-- Shares are of the whole source and the whole service, whatever part of them a shard has.

local failure = require "ddokta.error"
local did_you_mean = require("ddokta.text").did_you_mean
local words = require "ddokta.bulk.words"

--- A guard that stops a plan or a recipe.
---@class ddokta.bulk.Tripped
---@field guard string its name
---@field text string what would be done
---@field measure integer how many
---@field option? string the option that allows it, where that is not `allow`

---@class ddokta.bulk.guards
local guards = {}

local FEW = 5 -- members that a group may lose before the share of them is looked at
local ALMOST_NONE = 10 -- percent of the keys that must be there on both sides

local amount, listed = words.amount, words.listed

local function sum(list, name)
  local total = 0
  for _, item in ipairs(list or {}) do
    total = total + item[name]
  end
  return total
end

local function removals(facts) return (facts.deletions or 0) + (facts.deactivations or 0) end

local function removed(facts) return facts.is_deactivation and "deactivated" or "deleted" end

--- "3 of 20 active users would be deactivated (2 that the source does not have, 1 by its row)"
local function removal_words(facts, count, total)
  local text = ("%d of %d %s%s would be %s"):format(
    count,
    total,
    facts.is_deactivation and "active " or "",
    facts.plural,
    removed(facts)
  )
  if (facts.deletions or 0) == 0 or (facts.deactivations or 0) == 0 then return text end
  return ("%s (%d that the source does not have, %d by what their rows say)"):format(
    text,
    facts.deletions,
    facts.deactivations
  )
end

local function emptied(facts)
  local names = {}
  for _, loss in ipairs(facts.losses or {}) do
    if loss.remaining == 0 then names[#names + 1] = "'" .. loss.key .. "'" end
  end
  return names
end

local function taken_words(facts)
  local texts = {}
  for i, team in ipairs(facts.taken) do
    texts[i] = ("'%s'%s"):format(
      team.name,
      team.lost[1] and (" (%s would no longer be in it)"):format(listed(team.lost)) or ""
    )
  end
  return ("%s, which nobody manages from outside, would be taken over: %s"):format(
    amount(#texts, { noun = "team", plural = "teams" }),
    listed(texts)
  )
end

--- How many rows mean nothing of the service, where hardly one does: of the smaller side.
local function strangers(facts)
  local smaller = math.min(facts.rows or 0, facts.service or 0)
  if removals(facts) == 0 or smaller < 2 or facts.met * 100 >= smaller * ALMOST_NONE then return 0 end
  return smaller - facts.met
end

-- name      as in allow = {name = ...} and --allow NAME[=MEASURE]
-- measures  what is counted, against what: for people
-- takes     what allows it: "share" (a number, a percentage or true), "number" (or true), "flag" (true)
-- limit     what is allowed unasked
-- count     (facts) -> how many, [of how many]
-- words     (facts, count, of how many) -> the sentence
-- parts     (facts) -> list of {count, of how many, words}: each is held against a percentage too
-- few       so many are never too large a share
guards.list = {
  {
    name = "deactivations",
    takes = "share",
    limit = "10%",
    measures = "users that would be deactivated and things that would be deleted, of those that are active",
    count = function(facts) return removals(facts), facts.active or 0 end,
    words = removal_words,
  },
  {
    name = "empty_source",
    takes = "flag",
    measures = "things that would be removed because the source has no rows at all",
    count = function(facts) return facts.rows == 0 and removals(facts) or 0 end,
    words = function(facts, count)
      return ("%s has no rows: that would %s all %d %s (see why it is empty)"):format(
        tostring(facts.source),
        facts.is_deactivation and "deactivate" or "delete",
        count,
        facts.plural
      )
    end,
  },
  {
    name = "empty_service",
    takes = "flag",
    measures = "rows that were in the service once, where it has nothing at all now",
    count = function(facts) return facts.service == 0 and facts.known or 0 end,
    words = function(facts, count)
      return (
        "the service has no %s at all, and %s of the source %s there once: another organisation, or a "
        .. "list that may not be read"
      ):format(
        facts.plural,
        amount(count, { noun = "row", plural = "rows" }),
        count == 1 and "was" or "were"
      )
    end,
  },
  {
    name = "foreign_source",
    takes = "flag",
    measures = "rows without their like in the service, where things would be removed and hardly a key is on "
      .. "both sides",
    count = strangers,
    words = function(facts)
      return (
        "hardly a key is on both sides (%d of the source's %d rows and the service's %d %s), as if one "
        .. "of them were another organisation's, and %d would be %s"
      ):format(facts.met, facts.rows, facts.service, facts.plural, removals(facts), removed(facts))
    end,
  },
  {
    name = "member_removals",
    takes = "share",
    limit = "25%",
    few = 1,
    measures = "members that groups would lose; of the members of all groups, and of any group's own",
    count = function(facts) return sum(facts.losses, "lost"), facts.members or 0 end,
    words = function(_, count, total)
      return ("%d of %d members would be taken out of their groups"):format(count, total)
    end,
    parts = function(facts)
      local parts = {}
      for _, loss in ipairs(facts.losses or {}) do
        if loss.lost > FEW and loss.remaining then
          parts[#parts + 1] = {
            loss.lost,
            loss.members,
            ("the group '%s' would lose %d of its %d members"):format(loss.key, loss.lost, loss.members),
          }
        end
      end
      return parts
    end,
  },
  {
    name = "empty_groups",
    takes = "number",
    limit = 0,
    measures = "groups that have members and would have none",
    count = function(facts) return #emptied(facts) end,
    words = function(facts, count)
      return ("nobody would be left in %s: %s"):format(
        amount(count, { noun = "group", plural = "groups" }),
        listed(emptied(facts))
      )
    end,
  },
  {
    name = "self",
    takes = "flag",
    measures = "what the owner of the keys in use would lose",
    count = function(facts) return #(facts.own or {}) end,
    words = function(facts) return table.concat(facts.own, "; ") end,
  },
  {
    name = "take_over",
    takes = "number",
    limit = 0,
    measures = "teams with members that nobody manages from outside and that a group would take over",
    count = function(facts) return #(facts.taken or {}) end,
    words = taken_words,
  },
  {
    name = "failed_creates",
    takes = "flag",
    measures = "creations that failed or were left out before something is removed that they may replace",
    count = function(facts) return removals(facts) > 0 and facts.failed or 0 end,
    words = function(facts, count)
      return ("%s would be %s, and %s not been made which may be meant to replace %s"):format(
        amount(removals(facts), facts),
        removed(facts),
        count == 1 and "1 has" or count .. " have",
        removals(facts) == 1 and "it" or "them"
      )
    end,
  },
  {
    name = "lost_keys",
    takes = "flag",
    measures = "application keys whose value nobody has any more and that would be replaced",
    count = function(facts) return facts.lost_keys and 1 or 0 end,
    words = function(facts) return facts.lost_keys end,
  },
}

local by_name, names = {}, {}
for i, guard in ipairs(guards.list) do
  by_name[guard.name], names[i] = guard, guard.name
end

-- --- what is allowed ------------------------------------------------------------------------------

--- A limit: 20 or "10%".
---@package
---@return {count: number?, percent: number?}?
---@return string? problem
function guards.parse(value)
  if type(value) == "number" then
    if value >= 0 and value % 1 == 0 then return { count = value } end
  elseif type(value) == "string" then
    local percent = tonumber(value:match("^(%d+%.?%d*)%%$"))
    if percent and percent <= 100 then return { percent = percent } end
    if value:match("^%d+$") then return { count = tonumber(value) } end
  end
  return nil, 'a number or a percentage such as 20 or "10%" is wanted'
end

local wanted = {
  share = 'a number, a percentage such as "10%", or true is wanted',
  number = "a number, or true is wanted",
  flag = "true is wanted",
}

--- What a measure allows, or nil and what is wanted.
local function limit_of(guard, measure)
  if measure == true then return { any = true } end
  if measure == false then return guards.parse(guard.limit or 0) end
  local limit = guard.takes ~= "flag" and guards.parse(measure)
  if limit and (guard.takes == "share" or limit.count) then return limit end
  return nil, wanted[guard.takes]
end

local function unknown(name)
  return ("there is no guard '%s'%s"):format(tostring(name), did_you_mean(name, names, { or_list = true }))
end

--- allowed(allow, aliases) -> for judge | nil, what is wrong, the name of the option
-- allow: {name = measure}, or nil. aliases: {name = {option, measure}}: other spellings, such as
-- {deactivations = {"max_deactivations", "20%"}}; a measure of nil is none.
function guards.allowed(allow, aliases)
  local limits = {}
  for _, guard in ipairs(guards.list) do
    limits[guard.name] = assert(guards.parse(guard.limit or 0))
  end
  for name, measure in pairs(allow or {}) do
    local guard = by_name[name]
    if not guard then return nil, unknown(name), "allow" end
    local message
    limits[name], message = limit_of(guard, measure)
    if not limits[name] then return nil, ("%s: %s"):format(name, message), "allow" end
  end
  for name, alias in pairs(aliases or {}) do
    local option, measure = alias[1], alias[2]
    if measure ~= nil then
      if allow and allow[name] ~= nil then
        return nil, ("it says the same as allow's %s: give one of them"):format(name), option
      end
      local message
      limits[name], message = limit_of(by_name[name], measure)
      if not limits[name] then return nil, message, option end
    end
  end
  return limits
end

--- pair("self") -> "self", true; pair("member-removals=30%") -> "member_removals", "30%": of a command's
-- argument | nil, what is wrong
function guards.pair(text)
  local name, measure = text:match("^([^=]*)=(.*)$")
  name = (name or text):gsub("-", "_")
  measure = measure or true
  local ok, message = guards.allowed { [name] = measure }
  if not ok then return nil, message end
  return name, measure
end

-- --- judging --------------------------------------------------------------------------------------

local function exceeds(count, total, limit)
  if limit.any or count == 0 then return false end
  if limit.count then return count > limit.count end
  return count > (total or 0) * limit.percent / 100
end

local function limit_words(guard, limit)
  if guard.takes ~= "share" then return "" end
  return (", more than the limit of %s"):format(
    limit.count and ("%d"):format(limit.count) or ("%g%%"):format(limit.percent)
  )
end

local function judge_one(guard, facts, limit)
  local count, total = guard.count(facts)
  local is_few = limit.percent and count <= (guard.few or 0)
  if exceeds(count, total, limit) and not is_few then
    return guard.words(facts, count, total) .. limit_words(guard, limit), count
  end
  for _, part in ipairs(limit.percent and guard.parts and guard.parts(facts) or {}) do
    if exceeds(part[1], part[2], limit) then return part[3] .. limit_words(guard, limit), count end
  end
end

--- trips(name, facts, allowed) -> {guard =, text =, measure =}, or nil: one guard alone
function guards.trips(name, facts, allowed)
  local text, count = judge_one(by_name[name], facts, allowed[name])
  return text and { guard = name, text = text, measure = count } or nil
end

--- judge(facts, allowed) -> a list of {guard =, text =, measure =}, in the order of the table, or nil
function guards.judge(facts, allowed)
  local tripped = {}
  for _, guard in ipairs(guards.list) do
    tripped[#tripped + 1] = guards.trips(guard.name, facts, allowed)
  end
  return tripped[1] and tripped or nil
end

-- how an option is given, by the dialect of who reads it
local spelled = {
  lua = function(one, is_flag)
    local value = is_flag and "true" or ("%d"):format(one.measure)
    if one.option then return ("%s = %s"):format(one.option, value) end
    return ("allow = { %s = %s }"):format(one.guard, value)
  end,
  command = function(one, is_flag)
    if one.option then
      return ("--%s%s"):format(one.option:gsub("_", "-"), is_flag and "" or (" %d"):format(one.measure))
    end
    return ("--allow %s%s"):format(one.guard, is_flag and "" or ("=%d"):format(one.measure))
  end,
}

--- words(tripped, dialect) -> what trips, and the options that allow it, by the names that they have there
function guards.words(tripped, dialect)
  local texts = {}
  for i, one in ipairs(tripped) do
    local is_flag = by_name[one.guard].takes == "flag" or one.is_flag or false
    texts[i] = ("%s: if that is meant, say %s"):format(one.text, spelled[dialect](one, is_flag))
  end
  return table.concat(texts, "; ")
end

--- named(tripped, options) -> the same, with the options that are other spellings, {name = {option, is_flag}}
function guards.named(tripped, options)
  for _, one in ipairs(tripped or {}) do
    local option = options[one.guard]
    one.option, one.is_flag = option and option[1] or nil, option and option[2] or nil
  end
  return tripped
end

--- error(tripped, dialect) -> the error of what is not done, its guards in err.guards
function guards.error(tripped, dialect)
  return failure.new {
    kind = "conflict",
    code = "guard",
    guards = tripped,
    message = guards.words(tripped, dialect),
  }
end

return guards
