-- What the specs of the recipes share: a sandbox with both services, what it says of itself, and clients
-- that die.
local box = require "spec.lua.bulk.box"
local cancel_scope = require "ddokta.cancel_scope"
local ddokta = require "ddokta"
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system

local M = {}
M.__index = M

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

-- person "ada" -> one of Okta
function M.person(name)
  local login = name .. "@example.com"
  return {
    id = "00u" .. name,
    login = login,
    profile = { login = login, email = login, firstName = name, lastName = "X", displayName = name },
  }
end

function M.logins(...)
  local list = {}
  for i, name in ipairs { ... } do
    list[i] = name .. "@example.com"
  end
  return list
end

--- start(settings) -> a sandbox without a seed: see seed()
function M.start(settings)
  local self = setmetatable({}, M)
  self.box = assert(sandbox.start(settings or {}))
  self.dd, self.okta = self:clients()
  self.dir = assert(system.mkdtemp "ddokta-spec-")
  return self
end

function M:options()
  return {
    base_url = self.box.base_url,
    ca_file = self.box.ca_file,
    api_key = self.box.api_key,
    app_key = self.box.app_key,
    proxy = "",
  }
end

function M:okta_options()
  return { domain = self.box.okta_url, ca_file = self.box.ca_file, token = self.box.okta_token, proxy = "" }
end

--- clients([loop]) -> clients of both services
function M:clients(loop)
  local options, okta_options = self:options(), self:okta_options()
  options.loop, okta_options.loop = loop, loop
  return assert(ddokta.client(options)), assert(ddokta.okta(okta_options))
end

function M:stop()
  self.dd:close()
  self.okta:close()
  self.box:stop()
  os.execute("rm -rf '" .. self.dir .. "'")
end

function M:admin(method, path, value) return box.admin(self.box, method, path, value) end

--- Begins anew with a seed, no faults, and settings as they were at first.
function M:seed(seed)
  self:admin("POST", "reset", {})
  self:admin("PUT", "seed", seed)
end

function M:config(values) self:admin("PUT", "config", values) end

function M:fault(rule) self:admin("POST", "faults", rule) end

function M:path(name) return self.dir .. "/" .. name end

--- How many requests of a method came.
function M:requests(method) return box.requests(self.box, method) end

-- changes of either service since the seed: what no second run may make
function M:changes()
  local count = 0
  for _, method in ipairs { "POST", "PUT", "PATCH", "DELETE" } do
    count = count + self:requests(method)
  end
  return count
end

-- what is due is done before the next request of a service, and the sandbox's own is none
function M:state()
  self.dd:list_teams {}
  return self:admin("GET", "state")
end

--- team(name) -> {managed, "ada bob": its members} or nil
function M:team(name)
  local state, names = self:state(), {}
  for _, user in ipairs(state.users) do
    names[user.id] = user.handle:match "^[^@]*"
  end
  for _, team in ipairs(state.teams) do
    if team.name == name then
      local members = {}
      for i, id in ipairs(team.user_ids) do
        members[i] = names[id]
      end
      table.sort(members)
      return { managed = team.is_managed, members = table.concat(members, " ") }
    end
  end
end

--- What there is, as a text: so that two ends can be compared.
function M:summary(team_name)
  local state = self:state()
  local team = self:team(team_name) or { managed = "no team", members = "" }
  local accounts = 0
  for _, user in ipairs(state.users) do
    accounts = accounts + (user.service_account and 1 or 0)
  end
  return ("%s managed=%s [%s]; %d teams, %d SCIM groups, %d mappings, %d service accounts, %d keys"):format(
    team_name,
    tostring(team.managed),
    team.members,
    state.team_count,
    state.scim_group_count,
    state.okta.group_push_mappings,
    accounts,
    state.application_key_count
  )
end

-- --- checks ---------------------------------------------------------------------------------------

--- checks_of(report) -> {name = check}
function M.checks_of(report)
  local by_name = {}
  for _, row in ipairs(report.checks) do
    by_name[row.name] = row
  end
  return by_name
