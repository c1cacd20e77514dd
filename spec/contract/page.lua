-- The page of a plan and a report by what others wrote to check pages: its script by ESLint; what it is to
-- who listens to it, or uses keys alone, by axe-core (WCAG 2.2 A and AA), in Chromium.
local chromium = require "spec.support.chromium"
local files = require "spec.support.files"
local json = require("ddokta.core").json
local page = require "ddokta.bulk.page"
local system = require("ddokta.core").system

local MODULES = (os.getenv "DDOKTA_CONTRACT" or "build/contract") .. "/node_modules"

-- what ESLint says of a script
local function complaints(dir, script)
  files.write(dir .. "/page.js", script)
  local pipe =
    assert(io.popen(("NODE_PATH='%s' node spec/contract/page.js <'%s/page.js' 2>&1"):format(MODULES, dir)))
  local said = pipe:read "*a"
  pipe:close()
  return assert(json.decode(said), said)
end

local sections = {
  { id = "failed", words = "failed", tone = "failed", alike = "said" },
  { id = "update", words = "updated", tone = "update", alike = "fields" },
  { id = "create", words = "created", tone = "create" },
  { id = "unchanged", words = "unchanged", tone = "unchanged", closed = true },
}

-- a row of each sort, and a group
local function rows()
  local list = {}
  for i = 1, 12 do
    local section = sections[i % 4 + 1].id
    list[i] = {
      section = section,
      action = section == "create" and "create" or "update",
      name = ("user%d@example.com"):format(i),
      place = "people.csv:" .. i,
      remark = i == 5 and "look at it" or nil,
      fields = section == "unchanged" and {} or {
        {
          label = "title",
          old = section ~= "create" and "Engineer of old" or nil,
          new = "Engineer of new",
        },
        { label = "roles", old = section ~= "create" and { "a" } or nil, new = { "b", "c" }, stay = 3 },
      },
      said = section == "unchanged" and {} or { section .. "d", "2 attempts" },
    }
  end
  list[13] = {
    section = "update",
    action = "update",
    name = "long@example.com",
    fields = { { label = "name", old = ("long "):rep(200), new = nil } },
    said = { "updated" },
  }
  return list
end

local function write(path)
  local list, i = rows(), 0
  local file = assert(io.open(path, "wb"))
  page.write(function(text) file:write(text) end, {
    what = "Report",
    title = "users from people.csv",
    facts = { { "service", "https://api.datadoghq.eu" } },
    command = "ddokta users import people.csv",
    paragraphs = { { "What happened.", nil }, { "Run it again.", "next" }, { "Stopped.", "blocked" } },
    sections = sections,
    counts = { failed = 3, update = 4, create = 3, unchanged = 3 },
    columns = { name = "Name", old = "Before", new = "Asked for", said = "Outcome" },
    fields_title = "What changes",
    noun = "user",
    plural = "users",
    timeline = { seconds = 1, done = { 3, 0, 0, 4 }, failed = { 0, 0, 0, 1 }, waited = { 0, 9, 9, 0 } },
  }, function()
    i = i + 1
    return list[i]
  end)
  file:close()
end

describe("the page", function()
  local dir, browser

  setup(function()
    dir = assert(system.mkdtemp "ddokta-page-")
    browser = chromium.start(dir)
    write(dir .. "/page.html")
  end)
  teardown(function()
    browser:stop()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  -- what axe finds
  local function violations(opened)
    opened:eval(files.read(MODULES .. "/axe-core/axe.min.js") .. "; 0")
    return opened:eval [[axe.run().then((result) => result.violations.map(
      (one) => one.id + ": " + one.nodes.map((node) => node.html + " " + node.failureSummary).join("; ")))]]
  end

  it("has a script that ESLint's recommended rules find nothing in", function()
    assert.same({}, complaints(dir, page.script))
    local broken = complaints(dir, page.script .. "\nif (nobodys = 1) { let unused; }\n")
    assert.is_true(#broken >= 3, table.concat(broken, "\n"))
  end)

  for _, options in ipairs {
    { width = 1280 },
    { width = 1280, dark = true },
    { width = 390 },
    { width = 390, dark = true },
  } do
    it(("is accessible by axe: %s"):format(json.encode(options)), function()
      local opened = browser:open(dir .. "/page.html", options)
      assert.same({}, violations(opened))
      -- with everything open, and something chosen
      opened:eval [[
        for (let one; (one = document.querySelector("#list [aria-expanded=false]"));) one.click();
        document.querySelector("button[data-field]").click();
      ]]
      assert.same({}, violations(opened))
      opened:close()
    end)
  end

  it("would not be without its labels", function()
    local opened = browser:open(dir .. "/page.html")
    opened:eval [[
      document.getElementById("search").removeAttribute("aria-label");
      document.getElementById("search").removeAttribute("placeholder");
      document.getElementById("count").style.color = "#ccc";
    ]]
    local found = table.concat(violations(opened), "\n")
    assert.truthy(found:find("label: ", 1, true), found)
    assert.truthy(found:find("color-contrast: ", 1, true), found)
    opened:close()
  end)
end)
