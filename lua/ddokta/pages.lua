--- Reads lists page by page: for the methods each_... of a client, for bulk and for recipes.
---
--- A walk that is not complete is an error: a page that cannot be had, a total that does not add up, a list
--- that repeats itself, an element that is no resource. The error says which list, which page and which item.
--- Each answer says where the list goes on. Where a service counts its items, and its pages have the same
--- number of them, that can be foreseen: those pages are asked for ahead of their turn, many at once. What
--- was foreseen counts only if the answer before says the same; else it is dropped, and the list is read on
--- from where the answer says. So nothing depends on the guess but the time that it takes.
local errors = require "ddokta.error"
local page_size = require "ddokta.page_size"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local pages = {}

-- What a walk sets itself.
local PLACES = { "page[number]", "page_number", "startIndex", "start_index", "cursor", "after" }

-- Lua 5.1 cannot yield in an iterator: there, a coroutine reads all pages before the first item.
local YIELDS_IN_ITERATORS = jit ~= nil or _VERSION ~= "Lua 5.1"

-- Does `for` tell its iterator that the loop was left? Where it does not, no call may be under way while
-- the loop's body runs: after a `break` nobody would end it.
local CLOSES_ITERATORS = (tonumber(_VERSION:match "%d+%.%d+") or 0) >= 5.4

-- With a cursor a page may be empty. A walk ends in error after MOST_IDLE_PAGES pages in a row without a new
-- item, and after more than MOST_IDLE_BEHIND_ALL of them once the total has come.
pages.MOST_IDLE_PAGES = 100
local MOST_IDLE_BEHIND_ALL = 2

-- A list may go on for ever though each page brings something new. A walk ends in error after MOST_PAGES
-- pages (of 200 items each, 10 million things). Where the list has a total it ends sooner: after twice the
-- pages that the first total needs, and SPARE_PAGES more.
pages.MOST_PAGES = 50000
local SPARE_PAGES = 100

-- How many pages are asked for ahead at most: of 100 users each about 4 MB of answers.
local MOST_AHEAD = 64

-- --- calls that are begun ahead ---------------------------------------------------------------------

-- By a client's method: what begins its calls and waits for them. Another function under the method's
-- name, such as a wrapper's, is called itself, page by page.
local calls_of = setmetatable({}, { __mode = "k" })

-- A page that was asked for ahead. Who waits for one holds all of them; if nobody wants it any more (a
-- request of nginx whose client went away, a run that is to stop), those are cancelled which only it wanted.
local Ticket = {}
Ticket.__index = Ticket

function Ticket:withdraw()
  for _, other in ipairs(self.queue) do
    other.call:cancel()
  end
  self.call:withdraw()
end

-- --- a walk -----------------------------------------------------------------------------------------

local Walk = {}
Walk.__index = Walk

-- list: {
--   name      the operation's, for errors; title: what it lists, in words, or nil
--   query     of the first page, or nil
--   read(query) -> items, response | nil, error
--   calls     nil, or {begin(query) -> call, id | nil, error; result(ticket) -> items, response | nil,
--             error, once they are there; most}: for calls that are begun ahead
--   is_whole  the caller reads all of it
--   may_leave calls may be under way while the caller looks at a page
-- }
local function new_walk(list)
  return setmetatable({
    list = list,
    query = list.query or {},
    seen = {},
    cursors = {},
    queue = {},
    count = 0,
    pages = 0,
    idle = 0,
    narrow = 1,
  }, Walk)
end

local function copy_with(query, more)
  local copy = {}
  for name, value in pairs(query or {}) do
    copy[name] = value
  end
  for name, value in pairs(more or {}) do
    copy[name] = value
  end
  return copy
end

-- Where a page is, in words: "startIndex=201".
local function show(following)
  local name, value = next(following)
  return ("%s=%s"):format(name, tostring(value))
end