end

--- failures(by_name) -> {name = result} of those that have not passed
function M.failures(by_name)
  local out = {}
  for name, row in pairs(by_name) do
    if row.result ~= "passed" then out[name] = row.result end
  end
  return out
end

-- --- clients that die -----------------------------------------------------------------------------

--- mortal(client, fate): the same client; fate() is called before each of its calls.
function M.mortal(client, fate)
  return setmetatable({}, {
    __index = function(_, name)
      local member = client[name]
      if type(member) ~= "function" then return member end
      return function(_, ...)
        if name ~= "sleep" then fate() end
        return member(client, ...)
      end
    end,
    __tostring = function() return tostring(client) end,
  })
end

--- before(client, method, n, run): the same client; run() is called before the n-th call of that method.
function M.before(client, method, n, run)
  local view = M.mortal(client, function() end)
  local call, left = view[method], n
  rawset(view, method, function(...)
    left = left - 1
    if left == 0 then run() end
    return call(...)
  end)
  return view
end

-- How a run may end before its n-th call. go: as of end_everywhere; fate() counts a call, is_due(): this one
-- is the n-th, or behind it.
local ways = {
  killed = function(self, go, fate, is_due)
    local function die()
      fate()
      if is_due() then error("killed", 0) end
    end
    local ok, report, err = pcall(go, M.mortal(self.dd, die), M.mortal(self.okta, die))
    assert(is_due() or ok and report, tostring(ok and err or report))
    collectgarbage()
    collectgarbage() -- a dead process holds no lock
  end,
  stopped = function(self, go, fate, is_due)
    local function stop()
      fate()
      cancel_scope.is_stopped()
    end
    local report, err = go(M.mortal(self.dd, stop), M.mortal(self.okta, stop), is_due)
    assert(is_due() and err.kind == "cancelled" or report, tostring(err))
  end,
}

--- end_everywhere(start, go, check): for each way to end, and each n: start() makes the beginning,
--- go(dd, okta, should_stop) runs the recipe, which ends before its n-th call, then again and whole;
--- check(report, n) looks at what came of it. -> how many ends of one way there were
function M:end_everywhere(start, go, check)
  local n
  for name, run in pairs(ways) do
    n = 0
    repeat
      n = n + 1
      start()
      local left = n
      local function is_due() return left <= 0 end
      run(self, go, function() left = left - 1 end, is_due)
      if is_due() then
        local report, err = go(self.dd, self.okta)
        check(assert(report, err and ("%s before call %d: %s"):format(name, n, tostring(err))), n)
      end
    until not is_due()
  end
  return n - 1
end

--- meet_everywhere(start, go, check): for each n: start(), and go(dd, okta) meets another run of itself,
--- from beginning to end, before its n-th call. check(report or nil, err, n) -> how many meetings
function M:meet_everywhere(start, go, check)
  local n, met = 0, true
  while met do
    n, met = n + 1, false
    start()
    local left = n
    local function fate()
      left = left - 1
      if left == 0 then
        met = true
        assert(go(self.dd, self.okta))
      end
    end
    local report, err = go(M.mortal(self.dd, fate), M.mortal(self.okta, fate))
    check(report, err, n)
  end
  return n - 1
end

--- killed(name, n, args) runs a recipe in a process of its own, which is killed before its n-th call
-- (SIGKILL) -> did it die of it?
function M:killed(name, n, args)
  local json = require("ddokta.core").json
  local script = self:path "killed.json"
  local file = assert(io.open(script, "wb"))
  file:write(
    json.encode { recipe = name, n = n, args = args, dd = self:options(), okta = self:okta_options() }
  )
  file:close()
  local marker = self:path "survived"
  os.remove(marker)
  os.execute(("%s spec/lua/recipes/killed.lua '%s' '%s' 2>/dev/null"):format(LUA, script, marker))
  local survived = io.open(marker, "rb")
  if survived then survived:close() end
  return survived == nil
end

return M
