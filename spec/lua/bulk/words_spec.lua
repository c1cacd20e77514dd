-- lua/ddokta/bulk/words.lua: kinds, changes and options in words.
local kinds = require "ddokta.bulk.kinds"
local words = require "ddokta.bulk.words"

local users, accounts = assert(kinds.get "scim_users"), assert(kinds.get "okta_accounts")

local function update(fields) return { action = "update", changes = fields } end

describe("bulk.words", function()
  it("calls kinds as the command does", function()
    for _, row in ipairs(require "ddokta.cli.commands") do
      if type(row.kind) == "string" then assert.same(row.name, words.label(row.kind)) end
    end
    assert.same("nothing of ours", words.label "nothing of ours")
  end)

  it("says how many", function()
    assert.same("1 user", words.amount(1, users))
    assert.same("0 Okta accounts", words.amount(0, accounts))
    assert.same("a, b", words.listed { "a", "b" })
    assert.same("1, 2, 3, 4, 5 and 2 more", words.listed { "1", "2", "3", "4", "5", "6", "7" })
    assert.same("1 and 1 more", words.listed({ "1", "2" }, 1))
    assert.same("a and 8 more", words.listed({ "a" }, 5, 9))
    assert.same("", words.listed {})
  end)

  it("says what a change does to a thing of this kind", function()
    local off, on =
      { field = "active", old = true, new = false }, { field = "active", old = false, new = true }
    assert.same("deactivate", words.verb(users, { action = "delete" }))
    assert.same("delete", words.verb(accounts, { action = "delete" }))
    assert.same("deactivate", words.verb(users, update { { field = "title" }, off }))
    assert.same("reactivate", words.verb(users, update { on }))
    assert.same("update", words.verb(users, update { { field = "title", new = "x" } }))
    assert.same(
      "create",
      words.verb(users, { action = "create", changes = { { field = "active", new = false } } })
    )
    assert.same("delete", words.verb(nil, { action = "delete" }))
  end)

  it("says the same of a row, which has no list of changes", function()
    local function row(old, new) return { action = "update", old = { active = old }, new = { active = new } } end
    assert.same("deactivate", words.verb(users, row(true, false)))
    assert.same("reactivate", words.verb(users, row(false, true)))
    assert.same("update", words.verb(users, row(true, true)))
    assert.same("update", words.verb(users, row(true, nil)))
    assert.same("update", words.verb(users, { action = "update" }))
  end)

  it("counts what is ended by a row with what the source does not have", function()
    local plan = {
      kind = "scim_users",
      deactivations = 1,
      reactivations = 2,
      counts = { create = 1, update = 7, delete = 101 },
    }
    assert.same(
      { "1 user to create", "4 to update", "2 to reactivate", "102 to deactivate" },
      words.to_do(plan)
    )
    assert.same({ "1 created", "4 updated", "2 reactivated", "102 deactivated" }, words.done(plan))
    plan = { kind = "okta_accounts", counts = { create = 0, update = 0, delete = 2 } }
    assert.same({ "2 Okta accounts to delete" }, words.to_do(plan))
  end)

  it("names options as they are given where they are read", function()
    assert.same("say --no-such or --force", words.spell("say {no_such} or {force}", "command"))
    assert.same("say no_such = true", words.spell("say {no_such}", "lua"))
    assert.same("say no_such = true", words.spell "say {no_such}")
  end)
end)
