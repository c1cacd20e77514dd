--- The file formats in which a source may be, each a file of this folder: by its name, or by a path's ending.
--
-- A format is {
--   order        its place among the formats, as they are named to a user
--   extensions   list of the endings of paths
--   unit         what a row's number is counted in: "line" or "item"
--   has_lists    true: a list is a value; else it is one text, its items separated
--   read(input, options) -> reader | nil, problem
--   write(rows, columns, put)   put(text) gets each piece
-- }

local did_you_mean = require("ddokta.text").did_you_mean
local file = require "ddokta.file"
local registry = require "ddokta.bulk.registry"

---@alias ddokta.bulk.Format "csv"|"jsonl"|"json"

---@class ddokta.bulk.formats
local formats = { names = registry.names "formats" }

--- get(name) -> format | nil, what is wrong
function formats.get(name)
  for _, known in ipairs(formats.names) do
    if known == name then return require("ddokta.bulk.formats." .. name) end
  end
  local given = type(name) == "string" and name or "a " .. type(name)
  return nil, ("unknown format '%s'%s"):format(given, did_you_mean(given, formats.names, { or_list = true }))
end

--- of(path, name) -> the format of this name, or of the path's ending; of standard input ("-") CSV | nil,
-- what is wrong, and "no_format" where the path does not say it
function formats.of(path, name)
  if name then return formats.get(name) end
  if path == "-" then return formats.get "csv" end
  local extension = file.extension(path)
  for _, known in ipairs(formats.names) do
    local format = formats.get(known)
    for _, ending in ipairs(format.extensions) do
      if extension == ending then return format end
    end
  end
  local words = "%s: cannot tell the format from the name: say which it is (format: %s)"
  return nil, words:format(path, table.concat(formats.names, ", ")), "no_format"
end

return formats
