-- lua/ddokta/bulk/conflicts.lua: what a name means already. What a group would take over is
-- kinds/scim_groups_spec.lua's.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"

local server, dd

local function plan(rows, options) return assert(bulk.plan(dd, "okta_accounts", bulk.read(rows), options)) end

-- "action key" of each step
local function steps(result)
  local list = {}
  for step in result:each() do
    list[step.number] = step.action .. " " .. step.key
  end
  return list
end

local account = box.account

describe("a row in conflict", function()
  setup(function()
    server, dd = box.start()
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("is in conflict with two of one name, and with a case variant", function()
    box.reset(server, { account "twin", account "twin", account "Acme" })
    local result = plan { account "twin", account "ACME", account "fine" }
    assert.same({ "conflict twin", "conflict ACME", "create fine" }, steps(result))
    assert.truthy(result:step(1).reason:find("2 Okta accounts have this name", 1, true))
    assert.truthy(result:step(2).reason:find("'Acme'", 1, true))
  end)

  it("means the account of this very name, whatever reads like it", function()
    box.reset(server, { account "Acme", account "acme" })
    local result = plan({ account "acme" }, { prune = true, max_deactivations = "100%" })
    assert.same({ "unchanged acme" }, steps(result))
    assert.truthy(result.note:find("1 Okta account that no row means", 1, true))
    assert.same({ "unchanged Acme", "unchanged acme" }, steps(plan { account "Acme", account "acme" }))
  end)

  local CYRILLIC_A, DECOMPOSED = "\208\176", "E\204\129cole"
  local alike = {
    { "Ada", CYRILLIC_A .. "da", "reads alike, with U+0041 where this one has U+0430" },
    { "École", DECOMPOSED, "reads alike, with U+00C9 where this one has U+0045 U+0301" },
    { "École", "Ecole", "reads alike, with U+00C9 where this one has U+0045" },
    { "Ada", "ADA", "differs in letter case only" },
    { "Ada Byron", "Ada  Byron", "reads alike, with nothing where this one has U+0020" },
    { "Ada Byron", "Ada\194\160Byron", "reads alike, with U+0020 where this one has U+00A0" },
    { "Ada\226\128\139", "Ada", "reads alike, with U+200B where this one has nothing" },
    { "\239\188\161da", "Ada", "reads alike, with U+FF21 where this one has U+0041" },
  }
  for i, case in ipairs(alike) do
    it("never makes a second one of what reads alike: " .. i, function()
      box.reset(server, { account(case[1], { domain = "https://x.okta.com/" }) })
      local other = account(case[2], { domain = "https://x.okta.com/" })
      local result = plan({ other }, { prune = true, max_deactivations = "100%" })
      assert.same({ "conflict " .. case[2] }, steps(result))
      local reason = "there is '%s', which %s: use that spelling, or delete it first"
      assert.same(reason:format(case[1], case[3]), result:step(1).reason)
    end)
  end

  it("is in conflict with two rows that read alike, unless the service has them", function()
    box.reset(server, { account "other" })
    local rows = { account "Acme", account("\208\144cme", { domain = "https://x.okta.com/" }) }
    local result = plan(rows)
    assert.same({ "conflict Acme", "conflict " .. rows[2].name }, steps(result))
    assert.same(
      "'Acme' at table row 1 reads alike, with U+0041 where this one has U+0410: which one is " .. "meant?",
      result:step(2).reason
    )
    box.reset(server, rows)
    assert.same(2, plan(rows).counts.unchanged)
    box.reset(server, { rows[1] })
    assert.same({ "unchanged Acme", "conflict " .. rows[2].name }, steps(plan(rows)))
  end)
end)
