-- A plan as text for people.
local diff = require "ddokta.bulk.diff"

local render = diff.render

-- as render sees a plan: counts, and steps one after the other
local function fake(fields)
  local function walk(wanted)
    local i = 0
    return function()
      repeat
        i = i + 1
      until not fields.rows[i] or wanted(fields.rows[i])
      return fields.rows[i]
    end
  end
  function fields:each()
    return walk(function() return self ~= nil end)
  end
  function fields:changes()
    return walk(function(step) return self and step.action ~= "unchanged" end)
  end
  function fields.is_open() return true end
  return setmetatable(fields, { __name = "ddokta.plan" })
end

local function plan()
  return fake {
    kind = "okta_accounts",
    source = "a.csv",
    counts = { create = 1, update = 1, delete = 1, conflict = 1, unchanged = 2, source = 5, service = 4 },
    rows = {
      {
        action = "create",
        key = "new",
        position = "a.csv:2",
        secrets = { "client_secret" },
        changes = { { field = "name", new = "new" }, { field = "domain", new = "https://n.okta.com/" } },
      },
      { action = "unchanged", key = "same", position = "a.csv:3" },
      {
        action = "update",
        key = "old\27[31m",
        position = "a.csv:4",
        changes = { { field = "client_id", old = nil, new = "c" } },
      },
      { action = "conflict", key = "twin", position = "a.csv:5", reason = "two of them" },
      { action = "unchanged", key = "same too", position = "a.csv:6" },
      { action = "delete", key = "gone" },
    },
  }
end

