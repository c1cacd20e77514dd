-- lua/ddokta/bulk/guards.lua: what trips each guard, what does not, and what lets it pass.
local guards = require "ddokta.bulk.guards"

local function users(facts)
  facts.noun, facts.plural, facts.is_deactivation, facts.source = "user", "users", true, "u.csv"
  facts.rows, facts.met = facts.rows or 100, facts.met or 100
  return facts
end

local function accounts(facts)
  users(facts)
  facts.noun, facts.plural, facts.is_deactivation = "Okta account", "Okta accounts", false
  return facts
end

local function group(key, lost, members, remaining)
  return { key = key, lost = lost, members = members, remaining = remaining }
end

local one_of_nine = { deletions = 1, active = 9, service = 9 }

-- guard, what trips it, the words, what it takes to pass, what does not trip it
local cases = {
  {
    "deactivations",
    users { deletions = 3, active = 20, service = 100 },
    "3 of 20 active users would be deactivated, more than the limit of 10%: if that is meant, say "
      .. "allow = { deactivations = 3 }",
    "15%",
    {
      users { deletions = 2, active = 20, service = 20 },
      users { active = 0, service = 0, rows = 0, met = 0 },
      users { deletions = 10, active = 100, service = 100 },
    },
  },
  {
    "deactivations",
    users { deletions = 1, deactivations = 2, active = 20, service = 20 },
    "3 of 20 active users would be deactivated (1 that the source does not have, 2 by what their rows say), "
      .. "more than the limit of 10%",
    3,
    { users { deactivations = 2, active = 20, service = 20 } },
  },
  {
    "deactivations",
    accounts(one_of_nine),
    "1 of 9 Okta accounts would be deleted",
    true,
    { accounts { deletions = 1, active = 10, service = 10 } },
  },
  {
    "empty_source",
    users { rows = 0, met = 0, deletions = 7, active = 100, service = 100 },
    "u.csv has no rows: that would deactivate all 7 users (see why it is empty): if that is meant, say "
      .. "allow = { empty_source = true }",
    true,
    {
      users { rows = 0, met = 0, active = 100, service = 100 },
      users { deletions = 1, active = 100, rows = 1 },
    },
  },
  {
    "empty_service",
    users { service = 0, met = 0, known = 2 },
    "the service has no users at all, and 2 rows of the source were there once: another organisation, or a "
      .. "list that may not be read",
    true,
    { users { service = 0, met = 0, known = 0 }, users { service = 1, known = 2 } },
  },
  {
    "foreign_source",
    accounts { rows = 40, service = 30, met = 2, deletions = 2, active = 30 },
    "hardly a key is on both sides (2 of the source's 40 rows and the service's 30 Okta accounts), as if one "
      .. "of them were another organisation's, and 2 would be deleted",
    true,
    {
      accounts { rows = 40, service = 30, met = 3, deletions = 2, active = 30 },
      accounts { rows = 40, service = 30, met = 0, active = 30 },
      accounts { rows = 1, service = 30, met = 0, deletions = 3, active = 30 },
    },
  },
  {
    "member_removals",
    { losses = { group("A", 20, 30, 10), group("B", 10, 70, 60) }, members = 100 },
    "30 of 100 members would be taken out of their groups, more than the limit of 25%",
    "70%",
    {
      { losses = { group("A", 25, 100, 75) }, members = 100 },
      { losses = { group("A", 1, 2, 1) }, members = 2 },
    },
  },
  {
    "member_removals",
    { losses = { group("A", 6, 8, 2) }, members = 1000 },
    "the group 'A' would lose 6 of its 8 members, more than the limit of 25%",
    6,
    { { losses = { group("A", 5, 8, 3) }, members = 1000 } },
  },
  {
    "member_removals",
    { losses = { group("A", 40, 40) }, members = 100 },
    "40 of 100 members would be taken out of their groups",
    "40%",
    { { losses = { group("A", 20, 20) }, members = 100 } },
  },
  {
    "empty_groups",
    { losses = { group("A", 1, 1, 0), group("B", 2, 2, 0) }, members = 1000 },
    "nobody would be left in 2 groups: 'A', 'B': if that is meant, say allow = { empty_groups = 2 }",
    2,
    { { losses = { group("A", 1, 1, 1), group("B", 1, 1) }, members = 1000 } },
  },
  {
    "self",
    { own = { "ada, whose keys these are, would be deactivated" } },
    "ada, whose keys these are, would be deactivated: if that is meant, say allow = { self = true }",
    true,
    { { own = {} } },
  },
  {
    "take_over",
    {
      taken = {
        { name = "Ops", lost = { "a", "b", "c", "d", "e", "f", "g" } },
        { name = "Dev", lost = {} },
      },
    },
    "2 teams, which nobody manages from outside, would be taken over: 'Ops' (a, b, c, d, e and 2 more would "
      .. "no longer be in it), 'Dev'",
    2,
    { { taken = {} } },
  },
  {
    "failed_creates",
    accounts { deletions = 2, failed = 1, active = 100, service = 100 },
    "2 Okta accounts would be deleted, and 1 has not been made which may be meant to replace them",
    true,
    { accounts { deletions = 2, failed = 0, active = 100 }, accounts { failed = 9, active = 100 } },
  },
  { "lost_keys", { lost_keys = "nobody has the key k" }, "nobody has the key k", true, { {} } },
}

