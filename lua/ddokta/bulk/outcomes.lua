--- outcomes: what became of each step of a long plan, kept in files without names.
--
--   local kept = outcomes.new()
--   kept:put(17, {outcome = "done", id = "...", attempts = 1})    in any order; the last one counts
--   kept:get(17) -> {outcome =, ...} | nil
--   kept:close()
--
-- In memory a million would take 400 MB. Two temporary files, which are gone when they are closed or the
-- process ends: one has the texts, in the order in which they came, the other, at a place of its own for
-- each number, where its text begins. Where there is no room for such files they are kept in memory.

local json = require("ddokta.core").json

local SLOT = 16 -- bytes: where a text begins, plus one; nothing was written: NULs, or the file's end

local outcomes = {}
outcomes.__index = outcomes

local function write_at(file, place, offset, text)
  local at, why = file:seek(place, offset)
  if not at then return nil, why end
  local ok, late = file:write(text)
  if not ok then return nil, late end
  return at
end

function outcomes:put(number, fields)
  self.last = math.max(self.last, number)
  local text = self.texts and json.encode(fields)
  local at = text and write_at(self.texts, "end", 0, text .. "\n")
  local slot = at and ("%15.0f\n"):format(at + 1)
  if slot and write_at(self.places, "set", (number - 1) * SLOT, slot) then
    self.memory[number] = nil
  else
    self.memory[number] = fields
  end
end

--- Raises where what was written cannot be read any more: a row that is missing would look like one that
-- was not sent.
function outcomes:get(number)
  if self.memory[number] then return self.memory[number] end
  if not self.places then return nil end
  assert(self.places:seek("set", (number - 1) * SLOT))
  local at = tonumber(self.places:read(SLOT) or "")
  if not at then return nil end
  assert(self.texts:seek("set", at - 1))
  return assert(json.decode(assert(self.texts:read "*l", "a temporary file ended early")))
end

function outcomes:close()
  for _, name in ipairs { "texts", "places" } do
    if self[name] then self[name]:close() end
    self[name] = nil
  end
end

local M = {}

--- new() -> kept; kept.last: the largest number that was put
function M.new()
  local texts, places = io.tmpfile(), io.tmpfile()
  return setmetatable({
    texts = places and texts or nil,
    places = texts and places or nil,
    memory = {},
    last = 0,
  }, outcomes)
end

return M
