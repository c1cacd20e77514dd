-- What require "ddokta" returns: clients whose methods are the rows of the operation map.
local core = require "ddokta.core"
local engine = require "ddokta.engine"
local errors = require "ddokta.error"
local loop = require "ddokta.loop"
local options = require "ddokta.options"
local pages = require "ddokta.pages"
local scheduler = require "ddokta.scheduler"
local task = require "ddokta.task"

---@class ddokta
local M = {
  version = require "ddokta.version",
  -- null to send; what is read as null is absent
  null = core.json.null,
  -- array{...}: a list that is sent as one even when it is empty
  array = core.json.array,
  sites = core.sites,
  parallel = task.parallel,
  spawn = task.spawn,
}

-- ddokta.operations: {name, service, method, path, permission, success, paged, doc, ...} of every operation.
-- C completes a row when one of its fields is asked for; whoever asks for the list gets all of them whole.
setmetatable(M, {
  __index = function(_, name)
    if name ~= "operations" then return nil end
    M.operations = core.operations
    for _, operation in ipairs(M.operations) do
      assert(operation.path)
    end
    return M.operations
  end,
})

--- Passes on what succeeded; raises a failure as one readable line with the place of the call. Lua's own
--- hides an error that is a table on Lua 5.1, 5.2 and in nginx.
---@generic T
---@param result T|nil|false
---@param ... any
---@return T result
---@return any ...
function M.assert(result, ...)
  if result then return result, ... end
  local err = ...
  error(err == nil and "it failed, and nothing says why" or tostring(err), 2)
end

-- --- clients ------------------------------------------------------------------------------------

-- A client is {core, engine, service, keys}: the client of C, what it shares with its views (see
-- ddokta.engine), and those of its keys that are functions, or false. It holds no key itself.
local methods = { datadog = {}, okta = {} }

local TITLES = { datadog = "Datadog", okta = "Okta" }
local MAKERS = { datadog = "ddokta.client", okta = "ddokta.okta" }

