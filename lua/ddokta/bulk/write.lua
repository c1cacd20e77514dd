--- write: resources as a file that read can read. Secrets are never there to be written.

local kinds = require "ddokta.bulk.kinds"
local read = require "ddokta.bulk.read"

local function public_columns(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then names[#names + 1] = column.name end
  end
  return names
end

--- write(kind, resources, format, put) -> true, or nil, err
-- kind: a name of kinds/; format: "csv" (default), "jsonl" or "json"; put(text) gets each piece.
local function write(kind_name, resources, format, put)
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  local module, message = read.format_of("-", format)
  if not module then error(message, 2) end
  module.write(resources, public_columns(kind), put)
  return true
end

return { write = write }