-- nil, the error. problem: what is wrong with "the list of users"; at: which item of the page, or nil
function Walk:wrong(at, problem, ...)
  local list = self.list
  return nil,
    errors.new {
      kind = "protocol",
      operation = list.name,
      retryable = true,
      message = ("the list%s %s (%spage %d%s)"):format(
        list.title and " of " .. list.title or "",
        problem:format(...),
        at and ("item %d of "):format(at) or "",
        self.pages,
        self.following and ", " .. show(self.following) or ""
      ),
    }
end

-- true, and the item is one more of the list; nil, error
function Walk:note_item(item, i)
  if type(item) ~= "table" then
    return self:wrong(i, "is not what it says: element %d behind %d is no resource", i, self.count)
  end
  local id = item.id
  if type(id) ~= "string" and type(id) ~= "number" then
    return self:wrong(i, "is not what it says: element %d behind %d has no id", i, self.count)
  elseif self.seen[id] then
    return self:wrong(
      i,
      "repeats itself after %d: %s came twice; it may have changed while it was read",
      self.count,
      tostring(id)
    )
  end
  self.seen[id] = true
  return true
end

-- true where the totals of all pages so far can be those of one list; nil, error. least: the total that
-- was known when the page was asked for.
function Walk:note_total(total, least)
  if total and least and total < least then
    return self:wrong(nil, "changed while it was read: its total was %d, then %d", least, total)
  end
  self.total = math.max(total or 0, self.total or 0)
  if not total and self.total == 0 then
    self.total = nil
  elseif self.count > self.total then
    return self:wrong(nil, "is not what it says: %d came of a total of %d", self.count, self.total)
  end
  return true
end

-- How many pages a list of this total has at most, if it is one.
local function most_pages(walk)
  local size = walk.size
  if not walk.first_total or not size or size == 0 then return pages.MOST_PAGES end
  return math.min(2 * math.ceil(walk.first_total / size) + SPARE_PAGES, pages.MOST_PAGES)
end

-- true where the list may go on behind this page; nil, error
function Walk:note_progress(items)
  self.idle = #items > 0 and 0 or self.idle + 1
  local most = self.count == self.total and MOST_IDLE_BEHIND_ALL or pages.MOST_IDLE_PAGES
  if self.idle > most or self.idle == pages.MOST_IDLE_PAGES then
    return self:wrong(nil, "does not end: %d pages in a row brought nothing new", self.idle)
  elseif self.pages > most_pages(self) then
    return self:wrong(nil, "does not end: %d pages came, and %d items", self.pages, self.count)
  end
  return true
end

-- Takes down what came of a page -> true | nil, error where it cannot be part of one list with what came
-- before.
function Walk:note(items, response, least)
  self.pages = self.pages + 1
  for i = 1, #items do
    local ok, err = self:note_item(items[i], i)
    if not ok then return nil, err end
  end
  self.count = self.count + #items
  local ok, err = self:note_total(response.total, least)
  if not ok then return nil, err end
  if self.pages == 1 then
    self.size, self.first_total = #items, self.total
  end
  return self:note_progress(items)
end

-- Where the list goes on behind a page: part of a query; false: it was the last | nil, error where it
-- cannot have been.
function Walk:follow(items, response)
  local following = response.next
  local cursor = following and (following.cursor or following.after)
  if cursor then -- it leads on whatever came; a page may be empty
    if self.cursors[cursor] then
      return self:wrong(nil, "does not go on: %s leads to itself", show(following))
    end
    self.cursors[cursor] = true
    return following
  elseif self.count == self.total then
    return false
  elseif following and #items > 0 then
    return following
  elseif self.total then
    return self:wrong(nil, "is incomplete: %d of %d came", self.count, self.total)
  elseif following then
    return self:wrong(nil, "does not go on: an empty page leads to %s", show(following))
  end
  return false
end

-- --- pages ahead of their turn ----------------------------------------------------------------------

-- What one page adds to the place of a page: nil where that cannot be foreseen.
local function step_of(walk, following)
  if following["page[number]"] then
    return "page[number]", 1
  elseif following.startIndex then
    return "startIndex", walk.size
  end
end

