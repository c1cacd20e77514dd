--- output: how a list is shown: as a table that fits the terminal, as CSV, JSON or JSON Lines.

local bulk = require "ddokta.bulk"
local json = require("ddokta.native").json
local spool = require "ddokta.cli.spool"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"

local output = {}

--- Adds the option of a command that shows a table.
---@param parser table of argparse
function output.configure_wide(parser)
  parser:flag("--wide", "cut nothing and leave no column out, however narrow the terminal is"):init(false)
end

--- Adds the options of a command that lists.
---@param parser table of argparse
function output.configure(parser)
  parser
    :option("--format", "how the list is shown (default: table)")
    :choices({ "table", "csv", "json", "jsonl" })
    :action(function(args, _, format)
      args.format = format
      if format == "json" or format == "jsonl" then args[format] = true end
    end)
  parser:option("--columns", "the columns of a table or CSV, as name,id"):argname "<columns>"
  output.configure_wide(parser)
end

-- --- which columns --------------------------------------------------------------------------------------

local function column_named(app, columns, name)
  local names = {}
  for i, column in ipairs(columns) do
    if column.name == name then return column end
    names[i] = column.name
  end
  local meant = text.did_you_mean(name, names, { or_list = true })
  app:fail(status.USAGE, ("--columns: there is no column '%s'%s"):format(text.show(name), meant))
end

--- The columns that are asked for, in that order, else all; or the end of the command.
---@param app ddokta.cli.App
---@param columns ddokta.text.Column[]
---@return ddokta.text.Column[]
function output.columns(app, columns)
  local wanted, chosen = app.args.columns, {}
  for _, column in ipairs(wanted and {} or columns) do
    if not column.on_demand then chosen[#chosen + 1] = column end
  end
  if not wanted then return chosen end
  for name in wanted:gmatch "[^,]+" do
    chosen[#chosen + 1] = column_named(app, columns, (name:gsub("^%s+", ""):gsub("%s+$", "")))
  end
  if not chosen[1] then app:fail(status.USAGE, "--columns: no name is given") end
  return chosen
end

-- --- which format ---------------------------------------------------------------------------------------

local function format_of(app)
  local args = app.args
  local said = args.jsonl and "jsonl" or args.json and "json" or nil
  if said and args.format and args.format ~= said then
    app:fail(status.USAGE, "--json, --jsonl and --format: say one of them")
  end
  local format = args.format or said or "table"
  if args.columns and said then
    app:fail(status.USAGE, "--columns is for a table or CSV: JSON has all of each")
  end
  return format
end

--- Do the arguments want anything but what people read?
---@param app ddokta.cli.App
---@return boolean
function output.is_data(app) return format_of(app) ~= "table" end

---@class ddokta.cli.List
---@field columns ddokta.text.Column[] those that matter most come first
---@field none string what is said where there is nothing: "no users"
---@field each fun(visit: fun(item: table)) all items, as they come: they are what JSON shows
---@field rows? fun(items: table[], columns: ddokta.text.Column[]): table[] of each item what the
--- columns have, by name; the items themselves where there is no such function
---@field document? fun(items: table[]): table what JSON has, where that is more than the items: one document

local function items_of(list)
  local items = {}
  list.each(function(item) items[#items + 1] = item end)
  return items
end

local function rows_of(list, columns)
  local items = items_of(list)
  return list.rows and list.rows(items, columns) or items
end

local writers = {}

local function write_document(app, list) app:json(list.document(json.array(items_of(list)))) end

-- One document, which a failure in its middle replaces.
function writers.json(app, list)
  if list.document then return write_document(app, list) end
  local answer, before = spool.new(), "["
  list.each(function(item)
    answer:put(before .. app:must(json.encode(item)))
    before = ","
  end)
  answer:put(before == "[" and "[]\n" or "]\n")
  answer:copy(function(piece) app:write(piece) end)
end

-- a reader has each as soon as it is there
function writers.jsonl(app, list)
  if list.document then return write_document(app, list) end
  list.each(function(item)
    app:json(item)
    app:flush()
  end)
end

function writers.csv(app, list, columns)
  local names = {}
  for i, column in ipairs(columns) do
    names[i] = column.name
  end
  local rows = rows_of(list, columns)
  bulk.formats.get("csv").write(rows, names, function(piece) app:write(piece) end)
end

function writers.table(app, list, columns)
  local cells = {}
  for r, row in ipairs(rows_of(list, columns)) do
    cells[r] = {}
    for i, column in ipairs(columns) do
      cells[r][i] = row[column.name]
    end
  end
  if not cells[1] then return app:print(list.none) end
  app:table(columns, cells, { keeps_all = app.args.columns ~= nil })
end

--- Ends the command for what is wrong with the arguments of a list, before anything is read.
---@param app ddokta.cli.App
---@param columns ddokta.text.Column[]
function output.check(app, columns)
  format_of(app)
  output.columns(app, columns)
end

--- Shows a list as the arguments want it. What is wrong with these is said before anything is read.
---@param app ddokta.cli.App
---@param list ddokta.cli.List
---@return integer status
function output.list(app, list)
  local format, columns = format_of(app), output.columns(app, list.columns)
  writers[format](app, list, columns)
  return status.DONE
end

return output
