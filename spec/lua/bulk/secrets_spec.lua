-- lua/ddokta/bulk/secrets.lua: how a change carries its secrets, and which of them the service has.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local fingerprints = require "ddokta.bulk.fingerprints"
local json = require("ddokta.core").json
local secrets = require "ddokta.bulk.secrets"

local account = box.account
local server, dd

local function keyed(name, secret, changes)
  changes = changes or {}
  changes.client_secret = secret
  return account(name, changes)
end

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

local function apply(rows, options) return assert(bulk.apply(dd, plan(rows), options)) end

--- "update 1": what a plan would do with the first row, and how many secrets nobody knows
local function judged(rows, options)
  local made = plan(rows, options)
  return ("%s %d"):format(made:step(1).action, made.counts.uncompared or 0)
end

--- What the store at the default place knows.
local function state(name, secret)
  local kept = assert(bulk.fingerprints(dd, "okta_accounts"))
  local found = kept:state(name, { client_secret = secret })
  assert(kept:close())
  return found
end

describe("the secrets of a change", function()
  it("are told to who asks for one by its name, and shown nowhere", function()
    local change = secrets.attach({ key = "a" }, { client_secret = "long-secret" })
    assert.same("long-secret", change:secret "client_secret")
    assert.is_nil(change:secret "api_key")
    assert.same('{"key":"a"}', json.encode(change))
    assert.same("key", next(change))
    assert.is_nil(next(change, "key"))
    assert.is_nil(secrets.attach({}, nil).secret)
  end)

  it("are taken out of a text, whatever characters they have", function()
    local change = secrets.attach({}, { client_secret = "a.b%c*[d", api_key = "long-key" })
    assert.same("x (secret) y (secret)(secret) z", change:scrub "x a.b%c*[d y long-keylong-key z")
    assert.same("aXb%c*[d", change:scrub "aXb%c*[d")
    assert.same("it", secrets.attach({}, { api_key = "it" }):scrub "it") -- too short to be told from words
  end)
end)

