-- The page of a plan and its report: whole in itself, escaped, searched by its own script in a browser.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local chromium = require "spec.support.chromium"
local html = require "ddokta.bulk.html"
local new_report = require("ddokta.bulk.report").new
local service = require "spec.lua.bulk.service"

local EVIL = "<script>alert(1)</script><img src=http://elsewhere.example/x onerror=alert(2)>'\"&"

local ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
  .. "&lt;img src=http://elsewhere.example/x onerror=alert(2)&gt;"

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

local function report_of(plan)
  local rows = {}
  for step in plan:each() do
    local failed = step.number % 10 == 0
    rows[step.number] = {
      number = step.number,
      key = step.key,
      action = step.action,
      attempts = failed and 3 or 1,
      outcome = step.action == "unchanged" and "unchanged" or failed and "failed" or "done",
      error = failed and { message = "refused: " .. EVIL } or nil,
    }
  end
  return new_report { kind = plan.kind, source = plan.source, rows = rows, seconds = 3 }
end

local function page_of(plan, report)
  local parts = {}
  html.write(function(text) parts[#parts + 1] = text end, plan, report)
  return table.concat(parts)
end

local function has(page, words) assert.truthy(page:find(words, 1, true), words) end

local function digest(text)
  local path = box.write("digest", text)
  local pipe = assert(io.popen("openssl dgst -sha256 -binary '" .. path .. "' | base64"))
  local value = pipe:read("*l")
  pipe:close()
  return value
end

local function count_of(page, pattern) return select(2, page:gsub(pattern, "")) end

describe("bulk.html", function()
  after_each(box.remove)

  it("has a row for each step, old and new side by side", function()
    local plan = plan_of(
      { row(1), row(2), row(3) },
      { there(2), there(9) },
      { prune = true, max_deactivations = "100%" }
    )
    local page = page_of(plan)
    assert.same(4, count_of(page, "<tbody class="))
    has(page, "<title>users from people.csv</title>")
    has(page, "<p>A plan: nothing was sent.</p>")
    has(page, "<li><b>2</b>to create<li><b>1</b>to update<li><b>1</b>to delete")
    has(
      page,
      '<tbody class="create"><tr><td rowspan=3>1<td rowspan=3 class=act>create'
        .. "<th rowspan=3 scope=row>user00001@example.com<small>people.csv row 1</small>"
    )
    has(page, "<td>name<td><del>Old 2</del><td><ins>Name 2</ins>")
    has(page, "<td>active<td><del>true</del><td><ins>false</ins>")
    assert.is_nil(page:find("<td>userName", 1, true))
  end)

  it("says of each what became of it", function()
    local plan = plan_of({ row(1), row(2) }, { there(1) })
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
      },
    }
    local page = page_of(plan, report)
    has(page, report.sentence)
    has(page, "<p>Run it again to try the rest.</p>")
    has(page, '<tbody class="update done">')
    has(page, "class=out>done (2 attempts)<small>by an earlier run</small><small>looked up</small>")
    has(page, "class=out>failed<small>&lt;no&gt;</small>")
  end)

  it("shows what stops it: a threshold, a conflict", function()
    local plan = plan_of({ row(1) }, { there(1), there(2), there(3) }, { prune = true })
    has(page_of(plan), "<p class=blocked>Stopped: 2 of 3 active users would be deactivated")
    local twice = plan_of({ row(2) }, { there(2), { id = "other", userName = name_of(2) } })
    local page = page_of(twice)
    has(page, '<tbody class="conflict">')
    has(page, "<small>2 users have this name: rename or delete all but one first</small>")
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
    local plan = assert(bulk.plan(
      client,
      "scim_groups",
      bulk.read {
        { displayName = "G", members = "one@example.com;three@example.com" },
      }
    ))
    has(
      page_of(plan),
      "<td>members<td><del>two@example.com (1 stay)</del>" .. "<td><ins>three@example.com (1 stay)</ins>"
    )
    local accounts = service.new {
      list_okta_accounts = {
        { id = "1", name = "gone", domain = "https://g.okta.com/", auth_method = "oauth" },
      },
    }
    plan = assert(bulk.plan(
      accounts,
      "okta_accounts",
      bulk.read {
        { name = "a", domain = "a.okta.com", auth_method = "oauth", client_secret = "never-to-be-seen" },
      },
      { prune = true, max_deactivations = "100%" }
    ))
    local page = page_of(plan)
    assert.is_nil(page:find("never-to-be-seen", 1, true))
    has(page, "<td>client_secret<td><del>(not shown by the service)</del><td><ins>(secret)</ins>")
    has(page, "<td>domain<td><del>https://g.okta.com/</del><td><ins></ins>")
  end)

  it("escapes all that comes from outside", function()
    local evil = row(1)
    evil.name, evil.title = EVIL, "bell" .. EVIL
    local old = there(2)
    old.name.formatted = "\27]0;x\7" .. EVIL
    local plan = plan_of({ evil, row(2) }, { old })
    local page = page_of(plan, report_of(plan))
    assert.same(1, count_of(page, "<script"))
    assert.same(0, count_of(page, "<img"))
    has(page, ESCAPED .. "&#39;&quot;&amp;")
    has(page, "\\x1B]0;x\\x07")
    local _, title = page_of(plan_of({}, {})):gsub("<title>", "")
    assert.same(1, title)
    local named = assert(
      bulk.plan(
        service.new { list_scim_users = {} },
        "scim_users",
        bulk.read({ row(1) }, { name = "</title><script>x" })
      )
    )
    assert.same(1, count_of(page_of(named), "<script"))
  end)

  it("has nothing from elsewhere, and a policy that lets nothing in", function()
    local page = page_of(plan_of { row(1) })
    has(
      page,
      (
        "default-src 'none'; style-src 'sha256-%s';\n script-src 'sha256-%s'; base-uri 'none'; "
        .. "form-action 'none'"
      ):format(digest(html.page.style), digest(html.page.script))
    )
    for _, pattern in ipairs { "%ssrc%s*=", "%shref%s*=", "url%(", "@import", "%son%w+%s*=", "%sstyle%s*=" } do
      assert.is_nil(page:find(pattern), pattern)
    end
    has(page, "<script>" .. html.page.script .. "</script>")
    has(page, "<style>" .. html.page.style .. "</style>")
  end)

  it("counts those that are unchanged where there are very many", function()
    local rows, existing = {}, {}
    for i = 1, 5001 do
      rows[i], existing[i] = row(i), there(i)
      rows[i].name = "Old " .. i
    end
    rows[5002] = row(5002)
    local page = page_of(plan_of(rows, existing))
    assert.same(1, count_of(page, "<tbody class="))
    has(page, "<p>5001 that are unchanged are not listed.</p>")
  end)
end)

