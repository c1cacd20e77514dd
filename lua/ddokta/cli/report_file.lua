--- --report FILE: a report as JSON, or as CSV where the name says so. Later: HTML.

local formats_csv = require "ddokta.bulk.formats.csv"
local status = require "ddokta.cli.status"

local columns = { "position", "key", "action", "outcome", "id", "attempts", "error_kind", "error" }

local function csv_rows(report)
  local rows = {}
  for i, row in ipairs(report.rows) do
    local copy = {}
    for name, value in pairs(row) do copy[name] = value end
    if row.error then copy.error_kind, copy.error = row.error.kind, row.error.message end
    rows[i] = copy
  end
  return rows
end

local report_file = {}

--- open(app, path) -> a function that writes a report there; a path that cannot be written ends the
-- command before anything is sent.
function report_file.open(app, path)
  local extension = path:lower():match("%.(%w+)$")
  if extension ~= "json" and extension ~= "csv" then
    app:fail(status.USAGE, "--report: a name that ends in .json or .csv is wanted")
  end
  local file, why = io.open(path, "wb")
  if not file then app:fail(status.FAILED, "cannot write " .. tostring(why)) end
  return function(report)
    local function put(text) app:checked_write(file:write(text)) end
    if extension == "csv" then
      formats_csv.write(csv_rows(report), columns, put)
    else
      put(app:must(report:to_json()) .. "\n")
    end
    app:checked_write(file:close())
  end
end

return report_file
