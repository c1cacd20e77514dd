--- The ddokta command: parses the arguments, runs a command and gives its exit status.

local argparse = require "argparse"
local out_of_memory = require("ddokta.protect").is_out_of_memory
local rows = require "ddokta.cli.commands"
local status = require "ddokta.cli.status"

---@class ddokta.cli.Command
---@field configure fun(parser: table, is_named: fun(name: string): boolean)
---@field run fun(app: ddokta.cli.App, args: table): integer the exit status

local epilog = [[
Keys come from $DD_API_KEY and $DD_APP_KEY (or $DD_BEARER_TOKEN), from files, or from a prompt;
never from arguments, which others on the machine can read. What needs Okta takes its address from
$OKTA_CLIENT_ORGURL and its token from $OKTA_CLIENT_TOKEN.

Exit status: 0 done, 1 something failed, 2 wrong usage, 3 a guard or a conflict stopped it,
4 nothing was done because it could not be authorised, 5 there are differences (plan --exit-code),
6 all that can be done is done, and secrets are left: a restore cannot put them back, plan --exit-code
cannot compare them.]]

local function seconds(text)
  local value = tonumber(text)
  if value and value > 0 and value < math.huge then return value end
  return nil, "'" .. text .. "' is not a number of seconds"
end

local function global_options(parser)
  parser:option("--site", "Datadog site ($DD_SITE, else datadoghq.com)"):argname("<site>")
  parser:option("--base-url", "another host: a proxy, the sandbox ($DDOKTA_BASE_URL)"):argname("<url>")
  parser:option("--ca-file", "certificates to trust ($DDOKTA_CA_FILE)"):argname("<file>")
  parser:option("--api-key-file", "file with the API key, - for standard input"):argname("<file>")
  parser:option("--app-key-file", "file with the application key"):argname("<file>")
  parser:option("--okta-domain", "Okta organisation ($OKTA_CLIENT_ORGURL)"):argname("<domain>")
  parser:option("--okta-token-file", "file with Okta's API token"):argname("<file>")
  parser
    :option("--timeout", "seconds for one call, retries included (60)")
    :argname("<seconds>")
    :convert(seconds)
  parser
    :option("--color", "color: auto, always, never (auto; NO_COLOR counts)")
    :argname("<when>")
    :choices { "auto", "always", "never" }
  parser:flag("--json", "one JSON document, for programs")
end

local function load_command(row)
  if row.kind then return require("ddokta.cli.resource").command(row) end
  return require("ddokta.cli." .. row.name)
end

-- The parser, and those commands that an argument names: loading all takes longer than most of what they do.
local function new_parser(is_named)
  local commands = {}
  local parser = argparse("ddokta", "Scripts Okta and Datadog.", epilog)
  parser:help_max_width(100)
  parser:command_target "command"
  parser:require_command(true)
  parser:flag("--version", "print the version"):action(function()
    print("ddokta " .. require "ddokta.version")
    os.exit(status.DONE)
  end)
  global_options(parser)
  for _, row in ipairs(rows) do
    local subparser = parser:command(row.name, row.summary)
    subparser:summary(row.summary)
    if is_named(row.name) then
      commands[row.name] = load_command(row)
      commands[row.name].configure(subparser, is_named)
    end
  end
  return parser, commands
end

local function run(arguments)
  local named = {}
  for _, argument in ipairs(arguments) do
    named[argument] = true
  end
  local parser, commands = new_parser(function(name) return named[name] end)
  local ok, args = parser:pparse(arguments)
  if not ok then error(status.stop(status.USAGE, args .. " (see ddokta --help)"), 0) end
  local app = require("ddokta.cli.app").new(args)
  local result = commands[args.command].run(app, args)
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
