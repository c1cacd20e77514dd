--- Faults on demand: rules that say which requests go wrong, when, and how.
local router = require "ddokta.sandbox.router"
local uuid = require "ddokta.sandbox.uuid"

local faults = {}

local function is(kind)
  return function(value) return type(value) == kind, "a " .. kind end
end

local function one_of(...)
  local allowed, names = {}, {}
  for i, value in ipairs { ... } do
    allowed[value], names[i] = true, tostring(value)
  end
  return function(value) return allowed[value] ~= nil, "one of: " .. table.concat(names, ", ") end
end

local function least(number)
  return function(value) return type(value) == "number" and value >= number, "a number of at least " .. number end
end

local function share(value)
  return type(value) == "number" and value >= 0 and value <= 1, "a number from 0 to 1"
end

local function times(value) return value == "always" or least(1)(value), 'a number of at least 1 or "always"' end

local function status(value)
  return type(value) == "number" and value >= 200 and value <= 599 and value % 1 == 0, "200 to 599"
end

local function pattern_or_path(value)
  local ok = type(value) == "string" and (value:sub(1, 1) ~= "^" or pcall(string.find, "", value))
  return ok, "a path, a template with {names}, or a Lua pattern that starts with ^"
end

local FIELDS = {
  -- which requests
  method = is "string",
  path = pattern_or_path,
  contains = is "string", -- plain text in the request's body
  after = least(0), -- this many matching requests pass first
  times = times, -- then so many go wrong, default 1
  probability = share, -- the requests it spares do not count
  -- another answer instead of the real one; body is sent as it is
  status = status,
  headers = is "table", -- alone: added to the real answer
  body = is "string",
  html = is "boolean", -- the error page of a proxy
  reset = one_of(true, "stream", "connection"), -- none: the stream or the TCP connection ends
  when = one_of("before", "after"), -- the handler acted? default "before": it did not
  -- the real answer, badly delivered
  delay = least(0), -- seconds before it starts
  slow = least(0), -- seconds over which the body drips
  truncate = one_of(true, "length", "chunked", "json"), -- see delivery.lua
  wrong_id = is "boolean",
  rate_limit = one_of("doubled", "repeated", "epoch", "absent"),
}

--- What is wrong with a rule: a message, or nil.
function faults.problem(rule)
  if type(rule) ~= "table" then return "a fault is a table" end
  for name, value in pairs(rule) do
    if not FIELDS[name] then return ("a fault has no field %q"):format(tostring(name)) end
    local ok, expected = FIELDS[name](value)
    if not ok then return ("%s must be %s"):format(name, expected) end
  end
end

--- An empty list of rules.
function faults.new() return {} end

--- Adds a rule that has no problem. `rule.seen` and `rule.acted` count from then on.
function faults.add(rules, rule)
  local added = { seen = 0, acted = 0 }
  for name, value in pairs(rule) do
    added[name] = value
  end
  rules[#rules + 1] = added
  return added
end

local function path_matches(wanted, path)
  if wanted:sub(1, 1) == "^" then return path:find(wanted) ~= nil end
  return path:find((router.pattern(wanted))) ~= nil
end

local function matches(rule, request)
  return (not rule.method or rule.method == request.method)
    and (not rule.path or path_matches(rule.path, request.path))
    and (not rule.contains or request.body:find(rule.contains, 1, true) ~= nil)
end

local function is_due(rule)
  if rule.seen <= (rule.after or 0) then return false end
  if rule.times ~= "always" and rule.acted >= (rule.times or 1) then return false end
  return not rule.probability or math.random() < rule.probability
end

--- The first rule that strikes this request, counted as struck; or nil.
function faults.take(rules, request)
  for _, rule in ipairs(rules) do
    if matches(rule, request) then
      rule.seen = rule.seen + 1
      if is_due(rule) then
        rule.acted = rule.acted + 1
        return rule
      end
    end
  end
end

--- Does the rule put another answer (or none) in the place of the real one?
function faults.replaces(rule) return (rule.status or rule.body or rule.html or rule.reset) and true or false end

local PAGE = "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n"
  .. "</body>\r\n</html>\r\n"
local REASONS = {
  [429] = "Too Many Requests",
  [500] = "Internal Server Error",
  [502] = "Bad Gateway",
  [503] = "Service Temporarily Unavailable",
  [504] = "Gateway Time-out",
}

--- The answer that a replacing rule gives. failure(status, message): an error as the service writes it.
function faults.answer(rule, failure)
  local code = rule.status or (rule.html and 503 or 200)
  local body, kind = rule.body, "application/json"
  if rule.html then
    local reason = REASONS[code] or "Error"
    body, kind = body or PAGE:format(code, reason, code, reason), "text/html"
  end
  body = body or failure(code, "Fault on demand").body
  if code == 204 or code == 304 then body = "" end
  return { status = code, headers = { ["Content-Type"] = kind }, body = body }
end

local RATE_LIMIT = {
  -- as some HTTP libraries join a header that was sent twice
  doubled = function(value) return value .. ", " .. value end,
  ["repeated"] = function(value) return { value, value } end,
  -- Okta's is one already
  epoch = function(value, name, now)
    return name == "X-RateLimit-Reset" and ("%d"):format(math.floor(now) + tonumber(value)) or value
  end,
  absent = function() return nil end,
}

-- the name is a text: only the numbers come doubled
local function alter_rate_limit(headers, change, now)
  for _, prefix in ipairs { "X-RateLimit-", "X-Rate-Limit-" } do
    for _, part in ipairs { "Limit", "Period", "Remaining", "Reset" } do
      local name = prefix .. part
      if headers[name] then headers[name] = change(headers[name], name, now) end
    end
  end
  if change == RATE_LIMIT.absent then headers["X-RateLimit-Name"] = nil end
end

-- a header replaces the one of the same name in any case
local function set_header(headers, name, value)
  for present in pairs(headers) do
    if present:lower() == name:lower() then headers[present] = nil end
  end
  headers[name] = value
end

--- Changes an answer as the rule says: headers, id, and how it is delivered.
function faults.alter(rule, answer, now)
  if rule.rate_limit then alter_rate_limit(answer.headers, RATE_LIMIT[rule.rate_limit], now) end
  for name, value in pairs(rule.headers or {}) do
    set_header(answer.headers, name, value)
  end
  if rule.wrong_id then answer.body = answer.body:gsub('"id":"[^"]*"', ('"id":"%s"'):format(uuid()), 1) end
  answer.delay, answer.slow = rule.delay, rule.slow
  answer.truncate, answer.reset = rule.truncate, rule.reset
  return answer
end

return faults
