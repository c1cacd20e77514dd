--- answer: what a program reads on standard output: with --json one document, with --jsonl a line for each
--- row; of a failure too.
--
-- The schemas of doc/json say what is in it.

local errors = require "ddokta.error"
local json = require("ddokta.native").json
local status = require "ddokta.cli.status"

local answer = {}

-- what a program is told of an error. Not the answer's body: it is long, and may quote anything.
local FIELDS = {
  "kind",
  "code",
  "message",
  "errors",
  "status",
  "scim_type",
  "operation",
  "method",
  "url",
  "permission",
  "attempts",
  "seconds",
  "retry_after",
  "rate_limit",
  "retryable",
  "ambiguous",
  "id",
  "hint",
  "guards",
  "problems",
  "problem_count",
}

-- the kind of an error that has none but the command's exit status
local kinds = {
  [status.USAGE] = "config",
  [status.STOPPED] = "conflict",
  [status.UNAUTHORISED] = "unauthorized",
  [status.INTERRUPTED] = "cancelled",
}

--- The error of a failure.
---@param stop table of ddokta.cli.status
---@return table error {kind, message, ...}
function answer.error(stop)
  local given, copy = stop.error or {}, {}
  for _, name in ipairs(FIELDS) do
    copy[name] = given[name]
  end
  if copy.errors and not copy.errors[1] then copy.errors = nil end
  copy.kind = copy.kind or kinds[stop.status] or "internal"
  -- a guard is named in words of the command, and what is wrong with a source has its list
  if not errors.is(given) or given.guards then copy.message = stop.message or copy.message end
  copy.message = copy.message or "interrupted"
  return copy
end

-- --- parts of an answer -----------------------------------------------------------------------------

-- A part is a plan or a report, which writes itself piece by piece, or plain data.
local function put_part(put, part)
  if part.value.write_json then return part.value:write_json(put) end
  local text, err = json.encode(part.value)
  if text then put(text) end
  return text and true, err
end

local function put_document(put, parts)
  local before = "{"
  for _, part in ipairs(parts) do
    put(("%s%q:"):format(before, part.name))
    local ok, err = put_part(put, part)
    if not ok then return nil, err end
    before = ","
  end
  put "}\n"
  return true
end

local function put_line(put, value)
  local text, err = json.encode(value)
  if not text then return nil, err end
  put(text .. "\n")
  return true
end

-- The rows of the last part that has some: those of a report are the plan's, and say more.
local function put_rows(put, parts)
  for i = #parts, 1, -1 do
    local value = parts[i].value
    if value.each then
      for row in value:each() do
        local ok, err = put_line(put, value.shown and value.shown(row) or row)
        if not ok then return nil, err end
      end
      return true
    end
  end
  return true
end

local function put_lines(put, parts)
  local summary, failed = {}, nil
  for _, part in ipairs(parts) do
    if part.name == "error" then
      failed = part.value
    else
      summary[part.name] = part.value.head and part.value:head() or part.value
    end
  end
  local ok, err = put_rows(put, parts)
  if ok and next(summary) then
    ok, err = put_line(put, { summary = summary })
  end
  if ok and failed then return put_line(put, { error = failed }) end
  return ok, err
end

--- Writes what there is of an answer.
---@param put fun(text: string)
---@param parts { name: string, value: table }[]
---@param as_lines? boolean
---@return true? written
---@return table|string|nil err
function answer.write(put, parts, as_lines)
  if as_lines then return put_lines(put, parts) end
  return put_document(put, parts)
end

--- Writes one value: with --jsonl an array is a line for each item.
---@param put fun(text: string)
---@param value any
---@param as_lines? boolean
---@return true? written
---@return table|string|nil err
function answer.write_value(put, value, as_lines)
  local is_list = value[1] ~= nil or next(value) == nil
  if not as_lines or not is_list then return put_line(put, value) end
  for _, item in ipairs(value) do
    local ok, err = put_line(put, item)
    if not ok then return nil, err end
  end
  return true
end

return answer
