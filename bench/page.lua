-- How long a page of ROWS updates takes to open in Chromium, and to be filtered there.
-- usage: page.lua ROWS FOLDER
-- Prints: milliseconds until it is there; of the slowest of some searches; MiB of its file.
local chromium = require "spec.support.chromium"
local json = require("ddokta.core").json
local page = require "ddokta.bulk.page"

local count, folder = tonumber(arg[1]), arg[2]
local path = folder .. "/page.html"

local about = {
  what = "Plan",
  title = "users from people.csv",
  facts = {},
  paragraphs = {},
  sections = { { id = "update", words = "to update", tone = "update", alike = "fields" } },
  counts = { update = count },
  columns = { name = "Name", old = "Now", new = "Will be" },
  fields_title = "What changes",
  noun = "user",
  plural = "users",
}

-- a third of them differ in the same way
local function row(i)
  local own = i % 3 == 0 and "" or " " .. i
  return {
    section = "update",
    action = "update",
    name = ("josé.nuñez%06d@example.com"):format(i),
    place = "people.csv:" .. i + 1,
    fields = {
      { label = "title", old = "Engineer" .. own, new = "Staff Engineer" .. own },
      { label = "active", old = true, new = false },
    },
    said = {},
  }
end

local file, i = assert(io.open(path, "wb")), 0
page.write(function(text) file:write(text) end, about, function()
  i = i + 1
  return i <= count and row(i) or nil
end)
local size = file:seek()
file:close()

local browser = chromium.start(folder)
local opened = browser:open(path)
local open = opened:eval "performance.getEntriesByType('navigation')[0].loadEventEnd"
opened:wait "rows[rows.length - 1].text !== ''" -- it prepares itself while nobody types
local slowest = 0
for _, words in ipairs { "jose", "staff 777", "no such word", "" } do
  local took = opened:eval(([[(() => {
    const before = performance.now();
    wanted.words = wordsOf(%s);
    refresh();
    document.documentElement.getBoundingClientRect();
    return performance.now() - before;
  })()]]):format(json.encode(words)))
  slowest = math.max(slowest, took)
end
browser:stop()
print(("%.1f %.1f %.1f"):format(open, slowest, size / 1024 / 1024))
