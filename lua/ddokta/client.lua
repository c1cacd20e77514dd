--- Clients of Datadog and of Okta: how they are made, their keys and their methods. Most methods are rows of
--- the map of operations.
local core = require "ddokta.native"
local driver = require "ddokta.driver"
local errors = require "ddokta.error"
local loops = require "ddokta.loop"
local options = require "ddokta.options"
local pages = require "ddokta.pages"
local person = require "ddokta.person"
local protect = require "ddokta.protect"
local scheduler = require "ddokta.scheduler"
local scopes = require "ddokta.scope"
local text = require "ddokta.text"
local version = require "ddokta.version"

local is_stopped = scheduler.is_stopped

--- What came back for a call that succeeded.
---@class ddokta.Response
---@field status integer of HTTP
---@field headers table<string, string> names in lower case
---@field body any decoded, as it came
---@field attempts integer
---@field seconds number all attempts and waits included
---@field rate_limit? ddokta.RateLimit
---@field total? integer of a list that comes in pages
---@field next? table<string, string|integer> the query of the next page
---@field warnings? string[]

--- The service's own form of a body (JSON:API).
---@class ddokta.Envelope
---@field data table

--- A call that nobody waits for.
---@class ddokta.Call
---@field done fun(self: ddokta.Call): boolean is it over?
---@field result fun(self: ddokta.Call): any, ddokta.Response|ddokta.Error|nil what its method returns, once
--- it is done
---@field cancel fun(self: ddokta.Call) ends it as "cancelled"

--- A socket to wait for.
---@class ddokta.PollFd
---@field fd integer
---@field events "r"|"w"|"rw"

--- What a client knows of a rate limit.
---@class ddokta.LimitState
---@field name? string as the service writes it; of Okta its bucket
---@field operation? string where it has no name
---@field in_flight integer calls
---@field limit? integer calls in one period
---@field period? integer seconds
---@field remaining? integer calls
---@field reset? number seconds until then

--- What a client has done so far.
---@class ddokta.Stats
---@field calls integer
---@field attempts integer
---@field retries integer
---@field waited number seconds
---@field bytes_sent integer
---@field bytes_received integer
---@field connections integer
---@field in_flight integer calls
---@field http table<"1.1"|"2"|"3", integer> answers by HTTP's version
---@field limits ddokta.LimitState[]

--- What clients of both services have.
---@class ddokta.Client
---@field service "datadog"|"okta"
---@field base_url string where it calls, such as "https://api.datadoghq.com"
local Client = {}

-- What a client keeps to itself is its metatable: no field of what users hold, and collected with it. (A
-- table with weak keys would hold a client for ever on Lua 5.1 whose on_event or key uses the client.)
--   service   as the client's field
--   native    the client of C (csrc/binding/client.c)
--   driver    what it shares with its views: see ddokta.driver
--   keys      those of its keys that are functions, by name; or false. It holds no key itself.
local methods = { datadog = {}, okta = {} } -- by name; the __index of a service's clients
local rows = { datadog = {}, okta = {} } -- the operations' numbers in core.operations, by name

local client = {}

-- Tables inherit from a client ({__index = dd}), and from such a table; a circle of them ends here.
local MOST_ANCESTORS = 16

-- The private part of a client, or of the client that a table inherits from; nil for anything else.
local function private(object)
  local metatable = getmetatable(object)
  for _ = 1, MOST_ANCESTORS do
    if type(metatable) ~= "table" then return nil end
    local parent = metatable.__index
    if parent == methods.datadog or parent == methods.okta then return metatable end
    metatable = getmetatable(parent)
  end
end

--- Whose client is it? Also of what a program has put before one, which has its base_url.
---@param object any
---@return "datadog"|"okta"|"other"|nil service nil: it is none
function client.service_of(object)
  local own = private(object)
  if own then return own.service end
  if type(object) ~= "table" then return nil end
  local ok, url = pcall(function() return object.base_url end) -- it may raise for names that it has not
  return ok and type(url) == "string" and "other" or nil
