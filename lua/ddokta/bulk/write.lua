--- Writes what a service has as a file that a source can be. Secrets are never there to be written.

local arguments = require "ddokta.arguments"
local formats = require "ddokta.bulk.formats"
local forms = require "ddokta.bulk.forms"
local kinds = require "ddokta.bulk.kinds"
local pages = require "ddokta.pages"
local resources = require "ddokta.bulk.resources"

local function public_columns(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then names[#names + 1] = column.name end
  end
  return names
end

--- A row with its lists in one text each; nil and what cannot be written.
local function joined(kind, row)
  for _, column in ipairs(kind.columns) do
    local value = row[column.name]
    if type(value) == "table" then
      local text, message = forms.join(column, value)
      if not text then return nil, message end
      row[column.name] = text
    end
  end
  return row
end

local function failed(kind, message)
  return nil,
    require("ddokta.error").new {
      kind = "invalid_request",
      message = ("%s cannot be written as CSV: %s"):format(kind.plural, message),
    }
end

local function rows_of(kind, things)
  local rows = {}
  for i, thing in ipairs(things) do
    rows[i] = resources.row(kind, thing)
  end
  return rows
end

local function format_named(format)
  local module, message = formats.of("-", format)
  if not module then error(message, 3) end
  return module
end

local function write_rows(kind, rows, module, put)
  for _, row in ipairs(module.has_lists and {} or rows) do
    local ok, message = joined(kind, row)
    if not ok then return failed(kind, message) end
  end
  module.write(rows, public_columns(kind), put)
  return true
end

local function are_things(things)
  if type(things) ~= "table" then return false end
  for _, thing in ipairs(things) do
    if type(thing) ~= "table" then return false end
  end
  return true
end

---@class ddokta.bulk.write
local write = {}

--- Writes things as a source. Things that a column refers to stand there by their ids.
---@param kind_name ddokta.bulk.Kind
---@param things table[] as the service has them
---@param format? ddokta.bulk.Format ("csv")
---@param put fun(text: string) gets each piece
---@return true? written
---@return ddokta.Error? err
function write.write(kind_name, things, format, put)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  arguments.need(are_things(things), "bulk.write", "a list of things as the service has them", things)
  arguments.need(type(put) == "function", "bulk.write", "a function that takes a text", put)
  return write_rows(kind, rows_of(kind, things), format_named(format), put)
end

--- Writes all that the service has, with names for what a column refers to. Nothing is written before all of
--- it was read.
---@param dd ddokta.Client
---@param kind_name ddokta.bulk.Kind
---@param format? ddokta.bulk.Format ("csv")
---@param put fun(text: string) gets each piece
---@return integer? count
---@return ddokta.Error? err
function write.export(dd, kind_name, format, put)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  arguments.client("bulk.export", dd, kind.service)
  arguments.need(type(put) == "function", "bulk.export", "a function that takes a text", put)
  local all, module = {}, format_named(format)
  local list = { client = dd, operation = kind.operations.list, title = kind.plural }
  local count, why = pages.walk(list, function(thing) all[#all + 1] = thing end)
  if not count then return nil, why end
  local rows = rows_of(kind, all)
  local named, written
  named, err = resources.name_rows(dd, kind, rows)
  if not named then return nil, err end
  written, err = write_rows(kind, rows, module, put)
  if not written then return nil, err end
  return count
end

return write