describe("bulk.diff", function()
  it(
    "shows each change with its sign, and counts what stays",
    function()
      assert.same(
        table.concat({
          "accounts from a.csv",
          "  + new  (a.csv:2)",
          "      domain         https://n.okta.com/",
          "      client_secret  (secret)",
          "  ~ old\\x1B[31m  (a.csv:4)",
          "      client_id  (none) -> c",
          "  ! twin  (a.csv:5)",
          "      two of them",
          "  - gone",
          "Plan: 1 Okta account to create, 1 to update, 1 to delete, 1 in conflict, 2 unchanged.",
        }, "\n"),
        render(plan())
      )
    end
  )

  it(
    "shows what stays when asked",
    function() assert.truthy(render(plan(), { unchanged = true }):find("\n  = same  (a.csv:3)\n", 1, true)) end
  )

  local function many()
    local rows = {}
    for i = 1, 10 do
      rows[i] = { action = "create", key = "new" .. i }
      rows[20 + i] = { action = "update", key = "up" .. i, changes = { { field = "title", new = "x" } } }
    end
    for i = 1, 5 do
      rows[10 + i] = { action = "unchanged", key = "same" .. i }
      rows[15 + i] =
        { action = "update", key = "off" .. i, changes = { { field = "active", old = true, new = false } } }
      rows[30 + i] = { action = "delete", key = "gone" .. i }
    end
    return fake {
      kind = "scim_users",
      source = "u.csv",
      deactivations = 5,
      counts = { create = 10, update = 15, delete = 5, conflict = 0, unchanged = 5 },
      rows = rows,
    }
  end

  it("of a long plan shows the first of each sort, so that what is taken away is seen", function()
    local text = render(many(), { limit = 2, hint = "--all shows them" })
    local keys = {}
    for sign, key in text:gmatch "\n  ([-+~!=]) (%S+)" do
      keys[#keys + 1] = sign .. key
    end
    assert.same({ "+new1", "+new2", "-off1", "-off2", "~up1", "~up2" }, keys)
    assert.truthy(
      text:find(
        "\n  ... and 8 more to create, 8 more to update, 8 more to deactivate (--all shows them)\n",
        1,
        true
      ),
      text
    )
    assert.is_nil(render(many()):find("more", 1, true))
    assert.is_nil(render(many(), { limit = 10 }):find("more", 1, true))
    assert.truthy(render(many(), { limit = 1, unchanged = true }):find("4 more unchanged", 1, true))
  end)

  it("counts as a guard does: who is deactivated by a row, or is not in the source", function()
    local text = render(many())
    assert.truthy(
      text:find("Plan: 10 users to create, 10 to update, 10 to deactivate, 5 unchanged.", 1, true),
      text
    )
    assert.is_nil(text:find("delete", 1, true))
    assert.same(30, diff.change_count(many()))
    assert.same("10 users to create, 10 to update, 10 to deactivate", diff.to_do(many()))
  end)

  it("shows of long values what differs, and what is around it", function()
    local function shown(old, new)
      local text = render(fake {
        kind = "okta_accounts",
        source = "s",
        counts = { create = 0, update = 1, delete = 0, conflict = 0, unchanged = 0 },
        rows = { { action = "update", key = "a", changes = { { field = "d", old = old, new = new } } } },
      })
      return text:match "\n      d  ([^\n]*)"
    end
    local head, tail = ("h"):rep(50), ("t"):rep(50)
    assert.same(
      ("…%sParis%s… -> …%sLondon%s…"):format(
        head:sub(1, 20),
        tail:sub(1, 20),
        head:sub(1, 20),
        tail:sub(1, 20)
      ),
      shown(head .. "Paris" .. tail, head .. "London" .. tail)
    )
    assert.same(
      "…" .. ("h"):rep(20) .. " -> …" .. ("h"):rep(20) .. "!",
      shown(("h"):rep(99), ("h"):rep(99) .. "!")
    )
    assert.same("x -> y" .. ("h"):rep(70), shown("x", "y" .. ("h"):rep(70)))
    assert.same("a short one -> another", shown("a short one", "another"))
    local e = "é"
    assert.same(
      e:rep(5) .. "X" .. e:rep(20) .. "… -> " .. e:rep(26) .. "…",
      shown(e:rep(5) .. "X" .. e:rep(56), e:rep(62))
    )
  end)

  it("shows of a list what comes and goes, and a remark", function()
    local counts = { create = 1, update = 1, delete = 1, conflict = 0, unchanged = 0 }
    local text = render(fake {
      kind = "k",
      source = "s",
      counts = counts,
      rows = {
        {
          action = "create",
          key = "a",
          note = "takes over",
          changes = {
            { field = "name", new = "a" },
            { field = "list", new = { "x", "y\27" } },
            { field = "none", new = {} },
            { field = "active", new = false },
          },
        },
        {
          action = "update",
          key = "b",
          changes = {
            { field = "list", old = { "x", "z" }, new = { "y", "x" } },
          },
        },
        {
          action = "delete",
          key = "c",
          changes = {
            { field = "active", old = true, new = false },
          },
        },
      },
    })
    assert.same(
      table.concat({
        "k from s",
        "  + a",
        "      takes over",
        "      list    x, y\\x1B",
        "      none    (none)",
        "      active  false",
        "  ~ b",
        "      list  +y -z",
        "  - c",
        "      active  true -> false",
        "Plan: 1 to create, 1 to update, 1 to delete.",
      }, "\n"),
      text
    )
  end)

  it("paints only when asked", function()
    assert.is_nil(render(plan()):find("\27", 1, true))
    assert.truthy(render(plan(), { color = true }):find("\27[32m  + new\27[0m", 1, true))
  end)

  it("says that there is nothing to do", function()
    local counts = { create = 0, update = 0, delete = 0, conflict = 0, unchanged = 1 }
    local idle = fake { kind = "k", source = "s", counts = counts }
    idle.rows = { { action = "unchanged", key = "a" } }
    assert.same("k from s\nPlan: nothing to do, all 1 unchanged.", render(idle))
    counts.unchanged, idle.rows = 0, {}
    assert.same("k from s\nPlan: the source is empty, nothing to do.", render(idle))
  end)
end)
