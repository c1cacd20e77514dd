--- JSON Lines: one object a line, flat or as a JSON:API resource.

local json = require("ddokta.native").json

local CHUNK = 65536
local MAX_LINE = 1048576

local function lines(input)
  local pending, from, number, finished = "", 1, 0, false
  return function()
    while true do
      local stop = pending:find("\n", from, true) or (finished and from <= #pending and #pending + 1)
      if stop then
        local line = pending:sub(from, stop - 1)
        from, number = stop + 1, number + 1
        return line, number
      end
      if finished then return nil end
      local chunk = #pending - from < MAX_LINE and input(CHUNK) or nil
      pending, from = pending:sub(from) .. (chunk or ""), 1
      finished = not chunk
    end
  end
end

local function read(input)
  local next_line = lines(input)
  local first = true
  local function next_row()
    while true do
      local line, number = next_line()
      if not line then return nil end
      if first then
        line, first = line:gsub("^\239\187\191", ""), false
      end
      if line:find("%S") then
        if #line > MAX_LINE then return nil, { line = number, message = "the line is too large" } end
        local value, message = json.decode(line)
        if type(value) == "table" then return value, number end
        return nil, { line = number, message = message or "not a JSON object" }
      end
    end
  end
  return { next = next_row }
end

local function write(rows, columns, put)
  for _, row in ipairs(rows) do
    local object = {}
    for _, column in ipairs(columns) do
      object[column] = row[column]
    end
    put(assert(json.encode(object)) .. "\n")
  end
end

return {
  order = 2,
  read = read,
  write = write,
  has_lists = true,
  unit = "line",
  extensions = { "jsonl", "ndjson" },
}
