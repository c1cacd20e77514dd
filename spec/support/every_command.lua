-- Each command, in each way in which it can end: what it is called with, and its exit status.
-- The specs of exit statuses run them, and the contract run has others' validator look at what they write.
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"
local files = require "spec.support.files"
local serving = require "spec.support.serving"
local socket = require "socket"

local person, logins = around.person, around.logins

local M = {}
M.__index = M

local APP = "orn:okta:idp:00oSandbox00000000g1:apps:datadog:0oadatadog"

local SEED = {
  okta_accounts = {
    { name = "a", domain = "https://a.okta.com/", auth_method = "oauth", client_id = "0oa1" },
    { name = "b", domain = "https://b.okta.com/", auth_method = "oauth", client_id = "0oa2" },
  },
  users = { { email = "zoe@example.com" }, { email = "eve@example.com" } },
  teams = { { name = "Crew", handle = "crew" } },
  okta = {
    users = { person "ada", person "bob" },
    groups = { { name = "Platform", id = "00gplatform", members = logins("ada", "bob") } },
    apps = { { name = "datadog", id = "0oadatadog", label = "Datadog", users = logins("ada", "bob") } },
  },
}

local SOURCES = {
  ["accounts.csv"] = "name,domain,auth_method,client_id\na,https://a.okta.com/,oauth,0oa1\nc,https://c.okta.com/,oauth,0oa3\n",
  ["users.csv"] = "userName,name\nzoe@example.com,Zoe\nmax@example.com,Max\n",
  ["groups.csv"] = "displayName,members\nSecurity,zoe@example.com\n",
  ["service.csv"] = ("name,username,containerOrn,password\nsvc two,two,%s,secret-4711\n"):format(APP),
  ["password"] = "secret-4711\n",
  ["bad.csv"] = "name,domain,auth_method\na,,oauth\nb,ftp://b,oauth\n",
}

