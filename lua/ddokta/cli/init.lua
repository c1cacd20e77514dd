--- The ddokta command: one file per subcommand. This file parses, runs one and gives its exit status.

local argparse = require "argparse"
local new_app = require "ddokta.cli.app"
local status = require "ddokta.cli.status"

-- a subcommand is {name =, summary =, configure = function(parser), run = function(app, args) -> status}
local commands = {
  require "ddokta.cli.check",
  require "ddokta.cli.accounts",
  require "ddokta.cli.recipe",
  require "ddokta.cli.users",
  require "ddokta.cli.groups",
  require "ddokta.cli.teams",
  require "ddokta.cli.service_accounts",
  require "ddokta.cli.sandbox",
  require "ddokta.cli.demo",
  (require "ddokta.cli.operations"), -- 5.4's require returns two values
}

local epilog = [[
Keys come from $DD_API_KEY and $DD_APP_KEY (or $DD_BEARER_TOKEN), from files, or from a prompt;
never from arguments, which others on the machine can read. What needs Okta takes its address from
$OKTA_CLIENT_ORGURL and its token from $OKTA_CLIENT_TOKEN.

Exit status: 0 done, 1 something failed, 2 wrong usage, 3 a threshold or a conflict stopped it,
4 nothing was done because it could not be authorised.]]

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
  parser:option("--timeout", "seconds for one call, retries included (60)"):argname("<seconds>")
    :convert(seconds)
  parser:option("--color", "color: auto, always, never (auto; NO_COLOR counts)"):argname("<when>")
    :choices{ "auto", "always", "never" }
  parser:flag("--json", "one JSON document, for programs")
end

local function new_parser()
  local parser = argparse("ddokta", "Scripts Okta and Datadog.", epilog)
  parser:help_max_width(100)
  parser:command_target("command")
  parser:require_command(true)
  parser:flag("--version", "print the version"):action(function()
    print("ddokta " .. require("ddokta").version)
    os.exit(status.DONE)
  end)
  global_options(parser)
  for _, command in ipairs(commands) do
    local subparser = parser:command(command.name, command.summary)
    subparser:summary(command.summary)
    command.configure(subparser)
  end
  return parser
end

local function run(arguments)
  local parser = new_parser()
  local ok, args = parser:pparse(arguments)
  if not ok then error(status.stop(status.USAGE, args .. " (see ddokta --help)"), 0) end
  local app = new_app(args)
  for _, command in ipairs(commands) do
    if command.name == args.command then
      local result = command.run(app, args)
      app:flush()
      return result
    end
  end
end

local function on_error(raised)
  if status.is_stop(raised) then return raised end
  if tostring(raised):find("interrupted!", 1, true) then return status.stop(status.INTERRUPTED, nil) end
  if type(raised) == "table" then return status.stop(status.of_error(raised), tostring(raised)) end
  local text = "internal error: " .. tostring(raised)
  if os.getenv("DDOKTA_DEBUG") then text = debug.traceback(text, 2) end
  return status.stop(status.FAILED, text)
end

--- main(arguments) -> the exit status
local function main(arguments)
  local ok, result = xpcall(function() return run(arguments) end, on_error)
  if ok then return result end
  if result.message then io.stderr:write("ddokta: ", result.message, "\n") end
  return result.status
end

return { main = main, commands = commands }
