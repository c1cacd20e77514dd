--- The charts of a page that are there without its script: shares of outcomes, and the pace of a run.

local duration = require("ddokta.text").duration

local chart = {}

local WIDTH, HEIGHT = 1000, 100 -- of a drawing, which is stretched to its place
local SHORTEST = 3 -- seconds of a run whose pace says anything
local LEAST = 4 -- of WIDTH: one of a million can be seen

local function rectangle(class, x, y, width, height)
  return ('<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>'):format(
    class,
    x,
    y,
    width,
    height
  )
end

--- A bar of how much of all each section has; "" where there is nothing to compare.
---@param sections ddokta.bulk.PageSection[]
---@param counts table<string, integer>
---@return string svg
function chart.shares(sections, counts)
  local there, total = {}, 0
  for _, section in ipairs(sections) do
    local count = counts[section.id] or 0
    if count > 0 then there[#there + 1] = section end
    total = total + count
  end
  if #there < 2 then return "" end
  local parts, x, room = {}, 0, WIDTH - LEAST * #there
  for i, section in ipairs(there) do
    local width = LEAST + counts[section.id] / total * room
    parts[i] = rectangle(section.tone, x, 0, width, 10)
    x = x + width
  end
  return ('<svg class="bar shares" viewBox="0 0 %d 10" preserveAspectRatio="none" aria-hidden="true">%s</svg>\n'):format(
    WIDTH,
    table.concat(parts)
  )
end

local function most_of(timeline)
  local most = 0
  for i, done in ipairs(timeline.done) do
    most = math.max(most, done + timeline.failed[i])
  end
  return most
end

local function rate(per_second)
  if per_second >= 10 then return ("%.0f/s"):format(per_second) end
  return ("%.1f/s"):format(per_second)
end

local FIGURE = [[
<figure class="chart timeline">
<figcaption><h2>Pace</h2> <span>at most %s</span>%s</figcaption>
<svg viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="%s">%s</svg>
<p class="axis"><span>0 s</span><span>%s</span></p>
</figure>
]]

-- How many parts from this one on have at least one call that waits all the time.
local function parts_of_wait(timeline, first)
  local last = first
  while timeline.waited[last] and timeline.waited[last] >= timeline.seconds do
    last = last + 1
  end
  return last - first
end

local function waits(timeline, width)
  local bands, i = {}, 1
  while i <= #timeline.waited do
    local parts = parts_of_wait(timeline, i)
    if parts > 0 then bands[#bands + 1] = rectangle("waits", (i - 1) * width, 0, parts * width, HEIGHT) end
    i = i + math.max(parts, 1)
  end
  return table.concat(bands)
end

local function bars(timeline, width, most)
  local parts = {}
  for i, done in ipairs(timeline.done) do
    local x = (i - 1) * width
    local high, low = done / most * HEIGHT, timeline.failed[i] / most * HEIGHT
    if done > 0 then parts[#parts + 1] = rectangle("create", x, HEIGHT - high, width * 0.85, high) end
    if low > 0 then parts[#parts + 1] = rectangle("failed", x, HEIGHT - high - low, width * 0.85, low) end
  end
  return table.concat(parts)
end

--- Changes over time, and where at least one call waited all the time; "" of a run that was over at once.
---@param timeline ddokta.bulk.Timeline
---@return string svg
function chart.timeline(timeline)
  local most, parts = most_of(timeline), #timeline.done
  if most == 0 or parts * timeline.seconds < SHORTEST then return "" end
  local width = WIDTH / parts
  local bands = waits(timeline, width)
  local fastest, long = rate(most / timeline.seconds), duration(parts * timeline.seconds)
  return FIGURE:format(
    fastest,
    bands ~= "" and ' <span class="key waits">calls waited for limits, or their turn</span>' or "",
    WIDTH,
    HEIGHT,
    ("Changes in %s, at most %s%s"):format(long, fastest, bands ~= "" and ", with waits for limits" or ""),
    bands .. bars(timeline, width, most),
    long
  )
end

return chart
