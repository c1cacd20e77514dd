--- report: what became of each row of a plan.
--
-- A report is {
--   kind, source, seconds, dry_run
--   rows      list of {key, action, position, outcome, id, attempts, error}
--     outcome "done", "failed", "skipped" or "unchanged"
--     error   {kind, message, status, ...} of what failed or was skipped
--   counts    {done =, failed =, skipped =, unchanged =, create =, update =, delete =}: the last three
--             count what was done
--   stopped   "unauthorized" or "forbidden" when that stopped the run
-- }
-- tostring(report) is a sentence and the rows that failed.

local json = require("ddokta.core").json

local report = {}
report.__index = report

local function count(rows)
  local counts = { done = 0, failed = 0, skipped = 0, unchanged = 0, create = 0, update = 0, delete = 0 }
  for _, row in ipairs(rows) do
    counts[row.outcome] = counts[row.outcome] + 1
    if row.outcome == "done" then counts[row.action] = counts[row.action] + 1 end
  end
  return counts
end

local parts = {
  { "create", "created" }, { "update", "updated" }, { "delete", "deleted" }, { "unchanged", "unchanged" },
  { "failed", "failed" }, { "skipped", "not sent" },
}

function report:summary()
  local texts = {}
  for _, part in ipairs(parts) do
    local n = self.counts[part[1]]
    if n > 0 then texts[#texts + 1] = n .. " " .. part[2] end
  end
  local text = #texts > 0 and table.concat(texts, ", ") or "nothing to do"
  local advice = ""
  if self.stopped then
    advice = " It stopped there: the keys may not do this."
  elseif self.counts.failed > 0 then
    advice = " Run it again to try the rest."
  end
  return ("%s%s from %s: %s in %.1f s.%s"):format(self.dry_run and "Dry run, nothing was sent: " or "",
    self.kind, self.source, text, self.seconds, advice)
end

function report:__tostring()
  local lines = { self:summary() }
  for _, row in ipairs(self.rows) do
    if row.outcome == "failed" then
      lines[#lines + 1] = ("  %s %s%s: %s"):format(row.action, tostring(row.key):gsub("%c", "?"),
        row.position and " (" .. row.position .. ")" or "", row.error.message)
    end
  end
  return table.concat(lines, "\n")
end

--- The report as plain data, for JSON.
function report:to_table()
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  return copy
end

function report:to_json() return json.encode(self:to_table()) end

--- new{kind =, source =, rows =, seconds =, ...} -> report
return function(fields)
  fields.counts = count(fields.rows)
  return setmetatable(fields, report)
end