-- How many pages may be asked for ahead now. The second page alone shows whether the service knows of
-- pages; and who may stop early has asked for twice as many more as were looked at, at most.
local function most_ahead(walk)
  local calls = walk.list.calls
  if not calls or walk.pages < 2 or not walk.is_even or not walk.total then return 0 end
  local most = math.min(2 * calls.most, MOST_AHEAD)
  most = walk.list.is_whole and most or math.min(most, 2 * walk.pages)
  most = math.max(1, math.floor(most / walk.narrow))
  return math.min(most, math.ceil((walk.total - walk.count) / walk.size))
end

-- Nobody wants the pages that were asked for ahead.
function Walk:drop()
  for _, ticket in ipairs(self.queue) do
    ticket.call:cancel()
  end
  self.queue = {}
end

-- Asks for the page that follows, and for those behind it.
function Walk:ask_ahead()
  local list, queue, following = self.list, self.queue, self.following
  local name, step = step_of(self, following)
  local last = queue[#queue]
  local place = last and last.place + step or name and following[name]
  for _ = #queue + 1, name and most_ahead(self) or 0 do
    local call, id = list.calls.begin(copy_with(self.query, { [name] = place }))
    if not call then
      break -- its own turn will tell why
    end
    queue[#queue + 1] = setmetatable(
      { call = call, id = id, name = name, place = place, queue = queue, least = self.total },
      Ticket
    )
    place = place + step
  end
end

-- A limit may have kept it waiting for longer than a call may take, for it was not yet its turn.
local function waited_too_long(err) return err.kind == "timeout" or err.kind == "rate_limited" end

-- The page that follows: items, response, the total that was known when it was asked for | nil, error
function Walk:fetch()
  local list, following = self.list, self.following
  local queue = self.queue
  if following and (list.may_leave or not queue[1]) then
    self:ask_ahead()
    for _, ticket in ipairs(list.may_leave and {} or queue) do
      ticket.items, ticket.response = list.calls.result(ticket)
    end
  end
  local ticket = table.remove(queue, 1)
  if ticket then
    local items, response = ticket.items, ticket.response
    if not response then
      items, response = list.calls.result(ticket)
    end
    if items or not waited_too_long(response) then return items, response, ticket.least end
    self:drop()
    self.narrow = self.narrow * 2
  end
  local least = self.total
  local items, response = list.read(self.query)
  return items, response, least
end

-- Goes on to the page that follows.
function Walk:turn_to(following, items)
  local first = self.queue[1]
  self.is_even = #items == self.size and following and not following.cursor
  if first and not (following and following[first.name] == first.place) then
    self:drop() -- it was not to be foreseen
    self.narrow = math.huge
  end
  self.following = following or nil
  if following then
    self.query = copy_with(self.query, following)
    if following.cursor then -- RFC 9865: an index has no place beside a cursor
      self.query.startIndex = nil
    end
  end
end

-- page() -> items, response of the next page; false: there is none | nil, error
function Walk:page()
  if self.ended then return false end
  local items, response, least = self:fetch()
  local following, ok, err
  if items then
    response = response or {}
    ok, err = self:note(items, response, least)
    if ok then
      following, err = self:follow(items, response)
    end
  else
    err = response
  end
  if following == nil then
    self.ended = true
    self:drop()
    return nil, err
  end
  self.ended = not following
  self:turn_to(following, items)
  return items, response
end

-- --- for bulk and recipes ---------------------------------------------------------------------------

-- The method's own calls, begun ahead, with these n path parameters.
local function calls_for(method, client, n, parameters)
  local known = calls_of[method]
  if not known then return nil end
  local arguments = { unpack(parameters, 1, n) }
  return {
    most = known.most(client),
    begin = function(query)
      arguments[n + 1] = query
      return known.begin(client, unpack(arguments, 1, n + 1))
    end,
    result = function(ticket) return known.result(client, ticket) end,
  }
end

-- read(query) of a client's method with these n path parameters
local function reader(method, client, n, parameters)
  local arguments = { unpack(parameters, 1, n) }
  return function(query)
    arguments[n + 1] = query
    return method(client, unpack(arguments, 1, n + 1))
  end
end

--- What is read whole: a client's list, or what read answers.
---@class ddokta.List
---@field client? ddokta.Client
---@field operation? string the client's method
---@field parameters? any[] of its path
---@field read? fun(query: table): table[]?, ddokta.Response|ddokta.Error one page, instead of the method
---@field query? table of the first page, which has as much as a page may have
---@field title? string what it lists, for errors: "users"
---@field on_page? fun(items: table[], response: ddokta.Response)

--- Reads a list to its end. Raises nothing: Lua 5.1 could not catch it around a call that waits.
---@param list ddokta.List
---@param visit fun(item: table) called for each, in their order
---@return integer? count how many there are
---@return ddokta.Error? err
function pages.walk(list, visit)
  local read, calls = list.read, nil
  if not read then
    local method, client, parameters = list.client[list.operation], list.client, list.parameters or {}
    read, calls =
      reader(method, client, #parameters, parameters), calls_for(method, client, #parameters, parameters)
  end
  local walk = new_walk {
    name = list.operation,
    title = list.title,
    query = page_size.first_query(list),
    read = read,
    calls = calls,
    is_whole = true,
    may_leave = true,
  }
  while true do
    local items, response = walk:page()
    if not items then
      if items == nil then return nil, response end
      return walk.count
    end
    if list.on_page then list.on_page(items, response) end
    for i = 1, #items do
      visit(items[i])
    end
  end
end

-- --- each_... ---------------------------------------------------------------------------------------

local function refuse(operation, message, ...)
  error(errors.new { kind = "invalid_request", message = message:format(...), operation = operation.name }, 0)
end

-- A copy of the query that each_... was given, which must not say where a page is.
local function checked_query(operation, given)
  local query = copy_with(given)
  for _, name in ipairs(PLACES) do
    if query[name] ~= nil then
      refuse(operation, "each_%s walks every page, it takes no %s", operation.each, name)
    end
  end
  return query
end

-- A function that gives one item after the other, and raises what keeps the list from being whole.
local function iterator(walk)
  local items, i, err = {}, 0, nil
  return function()
    i = i + 1
    while items and items[i] == nil do
      items, err = walk:page()
      if items == nil then error(err, 0) end
      i = 1
    end
    return items and items[i] or nil
  end
end

-- The same of all pages, which are read before the first item is given.
local function iterator_over_all(walk)
  local all, n = {}, 0
  repeat
    local items, err = walk:page()
    if items == nil then error(err, 0) end
    all[#all + 1] = items or nil
  until not items
  return iterator {
    page = function()
      n = n + 1
      return all[n] or false
    end,
  }
end

-- What `for` closes when its loop is left, however it is left.
local Closer = { __close = function(closer) closer.walk:drop() end }

--- The method each_...(path parameters..., query) of a list: an iterator over every item.
---@param operation ddokta.Operation
---@param list function its method
---@param calls? table what begins the method's calls ahead of their turn: see ddokta.client
---@return function
function pages.each(operation, list, calls)
  calls_of[list] = calls
  page_size.note(operation)
  local _, parameters = operation.path:gsub("{", "")
  return function(client, ...)
    local given = select(parameters + 1, ...)
    if given ~= nil and type(given) ~= "table" or select("#", ...) > parameters + 1 then
      refuse(operation, "each_%s takes %d path parameters and a query table", operation.each, parameters)
    end
    local reads_all = not YIELDS_IN_ITERATORS and coroutine.running()
    local walk = new_walk {
      name = operation.name,
      query = page_size.first_query {
        client = client,
        operation = operation.name,
        query = checked_query(operation, given),
      },
      read = reader(list, client, parameters, { ... }),
      calls = calls_for(list, client, parameters, { ... }),
      is_whole = reads_all,
      may_leave = reads_all or CLOSES_ITERATORS,
    }
    if reads_all then
      return iterator_over_all(walk)
    elseif CLOSES_ITERATORS then
      return iterator(walk), nil, nil, setmetatable({ walk = walk }, Closer)
    end
    return iterator(walk)
  end
end

return pages
