--- help: the command of this name, and how the help of every command looks.
--
-- argparse lays it out. Here it is told what to show: the command's own options, then the global ones, which
-- it takes too, then an example. argparse has no public way to read a parser, so its fields are read as they
-- are in 0.7.1, which has been the last since 2020.

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local examples = require "ddokta.cli.examples"
local status = require "ddokta.cli.status"
local stdout = require "ddokta.cli.stdout"

local help = {}

local WIDTH = 80
local INDENT = 28 -- of what an option means

local function did_you_mean(...) return require("ddokta.text").did_you_mean(...) end

--- A command as it is typed, without "ddokta".
---@param parser table of argparse
---@return string
function help.path(parser) return (parser:_get_fullname(true):gsub("^ddokta ?", "")) end

-- --- one option or argument -----------------------------------------------------------------------

local function argument_list(element)
  local name = element:_get_argname(1)
  if element._maxargs == 0 then return {} end
  if element._maxargs == 1 then return { element._minargs == 0 and "[" .. name .. "]" or name } end
  return { element._minargs == 0 and "[" .. name .. "...]" or name .. "..." }
end

-- the metavariable alone of an argument; all spellings of an option on one line
local function label_lines(element)
  if not element._public_aliases then return { element:_get_argname(1) } end
  local words = { table.concat(element._public_aliases, ", "), argument_list(element)[1] }
  return { table.concat(words, " ") }
end

local function dress_element(element)
  element._get_argument_list, element._get_label_lines = argument_list, label_lines
  if element._public_aliases and element._mincount > 0 then
    element._description = (element._description or "") .. " (required)"
  end
end

-- --- a command ------------------------------------------------------------------------------------

--- The options of the commands above that a command takes too: not those that it has itself.
---@param parser table of argparse
---@return table[]
function help.inherited(parser)
  local own, list = {}, {}
  for _, option in ipairs(parser._options) do
    own[option._name] = true
  end
  local root = parser
  while root._parent do
    root = root._parent
  end
  for _, option in ipairs(root ~= parser and root._options or {}) do
    if not own[option._name] and option._name ~= "-h" and option._name ~= "--version" then
      list[#list + 1] = option
    end
  end
  return list
end

-- The dozens that may be left out are in the list below.
local function usage_of(parser)
  local words = { "Usage: " .. parser:_get_fullname() }
  for _, option in ipairs(parser._options) do
    if option._mincount > 0 then words[#words + 1] = option:_get_usage() end
  end
  words[#words + 1] = "[options]"
  for _, argument in ipairs(parser._arguments) do
    words[#words + 1] = argument:_get_usage()
  end
  if parser._commands[1] then words[#words + 1] = parser._require_command and "<command>" or "[<command>]" end
  local lines = { words[1] }
  for i = 2, #words do
    if #lines[#lines] + 1 + #words[i] > WIDTH then lines[#lines + 1] = "      " end
    lines[#lines] = lines[#lines] .. " " .. words[i]
  end
  return table.concat(lines, "\n")
end

local function examples_of(parser)
  local lines = examples.of(help.path(parser))
  return (#lines == 1 and "Example:" or "Examples:") .. "\n   " .. table.concat(lines, "\n   ")
end

local function statuses()
  local lines = { "Exit status:" }
  for _, row in ipairs(status.list) do
    lines[#lines + 1] = ("   %-4d %s"):format(row.code, (row.words:gsub("`", "")))
  end
  return table.concat(lines, "\n")
end

-- Who asks a command that has commands looks for these: they come before its options.
local function commands_first(parser)
  local get_help = parser.get_help
  function parser:get_help()
    local before, options, commands, after =
      get_help(self):match "^(.-)(Options:\n.-\n\n)(Commands:\n.-\n\n)(.*)$"
    return before .. commands .. options .. after
  end
end

local function dress_command(parser)
  for _, element in ipairs(parser._arguments) do
    dress_element(element)
  end
  for _, option in ipairs(parser._options) do
    dress_element(option)
    if option._name == "-h" then option._description = "show this help" end
  end
  if parser._description then parser._description = parser._description:gsub("^%l", string.upper) end
  parser:usage(usage_of(parser))
  for _, subparser in ipairs(parser._commands) do
    dress_command(subparser)
  end
  if parser._commands[1] then commands_first(parser) end
  local inherited = help.inherited(parser)
  if not inherited[1] then return end
  parser:group("Options", unpack(parser._options))
  parser:group("Global options", unpack(inherited))
  parser:epilog(examples_of(parser))
end

--- Has all commands of the root show their help in one way.
---@param root table of argparse
---@param about string what the help of the root ends with
function help.dress(root, about)
  root:help_max_width(WIDTH)
  root:help_description_margin(INDENT)
  dress_command(root)
  local parts = { about, examples_of(root), statuses(), "ddokta help COMMAND says more of a command." }
  root:epilog(table.concat(parts, "\n\n"))
end

-- --- what is wrong with a command line ----------------------------------------------------------------

local function names_of(list)
  local names = {}
  for _, element in ipairs(list) do
    for _, name in ipairs(element._public_aliases) do
      names[#names + 1] = name
    end
  end
  return names
end

local function option_names(parser)
  local names = names_of(parser._options)
  for _, name in ipairs(names_of(help.inherited(parser))) do
    names[#names + 1] = name
  end
  return names
end

local function metavariable(parser, name)
  for _, argument in ipairs(parser._arguments) do
    if argument._name == name then return "missing " .. argument:_get_argname(1) end
  end
end

--- What argparse found, with a suggestion and the help to read.
---@param parser table the command at which it was found
---@param message string of argparse
---@return string
function help.complaint(parser, message)
  message = message:gsub("\nDid you mean.*", "") -- of names with one letter more or less
  message = message:gsub("^missing argument '(.*)'$", function(name) return metavariable(parser, name) end)
  local option, command = message:match "^unknown option '(.*)'$", message:match "^unknown command '(.*)'$"
  local names = option and option_names(parser) or command and names_of(parser._commands)
  local meant = names and did_you_mean(option or command, names) or ""
  if message == "a command is required" then
    meant = ": " .. table.concat(names_of(parser._commands), ", ")
  end
  return ("%s%s (see `%s --help`)"):format(message, meant, parser:_get_fullname())
end

-- --- the command ----------------------------------------------------------------------------------

--- The command of these words.
---@param root table of argparse
---@param words string[]
---@return table? parser
---@return string? complaint
function help.find(root, words)
  local parser = root
  for _, word in ipairs(words) do
    local found
    for _, subparser in ipairs(parser._commands) do
      for _, name in ipairs(subparser._aliases) do
        if name == word then found = subparser end
      end
    end
    if not found then return nil, help.complaint(parser, ("unknown command '%s'"):format(word)) end
    parser = found
  end
  return parser
end

function help.configure(parser)
  parser:argument("words", "the command, such as: users import"):argname("<command>"):args "*"
end

function help.show(root, args)
  local parser, complaint = help.find(root, args.words)
  if not parser then error(status.stop(status.USAGE, complaint), 0) end
  stdout.write(parser:get_help() .. "\n")
  return status.DONE
end

return help
