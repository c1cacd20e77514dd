-- Marks a module's endpoints as Okta's and as counted under one rate limit.
return function(limit, rows)
  for _, row in ipairs(rows) do
    row.service, row.limit = "okta", limit
  end
  return rows
end