local function names_of(tripped)
  local names = {}
  for i, one in ipairs(tripped or {}) do
    names[i] = one.guard
  end
  return names
end

describe("bulk.guards", function()
  for i, case in ipairs(cases) do
    local name, facts, words, enough, harmless = case[1], case[2], case[3], case[4], case[5]
    it(("%s trips, in words, and passes where that is allowed: %d"):format(name, i), function()
      local allowed = assert(guards.allowed())
      local one = assert(guards.trips(name, facts, allowed), "it does not trip")
      assert.same(name, one.guard)
      local text = guards.words({ one }, "lua")
      assert.truthy(text:find(words, 1, true), text)
      assert.is_nil(guards.trips(name, facts, assert(guards.allowed { [name] = enough })))
      for _, other in ipairs(harmless) do
        assert.is_nil(guards.trips(name, other, allowed))
      end
      -- what its own words say lets it pass, and no other guard's leave does
      local others = {}
      for _, guard in ipairs(guards.list) do
        others[guard.name] = guard.name ~= name or nil
      end
      assert.same({ name }, names_of(guards.judge(facts, assert(guards.allowed(others)))))
      assert.is_nil(
        guards.trips(
          name,
          facts,
          assert(
            guards.allowed { [name] = one.measure > 0 and text:match("= (%d+) }$") and one.measure or true }
          )
        )
      )
    end)
  end

  it("has a case for each of its rows, and words for people in each", function()
    local seen = {}
    for _, case in ipairs(cases) do
      seen[case[1]] = true
    end
    for _, guard in ipairs(guards.list) do
      assert.is_true(seen[guard.name], guard.name)
      assert.is_string(guard.measures)
    end
  end)

  it("is told to people, row by row", function()
    local file = assert(io.open("doc/bulk.md"))
    local page = file:read("*a")
    file:close()
    for _, guard in ipairs(guards.list) do
      local row = page:match("\n| `" .. guard.name .. "` | [^\n]+")
      assert.is_string(row, guard.name)
      if guard.limit then assert.truthy(row:find("| " .. guard.limit .. " |", 1, true), row) end
    end
  end)

  it("names all that trip, in the order of the table", function()
    local facts = users { rows = 0, met = 0, deletions = 20, active = 20, service = 20, own = { "you" } }
    assert.same(
      { "deactivations", "empty_source", "self" },
      names_of(guards.judge(facts, assert(guards.allowed())))
    )
    assert.is_nil(guards.judge(users { deletions = 1, active = 20, service = 20 }, assert(guards.allowed())))
  end)

  it("says an option by the name that it has where it is read", function()
    local facts = users { deletions = 3, active = 20, service = 20, own = { "you go" } }
    local tripped = guards.judge(facts, assert(guards.allowed()))
    local text = guards.words(tripped, "command")
    assert.truthy(
      text:find("say --allow deactivations=3; you go: if that is meant, say --allow self", 1, true)
    )
    guards.named(tripped, { deactivations = { "max_deactivations" }, self = { "boldly", true } })
    text = guards.words(tripped, "command")
    assert.truthy(text:find("say --max-deactivations 3; you go: if that is meant, say --boldly", 1, true))
    text = guards.words(tripped, "lua")
    assert.truthy(text:find("max_deactivations = 3; you go: if that is meant, say boldly = true", 1, true))
    local err = guards.error(tripped, "lua")
    assert.same({ "conflict", "guard", tripped, text }, { err.kind, err.code, err.guards, err.message })
  end)

  it("reads numbers and percentages", function()
    assert.same({ count = 20 }, guards.parse(20))
    assert.same({ count = 20 }, guards.parse("20"))
    assert.same({ percent = 10 }, guards.parse("10%"))
    assert.same({ percent = 2.5 }, guards.parse("2.5%"))
    assert.same({ count = 0 }, guards.parse(0))
    for _, bad in ipairs { -1, 1.5, "x", "", "%", "101%", "-5%", "1e9%", true, {} } do
      assert.is_nil((guards.parse(bad)), tostring(bad))
    end
  end)

  local refused = {
    { { sefl = true }, "there is no guard 'sefl', did you mean 'self'?" },
    { { deactivation = 1 }, "there is no guard 'deactivation', did you mean 'deactivations'?" },
    { { [1] = "self" }, "there is no guard '1' (known: deactivations, empty_source," },
    { { self = 1 }, "self: true is wanted" },
    { { self = "10%" }, "self: true is wanted" },
    { { empty_groups = "10%" }, "empty_groups: a number, or true is wanted" },
    { { deactivations = "many" }, 'deactivations: a number, a percentage such as "10%", or true is wanted' },
    { { deactivations = 0 / 0 }, "deactivations: a number" },
    { { member_removals = {} }, "member_removals: a number" },
  }
  for i, case in ipairs(refused) do
    it("refuses what it does not know, with what is meant: " .. i, function()
      local allowed, message, option = guards.allowed(case[1])
      assert.is_nil(allowed)
      assert.truthy(message:find(case[2], 1, true), message)
      assert.same("allow", option)
    end)
  end

  it("knows other spellings, and refuses two at once", function()
    local limits = assert(guards.allowed(nil, { deactivations = { "max_deactivations", "20%" } }))
    assert.same({ percent = 20 }, limits.deactivations)
    assert.same({ percent = 10 }, assert(guards.allowed(nil, { deactivations = { "x", nil } })).deactivations)
    local allowed, message, option = guards.allowed(
      { deactivations = 1 },
      { deactivations = { "max_deactivations", 2 } }
    )
    assert.is_nil(allowed)
    assert.same(
      { "it says the same as allow's deactivations: give one of them", "max_deactivations" },
      { message, option }
    )
    allowed, message, option = guards.allowed(nil, { deactivations = { "max_deactivations", "x" } })
    assert.is_nil(allowed)
    assert.same("max_deactivations", option)
    assert.truthy(message:find("a number", 1, true))
  end)

  it("reads a command's argument", function()
    assert.same({ "self", true }, { guards.pair "self" })
    assert.same({ "member_removals", "30%" }, { guards.pair "member-removals=30%" })
    assert.same({ "empty_groups", "2" }, { guards.pair "empty_groups=2" })
    for _, bad in ipairs { "sefl", "self=2", "", "=", "deactivations=many", "empty_groups=5%" } do
      assert.is_nil((guards.pair(bad)), bad)
    end
  end)
end)
