--- refusals: does a 403 say something of the row, or of the keys?
--
-- A service refuses what may not be done to one thing as it refuses keys that may not do it at all. What
-- every row gets is the keys': it ends the run, and who runs it is told which permission is missing.

local LEAST = 10 -- of the same in a row, with nothing done in between

local refusals = {}
refusals.__index = refusals

--- add(row) -> nil, or why the run ends. row: of a report, as it ends
function refusals:add(row)
  local state = self.of[row.action] or { count = 0 }
  self.of[row.action] = state
  if row.outcome == "done" then
    self.done, state.count = true, 0
    return nil
  end
  local err = row.error
  if not err or err.kind ~= "forbidden" then
    self.other, state.count = true, 0
    return nil
  end
  state.count = err.message == state.message and state.count + 1 or 1
  state.message, self.message = err.message, err.message
  if state.count < LEAST then return nil end
  return err.message
end

--- all() -> the words of the last one where nothing else came of any row, or nil
function refusals:all()
  if self.done or self.other then return nil end
  return self.message
end

--- new() -> a counter of a run
return function() return setmetatable({ of = {} }, refusals) end