end

-- --- names that are not there -----------------------------------------------------------------------

local TITLES = { datadog = "Datadog", okta = "Okta" }
local MAKERS = { datadog = "ddokta.client", okta = "ddokta.okta" }

-- The words for a name that a client of the service does not have: what was probably meant.
-- what: "method" or "operation".
local function no_such(what, service, name)
  local names = what == "method" and methods or rows
  local other = service == "okta" and "datadog" or "okta"
  if rawget(names[other], name) then
    return ("%s is an operation of %s: it takes a client that %s makes, and this one is of %s"):format(
      name,
      TITLES[other],
      MAKERS[other],
      TITLES[service]
    )
  end
  local all = {}
  for _, list in pairs(names) do
    for known in pairs(list) do
      all[known] = true
    end
  end
  local nearest = text.nearest(name, all)
  return ("there is no %s %s%s%s"):format(
    what,
    name,
    text.did_you_mean(name, all),
    nearest and not rawget(names[service], nearest) and (" (of a client that %s makes)"):format(MAKERS[other])
      or ""
  )
end

-- Raises at the caller of a method for a field of the body that the row does not know.
local function refuse_field(operation, field)
  if field:find "^data%." then
    error(
      ("%s: unknown field %s; a resource's own fields stand in data.attributes"):format(operation.name, field),
      3
    )
  end
  local known = {}
  for _, names in ipairs { "fields", "relationships", "read_only" } do
    for _, name in ipairs(operation[names] or {}) do
      known[name] = true
    end
  end
  local meant = text.did_you_mean(field, known)
  if operation.shape == "scim_patch" and meant == "" then
    local words = "%s: %s is no operation of a PATCH: scim.replace(%q, value) makes one (ddokta.scim)"
    error(words:format(operation.name, field, field), 3)
  end
  local words = "%s: unknown field %s%s (strict_fields = false passes it on)"
  error(words:format(operation.name, field, meant), 3)
end

-- The private part of a method's first argument; raises at the method's caller where that is no client
-- that has it. service: whose method it is; nil: both have it.
local function self_of(object, name, service)
  local self = private(object)
  if self and (not service or self.service == service) then return self end
  if self then error(no_such("method", self.service, name), 3) end
  error(("%s is called with a colon: client:%s(...), not client.%s(...)"):format(name, name, name), 3)
end

-- --- keys that are functions ------------------------------------------------------------------------

-- What a key's function raised may quote the key, which nobody here knows: only where it was raised
-- is shown of it.
local function failed_at(raised)
  local place = type(raised) == "string" and raised:match "^([%w_./-]+%.lua:%d+):"
  return ("failed%s; what it raised is not shown, for it may hold the key"):format(
    place and " at " .. place or ""
  )
end

-- What the function given for an option answers: a string | nil, error
local function ask(name, fn)
  local ok, value = protect.call(fn)
  if ok and type(value) == "string" then return value end
  return nil,
    errors.config(
      ("the function for %s %s"):format(
        name,
        ok and "answered a " .. type(value) .. ", not a string" or failed_at(value)
      )
    )
end

-- Asks the keys that are given as functions. true | nil, error
local function ask_keys(self)
  for name, fn in pairs(self.keys) do
    local value, err = ask(name, fn)
    if not value then return nil, err end
    local set
    set, err = self.native:set_key(name, value)
    if not set then return nil, err end
  end
  return true
end

-- --- a method for each operation --------------------------------------------------------------------

-- Why nothing is sent any more for what runs here: nil, error
local function refuse_stopped(name)
  local words = "not sent: what it is a part of was stopped"
  return nil, errors.new { kind = "cancelled", operation = name, message = words }
end

-- How many calls that are over are kept for the next ones; what were more at once go to the collector.
local MOST_SPARE = 64

local function give_back(spare, call, ...)
  local n = #spare
  if n < MOST_SPARE then spare[n + 1] = call end
  return ...
end

