--- The progress line on a terminal: done, failed, rate, time left.

local system = require("ddokta.core").system

local EVERY = 0.1 -- seconds between two pictures

local function duration(seconds)
  if seconds < 90 then return ("%.0f s"):format(seconds) end
  return ("%.0f min"):format(seconds / 60)
end

--- new() -> on_progress for bulk.apply, and a function that ends the line
return function()
  local shown, last = false, 0
  local function on_progress(p)
    local now = system.now()
    if now - last < EVERY then return end
    last, shown = now, true
    io.stderr:write(("\r  %d/%d done, %d failed, %.0f/s, %s left\27[K"):format(
      p.done, p.total, p.failed, p.rate, p.left and duration(p.left) or "?"))
    io.stderr:flush()
  end
  local function finish()
    if shown then io.stderr:write("\r\27[K") end
  end
  return on_progress, finish
end
