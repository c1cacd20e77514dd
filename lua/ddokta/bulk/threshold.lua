--- How many deletions (of users: deactivations) a plan may have before none of it is applied.

local threshold = {}

--- parse(20) or parse("10%") -> {count =} or {percent =}, or nil and what is wrong.
function threshold.parse(value)
  if type(value) == "number" then
    if value >= 0 and value % 1 == 0 then return { count = value } end
  else
    local percent = tonumber(value:match("^(%d+%.?%d*)%%$"))
    if percent and percent <= 100 then return { percent = percent } end
    if value:match("^%d+$") then return { count = tonumber(value) } end
  end
  return nil, 'a number or a percentage such as 20 or "10%" is wanted'
end

--- check(plan, kind, limit) -> nil, or why nothing of the plan may be applied.
function threshold.check(plan, kind, limit)
  local deletes, total = plan.counts.delete + (plan.deactivations or 0), plan.counts.service
  if deletes == 0 then return nil end
  local word = kind.deactivate and "deactivated" or "deleted"
  if (plan.counts.whole or plan.counts.source) == 0 and not plan.restores then
    local text = "%s has no rows: that would %s all %d %s; see why it is empty, or leave prune away"
    return text:format(plan.source, kind.deactivate and "deactivate" or "delete", deletes, kind.plural)
  end
  local allowed = limit.count or total * limit.percent / 100
  if deletes <= allowed then return nil end
  return ("%d of %d %s would be %s, more than the limit of %s: raise max_deactivations if that is meant")
    :format(deletes, total, kind.plural, word, limit.count or limit.percent .. "%")
end

return threshold
