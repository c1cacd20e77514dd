-- Holds what the command writes with --json and --jsonl against the schemas of doc/json, whose "x-commands"
-- say which command writes them. spec/lua/cli/command.lua asks it of every answer, so that no spec passes by.
local files = require "spec.support.files"
local json = require("ddokta.core").json
local rows = require "ddokta.cli.commands"
local socket = require "socket"
local system = require("ddokta.core").system

-- one validator for the whole suite (spec/support/setup.lua); the kill test runs without busted
local suite = package.loaded["spec.support.suite"] or {}

local FOLDER = "doc/json"
local SHOWN = 5 -- faults

local M = {}

-- --- which schema a command's answer has ------------------------------------------------------------

local schemas -- by command: {name = "scim_user#/$defs/list", schema =}

local function add(name, schema)
  for _, command in ipairs(schema["x-commands"] or {}) do
    assert(not schemas[command], command .. " has two schemas")
    schemas[command] = { name = name, schema = schema }
  end
end

local function read_all()
  schemas = {}
  for _, file in ipairs(assert(system.list(FOLDER))) do
    local name = file:match "^(.*)%.json$"
    if name then
      local schema = assert(json.decode(files.read(FOLDER .. "/" .. file)), file)
      add(name, schema)
      for part, inner in pairs(schema["$defs"] or {}) do
        add(name .. "#/$defs/" .. part, inner)
      end
    end
  end
  return schemas
end

-- {"--json", "users", "list"} -> "users list"
local function command_of(arguments)
  local words, names = {}, {}
  for _, row in ipairs(rows) do
    names[row.name] = true
  end
  for _, argument in ipairs(arguments) do
    if names[argument] and not words[1] then
      words[1] = argument
    elseif words[1] and not words[2] and not argument:find "^%-" then
      words[2] = argument:gsub("_", "-")
    end
  end
  return words[1], words[2]
end

--- The schema of what a command writes, or nil where it writes none.
function M.schema_of(arguments)
  local all = schemas or read_all()
  local command, verb = command_of(arguments)
  if not command then return nil end
  return all[("%s %s"):format(command, verb or "")] or verb and all[command .. " *"] or all[command]
end

--- All commands that have one, by name.
function M.schemas() return schemas or read_all() end

-- --- validation -------------------------------------------------------------------------------------

--- While it is a list, each {schema, document} that is looked at is added to it.
M.collected = nil

local function ask(schema, document)
  if M.collected then M.collected[#M.collected + 1] = { schema, document } end
  if not suite.schema_port then
    -- It ends when this process is gone, so nothing may wait for it: the shell does not.
    local pipe = assert(
      io.popen(("unset LD_PRELOAD; python3 spec/support/schema.py %s %d &"):format(FOLDER, system.pid()), "r")
    )
    suite.schema_port = assert(tonumber(pipe:read "*l" or ""), "spec/support/schema.py did not start")
    pipe:close()
  end
  local c = assert(socket.connect("127.0.0.1", suite.schema_port))
  c:settimeout(60)
  assert(c:send(("%s %d\n%s"):format(schema, #document, document)))
  local faults = assert(json.decode(assert(c:receive "*l")))
  c:close()
  return faults
end

--- What is wrong with a document (a text) by a schema: a list of texts.
M.faults = ask

local function has(arguments, flag)
  for _, argument in ipairs(arguments) do
    if argument == flag then return true end
  end
  return false
end

-- an answer that is an error, where the command's own schema has no place for one
local function is_failure(document, schema)
  return type(document) == "table"
    and document.error ~= nil
    and not (schema and (schema.properties or {}).error)
end

local function check_lines(found, out, faults)
  local is_list = found and found.schema.type == "array"
  local rows_of = found and (found.name == "plan" or found.name == "import" or found.name == "recipe")
  for line in out:gmatch "[^\n]+" do
    local document = json.decode(line)
    local name = found and found.name
    if rows_of then
      name = "line"
    elseif is_failure(document, found and found.schema) or not found then
      name = "error"
    elseif is_list then
      name = found.name:find "#" and found.name:match "^[^#]+" or found.name .. "#/items"
    end
    for _, fault in ipairs(ask(name, line)) do
      faults[#faults + 1] = ("%s: %s: %s"):format(name, fault, line:sub(1, 300))
    end
  end
end

local function check_document(found, out, faults)
  local document = json.decode(out)
  local name = is_failure(document, found and found.schema) and "error" or found and found.name
  if not name then
    faults[#faults + 1] = "no schema says that this command writes this: " .. out:sub(1, 300)
    return
  end
  for _, fault in ipairs(ask(name, out)) do
    faults[#faults + 1] = ("%s: %s: %s"):format(name, fault, out:sub(1, 300))
  end
end

-- What says nothing to a program: it was ended by a signal, or writes to a file.
local function may_be_silent(arguments, result)
  return result.status > 128 or has(arguments, "-o") or has(arguments, "--output") or has(arguments, "--help")
end

local function check_log(text, faults)
  for line in text:gmatch "[^\n]+" do
    for _, fault in ipairs(ask("log", line)) do
      faults[#faults + 1] = ("log: %s: %s"):format(fault, line:sub(1, 300))
    end
  end
end

local function logs_json(arguments)
  for i, argument in ipairs(arguments) do
    if argument == "--log=json" or argument == "--log" and arguments[i + 1] == "json" then return true end
  end
  return false
end

-- --format is a list's own; elsewhere it is that of a source or a file
local function format_of(arguments)
  local _, verb = command_of(arguments)
  for i, argument in ipairs(arguments) do
    if argument == "--format" and (verb == "list" or arguments[1] == "operations") then
      return arguments[i + 1]
    end
    if argument == "--jsonl" or argument == "--json" then return argument:sub(3) end
  end
end

local function check_answer(arguments, result, faults)
  local format = format_of(arguments)
  if format ~= "json" and format ~= "jsonl" then return end
  local as_lines = format == "jsonl"
  local found = M.schema_of(arguments)
  if result.out == "" then
    local is_empty_list = as_lines and result.status == 0
    if not is_empty_list and not may_be_silent(arguments, result) then faults[1] = "it says nothing" end
  elseif as_lines then
    check_lines(found, result.out, faults)
  else
    check_document(found, result.out, faults)
  end
end

--- Raises where what `ddokta arguments` wrote is not what the schemas say. result: {out, err, status}
function M.check(arguments, result)
  if arguments[1] == "__complete" then return end -- of a shell, about a command line
  local faults = {}
  check_answer(arguments, result, faults)
  if logs_json(arguments) then check_log(result.err, faults) end
  if faults[1] then
    -- a list has the same fault in each row
    local words = table.concat(faults, "\n", 1, math.min(#faults, SHOWN))
    error(("ddokta %s:\n%s"):format(table.concat(arguments, " "), words), 0)
  end
end

return M
