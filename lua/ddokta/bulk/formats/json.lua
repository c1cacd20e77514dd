--- JSON: a list of objects, or {"data": [...]} as the service answers.

local json = require("ddokta.native").json

local function whole(input)
  local parts = {}
  for chunk in function() return input(65536) end do
    parts[#parts + 1] = chunk
  end
  return (table.concat(parts):gsub("^\239\187\191", ""))
end

local function list_of(document)
  if type(document) ~= "table" then return nil end
  if type(document.data) == "table" then return document.data end
  if document[1] ~= nil or next(document) == nil then return document end
  return nil
end

local function read(input)
  local text = whole(input)
  if not text:find("%S") then return nil, { message = "empty: a list of objects is wanted" } end
  local document, message = json.decode(text)
  local list = list_of(document)
  if not list or list.type or list.attributes then
    return nil, { message = message or 'not a list of objects, nor {"data": [...]}' }
  end
  local index = 0
  return {
    next = function()
      index = index + 1
      local row = list[index]
      if row == nil then return nil end
      if type(row) == "table" then return row, index end
      return nil, { line = index, message = "not a JSON object" }
    end,
  }
end

local function write(rows, columns, put)
  put("[")
  for i, row in ipairs(rows) do
    local object = {}
    for _, column in ipairs(columns) do
      object[column] = row[column]
    end
    put((i > 1 and "," or "") .. "\n  " .. assert(json.encode(object)))
  end
  put("\n]\n")
end

return { order = 3, read = read, write = write, has_lists = true, unit = "item", extensions = { "json" } }