-- In the order of a story: what one makes the next may need. words: what is done, with status 0 unless `done`
-- says another; is_local: no service is asked; is_bound: its organisation is known by its address.
local function commands_of(path)
  local function bulk(name, file, ...)
    local journal = path(name .. ".journal")
    local restore = { name, "restore", journal, "--yes", "--remove-created", ... }
    return {
      { words = { name, "plan", path(file) } },
      { words = { name, "plan", path(file), "--exit-code" }, done = 5 },
      { words = { name, "import", path(file), "--yes", "--journal", journal } },
      { words = { name, "export" } },
      { words = restore, is_bound = name == "service-accounts" },
      { words = { name, "columns" }, is_local = true },
      { words = { "journal", "show", journal }, is_local = true },
    }
  end
  local function things(name, thing)
    local create = { name, "create" }
    for _, word in ipairs(thing.create) do
      create[#create + 1] = word
    end
    return {
      { words = create },
      { words = { name, "list" } },
      { words = { name, "get", thing.key } },
      { words = { name, "update", thing.key, thing.option, thing.value } },
      { words = { name, "delete", thing.key, "--yes" } },
    }
  end
  local function recipe(name, ...) return { words = { "recipe", name, ... }, is_recipe = true } end
  local quick = { "--yes", "--timeout", "10", "--interval", "0.05" }
  local function done(name, ...)
    local one = recipe(name, ...)
    for _, word in ipairs(quick) do
      table.insert(one.words, word)
    end
    return one
  end
  return {
    { { words = { "check" } } },
    things("accounts", {
      create = { "--name", "x", "--domain", "https://x.okta.com/", "--auth-method", "oauth" },
      key = "x",
      option = "--client-id",
      value = "0oa9",
    }),
    things("users", {
      create = { "--userName", "x@example.com", "--name", "X" },
      key = "x@example.com",
      option = "--title",
      value = "Engineer",
    }),
    things(
      "groups",
      { create = { "--displayName", "x" }, key = "x", option = "--members", value = "zoe@example.com" }
    ),
    things(
      "teams",
      { create = { "--name", "y", "--handle", "y" }, key = "y", option = "--description", value = "y" }
    ),
    things("service-accounts", {
      create = { "--name", "x", "--username", "x", "--containerOrn", APP, "--password-file", path "password" },
      key = "x",
      option = "--description",
      value = "y",
    }),
    bulk("accounts", "accounts.csv", "--max-deactivations", "100%"),
    bulk("users", "users.csv", "--max-deactivations", "100%"),
    { { words = { "groups", "create", "--displayName", "Security" } } },
    bulk("groups", "groups.csv", "--allow", "empty_groups"),
    bulk("service-accounts", "service.csv", "--max-deactivations", "100%"),
    {
      { words = { "recipe" }, is_local = true },
      { words = { "recipe", "check" }, is_recipe = true },
      done("provision-users", "--source", path "users.csv", "--journal", path "recipe.journal"),
      done("update-users", "--source", path "users.csv"),
      recipe("deactivate-users", "--source", path "users.csv", "--max-deactivations", "100%", "--dry-run"),
      done("push-group", "--group", "Platform"),
      done("unlink-keep-members", "--group", "Platform"),
      done("link-team", "--group", "Platform"),
      recipe("unlink-remove-members", "--group", "Platform", "--dry-run"),
      recipe(
        "service-account-key",
        "--email",
        "x@example.com",
        "--role",
        "Datadog Admin Role",
        "--file",
        path "key",
        "--dry-run"
      ),
      recipe("import-service-accounts", "--source", path "service.csv", "--dry-run"),
      { words = { "recipe", "drift" }, is_recipe = true, done = 5 },
    },
    {
      { words = { "journal", "list", path "accounts.journal" }, is_local = true },
      { words = { "journal", "check", path "accounts.journal" }, is_local = true },
      { words = { "journal", "repair", path "accounts.journal" }, is_local = true },
      { words = { "journal", "discard", path "recipe.journal", "--yes" }, is_local = true },
      { words = { "operations" }, is_local = true },
      { words = { "operations", "create_team" }, is_local = true },
    },
  }
end

--- start() -> what all is run against
function M.start()
  local self = setmetatable({ house = around.start() }, M)
  self.house:seed(SEED)
  for name, text in pairs(SOURCES) do
    files.write(self.house:path(name), text)
  end
  self.commands = {}
  for _, group in ipairs(commands_of(function(name) return self.house:path(name) end)) do
    for _, one in ipairs(group) do
      self.commands[#self.commands + 1] = one
    end
  end
  return self
end

function M:stop() self.house:stop() end

--- The environment of the sandbox, with some of it changed.
function M:environment(changes)
  local environment = command.environment(self.house.box)
  for name, value in pairs(changes or {}) do
    environment[name] = value
  end
  return environment
end

-- lists of words as one
local function with_json(...)
  local copy = { "--json" }
  for _, list in ipairs { ... } do
    for _, word in ipairs(list) do
      copy[#copy + 1] = word
    end
  end
  return copy
end

local function run(environment, words)
  return command.run(environment, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
end

--- Those that ask a service, whatever its address.
function M:asking()
  local list = {}
  for _, one in ipairs(self.commands) do
    if not (one.is_local or one.is_bound) then list[#list + 1] = one end
  end
  return list
end

-- each(way): calls visit(words, status that it has, status that is wanted)
local ways = {}
M.ways = ways

function ways.done(self, visit)
  for _, one in ipairs(self.commands) do
    visit(one.words, run(self:environment(), with_json(one.words)), one.done or 0)
  end
end

function ways.usage(self, visit)
  for _, one in ipairs(self.commands) do
    visit(one.words, run(self:environment(), with_json(one.words, { "--no-such-option" })), 2)
  end
end

function ways.network(self, visit)
  local url = "https://127.0.0.1:" .. serving.deaf_port()
  local environment = self:environment { DDOKTA_BASE_URL = url, OKTA_CLIENT_ORGURL = url }
  for _, one in ipairs(self:asking()) do
    visit(one.words, run(environment, with_json({ "--timeout", "0.2" }, one.words)), 1)
  end
end

function ways.unauthorised(self, visit)
  local environment =
    self:environment { DD_API_KEY = "wrong", DD_APP_KEY = "wrong", OKTA_CLIENT_TOKEN = "wrong" }
  for _, one in ipairs(self:asking()) do
    visit(one.words, run(environment, with_json(one.words)), 4)
  end
end

function ways.guard(self, visit)
  local empty = self.house:path "one.csv"
  files.write(empty, "userName\nnobody@example.com\n")
  for _, words in ipairs {
    { "users", "import", empty, "--prune", "--yes" },
    { "users", "plan", empty, "--prune" },
    { "recipe", "deactivate-users", "--source", empty, "--yes" },
    { "recipe", "deactivate-users", "--source", empty, "--dry-run" },
    { "accounts", "create", "--name", "a", "--domain", "https://a.okta.com/", "--auth-method", "oauth" },
  } do
    visit(words, run(self:environment(), with_json(words)), 3)
  end
end

-- A server that takes connections and says nothing; all commands at once, for each waits until its Ctrl-C.
function ways.interrupted(self, visit)
  local silent = assert(socket.bind("127.0.0.1", 0, 200))
  local _, port = silent:getsockname()
  local url = "http://127.0.0.1:" .. port
  local environment = self:environment { DDOKTA_BASE_URL = url, OKTA_CLIENT_ORGURL = url }
  local list, script = self:asking(), {}
  for i, one in ipairs(list) do
    local base = self.house:path("interrupted" .. i)
    script[i] = ("(timeout --preserve-status -s INT 5 %s </dev/null >%s.out 2>%s.err; echo $? >%s.status) &"):format(
      command.line(with_json(one.words), environment),
      base,
      base,
      base
    )
  end
  command.shell(table.concat(script, "\n") .. "\nwait")
  silent:close()
  for i, one in ipairs(list) do
    local base = self.house:path("interrupted" .. i)
    local result =
      { status = tonumber(files.read(base .. ".status")), out = files.read(base .. ".out"), err = "" }
    require("spec.support.documents").check(with_json(one.words), result)
    visit(one.words, result, 130)
  end
end

return M