local function method_of(row)
  local service, name = core.operations[row].service, core.operations[row].name
  local own_methods = methods[service]
  return function(object, ...)
    local self = getmetatable(object) -- as private() has it of a client itself
    if not self or self.__index ~= own_methods then self = self_of(object, name, service) end
    if self.keys then
      local ok, err = ask_keys(self)
      if not ok then return nil, err end
    end
    if scopes.was_stopped and is_stopped() then return refuse_stopped(name) end
    local shared = self.driver
    local loop, why = shared.pick()
    if not loop then return nil, errors.config(why, name) end
    local spare = shared.spare
    local last = #spare
    local used = spare[last] -- an object of a call that is over, see client:submit in C
    spare[last] = nil
    local call, id = self.native:submit(used, row, ...)
    if not call then
      if type(id) == "string" then refuse_field(core.operations[row], id) end
      return nil, id -- the error
    end
    scheduler.wait(shared, call, id, loop)
    return give_back(spare, call, call:result())
  end
end

-- begin(self, row, ...): a call that nobody waits for; answers what client:submit in C does.
local function begin(self, row, ...)
  if self.keys then
    local ok, err = ask_keys(self)
    if not ok then return nil, err end
  end
  return self.native:submit(nil, row, ...)
end

-- What pages of a list are asked for with ahead of their turn, see ddokta.pages. A ticket is {call =, id =},
-- which a loop may cancel where who waits is gone.
local function calls_of(row)
  return {
    most = function(object) return private(object).driver.max_in_flight end,
    begin = function(object, ...)
      if is_stopped() then return refuse_stopped(core.operations[row].name) end
      return begin(private(object), row, ...)
    end,
    result = function(object, ticket)
      if is_stopped() then ticket:withdraw() end
      local shared = private(object).driver
      local loop, why = shared.pick()
      if not loop then return nil, errors.config(why) end
      if ticket.id and not ticket.call:done() then
        scheduler.wait(shared, ticket, ticket.id, loop)
      else
        scheduler.pass(shared, loop)
      end
      return ticket.call:result()
    end,
  }
end

local function each_of(operation, method, row)
  local service, name = operation.service, "each_" .. operation.each
  local each = pages.each(operation, method, calls_of(row))
  return function(object, ...)
    self_of(object, name, service)
    return each(object, ...)
  end
end

for row, operation in ipairs(core.operations) do
  local list, method = methods[operation.service], method_of(row)
  list[operation.name] = method
  if operation.each then list["each_" .. operation.each] = each_of(operation, method, row) end
  rows[operation.service][operation.name] = row
end

-- --- methods of every client ------------------------------------------------------------------------

local new_object

--- A light view of the same client whose calls use other options.
---@param changes ddokta.ViewOptions
---@return ddokta.Client view of the same service
function Client:with(changes)
  local own = self_of(self, "with")
  local native = own.native:with(options.read_view(own.service, changes, 2))
  return new_object(own.service, native, own.driver, own.keys)
end

--- Begins a call that nobody waits for; it goes on with each step(), or while other calls wait.
---@param operation string its name
---@param ... any the method's arguments
---@return ddokta.Call? call
---@return ddokta.Error? err
function Client:start(operation, ...)
  local own = self_of(self, "start")
  local row = rows[own.service][operation]
  if not row then error(no_such("operation", own.service, tostring(operation)), 2) end
  local call, err = begin(own, row, ...)
  if type(err) == "string" then
    refuse_field(core.operations[row], err)
  elseif not call then
    return nil, err
  end
  return call
end

--- Calls the method of this name, for programs that have the name as data.
---@param name string
---@param ... any what the method takes
---@return any ... what the method returns
function Client:call(name, ...)
  local own = self_of(self, "call")
  if type(name) ~= "string" then error("call takes the name of a method, not a " .. type(name), 2) end
  local method = rawget(methods[own.service], name)
  if not method then error(no_such("method", own.service, name), 2) end
  return method(self, ...)
end

