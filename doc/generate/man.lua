-- The man page, in mdoc: what the command takes, from its parser, and the tables of its help.
local environment = require "ddokta.cli.environment"
local examples = require "ddokta.cli.examples"
local help = require "ddokta.cli.help"
local parser = require "ddokta.cli.parser"
local status = require "ddokta.cli.status"
local version = require "ddokta.version"

local M = {}

-- the day on which the words of this file were last changed: the page has to be the same whenever it is made
local DATE = "November 30, 2026"

local WIDTH = 70 -- of a line of the source, before what is written with two characters

local DESCRIPTION = [[
Imports, compares and keeps in step what Okta and Datadog have: the accounts of Datadog's Okta integration,
users, groups and teams by SCIM, service accounts.
What changes something shows its plan first, and asks.]]

local FILES = {
  {
    "FILE.journal",
    "What an import does, step by step, where --journal names it: the same command goes on with it.",
  },
  { "FILE.journal.backup", "What was replaced or removed, for restore." },
  { "~/.local/state/ddokta", "Fingerprints of secrets that were sent, and their key." },
}

local SEE_ALSO = { { "curl", 1 }, { "lua", 1 } }

-- --- mdoc -----------------------------------------------------------------------------------------

-- Text on a line of its own: a backslash is one, a line that begins with a dot is no macro, a minus can be
-- copied and typed.
local function text(words)
  words = words:gsub("\\", "\\e"):gsub("`", ""):gsub("%-", "\\-")
  return (words:gsub("^([.'])", "\\&%1"))
end

-- An argument of a macro: never taken for a macro's name or for punctuation.
local function argument(words) return '"' .. text(words):gsub('"', "\\(dq") .. '"' end

local function values_of(element)
  if element._maxargs == 0 then return "" end
  return " " .. argument((element:_get_argument_list()[1]:gsub("[<>{}]", ""):gsub(",", "|")))
end

-- Text in short lines, each sentence on one of its own.
local function paragraph(words)
  local lines = {}
  for sentence in (words .. "\n"):gsub("%. (%u)", ".\n%1"):gmatch "([^\n]+)\n" do
    lines[#lines + 1] = ""
    for word in sentence:gmatch "%S+" do
      if #lines[#lines] + #word > WIDTH then lines[#lines + 1] = "" end
      lines[#lines] = lines[#lines] .. (lines[#lines] == "" and "" or " ") .. word
    end
  end
  for i, line in ipairs(lines) do
    lines[i] = text(line)
  end
  return table.concat(lines, "\n")
end

-- What something is; of several lines each stays one.
local function sentence(words)
  local lines = {}
  for line in words:gsub("^%l", string.upper):gmatch "[^\n]+" do
    lines[#lines + 1] = paragraph(line .. (line:find "[.?]$" and "" or "."))
  end
  return table.concat(lines, "\n.br\n")
end

-- -y, --yes; --format csv|jsonl|json
local function option_item(option)
  local names = {}
  for i, name in ipairs(option._public_aliases) do
    names[i] = "Fl " .. name:gsub("^%-", ""):gsub("%-", "\\-")
  end
  local value = values_of(option)
  return ".It " .. table.concat(names, " , ") .. (value == "" and "" or " Ar" .. value)
end

local function items(put, list, item_of)
  if not list[1] then return end
  put ".Bl -tag -width Ds"
  for _, element in ipairs(list) do
    put(item_of(element))
    put(sentence(element._description or element._summary))
  end
  put ".El"
end

-- without the help, which each has
local function own_options(one)
  local list = {}
  for _, option in ipairs(one._options) do
    if option._name ~= "-h" then list[#list + 1] = option end
  end
  return list
end

local function argument_item(element) return ".It Ar" .. values_of(element):gsub("[%[%]]", "") end

-- --- sections -------------------------------------------------------------------------------------

local function put_synopsis(put, one)
  put ".Nm"
  put(".Cm " .. argument(help.path(one)))
  for _, option in ipairs(one._options) do
    if option._mincount > 0 then put(option_item(option):gsub("^%.It", ".")) end
  end
  put ".Op Ar options"
  for _, element in ipairs(one._arguments) do
    local optional = element._minargs == 0
    put((optional and ".Op Ar" or ".Ar") .. values_of(element):gsub("[%[%]]", ""))
  end
end

local function lines_of(write)
  local lines = {}
  write(function(line) lines[#lines + 1] = line end)
  return table.concat(lines, "\n")
end

local function put_examples(put, one)
  put ".Bd -literal -offset indent"
  for _, line in ipairs(examples.of(help.path(one))) do
    put(text(line))
  end
  put ".Ed"
end

-- What a command takes. The same verb of another kind often takes the same: that is said once.
local function put_command(put, one, seen)
  local path = help.path(one)
  put(".Ss " .. argument(path))
  put ".Bd -ragged -compact"
  put_synopsis(put, one)
  put ".Ed"
  put ".Pp"
  put(sentence(one._description))
  local taken = lines_of(function(add)
    items(add, one._arguments, argument_item)
    items(add, own_options(one), option_item)
  end)
  if taken ~= "" and seen[taken] then
    put("It takes what")
    put(".Ic " .. argument(seen[taken]))
    put "takes."
  elseif taken ~= "" then
    put(taken)
    seen[taken] = path
  end
  put_examples(put, one)
end

local function put_commands(put, one, seen)
  for _, command in ipairs(one._commands) do
    if command._commands[1] == nil or not command._require_command then put_command(put, command, seen) end
    put_commands(put, command, seen)
  end
end

local function put_tables(put)
  put ".Sh ENVIRONMENT"
  put ".Bl -tag -width Ds"
  for _, row in ipairs(environment) do
    put(".It Ev " .. table.concat(row.names, " , Ev "))
    put(sentence(row.words))
  end
  put ".El"
  put ".Sh FILES"
  put ".Bl -tag -width Ds"
  for _, row in ipairs(FILES) do
    put(".It Pa " .. argument(row[1]))
    put(sentence(row[2]))
  end
  put ".El"
  put ".Sh EXIT STATUS"
  put ".Bl -tag -width 130"
  for _, row in ipairs(status.list) do
    put(".It " .. row.code)
    put(sentence(row.words))
  end
  put ".El"
end

local function put_page(put)
  local root = parser.new(function() return true end)
  parser.dress(root)
  put '.\\" Written by `make doc`, from what the command takes.'
  put(".Dd " .. DATE)
  put ".Dt DDOKTA 1"
  put(".Os ddokta " .. version)
  put ".Sh NAME"
  put ".Nm ddokta"
  put ".Nd script Okta and Datadog"
  put ".Sh SYNOPSIS"
  put ".Nm"
  put ".Op Ar options"
  put ".Ar command"
  put ".Op Ar arguments"
  put ".Sh DESCRIPTION"
  put(paragraph(DESCRIPTION))
  put ".Pp"
  put(paragraph(parser.about))
  put ".Pp"
  put "These options stand before a command or behind it:"
  items(put, root._options, option_item)
  put ".Sh COMMANDS"
  put_commands(put, root, {})
  put_tables(put)
  put ".Sh EXAMPLES"
  put_examples(put, root)
  put ".Sh SEE ALSO"
  for i, page in ipairs(SEE_ALSO) do
    put((".Xr %s %d%s"):format(page[1], page[2], i < #SEE_ALSO and " ," or ""))
  end
end

--- write() -> the page
function M.write() return lines_of(put_page) .. "\n" end

return M
