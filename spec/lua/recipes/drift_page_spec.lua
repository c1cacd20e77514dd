-- lua/ddokta/recipes/drift_page.lua: what drift has found as a page.
local chromium = require "spec.support.chromium"
local compare = require "ddokta.recipes.drift_compare"
local drift_page = require "ddokta.recipes.drift_page"
local files = require "spec.support.files"

local about = {
  address = "https://api.datadoghq.eu",
  organisation_name = "Example",
  caller = "ada@example.com",
  time = "2026-11-30T03:04:52Z",
  version = "1.2.3",
}

-- one difference of each cause, and some that are equal
local function found()
  local differences = {}
  for i, cause in ipairs(compare.causes) do
    differences[i] = {
      what = "user",
      name = "user" .. i .. "@example.com",
      difference = "something",
      cause = cause[1],
      explanation = cause[3],
    }
  end
  for i = 11, 20 do
    differences[i] = {
      what = "member",
      name = "user" .. i .. "@example.com",
      team = "Platform <1>",
      difference = "in the group, not in the team",
      cause = "not_assigned",
      explanation = "the app is not assigned",
    }
  end
  differences[21] = {
    what = "user",
    name = "ada@example.com",
    difference = "title differs",
    datadog = "Boss of all",
    okta = "Engineer of all",
    cause = "by_hand",
    explanation = "changed",
  }
  return {
    differences = differences,
    warnings = { "both assigned <and> pushed" },
    details = { app = "'Datadog' (0oa1)", users = 21, groups = 1 },
    command = "ddokta recipe drift",
    datadog = about,
    okta = { address = "https://example.okta.com" },
  }
end

local function page_of(what)
  local parts = {}
  drift_page.write(function(text) parts[#parts + 1] = text end, what, "21 differences.")
  return table.concat(parts)
end

local function has(page, words) assert.truthy(page:find(words, 1, true), words) end

describe("recipes.drift_page", function()
  it("names both sides, whose keys, when, and each cause with its number", function()
    local page = page_of(found())
    for _, part in ipairs {
      '<dt>Okta</dt><dd dir="auto">https://example.okta.com</dd>',
      '<dt>app</dt><dd dir="auto">&#39;Datadog&#39; (0oa1)</dd>',
      '<dt>Datadog</dt><dd dir="auto">https://api.datadoghq.eu</dd>',
      '<dt>organisation</dt><dd dir="auto">Example</dd>',
      '<dt>keys of</dt><dd dir="auto">ada@example.com</dd>',
      '<dt>time</dt><dd dir="auto">2026-11-30 03:04:52 UTC</dd>',
      "<code>ddokta recipe drift</code>",
      '<p class="blocked">both assigned &lt;and&gt; pushed</p>',
      '<li class="create" data-section="not_assigned"><b>11</b> not assigned</li>',
      '<li class="update" data-section="by_hand"><b>2</b> changed by hand</li>',
      '<del dir="auto">Boss of all</del><ins dir="auto">Engineer of all</ins>',
    } do
      has(page, part)
    end
    for _, cause in ipairs(compare.causes) do
      has(page, ('data-section="%s"'):format(cause[1]))
    end
  end)

  it("is readable in Chromium, and shows equal differences as one", function()
    if not chromium.find() then return pending "no chromium on this machine" end
    local dir = assert(require("ddokta.core").system.mkdtemp "ddokta-chromium-")
    files.write(dir .. "/page.html", page_of(found()))
    local browser = chromium.start(dir)
    finally(function()
      browser:stop()
      os.execute("rm -rf '" .. dir .. "'")
    end)
    for _, width in ipairs { 390, 1280 } do
      local page = browser:open(dir .. "/page.html", { width = width })
      assert.same({}, page.complaints)
      assert.same({}, page:eval(files.read "spec/support/page_checks.js"))
      assert.same("10 differences", page:eval "document.querySelector('.group button').textContent")
      assert.same(
        { "Boss", "Engineer" },
        page:eval "[...document.querySelectorAll('#list mark')].map((mark) => mark.textContent)"
      )
      page:close()
    end
  end)
end)
