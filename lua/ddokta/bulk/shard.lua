--- shard: one of n parts of a source and of a service, for several runs side by side.
--
-- A thing belongs to the part that the hash of its key says, the same on every machine and in every
-- version, whatever the key's letter case. What a source and a service have of other parts is not there
-- for a shard: it neither changes nor deletes it. A row whose key cannot be told is in every part, so that
-- what is wrong with it is seen.

local part_of = require("ddokta.core").rows.part

local MOST = 10000 -- parts

local shard = {}
shard.__index = shard
shard.__tostring = function(self) return ("%d/%d"):format(self.index, self.count) end

--- parse("2/4") -> a shard, or nil and what is wrong
function shard.parse(text)
  local index, count = tostring(text):match("^(%d+)/(%d+)$")
  index, count = tonumber(index), tonumber(count)
  if not index then return nil, ("'%s' is not a shard such as 2/4"):format(tostring(text)) end
  if count < 1 or count > MOST then return nil, ("'%s': 1 to %d shards are possible"):format(text, MOST) end
  if index == 0 then
    return nil, ("'%s': the first shard is 1/%d (add 1 to an index that begins at 0)"):format(text, count)
  end
  if index > count then return nil, ("'%s': the last shard is %d/%d"):format(text, count, count) end
  return setmetatable({ index = index, count = count }, shard)
end

--- has(key): does the thing of this name belong to it?
function shard:has(key)
  return part_of(type(key) == "string" and key or "", self.count) == self.index
end

--- has_thing(row, id, ids): does what the service has belong to it? What a row of the source is known by
-- goes before the name, which may be another one there. ids: of the shard's source
function shard:has_thing(key, id, ids)
  if id ~= nil and ids[id] ~= nil then return ids[id] end
  return self:has(key)
end

-- as it may stand in a row: flat, or in a JSON:API envelope
local function key_in(row, name)
  if type(row.attributes) == "table" then row = row.attributes end
  local key = row[name]
  return type(key) == "string" and key or nil
end

--- What a row is known by whatever its key, or nil.
local function known_by(row, kind)
  if not kind.known_by then return nil end
  return key_in(row, kind.known_by) or kind.known_by == "id" and type(row.id) == "string" and row.id or nil
end

--- source(source, kind) -> what the source has of this shard, a source too; its `seen` counts all rows, its
-- `ids` has of all of them what they are known by besides their key: true where the row is of this shard.
function shard:source(source, kind)
  local mine = setmetatable({ seen = 0, take = false, ids = {} }, { __index = source })
  function mine.next()
    while true do
      local row, detail = source:next()
      if row == nil then return row, detail end
      mine.seen = mine.seen + 1
      local key = row and key_in(row, kind.key)
      local is_mine = key == nil or self:has(key)
      local id = row and known_by(row, kind)
      if id then mine.ids[id] = is_mine end
      if is_mine then return row, detail end
    end
  end
  function mine.close() return source:close() end
  return mine
end

return shard
