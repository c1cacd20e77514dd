-- lua/ddokta/bulk/page_chart.lua: the charts that a page has without its script.
local chart = require "ddokta.bulk.page_chart"

local sections =
  { { id = "a", tone = "failed" }, { id = "b", tone = "update" }, { id = "c", tone = "create" } }

local function widths(svg)
  local list, total = {}, 0
  for class, width in svg:gmatch 'class="([%w]+)" x="[%d.]+" y="0.0" width="([%d.]+)"' do
    list[#list + 1] = class
    list[class] = tonumber(width)
    total = total + tonumber(width)
  end
  return list, total
end

describe("bulk.page_chart", function()
  it("shares a bar among sections, none so small that it cannot be seen", function()
    local list, total = widths(chart.shares(sections, { a = 1, b = 999998, c = 1 }))
    assert.same({ "failed", "update", "create" }, { list[1], list[2], list[3] })
    assert.is_true(math.abs(total - 1000) < 0.5)
    assert.is_true(list.failed >= 4 and list.create >= 4)
    list = widths(chart.shares(sections, { a = 50, c = 150 }))
    assert.is_true(math.abs(list.create / list.failed - 3) < 0.1)
  end)

  it("has no bar where there is nothing to compare", function()
    assert.same("", chart.shares(sections, {}))
    assert.same("", chart.shares(sections, { b = 5 }))
  end)

  it("draws a run's pace, what failed of it, and its waits", function()
    local svg = chart.timeline {
      seconds = 1,
      done = { 10, 20, 0, 0, 5 },
      failed = { 0, 5, 0, 0, 0 },
      waited = { 0, 0.5, 32, 32, 0 },
    }
    assert.same(3, select(2, svg:gsub('class="create"', "")))
    assert.same(1, select(2, svg:gsub('class="failed"', "")))
    assert.truthy(svg:find('<rect class="waits" x="400.0" y="0.0" width="400.0"', 1, true), svg) -- one band
    assert.truthy(svg:find("at most 25/s", 1, true))
    assert.truthy(svg:find('aria-label="Changes in 5 s, at most 25/s, with waits for limits"', 1, true))
    -- the highest is as high as the drawing
    assert.truthy(svg:find('<rect class="failed" x="200.0" y="0.0"', 1, true), svg)
  end)

  it("draws none of a run that was over at once, or in which nothing ended", function()
    assert.same("", chart.timeline { seconds = 0.1, done = { 5, 9 }, failed = { 0, 0 }, waited = { 0, 0 } })
    assert.same("", chart.timeline { seconds = 9, done = { 0 }, failed = { 0 }, waited = { 30 } })
  end)
end)
