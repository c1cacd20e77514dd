--- write: resources as a file that read can read. Secrets are never there to be written.

local forms = require "ddokta.bulk.forms"
local kinds = require "ddokta.bulk.kinds"
local listing = require "ddokta.bulk.listing"
local place = require "ddokta.bulk.place"
local read = require "ddokta.bulk.read"

local function public_columns(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then names[#names + 1] = column.name end
  end
  return names
end

--- A resource as a row; lists in one text where the format has no lists. nil and what cannot be written.
local function row_of(kind, resource, has_lists)
  local row = place.row(kind, resource)
  if has_lists then return row end
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

local function rows_of(kind, resources, has_lists)
  local rows = {}
  for i, resource in ipairs(resources) do
    local row, message = row_of(kind, resource, has_lists)
    if not row then return nil, message end
    rows[i] = row
  end
  return rows
end

local function failed(kind, message)
  return require("ddokta.error").new{
    kind = "invalid_request", message = ("%s cannot be written as CSV: %s"):format(kind.plural, message),
  }
end

--- write(kind, resources, format, put) -> true, or nil, err
-- kind: a name of kinds/; format: "csv" (default), "jsonl" or "json"; put(text) gets each piece.
local function write(kind_name, resources, format, put)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  local module, message = read.format_of("-", format)
  if not module then error(message, 2) end
  local rows
  rows, message = rows_of(kind, resources, module.has_lists)
  if not rows then return nil, failed(kind, message) end
  module.write(rows, public_columns(kind), put)
  return true
end

--- export(dd, kind, format, put) -> how many, or nil, err: all that the service has. Nothing is written
-- before all of it was read.
local function export(dd, kind_name, format, put)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  local all = {}
  local count, why = listing.all(dd, kind.operations.list, kind.page, function(resource)
    all[#all + 1] = resource
  end, kind.plural)
  if not count then return nil, why end
  local written
  written, err = write(kind_name, all, format, put)
  if not written then return nil, err end
  return count
end

return { write = write, export = export }
