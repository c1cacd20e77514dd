--- What happened: counters of all requests and a log of the last ones.
local json = require "ddokta.sandbox.json"

local request_log = {}

--- An empty log.
function request_log.new()
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
function request_log.begin(log, request)
  log.in_flight = log.in_flight + 1
  log.max_in_flight = math.max(log.max_in_flight, log.in_flight)
  log.protocols[request.protocol] = (log.protocols[request.protocol] or 0) + 1
  if not log.seen_connections[request.connection] then
    log.seen_connections[request.connection] = true
    log.connections = log.connections + 1
  end
end

--- A request is over, answered or not.
function request_log.finish(log) log.in_flight = log.in_flight - 1 end

local function header_names(headers)
  local names = json.array()
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function count(log, request, answer)
  local endpoint = ("%s %s"):format(request.method, request.template or request.path)
  local counted = log.counts[endpoint] or {}
  log.counts[endpoint] = counted
  local outcome = answer.reset and "reset" or ("%d"):format(answer.status)
  counted[outcome] = (counted[outcome] or 0) + 1
end

--- Notes what was decided for a request. `size` is how many requests the log keeps.
function request_log.note(log, request, answer, size)
  count(log, request, answer)
  log.total = log.total + 1
  local entry = {
    number = log.total,
    time = request.now,
    headers = header_names(request.headers), -- names only: keys are not written down
    authorized = request.way or false,
    status = answer.status,
    reset = answer.reset,
    fault = answer.fault,
  }
  for _, name in ipairs { "protocol", "connection", "method", "path", "query", "body", "permission" } do
    entry[name] = request[name]
  end
  log.entries[log.total] = entry
  log.entries[log.total - size] = nil
end

--- The log, oldest first.
function request_log.entries(log, size)
  local list = json.array()
  for number = math.max(1, log.total - size + 1), log.total do
    list[#list + 1] = log.entries[number]
  end
  return list
end

return request_log