--- The user who signs in with that name, in any letter case: of Datadog by handle, else by e-mail, of Okta by
--- login. ddokta.person(user) has it in one shape.
---@param user_name string
---@return table? user as the service has it
---@return ddokta.Error? err "not_found"; "conflict" where several have the name
function Client:find_user(user_name)
  self_of(self, "find_user")
  if type(user_name) ~= "string" or user_name == "" then
    error("find_user takes the name that a user signs in with", 2)
  end
  local user, err = person.find(self, user_name)
  return user, err
end

--- For a loop of your own: the sockets to wait for ...
---@return ddokta.PollFd[]
function Client:pollfds() return self_of(self, "pollfds").native:pollfds() end

--- ... for at most so long ...
---@return number? seconds nil: no call is under way
function Client:timeout() return self_of(self, "timeout").native:timeout() end

--- ... and then: does what can be done, never waits.
---@return integer pending how many calls are under way
function Client:step()
  local own = self_of(self, "step")
  own.driver:pump(0)
  return own.native:pending()
end

--- Returns so much later, waiting as the client's calls do: other tasks, and whatever else its loop runs,
--- go on.
---@param seconds number
---@return true? ok
---@return ddokta.Error? err
function Client:sleep(seconds)
  local own = self_of(self, "sleep")
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
    error("sleep takes a number of seconds", 2)
  end
  local loop, why = own.driver.pick()
  if not loop then return nil, errors.config(why, "sleep") end
  if not is_stopped() then scheduler.sleep(own.driver, seconds, loop) end
  if is_stopped() then return refuse_stopped "sleep" end
  return true
end

--- What the client has done so far.
---@return ddokta.Stats
function Client:stats() return self_of(self, "stats").native:stats() end

--- Ends what is in flight as "cancelled" and closes the connections; its views are closed as well.
---@return nil
function Client:close() self_of(self, "close").driver:close() end

for service, list in pairs(methods) do
  for name, method in pairs(Client) do
    list[name] = method
  end
  -- asked for what is not there alone; names that only a metatable or a library looks for are none
  setmetatable(list, {
    __index = function(_, name)
      if type(name) ~= "string" or name:find "^_" then return nil end
      error(no_such("method", service, name), 2)
    end,
  })
end

-- --- making one -------------------------------------------------------------------------------------

local function show(object) return tostring(private(object).native) end

new_object = function(service, native, shared, keys)
  return setmetatable({ service = service, base_url = native:address() }, {
    __index = methods[service],
    __name = "ddokta.client",
    __close = Client.close,
    __tostring = show,
    service = service,
    native = native,
    driver = shared,
    keys = keys,
  })
end

local function default_user_agent()
  local runtime = jit and jit.version or _VERSION
  return ("ddokta/%s (%s; libcurl %s)"):format(version, runtime:lower(), core.curl_version)
end

-- Those of the keys that are functions, by name; false: none is.
local function functions_among(keys, chosen)
  local functions = false
  for _, name in ipairs(keys) do
    if type(chosen[name]) == "function" then
      functions = functions or {}
      functions[name] = chosen[name]
    end
  end
  return functions
end

--- A new client. Raises at the caller's level for an option of a wrong type or name.
---@param service "datadog"|"okta"
---@param given? table options: see ddokta.options
---@param level integer
---@return ddokta.Client? client
---@return ddokta.Error? err of kind "config"
function client.new(service, given, level)
  local chosen, err = options.read(service, given or {}, level)
  if not chosen then return nil, err end
  local pick, message = loops.pick(chosen.loop)
  if not pick then return nil, errors.config(message) end
  chosen.user_agent = chosen.user_agent or default_user_agent()
  if type(chosen.client_key_password) == "function" then
    chosen.client_key_password, err = ask("client_key_password", chosen.client_key_password)
    if err then return nil, err end
  end
  local native
  native, err = core.client(chosen)
  if not native then return nil, err end
  local keys = functions_among(options.keys(service), chosen)
  return new_object(service, native, driver.new(native, pick, chosen), keys)
end

return client
