-- Records in the order in which they were made, found by id. An id may be replaced.
local store = {}
store.__index = store

--- An empty store.
function store.new()
  return setmetatable({ sequence = {}, by_id = {}, removed = 0, count = 0 }, store)
end

--- Adds a record (a table with an `id`) at the end.
function store:add(record)
  self.sequence[#self.sequence + 1] = record
  self.by_id[record.id] = record
  self.count = self.count + 1
  return record
end

--- The record of an id, or nil.
function store:get(id)
  return self.by_id[id]
end

--- Gives a record another id; it keeps its place.
function store:rename(record, id)
  self.by_id[record.id] = nil
  record.id = id
  self.by_id[id] = record
end

--- Removes a record.
function store:remove(record)
  self.by_id[record.id] = nil
  record.is_removed = true
  self.removed = self.removed + 1
  self.count = self.count - 1
end

-- removed records are dropped together: deleting ten thousand stays cheap
local function compact(self)
  local kept = {}
  for _, record in ipairs(self.sequence) do
    if not record.is_removed then kept[#kept + 1] = record end
  end
  self.sequence, self.removed = kept, 0
end

--- All records, in order. The list is the store's own: not to be changed.
function store:all()
  if self.removed > 0 then compact(self) end
  return self.sequence
end

return store
