-- What happened: counters of all requests and a log of the last ones.
local json = require "ddokta.sandbox.json"

local journal = {}

--- An empty journal.
function journal.new()
  return {
    counts = {},
    total = 0,
    entries = {},
    in_flight = 0,
    max_in_flight = 0,
    connections = 0,
    seen_connections = {},
    protocols = {},
  }
end

--- A request has come.
function journal.begin(book, request)
  book.in_flight = book.in_flight + 1
  book.max_in_flight = math.max(book.max_in_flight, book.in_flight)
  book.protocols[request.protocol] = (book.protocols[request.protocol] or 0) + 1
  if not book.seen_connections[request.connection] then
    book.seen_connections[request.connection] = true
    book.connections = book.connections + 1
  end
end

--- A request is over, answered or not.
function journal.finish(book) book.in_flight = book.in_flight - 1 end

local function header_names(headers)
  local names = json.array()
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function count(book, request, answer)
  local place = ("%s %s"):format(request.method, request.template or request.path)
  local counted = book.counts[place] or {}
  book.counts[place] = counted
  local outcome = answer.reset and "reset" or ("%d"):format(answer.status)
  counted[outcome] = (counted[outcome] or 0) + 1
end

--- Notes what was decided for a request. `size` is how many requests the log keeps.
function journal.note(book, request, answer, size)
  count(book, request, answer)
  book.total = book.total + 1
  book.entries[book.total] = {
    number = book.total,
    time = request.now,
    protocol = request.protocol,
    connection = request.connection,
    method = request.method,
    path = request.path,
    query = request.query,
    body = request.body,
    headers = header_names(request.headers), -- names only: keys are not written down
    authorized = request.way or false,
    permission = request.permission,
    status = answer.status,
    reset = answer.reset,
    fault = answer.fault,
  }
  book.entries[book.total - size] = nil
end

--- The log, oldest first.
function journal.entries(book, size)
  local list = json.array()
  for number = math.max(1, book.total - size + 1), book.total do
    list[#list + 1] = book.entries[number]
  end
  return list
end

return journal
