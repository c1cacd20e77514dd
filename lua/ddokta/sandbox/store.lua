--- Records in the order in which they were made, found by id and by other keys. An id may be replaced.
--- A record may be in several stores.
local store = {}
store.__index = store

--- An empty store. `keys`: name -> function(record) that gives a key (or nil), for `find`.
function store.new(keys)
  local self = setmetatable(
    { sequence = {}, by_id = {}, gone = {}, removed = 0, count = 0, version = 0, indexes = {}, memory = {} },
    store
  )
  for name, key_of in pairs(keys or {}) do
    self.indexes[name] = { key_of = key_of, lists = {}, keys = {} }
  end
  return self
end

local function forget_key(index, record)
  local key = index.keys[record]
  if key == nil then return end
  local list = index.lists[key]
  for i, found in ipairs(list) do
    if found == record then
      table.remove(list, i)
      break
    end
  end
  if #list == 0 then index.lists[key] = nil end
  index.keys[record] = nil
end

local function note_key(index, record)
  local key = index.key_of(record)
  if key == index.keys[record] then return end
  forget_key(index, record)
  if key == nil then return end
  local list = index.lists[key] or {}
  list[#list + 1] = record
  index.lists[key], index.keys[record] = list, key
end

--- A record has been changed: its keys are looked at again.
function store:changed(record)
  self.version = self.version + 1
  for _, index in pairs(self.indexes) do
    note_key(index, record)
  end
  return record
end

--- Adds a record (a table with an `id`) at the end.
function store:add(record)
  if self.gone[record] then self:all() end -- it was here before: its old place is dropped first
  self.sequence[#self.sequence + 1] = record
  self.by_id[record.id] = record
  self.count = self.count + 1
  return self:changed(record)
end

--- The record of an id, or nil.
function store:get(id) return self.by_id[id] end

--- The records that have a key, in the order in which they got it. The list is the store's own.
function store:find_all(name, key) return key ~= nil and self.indexes[name].lists[key] or {} end

--- The first record that has a key, or nil.
function store:find(name, key) return self:find_all(name, key)[1] end

--- Gives a record another id; it keeps its place.
function store:rename(record, id)
  self.by_id[record.id] = nil
  record.id = id
  self.by_id[id] = record
  self:changed(record)
end

--- Removes a record.
function store:remove(record)
  self.by_id[record.id] = nil
  self.gone[record] = true
  self.removed = self.removed + 1
  self.count = self.count - 1
  self.version = self.version + 1
  for _, index in pairs(self.indexes) do
    forget_key(index, record)
  end
end

-- removed records are dropped together: deleting ten thousand stays cheap
local function compact(self)
  local kept = {}
  for _, record in ipairs(self.sequence) do
    if not self.gone[record] then kept[#kept + 1] = record end
  end
  self.sequence, self.gone, self.removed = kept, {}, 0
end

--- All records, in order. The list is the store's own: not to be changed.
function store:all()
  if self.removed > 0 then compact(self) end
  return self.sequence
end

--- All records of which `is_alive(record)` holds, in order; the others are removed.
function store:living(is_alive)
  for _, record in ipairs(self:all()) do
    if not is_alive(record) then self:remove(record) end
  end
  return self:all()
end

--- Adds the items of a seed, each by `add(state, item, now)`, which says what is wrong with one: true, or nil
--- and the message.
---@param kind string what an item is called
function store.fill(state, kind, items, add)
  local now = os.time()
  for i, item in ipairs(items or {}) do
    if type(item) ~= "table" then return nil, ("%s %d is not a table"):format(kind, i) end
    local problem = add(state, item, now)
    if problem then return nil, ("%s %d: %s"):format(kind, i, problem) end
  end
  return true
end

--- What `make(store)` gives, made again only after a change: sorted lists, counts.
function store:derived(name, make)
  local known = self.memory[name]
  if not known or known.version ~= self.version then
    known = { version = self.version, value = make(self) }
    self.memory[name] = known
  end
  return known.value
end

return store
