--- progress: shows how far an import is, on one line of a terminal or by a line now and then in a log.

local system = require("ddokta.native").system
local text = require "ddokta.text"

local REDRAW = 0.1 -- seconds between two pictures on a terminal
local LOG = 5 -- seconds between two lines in a log

local function rate(per_second)
  if per_second >= 10 or per_second == 0 then return ("%.0f/s"):format(per_second) end
  return ("%.1f/s"):format(per_second)
end

-- line_of(p, waiting) -> "120/1000 done, 3 failed, 45/s, waiting 12 s for the rate limit, 20 s left"
local function line_of(p, waiting)
  local parts = { ("%d/%d done"):format(p.done, p.total), ("%d failed"):format(p.failed) }
  if (p.unknown or 0) > 0 then parts[#parts + 1] = ("%d unknown"):format(p.unknown) end
  parts[#parts + 1] = rate(p.rate)
  if waiting then parts[#parts + 1] = ("waiting %s for the rate limit"):format(text.duration(waiting)) end
  parts[#parts + 1] = (p.left and text.duration(p.left) or "?") .. " left"
  return table.concat(parts, ", ")
end

-- how a line gets where it is seen
local pictures = {
  terminal = { every = REDRAW, before = "\r  ", after = "\27[K", last = "\r\27[K" },
  log = { every = LOG, before = "ddokta: ", after = "\n", last = "" },
}

-- As much of it as one line of the terminal has room for: a longer one would not be drawn over.
local function fitted(line, picture, columns)
  local room = picture == pictures.terminal and columns()
  return room and text.fit(line, room - #"  " - 1) or line
end

local function write(line)
  io.stderr:write(line)
  io.stderr:flush()
end

local progress = {}

---@class ddokta.cli.Progress
---@field on_progress fun(p: table) for bulk.apply
---@field on_event fun(event: table) for the client, which says that it waits
---@field start fun(total?: integer) before the first change
---@field finish fun() ends the line

---@class ddokta.cli.ProgressOptions
---@field terminal boolean
---@field write? fun(line: string)
---@field now? fun(): number
---@field columns? fun(): integer? of the terminal

---@param options ddokta.cli.ProgressOptions
---@return ddokta.cli.Progress
function progress.new(options)
  local picture = options.terminal and pictures.terminal or pictures.log
  local put, now = options.write or write, options.now or system.now
  local columns = options.columns or system.columns
  -- a terminal gets its first picture at once; a log needs none of what is over at once
  local last, waits_until = -math.huge, nil
  local latest = { done = 0, failed = 0, total = 0, rate = 0 }
  local shown = false

  local function draw(is_news)
    local time = now()
    if time - last < picture.every and not is_news then return end
    last, shown = time, true
    local waiting = waits_until and waits_until > time and waits_until - time or nil
    put(picture.before .. fitted(line_of(latest, waiting), picture, columns) .. picture.after)
  end

  local watch = {}
  function watch.on_progress(p)
    latest = p
    draw()
  end
  function watch.on_event(event)
    local waits = event.type == "limit" or event.type == "wait" and event.kind == "rate_limited"
    if not waits or not watch.active then return end
    -- that it waits is news at once: nothing else may come until the wait is over
    local is_news = options.terminal and (waits_until or 0) <= now()
    waits_until = now() + (event.seconds or 0)
    draw(is_news)
  end
  function watch.start(total)
    watch.active, latest.total = true, total or 0
    if not options.terminal then last = now() end
  end
  function watch.finish()
    watch.active = false
    if shown then put(picture.last) end
  end
  return watch
end

return progress
