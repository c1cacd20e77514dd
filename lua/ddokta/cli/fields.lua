--- The columns of a kind on the command line: an option each; a secret one names a file.

local environment = os.getenv
local forms = require "ddokta.bulk.forms"
local json = require("ddokta.core").json
local resources = require "ddokta.bulk.resources"
local secret = require "ddokta.cli.secret"

local fields = {}

local function option_of(column) return (column.option or column.name):gsub("_", "-") end

local function argument_of(column)
  local name = (column.option or column.name) .. (column.secret and "_file" or "")
  return name
end

local function variable_of(column) return "DDOKTA_" .. (column.option or column.name):upper() end

--- The names of the columns that may be shown, in their order, behind them the id.
function fields.shown(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then names[#names + 1] = column.name end
  end
  names[#names + 1] = "id"
  return names
end

--- rows(app, dd, kind, things) -> of each its columns and its id, lists as one text, names for ids
function fields.rows(app, dd, kind, things)
  local rows = {}
  for i, thing in ipairs(things) do
    rows[i] = resources.row(kind, thing)
  end
  app:must(resources.name_rows(dd, kind, rows))
  for i, row in ipairs(rows) do
    for _, column in ipairs(kind.columns) do
      if type(row[column.name]) == "table" then
        row[column.name] = forms.join(column, row[column.name]) or table.concat(row[column.name], ", ")
      end
    end
    row.id = things[i].id
  end
  return rows
end

local function is_in(list, name)
  for _, item in ipairs(list) do
    if item == name then return true end
  end
  return false
end

local function help_of(column)
  if column.help then return column.help end
  if column.form == "boolean" then return "true or false" end
  return column.form == "list" and ("a list, separated by %s"):format(column.separator or ";") or ""
end

--- Adds the options. except: names of columns that have none.
function fields.configure(parser, kind, except)
  for _, column in ipairs(kind.columns) do
    if not is_in(except, column.name) then
      local name = option_of(column)
      if column.secret then
        parser:option("--" .. name .. "-file"):argname("<file>"):description(
          ("file with the %s, - for standard input ($%s)"):format(
            column.name:gsub("_", " "),
            variable_of(column)
          )
        )
      else
        parser:option("--" .. name):argname("<" .. name .. ">"):description(help_of(column))
      end
    end
  end
end

local function secret_value(app, column, may_prompt)
  local path = app.args[argument_of(column)]
  if path then return app:must(secret.from_file(path)) end
  local value = environment(variable_of(column))
  if value and value ~= "" then return value end
  if may_prompt and column.prompt and app.can_ask() then
    return secret.prompt(column.name:gsub("_", " ") .. " (empty for none): ")
  end
end

--- What the arguments, the environment and (where may_prompt) a prompt give.
function fields.read(app, kind, may_prompt)
  local row = {}
  for _, column in ipairs(kind.columns) do
    if column.secret then
      row[column.name] = secret_value(app, column, may_prompt)
    else
      row[column.name] = app.args[argument_of(column)]
      -- of a list nothing is something
      if column.form == "list" and row[column.name] == "" then row[column.name] = json.array {} end
    end
  end
  return row
end

return fields
