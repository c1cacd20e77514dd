-- lua/ddokta/bulk/html.lua: a plan, and what became of it, as rows of a page.
local bulk = require "ddokta.bulk"
local html = require "ddokta.bulk.html"
local json = require("ddokta.core").json
local new_report = require("ddokta.bulk.report").new
local service = require "spec.lua.bulk.service"

local function name_of(i) return ("user%05d@example.com"):format(i) end

local function row(i) return { userName = name_of(i), name = "Name " .. i, title = "Dr", active = true } end

local function there(i)
  return {
    id = "id" .. i,
    userName = name_of(i),
    name = { formatted = "Old " .. i },
    title = "Dr",
    active = true,
  }
end

local function plan_of(rows, existing, options)
  local client = service.new { list_scim_users = existing or {} }
  return assert(bulk.plan(client, "scim_users", bulk.read(rows, { name = "people.csv" }), options))
end

local function page_of(plan, report, options)
  local parts = {}
  html.write(function(text) parts[#parts + 1] = text end, plan, report, options)
  return table.concat(parts)
end

-- the page's rows, as its script reads them: {section, action, name, place, remark, fields, said} each
local function rows_of(page)
  local data = assert(json.decode(page:match '<script type="application/json" id="data">(.-)</script>'))
  local rows = {}
  for i, one in ipairs(data.rows) do
    rows[i] = {
      section = data.sections[one[1] + 1].id,
      action = one[2],
      name = one[3],
      place = one[4],
      remark = one[5],
      fields = one[6],
      said = one[7],
    }
  end
  return rows, data
end

local function has(page, words) assert.truthy(page:find(words, 1, true), words) end

describe("bulk.html", function()
  it("has a row for each change, with what is there and what will be", function()
    local plan = plan_of(
      { row(1), row(2), row(3) },
      { there(2), there(9) },
      { prune = true, max_deactivations = "100%" }
    )
    local page = page_of(plan)
    local rows, data = rows_of(page)
    assert.same(4, #rows)
    assert.same({
      section = "create",
      action = "create",
      name = name_of(1),
      place = "people.csv row 1",
      remark = "",
      fields = {
        { "name", json.null, "Name 1" },
        { "title", json.null, "Dr" },
        { "active", json.null, "true" },
      },
      said = {},
    }, rows[1])
    assert.same({ { "name", "Old 2", "Name 2" } }, rows[2].fields)
    assert.same({ "deactivate", { { "active", "true", "false" } } }, { rows[4].section, rows[4].fields })
    assert.is_false(data.hasSaid)
    has(page, "<p>A plan: nothing was sent.</p>")
    has(page, '<li class="delete" data-section="deactivate"><b>1</b> to deactivate</li>')
    has(page, '<li class="create" data-section="create"><b>2</b> to create</li>')
  end)

  it("says of each what became of it, in the section of its outcome", function()
    local plan = plan_of({ row(1), row(2), row(3), row(4) }, { there(1) })
    local report = new_report {
      kind = "scim_users",
      source = "people.csv",
      seconds = 1,
      rows = {
        {
          number = 1,
          key = "a",
          action = "update",
          outcome = "done",
          attempts = 2,
          resumed = true,
          note = "looked up",
        },
        {
          number = 2,
          key = "b",
          action = "create",
          outcome = "failed",
          attempts = 1,
          error = { message = "<no>" },
        },
        { number = 3, key = "c", action = "create", outcome = "unknown", attempts = 1 },
        {
          number = 4,
          key = "d",
          action = "create",
          outcome = "not_run",
          attempts = 0,
          error = { message = "not sent: it stopped" },
        },
        -- what an earlier run may have sent, and no plan has
        { number = 5, key = "gone", id = "x", action = "delete", outcome = "done", attempts = 1 },
      },
    }
    local page = page_of(plan, report)
    local rows, data = rows_of(page)
    assert.is_true(data.hasSaid)
    local found = {}
    for i, one in ipairs(rows) do
      found[i] = { one.section, one.action, one.name, table.concat(one.said, "; ") }
    end
    assert.same({
      { "update", "update", name_of(1), "updated; 2 attempts; by an earlier run; looked up" },
      { "failed", "create", name_of(2), "<no>" },
      { "unknown", "create", name_of(3), "unknown" },
      { "not_run", "create", name_of(4), "not sent: it stopped" },
      { "deactivate", "deactivate", "gone", "deactivated" },
    }, found)
    has(page, report.sentence:gsub("<", "&lt;"))
    has(page, '<p class="next">Run it again: it looks what became of those that are unknown')
  end)

  it("shows what stops it: a guard, a conflict", function()
    local plan = plan_of({ row(1) }, { there(1), there(2), there(3) }, { prune = true })
    has(page_of(plan), '<p class="blocked">Stopped: 2 of 3 active users would be deactivated')
    local twice = plan_of({ row(2) }, { there(2), { id = "other", userName = name_of(2) } })
    local conflict = rows_of(page_of(twice))[1]
    assert.same(
      { "conflict", "2 users have this name: rename or delete all but one first" },
      { conflict.section, conflict.remark }
    )
  end)

  it("shows of a list what comes and goes, and of a secret nothing", function()
    local client = service.new {
      list_scim_groups = {
        { id = "g", displayName = "G", members = { { value = "u1" }, { value = "u2" } } },
      },
      list_teams = {},
      list_scim_users = {
        { id = "u1", userName = "one@example.com" },
        { id = "u2", userName = "two@example.com" },
        { id = "u3", userName = "three@example.com" },
      },
    }
    local plan = assert(
      bulk.plan(
        client,
        "scim_groups",
        bulk.read { { displayName = "G", members = "one@example.com;three@example.com" } }
      )
    )
    assert.same(
      { { "members", { "two@example.com" }, { "three@example.com" }, 1 } },
      rows_of(page_of(plan))[1].fields
    )
    local accounts = service.new {
      list_okta_accounts = {
        { id = "1", name = "gone", domain = "https://g.okta.com/", auth_method = "oauth" },
        { id = "2", name = "b", domain = "https://b.okta.com/", auth_method = "oauth", client_id = "b" },
      },
    }
    plan = assert(bulk.plan(
      accounts,
      "okta_accounts",
      bulk.read {
        { name = "a", domain = "a.okta.com", auth_method = "oauth", client_secret = "never-to-be-seen" },
        {
          name = "b",
          domain = "b.okta.com",
          auth_method = "oauth",
          client_id = "c",
          client_secret = "never-to-be-seen",
        },
      },
      { prune = true, max_deactivations = "100%" }
    ))
    local page = page_of(plan)
    assert.is_nil(page:find("never-to-be-seen", 1, true))
    local rows = rows_of(page)
    local function last(fields) return fields[#fields] end
    -- what is made has none before
    assert.same({ "client_secret", json.null, "(secret)" }, last(rows[1].fields))
    assert.same({ "client_secret", "(not shown by the service)", "(secret)" }, last(rows[2].fields))
    assert.same({ "domain", "https://g.okta.com/" }, rows[3].fields[2])
  end)

  it("says where, when, whose keys, from what and by which command", function()
    local page = page_of(plan_of { row(1) }, nil, { command = "ddokta users plan '<x>.csv'" })
    for _, part in ipairs {
      '<dt>service</dt><dd dir="auto">https://service.example</dd>',
      '<dt>organisation</dt><dd dir="auto">',
      '<dt>keys of</dt><dd dir="auto">',
      "<dt>time</dt>",
      "<dt>version</dt>",
      '<dt>source</dt><dd dir="auto">people.csv</dd>',
      "<dt>command</dt><dd><code>ddokta users plan &#39;&lt;x&gt;.csv&#39;</code></dd>",
    } do
      has(page, part)
    end
  end)

  it("counts those that are unchanged where there are very many", function()
    local plan = plan_of({ row(1), row(2) }, { there(2) })
    local some = setmetatable(
      { counts = { unchanged = 100001, create = 1, update = 1, delete = 0, conflict = 0 } },
      {
        __index = plan,
      }
    )
    function some.each() error "all of them are looked at" end
    function some.changes() return plan:changes() end
    local page = page_of(some)
    assert.same(2, #rows_of(page))
    has(page, "100001 that are unchanged are not listed.")
  end)
end)
