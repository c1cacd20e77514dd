--- parser: what the command takes, as argparse has it: the global options, and those commands that are named.

local argparse = require "ddokta.dependency"("argparse", "argparse")
local rows = require "ddokta.cli.commands"
local status = require "ddokta.cli.status"
local stdout = require "ddokta.cli.stdout"

---@class ddokta.cli.Command
---@field configure fun(parser: table, is_named: fun(name: string): boolean)
---@field run fun(app: ddokta.cli.App, args: table): integer the exit status
--- In place of `run`: it asks no service and needs no client, only what the command takes, and is for people.
---@field show? fun(root: table, args: table): integer
---@field for_people? true it writes no JSON

local parser = {}

--- What is true of all commands.
parser.about = [[
Keys come from $DD_API_KEY and $DD_APP_KEY (or $DD_BEARER_TOKEN), from files, or from a prompt; ]] .. [[
never from arguments, which others on the machine can read. What needs Okta takes its address from ]] .. [[
$OKTA_CLIENT_ORGURL and its token from $OKTA_CLIENT_TOKEN.]]

local function seconds(text)
  local value = tonumber(text)
  if value and value > 0 and value < math.huge then return value end
  return nil, "'" .. text .. "' is not a number of seconds"
end

local function add_global_options(root)
  root:option("--site", "Datadog site ($DD_SITE; default: datadoghq.com)"):argname "<site>"
  root:option("--base-url", "another host: a proxy, the sandbox ($DDOKTA_BASE_URL)"):argname "<url>"
  root:option("--ca-file", "certificates to trust ($DDOKTA_CA_FILE)"):argname "<file>"
  root:option("--api-key-file", "file with the API key, - for standard input"):argname "<file>"
  root:option("--app-key-file", "file with the application key, - for standard input"):argname "<file>"
  root:option("--okta-domain", "Okta organisation ($OKTA_CLIENT_ORGURL)"):argname "<domain>"
  root:option("--okta-token-file", "file with Okta's API token, - for standard input"):argname "<file>"
  root
    :option("--timeout", "most seconds for one call, retries included (default: 60)")
    :argname("<seconds>")
    :convert(seconds)
  root
    :option("--color", "colour on a terminal; $NO_COLOR means never (default: auto)")
    :choices { "auto", "always", "never" }
  root:flag("--json", "one JSON document, for programs")
  root:flag("--jsonl", "the same as lines of JSON: one for each row, then a summary")
  root
    :option("--log", "what happens, a line each on standard error, for machines or people")
    :choices { "json", "text" }
end

-- What an option prints in place of a command.
local function answer(words)
  stdout.write(words .. "\n")
  stdout.flush()
  error(status.stop(status.DONE), 0)
end

--- The command of a row.
---@param row ddokta.cli.Row
---@return ddokta.cli.Command
function parser.command(row)
  if row.kind then return require("ddokta.cli.resource").command(row) end
  return require("ddokta.cli." .. row.name)
end

-- --- what is told of a bad value ----------------------------------------------------------------------

local function one_of(choices)
  return function(given)
    for _, choice in ipairs(choices) do
      if given == choice then return given end
    end
    local words = "'%s' is not one of %s%s"
    return nil,
      words:format(given, table.concat(choices, ", "), require("ddokta.text").did_you_mean(given, choices))
  end
end

-- What argparse says of a bad value does not name the option, and of a bad choice has no suggestion. The
-- values stay in `allowed_values`.
local function name_in_errors(element)
  local names = element._public_aliases
  local name = names and names[#names] or element._argname or "<" .. element._name .. ">"
  if element._choices then
    element._argname = element._argname or element:_get_choices_list()
    element.allowed_values, element._choices = element._choices, nil
    element._convert = one_of(element.allowed_values)
  end
  local convert = element._convert
  if type(convert) ~= "function" then return end
  element._convert = function(given)
    local value, message = convert(given)
    if value ~= nil then return value end
    return nil, ("%s: %s"):format(name, message or ("'%s' cannot be used"):format(given))
  end
end

-- --- the whole ----------------------------------------------------------------------------------------

local function all_of(command, found)
  found[#found + 1] = command
  for _, below in ipairs(command._commands) do
    all_of(below, found)
  end
  return found
end

--- Lays out the help of a root and its commands, as `get_help` of each does when it is first asked.
---@param root table of argparse
function parser.dress(root)
  for _, command in ipairs(all_of(root, {})) do
    command.get_help = nil -- argparse's own again
  end
  require("ddokta.cli.help").dress(root, parser.about)
end

-- To lay help out takes a fifth of what `ddokta --version` takes: only who asks for help pays it.
local function finish(root)
  local function get_help(command)
    parser.dress(root)
    return command:get_help()
  end
  for _, command in ipairs(all_of(root, {})) do
    command.get_help = get_help
    -- argparse's own ends the process, and does not look whether it could be printed
    command._options[command._help_option_idx]:action(function() answer(command:get_help()) end)
    for _, element in ipairs(command._arguments) do
      name_in_errors(element)
    end
    for _, option in ipairs(command._options) do
      name_in_errors(option)
    end
  end
end

--- The parser, and those commands that are named: to load all takes longer than most of what they do.
---@param is_named fun(name: string): boolean
---@return table root of argparse
---@return table<string, ddokta.cli.Command> commands
function parser.new(is_named)
  local commands = {}
  local root = argparse("ddokta", "Scripts Okta and Datadog."):command_target("command"):require_command(true)
  root
    :flag("--version", "print the version")
    :action(function() answer("ddokta " .. require "ddokta.version") end)
  add_global_options(root)
  for _, row in ipairs(rows) do
    local subparser = root:command(row.name, row.summary):summary(row.summary)
    if is_named(row.name) then
      commands[row.name] = parser.command(row)
      commands[row.name].configure(subparser, is_named)
    end
  end
  finish(root)
  return root, commands
end

--- The words of a command line, for `new`.
---@param words string[]
---@return fun(name: string): boolean
function parser.named(words)
  local set = {}
  for _, word in ipairs(words) do
    set[word:gsub("_", "-")] = true -- push_group is a name of push-group
    set[word] = true
  end
  return function(name) return set[name] == true end
end

return parser
