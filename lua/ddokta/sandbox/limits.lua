--- Rate limits: so many requests per period and limit name, the periods aligned to the clock as
--- Datadog documents them; and how many requests a service works on at once. How the headers are
--- called is a matter of the service (`write`: its rate_headers).
local limits = {}

--- A state for the functions below.
function limits.new() return { by_name = {}, busy = {} } end

local function current(state, settings, name, now)
  local own = settings.limits[name] or settings
  local start = now - now % own.period
  local window = state.by_name[name]
  if not window or window.start ~= start or window.period ~= own.period then
    window = { start = start, period = own.period, used = 0 }
    state.by_name[name] = window
  end
  window.limit = own.limit
  return window
end

--- The headers as they stand; nothing is counted.
function limits.look(state, settings, name, now, write)
  return write(current(state, settings, name, now), name, now)
end

--- Counts a request: may it pass, and the headers of its answer.
function limits.take(state, settings, name, now, write)
  local window = current(state, settings, name, now)
  local allowed = window.used < window.limit
  if allowed then window.used = window.used + 1 end
  return allowed, write(window, name, now)
end

--- How many requests of a service are being worked on: those whose answers were to come later.
function limits.busy(state, service, now)
  local going = {}
  for _, ends in ipairs(state.busy[service] or {}) do
    if ends > now then going[#going + 1] = ends end
  end
  state.busy[service] = going
  return #going
end

--- A request of a service is being worked on until then.
function limits.occupy(state, service, ends)
  local going = state.busy[service] or {}
  state.busy[service] = going
  going[#going + 1] = ends
end

--- The headers of a request beyond what a service does at once: limit and remaining are 0, and the
--- reset is only a hint (Okta documents it so).
function limits.crowded(now, name, write)
  return write({ start = now, period = 1, limit = 0, used = 0 }, name, now)
end

return limits