describe("bulk.html in Chromium", function()
  local path, dir

  local function write(count)
    local rows, existing = {}, {}
    for i = 1, count do
      rows[i] = row(i)
      if i % 2 == 0 then existing[#existing + 1] = there(i) end
    end
    rows[3].name = EVIL
    local plan = plan_of(rows, existing)
    path = box.write("page.html", page_of(plan, report_of(plan)))
    dir = path:match("^(.*)/")
  end

  local function shown(page)
    local all, hidden = count_of(page, "<tbody"), count_of(page, "<tbody[^>]* hidden")
    return all - hidden, all
  end

  local function it_in_chromium(name, run)
    it(name, function()
      if not chromium.find() then return pending("no chromium on this machine") end
      finally(box.remove)
      run()
    end)
  end

  it_in_chromium("searches 10,000 rows by its address", function()
    write(10000)
    local page, asked = chromium.dom(dir, path, "USER0123")
    assert.same({ 10, 10000 }, { shown(page) })
    has(page, '<span id="count" role="status">10 of 10000 shown</span>')
    assert.is_nil(asked:find("elsewhere", 1, true))
    assert.is_nil(page:find('<div id="tools" hidden', 1, true))
  end)

  it_in_chromium("finds all the words, in any order, and outcomes", function()
    write(40)
    assert.same(4, (shown(chromium.dom(dir, path, "failed"))))
    assert.same(1, (shown(chromium.dom(dir, path, "failed%20user00010"))))
    assert.same(0, (shown(chromium.dom(dir, path, "no-such-word"))))
    assert.same(40, (shown(chromium.dom(dir, path))))
    assert.same(40, (shown(chromium.dom(dir, path, "%E0%A4%A")))) -- no text at all
  end)

  it_in_chromium("shows a script as text, and asks nobody for anything", function()
    write(5)
    local page, asked = chromium.dom(dir, path)
    has(page, "<ins>" .. ESCAPED)
    assert.same(1, count_of(page, "<script"))
    assert.is_nil(asked:find("elsewhere", 1, true))
    -- were it let in, it would be seen: the policy stands in the way of what is not escaped, too
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    text = text:gsub(
      "</table>",
      "%0<script>document.title = 'taken'</script>" .. "<img src='http://elsewhere.example/x'>",
      1
    )
    page, asked = chromium.dom(dir, box.write("broken.html", text))
    assert.is_nil(page:find("<title>taken", 1, true))
    assert.is_nil(asked:find("elsewhere", 1, true))
    text = text:gsub("<meta http%-equiv=.->", "", 1)
    page, asked = chromium.dom(dir, box.write("open.html", text))
    assert.truthy(page:find("<title>taken", 1, true))
    assert.truthy(asked:find("elsewhere.example", 1, true), asked)
  end)

  it_in_chromium("is something to look at", function()
    write(100)
    local picture = dir .. "/page.png"
    chromium.picture(dir, path, picture)
    local file = assert(io.open(picture, "rb"))
    local text = file:read("*a")
    file:close()
    assert.same("\137PNG\r\n\26\n", text:sub(1, 8))
    -- letters on paper: a blank page of this size has less than 10 KB
    assert.is_true(#text > 20000, tostring(#text))
  end)
end)
