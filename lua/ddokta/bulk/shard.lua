--- A shard: one of n parts of a source and of a service, which several runs can do side by side.
--
-- A thing belongs to the part that the hash of its key says, the same on every machine and in every
-- version, whatever the key's letter case. Each part plans the whole, so that guards see all of it, and
-- applies its own.

local part_of = require("ddokta.native").rows.part

local MOST = 10000 -- parts
local MINE = ("1"):byte()
local MARKS = 4096 -- that are put together at once

---@class ddokta.bulk.Shard
---@field index integer
---@field count integer
local Shard = {}
Shard.__index = Shard
Shard.__tostring = function(self) return ("%d/%d"):format(self.index, self.count) end

local function new(index, count)
  if count < 1 or count > MOST then
    return nil, ("'%d/%d': 1 to %d shards are possible"):format(index, count, MOST)
  end
  if index == 0 then
    return nil, ("'0/%d': the first shard is 1/%d (add 1 to an index that begins at 0)"):format(count, count)
  end
  if index > count then
    return nil, ("'%d/%d': the last shard is %d/%d"):format(index, count, count, count)
  end
  return setmetatable({ index = index, count = count }, Shard)
end

-- --- as the scheduler says ------------------------------------------------------------------------

-- How many parts there are, where the scheduler does not say so itself.
local COUNT = "DDOKTA_SHARDS"

-- What a scheduler tells the jobs that it starts of one array: index, which of them this is; first, the
-- lowest one, a number or the name of a variable; step, by how much it grows; count, how many there are.
--   Slurm, sbatch(1) "OUTPUT ENVIRONMENT VARIABLES"; Kubernetes, "Indexed Job for Parallel Processing";
--   GNU parallel, parallel(1) "ENVIRONMENT VARIABLES"
local schedulers = {
  {
    name = "Slurm",
    index = "SLURM_ARRAY_TASK_ID",
    first = "SLURM_ARRAY_TASK_MIN",
    step = "SLURM_ARRAY_TASK_STEP",
    count = "SLURM_ARRAY_TASK_COUNT",
  },
  { name = "Kubernetes", index = "JOB_COMPLETION_INDEX", first = 0, step = 1, count = COUNT },
  { name = "GNU parallel", index = "PARALLEL_SEQ", first = 1, step = 1, count = COUNT },
}

--- The whole number that a variable has -> number | nil, what is wrong
local function number_in(getenv, name)
  if type(name) == "number" then return name end
  local text = getenv(name)
  if not text or text == "" then return nil, ("$%s is not set"):format(name) end
  local number = text:match "^%d+$" and #text < 10 and tonumber(text)
  if not number then return nil, ("$%s is '%s', not a whole number"):format(name, text) end
  return number
end