local rows = { datadog = {}, okta = {} } -- by name

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
  local nearest = options.nearest(name, all)
  if not nearest then
    return ("there is no %s %s"):format(what, name)
  elseif rawget(names[service], nearest) then
    return ("there is no %s %s, did you mean %s?"):format(what, name, nearest)
  end
  return ("there is no %s %s, did you mean %s, of a client that %s makes?"):format(
    what,
    name,
    nearest,
    MAKERS[other]
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
  local nearest = options.nearest(field, known)
  error(
    ("%s: unknown field %s%s (strict_fields = false passes it on)"):format(
      operation.name,
      field,
      nearest and (", did you mean %s?"):format(nearest) or ""
    ),
    3
  )
end

-- Raises at the caller of a method where its first argument is no client that has it.
local function refuse_self(client, name)
  if type(client) == "table" and client.service and client.engine then
    error(no_such("method", client.service, name), 3)
  end
  error(("%s is called with a colon: client:%s(...), not client.%s(...)"):format(name, name, name), 3)
end

-- pcall for what may make calls itself. Lua 5.1 cannot yield across pcall; there it runs in a
-- coroutine of its own, whose calls wait where they are.
local function call_protected(fn)
  if jit or _VERSION ~= "Lua 5.1" then return pcall(fn) end
  return coroutine.resume(coroutine.create(fn))
end

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
  local ok, value = call_protected(fn)
  if ok and type(value) == "string" then return value end
  return nil,
    errors.new {
      kind = "config",
      message = ("the function for %s %s"):format(
        name,
        ok and "answered a " .. type(value) .. ", not a string" or failed_at(value)
      ),
    }
end

-- Asks the keys that are given as functions. true | nil, error
local function ask_keys(client)
  for name, fn in pairs(client.keys) do
    local value, err = ask(name, fn)
    if not value then return nil, err end
    local set
    set, err = client.core:set_key(name, value)
    if not set then return nil, err end
  end
  return true
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
  return function(client, ...)
    if type(client) ~= "table" or client.service ~= service then refuse_self(client, name) end
    if client.keys then
      local ok, err = ask_keys(client)
      if not ok then return nil, err end
    end
    local shares = client.engine
    local waiting, why = shares.pick()
    if not waiting then return nil, errors.new { kind = "config", message = why, operation = name } end
    local spare = shares.spare
    local last = #spare
    local used = spare[last] -- an object of a call that is over, see client:submit in C
    spare[last] = nil
    local call, id = client.core:submit(used, row, ...)
    if not call then
      if type(id) == "string" then refuse_field(core.operations[row], id) end
      return nil, id -- the error
    end
    scheduler.wait(shares, call, id, waiting)
    return give_back(spare, call, call:result())
  end
end

-- begin(client, row, ...): a call that nobody waits for; answers what client:submit in C does.
local function begin(client, row, ...)
  if client.keys then
    local ok, err = ask_keys(client)
    if not ok then return nil, err end
  end
  return client.core:submit(nil, row, ...)
end

-- wait(client, ticket): until its call is done. ticket: {call =, id =}, which a loop may cancel where who
-- waits is gone: see ddokta.pages.
local function wait(client, ticket)
  local shares = client.engine
  local waiting, why = shares.pick()
  if not waiting then
    return nil, errors.new { kind = "config", message = why }
  elseif ticket.id and not ticket.call:done() then
    scheduler.wait(shares, ticket, ticket.id, waiting)
  else
    scheduler.pass(shares, waiting)
  end
  return true
end

-- What pages of a list are asked for with ahead of their turn, see ddokta.pages.
local function calls_of(row)
  return {
    most = function(client) return client.engine.most end,
    begin = function(client, ...) return begin(client, row, ...) end,
    result = function(client, ticket)
      local ok, err = wait(client, ticket)
      if not ok then return nil, err end
      return ticket.call:result()
    end,
  }
end

local function each_of(operation, method, row)
  local service, name = operation.service, "each_" .. operation.each
  local each = pages.each(operation, method, calls_of(row))
  return function(client, ...)
    if type(client) ~= "table" or client.service ~= service then refuse_self(client, name) end
    return each(client, ...)
  end
end

for row, operation in ipairs(core.operations) do
  local list, method = methods[operation.service], method_of(row)
  list[operation.name] = method
  if operation.each then list["each_" .. operation.each] = each_of(operation, method, row) end
  rows[operation.service][operation.name] = row
end

local shared = {}

local new_object

-- Raises at the caller of one of these methods where it was called on no client.
local function check_self(client, name)
  if type(client) ~= "table" or not (client.service and client.engine) then
    error(("%s is called with a colon: client:%s(...), not client.%s(...)"):format(name, name, name), 3)
  end
end

-- Where the client calls: "https://api.datadoghq.com".
function shared:address()
  check_self(self, "address")
  return self.core:address()
end

-- client:with{timeout = 5}: a light view of the same client whose calls use other options.
function shared:with(given)
  check_self(self, "with")
  return new_object(
    self.core:with(options.read_view(self.service, given, 2)),
    self.engine,
    self.service,
    self.keys
  )
end

-- start(operation, ...): begins a call that nobody waits for; the arguments are the method's. It goes
-- on with each step(), or while other calls wait. -> call | nil, error. call:done() -> boolean;
-- call:result() -> what the method returns, once it is done; call:cancel() ends it as "cancelled".
function shared:start(name, ...)
  check_self(self, "start")
  local row = rows[self.service][name]
  if not row then error(no_such("operation", self.service, tostring(name)), 2) end
  local call, err = begin(self, row, ...)
  if type(err) == "string" then
    refuse_field(core.operations[row], err)
  elseif not call then
    return nil, err
  end
  return call
end

-- call(name, ...) is client[name](client, ...), for programs that have the name as data.
function shared:call(name, ...)
  check_self(self, "call")
  if type(name) ~= "string" then error("call takes the name of a method, not a " .. type(name), 2) end
  local method = rawget(methods[self.service], name)
  if not method then error(no_such("method", self.service, name), 2) end
  return method(self, ...)
end

-- For a loop of your own: the sockets to wait for, {fd, events = "r" | "w" | "rw"} ...
function shared:pollfds()
  check_self(self, "pollfds")
  return self.core:pollfds()
end

-- ... for at most so many seconds (nil: no call is under way) ...
function shared:timeout()
  check_self(self, "timeout")
  return self.core:timeout()
end

-- ... and then: does what can be done, never waits -> how many calls are under way.
function shared:step()
  check_self(self, "step")
  self.engine:pump(0)
  return self.core:pending()
end

-- sleep(seconds) -> true | nil, error: returns so much later, waiting as the client's calls do: other
-- tasks, and whatever else its loop runs, go on.
function shared:sleep(seconds)
  check_self(self, "sleep")
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < math.huge) then
    error("sleep takes a number of seconds", 2)
  end
  local waiting, why = self.engine.pick()
  if not waiting then return nil, errors.new { kind = "config", message = why, operation = "sleep" } end
  scheduler.sleep(self.engine, seconds, waiting)
  return true
