--- The ddokta command: parses the arguments, runs a command and gives its exit status.

local out_of_memory = require("ddokta.protect").is_out_of_memory
local status = require "ddokta.cli.status"

local function run(arguments)
  if arguments[1] == "__complete" then return require("ddokta.cli.completion").answer(arguments) end
  local parser = require "ddokta.cli.parser"
  local root, commands = parser.new(parser.named(arguments))
  root.error = function(current, message)
    error(status.stop(status.USAGE, require("ddokta.cli.help").complaint(current, message)), 0)
  end
  local args = root:parse(arguments)
  local command = commands[args.command]
  if command.show then return command.show(root, args) end
  local app = require("ddokta.cli.app").new(args, arguments)
  local result = command.run(app, args)
  app:flush()
  return result
end

local function on_error(raised)
  if status.is_stop(raised) then return raised end
  if tostring(raised):find("interrupted!", 1, true) then return status.stop(status.INTERRUPTED, nil) end
  if type(raised) == "table" then return status.stop(status.of_error(raised), tostring(raised)) end
  if out_of_memory(raised) then return status.stop(status.FAILED, status.OUT_OF_MEMORY) end
  local text = "internal error: " .. tostring(raised)
  if os.getenv("DDOKTA_DEBUG") then text = debug.traceback(text, 2) end
  return status.stop(status.FAILED, text)
end

-- What xpcall says of a run: a stop, or what Lua raised without asking on_error: out of memory, or an error
-- inside on_error.
local function stop_of(raised)
  if status.is_stop(raised) then return raised end
  if out_of_memory(raised) then return status.stop(status.FAILED, status.OUT_OF_MEMORY) end
  return status.stop(status.FAILED, "internal error: " .. tostring(raised))
end

--- main(arguments) -> the exit status, always a number
local function main(arguments)
  local ok, result = xpcall(function() return run(arguments) end, on_error)
  if ok and type(result) == "number" then return result end
  local stop = stop_of(not ok and result or "the command came to no end")
  if stop.message then io.stderr:write("ddokta: ", stop.message, "\n") end
  return stop.status
end

return { main = main }