describe("bulk.secrets", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
  end)
  teardown(function() server:stop() end)
  before_each(function()
    box.reset(server, {})
    local kept = assert(bulk.fingerprints(dd, "okta_accounts"))
    for _, name in ipairs { "a", "b", "c" } do
      assert(kept:forget(name))
    end
    assert(kept:close())
  end)

  it("knows what bulk.apply has sent, and says what nobody knows", function()
    local report = apply { keyed("a", "one"), account "b" }
    assert.is_nil(report.note)
    assert.equal("unchanged 0", judged { keyed("a", "one") })
    assert.equal("update 0", judged { keyed("a", "two") })
    assert.equal("update 0", judged { keyed("b", "two") }) -- which was made without
    assert.equal("unchanged 1", judged({ keyed("a", "two") }, { fingerprints = false }))
    assert.equal("update 0", judged({ keyed("a", "two") }, { fingerprints = false, rotate_secrets = true }))
    box.reset(server, { account "c" })
    assert.equal("unchanged 1", judged { keyed("c", "two") })
    local made = plan { keyed("c", "two") }
    report = assert(bulk.apply(dd, made))
    assert.equal(1, report.counts.uncompared)
    assert.equal(made.note, report.note)
    assert.matches("what was sent last is not known here %(rotate_secrets = true sends them%)", made.note)
  end)

  it("keeps nothing, and looks nowhere, where that is not wanted", function()
    assert(bulk.apply(dd, plan({ keyed("a", "one") }, { fingerprints = false }), { fingerprints = false }))
    assert.equal("unknown", state("a", "one"))
  end)

  it("knows another thing of the same name, and one that somebody changed, for what it is", function()
    apply { keyed("a", "one") }
    local accounts = box.accounts(server)
    assert(
      dd:update_okta_account(
        accounts.a.id,
        { auth_method = "oauth", domain = accounts.a.domain, client_secret = "theirs" }
      )
    )
    assert.equal("unchanged 1", judged { keyed("a", "one") })
    -- an update without secrets does not make them known again
    apply { account("a", { client_id = "other" }) }
    assert.equal("unchanged 1", judged { keyed("a", "one", { client_id = "other" }) })
    apply { keyed("a", "one", { client_id = "third" }) }
    assert.equal("unchanged 0", judged { keyed("a", "one", { client_id = "third" }) })
    apply { account("a", { client_id = "fourth" }) } -- and one of ours does not make them unknown
    assert.equal("unchanged 0", judged { keyed("a", "one", { client_id = "fourth" }) })
    assert(dd:delete_okta_account(box.accounts(server).a.id))
    assert(dd:create_okta_account(account "a"))
    assert.equal("unchanged 1", judged { keyed("a", "one") })
  end)

  it("takes no secret for the last one after an answer that was lost", function()
    apply { keyed("a", "one") }
    local made = plan { keyed("a", "two") }
    box.fault(server, { method = "PATCH", reset = "stream", when = "after", times = "always" })
    box.fault(
      server,
      { method = "GET", path = "/api/v2/integrations/okta/accounts", status = 400, times = "always" }
    )
    assert.equal("unknown", assert(bulk.apply(dd, made)).rows[1].outcome)
    box.admin(server, "DELETE", "faults")
    assert.equal("other", state("a", "one"))
    assert.equal("other", state("a", "two"))
    apply { keyed("a", "one") }
    assert.equal("same", state("a", "one"))
  end)

  it("knows that a refused secret did not arrive", function()
    apply { keyed("a", "one") }
    local made = plan { keyed("a", "two") }
    box.fault(server, { method = "PATCH", status = 400 })
    assert.equal("failed", assert(bulk.apply(dd, made)).rows[1].outcome)
    assert.equal("unchanged 0", judged { keyed("a", "one") })
    assert.equal("update 0", judged { keyed("a", "two") })
  end)

  it("has it on the disk before a secret is sent that the last one counts no more", function()
    apply { keyed("a", "one") }
    local seen
    local watched = setmetatable({
      update_okta_account = function(_, ...)
        seen = state("a", "one")
        return dd:update_okta_account(...)
      end,
    }, { __index = dd })
    assert(bulk.apply(watched, plan { keyed("a", "two") }))
    assert.equal("other", seen)
    assert.equal("same", state("a", "two"))
    watched = setmetatable({
      delete_okta_account = function(_, ...)
        seen = state("a", "two")
        return dd:delete_okta_account(...)
      end,
    }, { __index = dd })
    assert(bulk.apply(watched, plan({ account "b" }, { prune = true, max_deactivations = "100%" })))
    assert.equal("unknown", seen)
  end)

  it("goes on without a place for fingerprints, and says so", function()
    local getenv = os.getenv
    os.getenv = function(name) -- luacheck: ignore 122
      return name ~= "HOME" and name ~= "XDG_STATE_HOME" and getenv(name) or nil
    end
    finally(function() os.getenv = getenv end) -- luacheck: ignore 122
    local report = apply { keyed("a", "one") }
    assert.equal(1, report.counts.create)
    assert.matches("it is not kept which secrets were sent: no place for the key", report.note)
    local made = plan { keyed("a", "one") }
    assert.matches("^1 secret was not compared: .* no place for the key of fingerprints", made.note)
  end)

  it("asks no more and opens nothing for things without secrets", function()
    local asked = 0
    local client = setmetatable({
      get_current_user = function()
        asked = asked + 1
        return dd:get_current_user()
      end,
    }, { __index = dd })
    local made = assert(bulk.plan(client, "scim_users", bulk.read { { userName = "z@example.com" } }))
    assert.is_nil(made.counts.uncompared)
    assert.equal(1, assert(bulk.apply(client, made)).counts.create)
    made = assert(bulk.plan(client, "okta_accounts", bulk.read { account "a" }))
    assert(bulk.apply(client, made, { dry_run = true }))
    assert.equal(2, asked) -- for the header of each plan
  end)

  it("has the names of a kind's secrets", function()
    local kinds = require "ddokta.bulk.kinds"
    assert.same({ "client_secret", "api_key" }, fingerprints.fields(kinds.get "okta_accounts"))
    assert.same({}, fingerprints.fields(kinds.get "scim_groups"))
  end)
end)