--- The scheduler whose variables are there -> one, or nil and what is wrong. One inside another says nothing
-- of which of the two has the parts.
local function scheduler_of(getenv)
  local found, names = nil, {}
  for _, one in ipairs(schedulers) do
    local value = getenv(one.index)
    if value and value ~= "" then
      found, names[#names + 1] = one, one.name .. " ($" .. one.index .. ")"
    end
  end
  if names[2] then return nil, ("both %s are there: say --shard i/n"):format(table.concat(names, " and ")) end
  if found then return found end
  for i, one in ipairs(schedulers) do
    names[i] = "$" .. one.index .. " of " .. one.name
  end
  return nil, ("no scheduler says which part this is: there is none of %s"):format(table.concat(names, ", "))
end

--- The numbers of a scheduler -> {index, first, step, count} | nil, what is wrong
local function numbers_of(scheduler, getenv)
  local numbers = {}
  for _, field in ipairs { "index", "first", "step", "count" } do
    local number, message = number_in(getenv, scheduler[field])
    if not number then
      if scheduler[field] == COUNT then message = message .. ": it says how many parts there are" end
      return nil, ("%s: %s"):format(scheduler.name, message)
    end
    numbers[field] = number
  end
  return numbers
end

--- Who runs one part of an array anew tells of an array of one: then the parts are not those of before.
local function check_count(scheduler, getenv, count)
  local wanted = scheduler.count ~= COUNT and getenv(COUNT)
  if not wanted or wanted == "" or wanted == tostring(count) then return true end
  return nil,
    ("%s has %d parts by $%s and %s by $%s: say --shard i/n"):format(
      scheduler.name,
      count,
      scheduler.count,
      wanted,
      COUNT
    )
end

local function auto(getenv)
  local scheduler, message = scheduler_of(getenv)
  if not scheduler then return nil, message end
  local numbers, ok
  numbers, message = numbers_of(scheduler, getenv)
  if not numbers then return nil, message end
  ok, message = check_count(scheduler, getenv, numbers.count)
  if not ok then return nil, message end
  local place = (numbers.index - numbers.first) / math.max(numbers.step, 1)
  if place < 0 or place % 1 ~= 0 or place >= numbers.count then
    return nil,
      ("%s: part %d of those from %d in steps of %d is none of %d: say --shard i/n"):format(
        scheduler.name,
        numbers.index,
        numbers.first,
        numbers.step,
        numbers.count
      )
  end
  return new(math.floor(place) + 1, numbers.count)
end

---@class ddokta.bulk.shard
local shard = {}

--- A shard by its name.
---@param text string "2/4", or "auto": as the scheduler says by whom this was started
---@param getenv? fun(name: string): string? os.getenv
---@return ddokta.bulk.Shard?
---@return string? problem
function shard.parse(text, getenv)
  if text == "auto" then return auto(getenv or os.getenv) end
  local index, count = tostring(text):match("^(%d+)/(%d+)$")
  index, count = tonumber(index), tonumber(count)
  if not index then return nil, ("'%s' is not a shard such as 2/4, nor auto"):format(tostring(text)) end
  return new(index, count)
end

--- Does the thing of this name belong to it?
function Shard:has(key) return part_of(type(key) == "string" and key or "", self.count) == self.index end

--- Does what the service has belong to it? What a row of the source is known by
-- goes before the name, which may be another one there. ids: of the shard's source
function Shard:has_thing(key, id, ids)
  if id ~= nil and ids[id] ~= nil then return ids[id] end
  return self:has(key)
end

-- --- marks ---------------------------------------------------------------------------------------

--- new_marks() -> {add(yes), text() -> "1" or "0" for each that was added}
local function new_marks()
  local chunks, last = {}, {}
  local marks = {}
  function marks.add(yes)
    last[#last + 1] = yes and "1" or "0"
    if #last == MARKS then
      chunks[#chunks + 1], last = table.concat(last), {}
    end
  end
  function marks.text() return table.concat(chunks) .. table.concat(last) end
  return marks
end

--- What belongs to the shard of the rows of a source -> "1" or "0" for each, and of all what they are known
-- by besides their key: is it of this shard? A million rows take a megabyte.
local function rows_of(self, comparison)
  local known_by, ids, marks = comparison.kind.known_by, {}, new_marks()
  for i = 1, comparison.rows:count() do
    local values, _, key = comparison.rows:get(i)
    local has = self:has(key)
    marks.add(has)
    if known_by and values[known_by] ~= nil then ids[values[known_by]] = has end
  end
  return marks.text(), ids
end

--- What belongs to it of the service -> how many things, a mark for each.
local function things_of(self, comparison, ids)
  local known_by, count, marks = comparison.kind.known_by, 0, new_marks()
  for i = 1, comparison.service:count() do
    local values, _, key = comparison.service:get(i)
    local has = self:has_thing(key, known_by and values[known_by], ids)
    marks.add(has)
    if has then count = count + 1 end
  end
  return count, marks.text()
end

--- What belongs to it of a source and of the service, before they are compared.
---@param comparison ddokta.bulk.Comparison
---@return {rows: string, things: string, service: integer} marks "1" or "0" for each; how many things
function Shard:marks(comparison)
  local rows, ids = rows_of(self, comparison)
  local count, things = things_of(self, comparison, ids)
  return { rows = rows, things = things, service = count }
end

--- The marks of all changes, when they were compared: deletions come behind the rows.
---@param comparison ddokta.bulk.Comparison
---@return string mine "1" or "0" for each
function shard.mine(comparison, marks)
  local deletions = new_marks()
  for number = comparison.rows:count() + 1, comparison.match:steps() do
    local _, _, other = comparison.match:at(number)
    deletions.add(marks.things:byte(other) == MINE)
  end
  return marks.rows .. deletions.text()
end

return shard