end

-- What the client has done so far: see client_stats in csrc/binding/client.c.
function shared:stats()
  check_self(self, "stats")
  return self.core:stats()
end

-- Ends what is in flight as "cancelled" and closes the connections; its views are closed as well.
function shared:close()
  check_self(self, "close")
  self.engine:close()
end

local metatables = {}
for service, list in pairs(methods) do
  for name, method in pairs(shared) do
    list[name] = method
  end
  -- asked for what is not there alone; names that only a metatable or a library looks for are none
  setmetatable(list, {
    __index = function(_, name)
      if type(name) ~= "string" or name:find "^_" then return nil end
      error(no_such("method", service, name), 2)
    end,
  })
  metatables[service] = {
    __index = list,
    __name = "ddokta.client",
    __close = shared.close,
    __tostring = function(client) return tostring(client.core) end,
  }
end

new_object = function(client, shares, service, keys)
  return setmetatable({ core = client, engine = shares, service = service, keys = keys }, metatables[service])
end

local function runtime() return jit and jit.version:lower() or _VERSION:lower() end

local function default_user_agent()
  return ("ddokta/%s (%s; libcurl %s)"):format(M.version, runtime(), core.curl_version)
end

local function new_client(service, given)
  local chosen, err = options.read(service, given or {}, 3)
  if not chosen then return nil, err end
  local pick, message = loop.pick(chosen.loop)
  if not pick then return nil, errors.new { kind = "config", message = message } end
  chosen.user_agent = chosen.user_agent or default_user_agent()
  if type(chosen.client_key_password) == "function" then
    chosen.client_key_password, err = ask("client_key_password", chosen.client_key_password)
    if err then return nil, err end
  end
  local client
  client, err = core.client(chosen)
  if not client then return nil, err end
  local keys = false
  for _, name in ipairs(options.keys(service)) do
    if type(chosen[name]) == "function" then
      keys = keys or {}
      keys[name] = chosen[name]
    end
  end
  return new_object(client, engine.new(client, pick, chosen), service, keys)
end

-- client{site=, api_key=, app_key=, ...} -> a client of Datadog | nil, error (kind "config").
-- Raises for an option of a wrong type or name. The options: doc and API.md, "Clients".
function M.client(given)
  local client, err = new_client("datadog", given) -- no tail call: it would take away the level
  return client, err
end

-- okta{domain=, token=, ...} -> a client of an Okta organisation | nil, error (kind "config").
function M.okta(given)
  local client, err = new_client("okta", given)
  return client, err
end

return M
