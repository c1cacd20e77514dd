--- report_file: the option --report FILE, which writes a plan, or what became of it, as JSON, CSV or HTML.

local bulk = require "ddokta.bulk"
local ending = require "ddokta.cli.ending"
local file = require "ddokta.file"
local status = require "ddokta.cli.status"

local report_columns = {
  "kind",
  "position",
  "key",
  "action",
  "outcome",
  "id",
  "attempts",
  "error_kind",
  "error",
  "note",
}
local plan_columns = { "kind", "position", "key", "action", "id", "fields", "reason", "note" }

local function report_row(row)
  local copy = {}
  for name, value in pairs(row) do
    copy[name] = value
  end
  local err = row.error
  copy.error_kind, copy.error = err and err.kind, err and err.message
  return copy
end

local function plan_row(step)
  local names = {}
  for i, change in ipairs(step.changes or {}) do
    names[i] = change.field
  end
  for _, name in ipairs(step.secrets or {}) do
    names[#names + 1] = name
  end
  return {
    kind = step.kind,
    position = step.position,
    key = step.key,
    action = step.action,
    id = step.id,
    reason = step.reason,
    note = step.note,
    fields = table.concat(names, ";"),
  }
end

local function put_csv(put, plan, report)
  local each, as_row = (report or plan):each(), report and report_row or plan_row
  bulk.formats.get("csv").write(function()
    local one = each()
    return one and as_row(one)
  end, report and report_columns or plan_columns, put)
end

local function put_json(put, plan, report)
  local ok, err = (report or plan):write_json(put)
  put("\n")
  return ok, err
end

-- ending = function(app) -> what writes it. The parts of a page are read before anything is sent.
local writers = {
  csv = function() return put_csv end,
  json = function() return put_json end,
  html = function(app)
    local write, options = bulk.html.write, { command = ending.again(app) }
    return function(put, plan, report) return write(put, plan, report, options) end
  end,
}

local report_file = {}

--- Adds the option.
---@param parser table of argparse
---@param what string what is written
function report_file.configure(parser, what)
  parser:option("--report", ("write %s to this file: .json, .csv or .html"):format(what)):argname("<file>")
end

--- Ends the command where the file has none of the endings, cannot be written, or is one of the sources. It
--- is called before anything is sent; the file is not touched until `write` is called.
---@param app ddokta.cli.App
---@param path string
---@param sources string[]
---@return fun(plan: table, report?: table) write
function report_file.open(app, path, sources)
  local new_writer = writers[file.extension(path) or ""]
  if not new_writer then
    app:fail(status.USAGE, "--report: a name that ends in .json, .csv or .html is wanted")
  end
  local writer = new_writer(app)
  app:must_write(file.check(path, { sources = sources }))
  return function(plan, report)
    app:must_write(
      file.write(path, function(put) return writer(put, plan, report) end, { sources = sources })
    )
  end
end

return report_file
