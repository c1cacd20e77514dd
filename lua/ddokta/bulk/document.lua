--- document: a plan or a report as JSON, at once and piece by piece.

local json = require("ddokta.native").json

---@class ddokta.bulk.document
local document = {}

--- What anybody may see of a plan or a report, in a table of its own.
---@param object ddokta.bulk.Plan|ddokta.bulk.Report
---@return table
function document.fields(object)
  local copy = {}
  for name, value in pairs(object) do
    copy[name] = value
  end
  return copy
end

--- The same, with what `each` gives in `rows`.
---@param object ddokta.bulk.Plan|ddokta.bulk.Report
---@param each fun(): table?
---@return table
function document.table(object, each)
  local copy = document.fields(object)
  copy.rows = json.array {}
  for row in each do
    copy.rows[#copy.rows + 1] = row
  end
  return copy
end

--- The JSON of that piece by piece, for plans of any length.
---@param put fun(text: string)
---@param object ddokta.bulk.Plan|ddokta.bulk.Report
---@param each fun(): table?
---@return true? written
---@return ddokta.Error|string|nil err
function document.write(put, object, each)
  local head = document.fields(object)
  head.rows = nil
  local text, err = json.encode(head)
  if not text then return nil, err end
  put(text:gsub("}$", "") .. ',"rows":[')
  local separator = ""
  for row in each do
    text, err = json.encode(row)
    if not text then return nil, err end
    put(separator .. text)
    separator = ","
  end
  put "]}"
  return true
end

return document
