-- each_...(): every item of a paged list, page by page. A walk that is not complete raises: a page
-- that cannot be had, a total that does not add up, a list that repeats itself.
local errors = require "ddokta.error"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = {}

-- How much is asked for at once where the caller does not say: as much as the services allow, for
-- their own pages are of 10 or 20. (SCIM's count is a wish; what comes counts.)
local SIZES = { ["page[size]"] = 100, count = 100, limit = 200 }
local SPELLINGS = { ["page[size]"] = { "page[size]", "page_size" } }
-- What a walk sets itself.
local PLACES = { "page[number]", "page_number", "startIndex", "start_index", "cursor", "after" }

-- Lua 5.1 cannot yield in an iterator: there, a coroutine reads all pages before the first item.
local YIELDS_IN_ITERATORS = jit ~= nil or _VERSION ~= "Lua 5.1"

-- Cursors lead on over pages of which the service has filtered everything out; but a server in error
-- leads on for ever. So many pages in a row that bring nothing new (at 200 a page: of 20,000 things)
-- end a walk.
M.MOST_IDLE_PAGES = 100

local Walk = {}
Walk.__index = Walk

local function fail(operation, kind, message, ...)
  error(errors.new { kind = kind, message = message:format(...), operation = operation.name,
    retryable = kind == "protocol" }, 0)
end

local function is_given(query, name)
  for _, spelling in ipairs(SPELLINGS[name] or { name }) do
    if query[spelling] ~= nil then
      return true
    end
  end
  return false
end

-- The query of the first page.
local function first_query(operation, given)
  local query = {}
  for name, value in pairs(given or {}) do
    query[name] = value
  end
  for _, name in ipairs(PLACES) do
    if query[name] ~= nil then
      fail(operation, "invalid_request", "each_%s walks every page, it takes no %s", operation.each, name)
    end
  end
  for _, name in ipairs(operation.query) do
    if SIZES[name] and not is_given(query, name) then
      query[name] = SIZES[name]
    end
  end
  return query
end

-- Takes down what came of a page; raises where it cannot be part of one list with what came before.
function Walk:note(items, response)
  local operation, total = self.operation, response.total
  local brings_new = false
  for i = 1, #items do
    local item = items[i]
    if type(item) ~= "table" then
      fail(operation, "protocol", "the list is not what it says: element %d behind %d is no resource", i,
        self.count)
    end
    local id = item.id
    if id and self.seen[id] then
      fail(operation, "protocol", "the list repeats itself after %d: %s came twice; it may have changed "
        .. "while it was read", self.count, tostring(id))
    elseif id then
      self.seen[id] = true
      brings_new = true
    end
  end
  self.idle = brings_new and 0 or self.idle + 1
  if self.idle >= M.MOST_IDLE_PAGES then
    fail(operation, "protocol", "the list does not end: %d pages in a row brought nothing new", self.idle)
  end
  if total and self.total and total < self.total then
    fail(operation, "protocol", "the list changed while it was read: its total was %d, then %d",
      self.total, total)
  end
  self.total = total or self.total
  self.count = self.count + #items
  if self.total and self.count > self.total then
    fail(operation, "protocol", "the list is not what it says: %d came of a total of %d", self.count,
      self.total)
  end
end

-- Where the list goes on after a page; nil: it was the last. Raises where it cannot have been.
function Walk:follow(items, response)
  local following = response.next
  local cursor = following and (following.cursor or following.after)
  if cursor then -- it leads on whatever came; a page may be empty
    if self.cursors[cursor] then
      fail(self.operation, "protocol", "the list does not go on: %s=%s leads to itself", (next(following)),
        cursor)
    end
    self.cursors[cursor] = true
    return following
  elseif self.count == self.total then
    return nil
  elseif following and #items > 0 then
    return following
  elseif self.total then
    fail(self.operation, "protocol", "the list is incomplete: %d of %d came", self.count, self.total)
  end
  return nil
end

-- The next page's items; nil at the end.
function Walk:page()
  local query = self.query
  if not query then
    return nil
  end
  self.arguments[self.parameters + 1] = query
  local items, response = self.list(self.client, unpack(self.arguments, 1, self.parameters + 1))
  if not items then
    error(response, 0)
  end
  self:note(items, response)
  local following = self:follow(items, response)
  self.query = nil
  if following then
    self.query = {}
    for name, value in pairs(query) do
      self.query[name] = value
    end
    if following.cursor then -- RFC 9865: an index has no place beside a cursor
      self.query.startIndex = nil
    end
    for name, value in pairs(following) do
      self.query[name] = value
    end
  end
  return items
end

local function iterator(next_page)
  local items, i = {}, 0
  return function()
    i = i + 1
    while items and items[i] == nil do
      items, i = next_page(), 1
    end
    return items and items[i]
  end
end

-- each(operation, list) -> the method each_...(path parameters..., query): an iterator over every
-- item. operation: of ddokta.operations; list: its method.
function M.each(operation, list)
  return function(client, ...)
    local _, parameters = operation.path:gsub("{", "")
    local given = select(parameters + 1, ...)
    if given ~= nil and type(given) ~= "table" or select("#", ...) > parameters + 1 then
      fail(operation, "invalid_request", "each_%s takes %d path parameters and a query table",
        operation.each, parameters)
    end
    local walk = setmetatable({ operation = operation, list = list, client = client,
      parameters = parameters, arguments = { ... }, query = first_query(operation, given), seen = {},
      cursors = {}, count = 0, idle = 0 }, Walk)
    local function next_page() return walk:page() end
    if not YIELDS_IN_ITERATORS and coroutine.running() then
      local all, n, page = {}, 0, next_page()
      while page do
        all[#all + 1] = page
        page = next_page()
      end
      next_page = function()
        n = n + 1
        return all[n]
      end
    end
    return iterator(next_page)
  end
end

return M
