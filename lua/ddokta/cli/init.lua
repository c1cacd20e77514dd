--- The ddokta command: parses the arguments, runs a command and gives its exit status.

local out_of_memory = require("ddokta.protect").is_out_of_memory
local status = require "ddokta.cli.status"
local stdout = require "ddokta.cli.stdout"

-- session: the app, as soon as there is one
local function run(arguments, session)
  if arguments[1] == "__complete" then return require("ddokta.cli.completion").answer(arguments) end
  local parser = require "ddokta.cli.parser"
  local root, commands = parser.new(parser.named(arguments))
  root.error = function(current, message)
    error(status.stop(status.USAGE, require("ddokta.cli.help").complaint(current, message)), 0)
  end
  local args = root:parse(arguments)
  local command = commands[args.command]
  if (command.show or command.for_people) and (args.json or args.jsonl) then
    error(status.stop(status.USAGE, args.command .. " is for people: it writes no JSON"), 0)
  end
  if command.show then return command.show(root, args) end
  if args.json and args.jsonl then
    error(status.stop(status.USAGE, "--json, --jsonl and --format: say one of them"), 0)
  end
  args.json = args.json or args.jsonl -- which is JSON in lines
  local app = require("ddokta.cli.app").new(args, arguments)
  session.app = app
  return command.run(app, args)
end

-- The same, with all written that there is to say: a full disk counts.
local function run_and_tell(arguments, session)
  local result = run(arguments, session)
  stdout.flush()
  return result
end

-- The arguments could not be read: what do they ask for of what a program reads?
local function wanted(arguments)
  local found = {}
  for i, argument in ipairs(arguments) do
    local json, log = argument:match "^%-%-(jsonl?)$", argument:match "^%-%-log=?(%a*)$"
    if json then
      found.json, found[json] = true, true
    end
    if log == "" then log = arguments[i + 1] end
    if log == "json" or log == "text" then found.log = log end
  end
  return found
end

-- Who reads JSON reads of a failure too; who has read enough, and a full disk, get no more.
local function tell_failure(app, stop)
  local is_quiet = not stop.message and stop.status ~= status.INTERRUPTED
  if app.args.json and not is_quiet then pcall(app.write_failure, app, stop) end
  if app.log then
    app.log:finish(stop.status, not is_quiet and require("ddokta.cli.answer").error(stop) or nil)
  elseif stop.message then
    io.stderr:write("ddokta: ", stop.message, "\n")
  end
end

-- What the command needs is not installed, or not for this Lua: without it nothing can be written but this.
local function unusable(sentence)
  local stop = status.stop(status.FAILED, sentence)
  stop.unusable = true
  return stop
end

local function on_error(raised)
  if status.is_stop(raised) then return raised end
  if tostring(raised):find("interrupted!", 1, true) then return status.stop(status.INTERRUPTED, nil) end
  if type(raised) == "table" then return status.stop(status.of_error(raised), tostring(raised), raised) end
  if out_of_memory(raised) then return status.stop(status.FAILED, status.OUT_OF_MEMORY) end
  if type(raised) == "string" and raised:find "^ddokta: " then return unusable(raised) end
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
  local session = {}
  local ok, result = xpcall(function() return run_and_tell(arguments, session) end, on_error)
  if ok and type(result) == "number" then
    if session.app and session.app.log then session.app.log:finish(result) end
    return result
  end
  local stop = stop_of(not ok and result or "the command came to no end")
  if stop.unusable then
    io.stderr:write(stop.message, "\n")
    return stop.status
  end
  if stop.status == status.DONE then return stop.status end -- --help, --version
  tell_failure(session.app or require("ddokta.cli.app").new(wanted(arguments), arguments), stop)
  return stop.status
end

return { main = main }
