--- Work that a service does some time after it was asked. Nothing runs by itself: before a request is
--- answered, everything is done that was due until then.
local schedule = {}

--- Has `work(now, state)` done before the next request that comes at this time or schedule.
function schedule.add(state, time, work)
  state.scheduled = state.scheduled or {}
  table.insert(state.scheduled, { time = time, work = work })
end

--- The same, and at once when the time is not in the future.
function schedule.at(state, time, now, work)
  if time <= now then return work(now, state) end
  schedule.add(state, time, work)
end

-- the work that is due first, of those that are due
local function take_next(list, now)
  local first
  for i, entry in ipairs(list) do
    if entry.time <= now and (not first or entry.time < list[first].time) then first = i end
  end
  return first and table.remove(list, first)
end

local function work_off(state, now)
  local entry = take_next(state.scheduled, now)
  while entry do
    entry.work(entry.time > 0 and entry.time or now, state)
    entry = take_next(state.scheduled, now)
  end
end

--- Does what is due, in order, each as if its time were now; what was added for the time 0 really is
--- done now. Work may add work, and may make requests: these do not begin other work before it ends.
function schedule.catch_up(state, now)
  if not state.scheduled or state.is_catching_up then return end
  state.is_catching_up = true
  local ok, problem = pcall(work_off, state, now)
  state.is_catching_up = nil
  if not ok then error(problem, 0) end
end

return schedule
