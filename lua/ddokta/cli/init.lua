--- The ddokta command: one file per subcommand. This file parses, runs one and gives its exit status.

local argparse = require "argparse"
local out_of_memory = require("ddokta.protect").is_out_of_memory
local status = require "ddokta.cli.status"

-- A subcommand is a file of this folder that returns {configure = function(parser, is_named), run =
-- function(app, args) -> status}. It is loaded when an argument names it: loading all of them takes longer
-- than most of what they do.
local commands = {
  { name = "check", summary = "check keys, site and permissions" },
  { name = "accounts", summary = "Okta accounts of Datadog's Okta integration" },
  { name = "recipe", summary = 'do a step of the guide "Configure SCIM with Okta"' },
  { name = "users", summary = "Datadog's users, by SCIM" },
  { name = "groups", summary = "Datadog's groups, by SCIM: managed teams and their members" },
  { name = "teams", summary = "Datadog's teams" },
  { name = "service-accounts", summary = "service accounts of Okta's apps (Privileged Access)" },
  { name = "journal", summary = "what runs did, what is open, and damaged journals" },
  { name = "sandbox", summary = "run a stand-in for Datadog and Okta on this machine" },
  { name = "demo", summary = "import 200 accounts into a sandbox, to see how it goes" },
  { name = "operations", summary = "list the operations of the clients, or show how one is called" },
}

local function load_command(name)
  local module = name:gsub("%-", "_")
  return (require("ddokta.cli." .. module))
end

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

local function new_parser(is_named)
  local parser = argparse("ddokta", "Scripts Okta and Datadog.", epilog)
  parser:help_max_width(100)
  parser:command_target("command")
  parser:require_command(true)
  parser:flag("--version", "print the version"):action(function()
    print("ddokta " .. require "ddokta.version")
    os.exit(status.DONE)
  end)
  global_options(parser)
  for _, command in ipairs(commands) do
    local subparser = parser:command(command.name, command.summary)
    subparser:summary(command.summary)
    if is_named(command.name) then load_command(command.name).configure(subparser, is_named) end
  end
  return parser
end

local function run(arguments)
  local named = {}
  for _, argument in ipairs(arguments) do
    named[argument] = true
  end
  local parser = new_parser(function(name) return named[name] end)
  local ok, args = parser:pparse(arguments)
  if not ok then error(status.stop(status.USAGE, args .. " (see ddokta --help)"), 0) end
  local app = require "ddokta.cli.app"(args)
  local result = load_command(args.command).run(app, args)
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
