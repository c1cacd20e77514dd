-- lua/ddokta/recipes/service_account_key.lua: who gets the key, who never sees it, and what becomes of one
-- that nobody could keep.
local around = require "spec.lua.recipes.around"
local ddokta = require "ddokta"
local recipes = require "ddokta.recipes"

local ADMIN = "Datadog Admin Role"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local write = require("spec.support.files").write

local function mode(path)
  local pipe = io.popen("stat -c %a '" .. path .. "'")
  local text = pipe:read "*l"
  pipe:close()
  return text
end

describe("recipes.service_account_key", function()
  local house, path

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed {}
    path = house:path "okta.key"
    for _, suffix in ipairs { "", ".journal" } do
      os.remove(path .. suffix)
    end
  end)

  local function make(args, dd)
    local all = { email = "svc@example.com", role = ADMIN, interval = 0.02, timeout = 2, file = path }
    for name, value in pairs(args or {}) do
      all[name] = value or nil
    end
    return recipes.service_account_key(dd or house.dd, nil, all)
  end

  -- {service accounts, application keys} besides the sandbox's own
  local function counts()
    local state, accounts = house:state(), 0
    for _, user in ipairs(state.users) do
      accounts = accounts + (user.service_account and 1 or 0)
    end
    return { accounts - 1, state.application_key_count - 1 }
  end

  it("makes an account with the role and puts a key that works into a file of ours alone", function()
    local report = assert(make())
    assert.same({ "done", "account", "key" }, { report.outcome, report.steps[1].key, report.steps[2].key })
    assert.equal("600", mode(path))
    local key = assert(read(path):match "^(%x+)\n$")
    local options = house:options()
    options.api_key, options.app_key, options.bearer_token = nil, nil, key
    local okta_as_it_will_be = assert(ddokta.client(options))
    assert.is_table(okta_as_it_will_be:list_scim_users { startIndex = 1, count = 2 })
    local user = assert(okta_as_it_will_be:get_current_user())
    assert.same({ true, "svc@example.com", "Okta SCIM" }, { user.service_account, user.email, user.name })
    okta_as_it_will_be:close()
  end)

  it("shows the key nowhere else", function()
    local report = assert(make { journal = path .. ".journal" })
    local key = read(path):match "%x+"
    for _, text in ipairs { tostring(report), report:to_json(), read(path .. ".journal") } do
      assert.is_nil(text:find(key, 1, true))
    end
  end)

  it("says what to paste where, since that screen has no API", function()
    local text = table.concat(assert(make()).advice, "\n")
    assert.matches("Base URL: " .. house.box.base_url .. "/api/v2/scim", text, 1, true)
    assert.matches("API Token: what is in " .. path, text, 1, true)
    assert.matches("Create Users, Update User Attributes, Deactivate Users", text, 1, true)
  end)

  it("does nothing the second time", function()
    assert(make())
    local key, before = read(path), house:changes()
    assert.equal("nothing to do", assert(make()).outcome)
    assert.same({ key, before }, { read(path), house:changes() })
  end)

  it("changes nothing in a dry run", function()
    local before = house:changes()
    assert.equal(2, #assert(make { dry_run = true }).steps)
    assert.is_nil(read(path))
    assert.equal(before, house:changes())
  end)

  it("hands the key to a function instead", function()
    local got, about
    local report = assert(make {
      file = false,
      sink = function(key, facts)
        got, about = key, facts
        return true
      end,
    })
    assert.equal(40, #got)
    assert.equal(got:sub(-4), about.last4)
    assert.is_nil(tostring(report):find(got, 1, true))
    assert.is_nil(read(path))
  end)

  it("deletes the key again where the function does not take it", function()
    local seen
    local function go(sink)
      local _, err = make { file = false, sink = sink }
      return err
    end
    local err = go(function(key)
      seen = key
      return nil, "the vault is closed for " .. key
    end)
    assert.equal("config", err.kind)
    assert.matches("the vault is closed for ***; the key was deleted again", err.message, 1, true)
    assert.is_nil((tostring(err) .. tostring(err.report)):find(seen, 1, true))
    err = go(function(key)
      seen = key
      error("no " .. key)
    end)
    assert.matches("the key was deleted again", err.message)
    assert.is_nil((tostring(err) .. tostring(err.report)):find(seen, 1, true))
    assert.matches("did not answer true", go(function() end).message)
    assert.same({ 1, 0 }, counts())
  end)

  it("names the key that could not be deleted again", function()
    house:fault {
      method = "DELETE",
      path = "/api/v2/service_accounts/{account}/application_keys/{key}",
      status = 403,
    }
    local _, err = make { file = false, sink = function() return false end }
    assert.matches("could not be deleted again", err.message)
    assert.matches("delete it by hand", err.message)
  end)

  it("makes no account where the key cannot be kept", function()
    local _, err = make { file = house:path "nowhere/okta.key" }
    assert.equal("config", err.kind)
    assert.matches("cannot write", err.message)
    for _, device in ipairs { "/dev/full", house:path "" } do -- never read: one has no end
      local refused = select(2, make { file = device })
      assert.equal("config", refused.kind)
      assert.matches("no file that a key can be kept in", refused.message)
    end
    assert.same({ 0, 0 }, counts())
  end)

  it("deletes the key again where the disk does not take it", function()
    local system = require("ddokta.core").system
    local true_write = system.write
    finally(function() system.write = true_write end)
    system.write = function() return nil, "No space left on device" end
    local _, err = make()
    assert.matches("No space left on device; the key was deleted again", err.message, 1, true)
    assert.is_nil(read(path))
    assert.same({ 1, 0 }, counts())
  end)

  it("overwrites no file, and follows no link", function()
    write(path, "something else\n")
    local _, err = make()
    assert.same({ 0, 0 }, counts())
    assert.is_nil(err.report.steps[1])
    -- there is no account yet whose key it might hold
    assert.same({ "conflict", "file" }, { err.kind, err.code })
    assert.equal("something else\n", read(path))
    os.remove(path)
    os.execute(("ln -s '%s' '%s'"):format(house:path "target", path))
    _, err = make()
    os.remove(path)
    assert.matches("cannot make", err.message)
    assert.is_nil(read(house:path "target"))
  end)

  it("refuses a key whose value nobody has, and replaces it where that is said", function()
    assert(make())
    os.remove(path)
    local before = house:changes()
    local _, err = make()
    assert.same({ "conflict", "guard" }, { err.kind, err.code })
    assert.matches("say replace_lost", err.message)
    assert.equal(before, house:changes())
    assert(make { replace_lost = true })
    assert.same({ 1, 1 }, counts())
    assert.truthy(read(path))
  end)

  it("leaves a second key of that name alone, and warns of it", function()
    assert(make())
    local id = assert(house.dd:list_users { filter = "svc@example.com" })[1].id
    assert(house.dd:create_service_account_application_key(id, { name = "Okta SCIM" }))
    local report = assert(make())
    assert.equal("nothing to do", report.outcome)
    assert.matches("there are more keys 'Okta SCIM'", report.warnings[1], 1, true)
    assert.same({ 1, 2 }, counts())
  end)

  local REFUSED = {
    {
      "a role that may not do it",
      { role = "Datadog Standard Role" },
      "conflict",
      "lacks user_access_manage",
    },
    { "a role that there is not", { role = "Nobody" }, "not_found", "there is no role 'Nobody'" },
    { "neither file nor function", { file = false }, "config", "either a file or a sink" },
  }

  for _, row in ipairs(REFUSED) do
    it("refuses " .. row[1], function()
      local before = house:changes()
      local _, err = make(row[2])
      assert.equal(row[3], err.kind)
      assert.matches(row[4], err.message, 1, true)
      assert.equal(before, house:changes())
    end)
  end

  it("refuses one of two accounts, and one that is disabled", function()
    local account = { email = "svc@example.com", name = "A", service_account = true, roles = { ADMIN } }
    local other = { email = "svc@example.com", name = "B", service_account = true, status = "Disabled" }
    house:seed { users = { account, other } }
    local _, err = make()
    assert.equal("ambiguous", err.code)
    _, err = make { name = "B" }
    assert.equal("disabled", err.code)
    assert.equal("key", assert(make { name = "A" }).steps[1].key)
  end)

  it("gives an account that is there the role that it lacks, by name or id", function()
    house:seed { users = { { email = "svc@example.com", service_account = true } } }
    local id = house.dd:list_roles { filter = "Admin" }[1].id
    local report = assert(make { role = id })
    assert.same({ "role", "done" }, { report.steps[1].key, report.steps[1].outcome })
    assert.same({ 1, 1 }, counts())
  end)

  it("finds the account that a lost answer has made", function()
    house:fault { method = "POST", path = "/api/v2/service_accounts", reset = "connection", when = "after" }
    assert(make())
    assert.same({ 1, 1 }, counts())
  end)

  it("deletes the key whose answer was lost, and makes another the next time", function()
    house:fault {
      method = "POST",
      path = "/api/v2/service_accounts/{account}/application_keys",
      reset = "connection",
      when = "after",
    }
    local report, err = make()
    assert.is_nil(report)
    assert.equal("network", err.kind)
    assert.same({ 1, 0 }, counts())
    assert.is_nil(read(path))
    assert(make())
    assert.same({ 1, 1 }, counts())
  end)

  it("goes on where it was killed, between any two calls, with a journal", function()
    local args = {
      email = "svc@example.com",
      role = ADMIN,
      interval = 0.01,
      timeout = 2,
      file = path,
      journal = path .. ".journal",
    }
    local function start()
      house:seed {}
      os.remove(path)
      os.remove(args.journal)
    end
    local ends = house:end_everywhere(start, function(dd, _, should_stop)
      args.should_stop = should_stop
      return recipes.service_account_key(dd, nil, args)
    end, function(_, n)
      assert.same({ 1, 1 }, counts(), "ended before call " .. n)
      assert.equal(41, #read(path), "ended before call " .. n)
    end)
    assert.is_true(ends >= 8, ends .. " ends")
  end)

  it("goes on where its process was killed", function()
    local args = {
      email = "svc@example.com",
      role = ADMIN,
      interval = 0.01,
      timeout = 2,
      file = path,
      journal = path .. ".journal",
    }
    local n, died = 2, true
    while died do
      n = n + 2
      house:seed {}
      os.remove(path)
      os.remove(args.journal)
      died = house:killed("service_account_key", n, args)
      assert(recipes.service_account_key(house.dd, nil, args))
      assert.same({ 1, 1 }, counts(), "killed before call " .. n)
      assert.equal(41, #read(path), "killed before call " .. n)
    end
  end)

  it("replaces a key that a killed run made and could not keep, where the journal says so", function()
    local args = { journal = path .. ".journal" }
    local dd = around.mortal(house.dd, function() end)
    local create = dd.create_service_account_application_key
    rawset(dd, "create_service_account_application_key", function(_, ...)
      assert(create(dd, ...))
      error("killed", 0) -- after the key was made, before it was kept
    end)
    assert.is_false((pcall(make, args, dd)))
    collectgarbage()
    collectgarbage()
    assert.same({ 1, 1 }, counts())
    assert.equal("", read(path))
    assert(make(args))
    assert.same({ 1, 1 }, counts())
    assert.equal(41, #read(path))
  end)

  it("knows from the journal that the function has the key", function()
    local args = { file = false, journal = path .. ".journal", sink = function() return true end }
    assert(make(args))
    args.sink = function() error "not again" end
    assert.equal("nothing to do", assert(make(args)).outcome)
    args.journal = nil
    local _, err = make { file = false, sink = args.sink }
    assert.equal("guard", err.code)
  end)
end)
