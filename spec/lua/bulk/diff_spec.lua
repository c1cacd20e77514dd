-- A plan as text for people.
local render = require("ddokta.bulk.diff").render

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
  return fields
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
          "okta_accounts from a.csv",
          "  + new  (a.csv:2)",
          "      domain         https://n.okta.com/",
          "      client_secret  (secret)",
          "  ~ old\\x1B[31m  (a.csv:4)",
          "      client_id  (none) -> c",
          "  ! twin  (a.csv:5)",
          "      two of them",
          "  - gone",
          "Plan: 1 to create, 1 to update, 1 to delete, 1 in conflict, 2 unchanged.",
        }, "\n"),
        render(plan())
      )
    end
  )

  it("shows what stays when asked, and no more than the limit", function()
    assert.truthy(render(plan(), { unchanged = true }):find("\n  = same  (a.csv:3)\n", 1, true))
    local text = render(plan(), { limit = 1 })
    assert.truthy(text:find("+ new", 1, true))
    assert.is_nil(text:find("twin", 1, true))
    assert.truthy(text:find("... and 3 more", 1, true))
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
