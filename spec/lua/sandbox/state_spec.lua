-- lua/ddokta/sandbox/state.lua
local datadog = require "spec.lua.sandbox.datadog"
local state_of = require "ddokta.sandbox.state"

describe("the sandbox's state", function()
  it("takes a plain list for the accounts, and says what is no seed", function()
    assert.same({ okta_accounts = { 1 } }, state_of.seed_of { 1 })
    assert.same({ users = {} }, state_of.seed_of { users = {} })
    for message, seed in pairs {
      ["the seed must be a table"] = 5,
      ['a seed has no part "pets"'] = { pets = {} },
      ["users of the seed must be a table"] = { users = 5 },
    } do
      local given, problem = state_of.seed_of(seed)
      assert.is_nil(given)
      assert.equal(message, problem)
    end
  end)

  it("is replaced by a seed that is right, and left alone by one that is not", function()
    local state = datadog.new({ users = { { email = "ann@example.com" } } }).state
    assert.is_true(state_of.set_seed(state, { users = { { email = "bob@example.com" } } }))
    assert.is_table(state.users:find("handle", "bob@example.com"))
    assert.is_nil(state.users:find("handle", "ann@example.com"))
    assert.is_nil(state_of.set_seed(state, { teams = {}, users = { {} } }))
    assert.is_table(state.users:find("handle", "bob@example.com"))
  end)

  it("is as it was at the start after a reset", function()
    local state = datadog.new({ users = { { email = "ann@example.com" } } }, { limit = 5 }).state
    state.settings.limit = 6
    state_of.set_seed(state, {})
    state_of.reset(state)
    assert.equal(5, state.settings.limit)
    assert.is_table(state.users:find("handle", "ann@example.com"))
  end)

  it("says what is wrong with a seed without making a sandbox", function()
    local settings = require("ddokta.sandbox.settings").defaults()
    assert.is_nil(state_of.seed_problem(settings, {}))
    assert.matches("^account 1: ", state_of.seed_problem(settings, { { domain = "https://a/" } }))
  end)
end)
