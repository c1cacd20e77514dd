-- Rate limits: so many requests per period and limit name, the periods aligned to the clock as
-- Datadog documents them.
local limits = {}

--- A state for `look` and `take`.
function limits.new()
  return {}
end

local function current(windows, settings, name, now)
  local own = settings.limits[name] or settings
  local start = now - now % own.period
  local window = windows[name]
  if not window or window.start ~= start or window.period ~= own.period then
    window = { start = start, period = own.period, used = 0 }
    windows[name] = window
  end
  window.limit = own.limit
  return window
end

-- Reset: seconds until the next period, never 0 (recorded: from 1 up)
local function headers(window, name, now)
  return {
    ["X-RateLimit-Limit"] = ("%d"):format(window.limit),
    ["X-RateLimit-Period"] = ("%d"):format(window.period),
    ["X-RateLimit-Remaining"] = ("%d"):format(math.max(0, window.limit - window.used)),
    ["X-RateLimit-Reset"] = ("%d"):format(math.max(1, math.ceil(window.start + window.period - now))),
    ["X-RateLimit-Name"] = name,
  }
end

--- The headers as they stand; nothing is counted.
function limits.look(windows, settings, name, now)
  return headers(current(windows, settings, name, now), name, now)
end

--- Counts a request: may it pass, and the headers of its answer.
function limits.take(windows, settings, name, now)
  local window = current(windows, settings, name, now)
  local allowed = window.used < window.limit
  if allowed then window.used = window.used + 1 end
  return allowed, headers(window, name, now)
end

return limits
