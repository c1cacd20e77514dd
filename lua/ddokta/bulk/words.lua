--- words: how people name the kinds, and what a plan or a run does to their things.
--
-- A plan, the question before it is applied, its report and the guards count alike: a thing that a plan ends
-- counts as deactivated (or deleted), whether the source says so in its row or does not have it.

local kinds = require "ddokta.bulk.kinds"

---@class ddokta.bulk.words
local words = {}

local FEW = 5 -- names in one sentence

-- in the order in which a sentence has them
local of_plan = {
  { "create", "to create" },
  { "update", "to update" },
  { "reactivate", "to reactivate" },
  { "deactivate", "to deactivate" },
  { "delete", "to delete" },
}

local of_run = {
  { "create", "created" },
  { "update", "updated" },
  { "reactivate", "reactivated" },
  { "deactivate", "deactivated" },
  { "delete", "deleted" },
}

--- label("scim_users") -> "users": a kind as the command has it; what is no kind stays as it is
---@param name string
---@return string
function words.label(name)
  local kind = kinds.get(name)
  return kind and (kind.label or kind.name) or tostring(name)
end

--- amount(2, kind) -> "2 users"
---@param count integer
---@param kind { noun: string, plural: string }
---@return string
function words.amount(count, kind) return ("%d %s"):format(count, count == 1 and kind.noun or kind.plural) end

--- spell("say {force}", "command") -> "say --force"; in a script "say force = true"
---@param sentence string with the names of flags in braces
---@param dialect? "lua"|"command" in which the reader gives options ("lua")
---@return string
function words.spell(sentence, dialect)
  return (
    sentence:gsub("{([%w_]+)}", function(name)
      if dialect == "command" then return "--" .. name:gsub("_", "-") end
      return name .. " = true"
    end)
  )
end

--- listed{"a", "b", "c"} -> "a, b, c"; of more than `most` the first, "and 7 more"
---@param names string[]
---@param most? integer (5)
---@param total? integer how many there are, where not all of them are in the list
---@return string
function words.listed(names, most, total)
  local shown = math.min(#names, most or FEW)
  local text, hidden = table.concat(names, ", ", 1, shown), (total or #names) - shown
  return hidden > 0 and ("%s and %d more"):format(text, hidden) or text
end

--- What an update makes of the column that says whether a thing is active; nil: it leaves it alone. A row of
--- a report has no list of changes.
local function new_state(change, column)
  for _, field in ipairs(change.changes or {}) do
    if field.field == column then return field.new end
  end
  local old, new = change.old or {}, change.new or {}
  if not change.changes and new[column] ~= old[column] then return new[column] end
end

--- What a change does, or did: an update that ends or begins a thing's life is called so.
---@param kind ddokta.bulk.KindOf?
---@param change ddokta.bulk.Change|ddokta.bulk.Row
---@return string verb "create", "update", "reactivate", "deactivate", "delete", or another action
function words.verb(kind, change)
  local instead = kind and kind.deactivate
  if not instead then return change.action end
  if change.action == "delete" then return "deactivate" end
  local state = nil
  if change.action == "update" then state = new_state(change, instead.column) end
  if state == nil then return change.action end
  return state == instead.value and "deactivate" or "reactivate"
end

--- How many things are created, updated, reactivated, deactivated and deleted.
---@param about ddokta.bulk.Plan|ddokta.bulk.Report
---@return table<string, integer>
function words.by_verb(about)
  local counts, kind = about.counts, kinds.get(about.kind)
  local ended, begun = about.deactivations or 0, about.reactivations or 0
  local amounts = {
    create = counts.create,
    update = counts.update - ended - begun,
    reactivate = begun,
    deactivate = ended,
    delete = 0,
  }
  local removal = kind and kind.deactivate and "deactivate" or "delete"
  amounts[removal] = amounts[removal] + counts.delete
  return amounts
end

local function parts_of(about, list)
  local amounts, parts = words.by_verb(about), {}
  for _, word in ipairs(list) do
    local count = amounts[word[1]]
    if count > 0 then parts[#parts + 1] = { count, word[2] } end
  end
  return parts
end

--- What a plan would do: {"2 users to create", "1 to update"}.
---@param plan ddokta.bulk.Plan
---@return string[]
function words.to_do(plan)
  local kind, texts = kinds.get(plan.kind), {}
  for i, part in ipairs(parts_of(plan, of_plan)) do
    local amount = i == 1 and kind and words.amount(part[1], kind) or ("%d"):format(part[1])
    texts[i] = amount .. " " .. part[2]
  end
  return texts
end

--- What a run has done: {"2 created", "1 updated"}.
---@param report ddokta.bulk.Report
---@return string[]
function words.done(report)
  local texts = {}
  for i, part in ipairs(parts_of(report, of_run)) do
    texts[i] = ("%d %s"):format(part[1], part[2])
  end
  return texts
end

return words
