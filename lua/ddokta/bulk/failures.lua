--- failures: which failures of single changes end the whole run.
--
-- A service that is out of order fails whatever is sent, and keys that may not do a thing are refused for
-- each row: to go on would be many calls for nothing. A 403 may also be about the one row.

local guards = require "ddokta.bulk.guards"

local WINDOW = 50 -- changes over which a share is counted
local LEAST = 10 -- failures among them that make a share; refusals in a row that are the keys'

-- failures that say nothing about the row
local of_service = {
  server = true,
  network = true,
  timeout = true,
  tls = true,
  protocol = true,
  rate_limited = true,
}

---@class ddokta.bulk.Failures
local Failures = {}
Failures.__index = Failures

local failures = {}

--- new(max_failures, fail_fast) -> failures | nil, what is wrong with max_failures, in words
---@param max_failures number|string how many, or a share of the last 50 changes: "20%"
---@param fail_fast? boolean
function failures.new(max_failures, fail_fast)
  local limit, message = guards.parse(max_failures)
  if not limit then return nil, message end
  return setmetatable({
    limit = limit,
    fail_fast = fail_fast,
    count = 0,
    window = {},
    seen = 0,
    recent = 0,
    refused = {},
  }, Failures)
end

--- Is a refusal the keys' rather than the row's? What every row gets in a row, with nothing done in between.
-- -> why, in words, or nil
local function refusal_of_keys(self, row)
  local state = self.refused[row.action] or { count = 0 }
  self.refused[row.action] = state
  local err = row.error
  if row.outcome == "done" or not err or err.kind ~= "forbidden" then
    self.has_other, state.count = true, 0
    return nil
  end
  state.count = err.message == state.message and state.count + 1 or 1
  state.message, self.message = err.message, err.message
  return state.count >= LEAST and err.message or nil
end

local function slide(self, failed)
  local slot = self.seen % WINDOW
  if self.window[slot] then self.recent = self.recent - 1 end
  self.window[slot] = failed
  if failed then self.recent = self.recent + 1 end
  self.seen = self.seen + 1
end

--- -> nil, or reason, words: more failed than may
local function too_many(self, err)
  if err then self.count = self.count + 1 end
  local limit = self.limit
  if limit.count then
    if self.count <= limit.count then return nil end
    return "max_failures", ("%d steps failed, more than the limit of %d"):format(self.count, limit.count)
  end
  slide(self, err ~= nil and of_service[err.kind] == true)
  local size = math.min(self.seen, WINDOW)
  if self.recent < LEAST or self.recent * 100 <= limit.percent * size then return nil end
  local text = "%d of the last %d steps failed for reasons of the service, more than %g%%: %s"
  return "outage", text:format(self.recent, size, limit.percent, err and err.message or "see the failed rows")
end

--- add(row) -> nil, or why the run ends: "unauthorized", "forbidden", "fail_fast", "max_failures" or
--- "outage", and the same in words
---@param row table of the report, as it ends
---@return string? reason, string? words
function Failures:add(row)
  local err = (row.outcome == "failed" or row.outcome == "unknown") and row.error or nil
  if err and err.kind == "unauthorized" then return err.kind, err.message end
  local refusal = refusal_of_keys(self, row)
  if refusal then return "forbidden", refusal end
  if err and self.fail_fast then
    return "fail_fast", ("'%s' failed: %s"):format(tostring(row.key), err.message)
  end
  return too_many(self, err)
end

--- all_refused() -> the words of the last refusal where nothing else came of any row, or nil
function Failures:all_refused()
  if self.has_other then return nil end
  return self.message
end

return failures
