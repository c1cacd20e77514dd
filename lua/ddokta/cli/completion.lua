--- completion: prints what makes a shell complete the command, and answers what that asks.
--
-- The shell asks `ddokta __complete WORDS... PART`: the words that stand there, and the one at the cursor,
-- which may be empty. The answer is taken from the parser itself, so nothing is listed twice. It has a line
-- for each word that may come, "word<tab>what it is", and last a line that says what else to do: ":files"
-- (paths may come too), ":open" (no space behind the word) or ":".

local help = require "ddokta.cli.help"
local status = require "ddokta.cli.status"
local stdout = require "ddokta.cli.stdout"
local values = require "ddokta.cli.values"

---@class ddokta.cli.completion.Context
---@field root table the parser, of argparse
---@field path string the command, without "ddokta"
---@field arguments string[] of the command, before the word at the cursor

local completion = {}

-- --- the words before the cursor --------------------------------------------------------------------

local function find(list, name)
  for _, element in ipairs(list) do
    for _, alias in ipairs(element._aliases) do
      if alias == name then return element end
    end
  end
end

local function find_option(parser, name)
  return find(parser._options, name) or find(help.inherited(parser), name)
end

local walker = {}
walker.__index = walker

-- -y, -o FILE, --output FILE, --output=FILE
function walker:take_option(word)
  local name = word:match "^(%-%-.-)=" or word:match "^%-%-.+$" or word:sub(1, 2)
  local option = find_option(self.parser, name)
  if not option then return end
  self.given[option] = true
  local has_value = word:find("=", 1, true) or (name:sub(2, 2) ~= "-" and #word > 2)
  if option._maxargs > 0 and not has_value then
    self.option, self.left = option, option._maxargs
  end
end

function walker:take_plain(word)
  if self.option then
    self.left = self.left - 1
    if self.left == 0 then self.option = nil end
    return
  end
  local command = not self.parser._arguments[1] and find(self.parser._commands, word)
  if command then
    self.parser = command
  else
    self.arguments[#self.arguments + 1] = word
  end
end

function walker:take(word)
  if self.no_options or not word:find "^%-." then return self:take_plain(word) end
  self.option = nil
  if word == "--" then
    self.no_options = true
  else
    self:take_option(word)
  end
end

-- the argument that comes next, or nil
function walker:argument()
  local place = #self.arguments
  for _, argument in ipairs(self.parser._arguments) do
    if place < argument._maxargs then return argument end
    place = place - argument._maxargs
  end
end

-- --- what may come ----------------------------------------------------------------------------------

-- argname: of the element, without the brackets of what may be left out
local function value_of(element)
  if element.allowed_values then
    local words = {}
    for i, choice in ipairs(element.allowed_values) do
      words[i] = { choice }
    end
    return { words = function() return words end }
  end
  return values[element:_get_argname(1)] or {}
end

-- Of a list the part behind the last comma is what is completed, with what is not there yet.
local function add_value(found, element, context, part)
  local value, before = value_of(element), ""
  if value.list then before = part:match "^.*," or "" end
  for _, word in ipairs(value.words and value.words(context) or {}) do
    local is_there = ("," .. before):find("," .. word[1] .. ",", 1, true)
    if not is_there then found[#found + 1] = { before .. word[1], word[2] } end
    found.open = found.open or word.open or value.list
  end
  found.files = value.files
end

local function add_options(found, walk)
  for _, list in ipairs { walk.parser._options, help.inherited(walk.parser) } do
    for _, option in ipairs(list) do
      if not option._hidden and (not walk.given[option] or option._maxcount > 1) then
        local names = option._public_aliases
        found[#found + 1] = { names[#names], option._description }
      end
    end
  end
end

local function add_commands(found, parser)
  for _, command in ipairs(parser._commands) do
    if not command._hidden then found[#found + 1] = { command._name, command._summary } end
  end
end

-- The words that may stand where `part` is, and what else: files, open.
local function candidates(walk, context, part)
  local found = {}
  local name, value = part:match "^(%-%-.-)=(.*)$"
  if walk.option then
    add_value(found, walk.option, context, part)
  elseif name and not walk.no_options then
    local option = find_option(walk.parser, name)
    if option and option._maxargs > 0 then add_value(found, option, context, value) end
    for _, word in ipairs(found) do
      word[1] = name .. "=" .. word[1]
    end
  elseif part:find "^%-" and not walk.no_options then
    add_options(found, walk)
  else
    local argument = walk:argument()
    if argument then add_value(found, argument, context, part) end
    add_commands(found, walk.parser)
  end
  return found
end

local function starts_with(word, part) return word:sub(1, #part) == part end

-- one line without what would end the column
local function plain(text) return (text or ""):gsub("`", ""):gsub("%s+", " ") end

--- Prints what may come.
---@param words string[] "__complete", the words behind the command's name, the part at the cursor
---@return integer
function completion.answer(words)
  local part = words[2] and table.remove(words) or ""
  table.remove(words, 1)
  local parser = require "ddokta.cli.parser"
  local root = parser.new(parser.named(words))
  parser.dress(root)
  local walk = setmetatable({ parser = root, arguments = {}, given = {} }, walker)
  for _, word in ipairs(words) do
    walk:take(word)
  end
  local context = { root = root, path = help.path(walk.parser), arguments = walk.arguments }
  local found, lines = candidates(walk, context, part), {}
  for _, word in ipairs(found) do
    if starts_with(word[1], part) then lines[#lines + 1] = word[1] .. "\t" .. plain(word[2]) end
  end
  lines[#lines + 1] = found.files and ":files" or found.open and ":open" or ":"
  stdout.write(table.concat(lines, "\n") .. "\n")
  return status.DONE
end

-- --- the shells' side -------------------------------------------------------------------------------

-- For bash 3.2 too, which macOS has: no mapfile, and no compopt there. Readline splits a word at = and :
-- (COMP_WORDBREAKS): it is put together again, and of the answer only what stands behind the last of them is
-- given back.
local bash = [==[
# bash completion for ddokta
_ddokta() {
    local word part="" start line last lines=() words=()
    for ((word = 1; word <= COMP_CWORD; word++)); do
        part=${COMP_WORDS[word]}
        if ((word > 1)) && [[ ${part:0:1} == [=:] || ${COMP_WORDS[word - 1]: -1} == [=:] ]]; then
            # part of the word before it, unless a space is between
            if [[ $COMP_LINE == *"${COMP_WORDS[word - 1]}$part"* ]]; then
                part=${words[${#words[@]} - 1]}$part
                unset "words[${#words[@]}-1]"
            fi
        fi
        words+=("$part")
    done
    start=${part%"${part##*[=:]}"}
    COMPREPLY=()
    while IFS= read -r line; do
        lines+=("$line")
    done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
    ((${#lines[@]})) || return
    last=${lines[${#lines[@]} - 1]}
    unset "lines[${#lines[@]}-1]"
    for line in "${lines[@]}"; do
        line=${line%%$'\t'*}
        COMPREPLY+=("${line#"$start"}")
    done
    case $last in
        :open) compopt -o nospace 2>/dev/null ;;
        :files)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do
                COMPREPLY+=("$line")
            done < <(compgen -f -- "${part#"$start"}")
            ;;
    esac
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2>/dev/null
}
complete -F _ddokta ddokta
]==]

local zsh = [==[
#compdef ddokta
# zsh completion for ddokta
_ddokta() {
    local last line part
    local -a lines open
    lines=("${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    last=$lines[-1]
    lines=("${(@)lines[1,-2]}")
    [[ $last == :open ]] && open=(-S '')
    if (( $#lines )); then
        local -a described
        for line in $lines; do
            part=${${line%%$'\t'*}//:/\\:}
            described+=("$part${${line#*$'\t'}:+:${line#*$'\t'}}")
        done
        _describe -V ddokta described "${open[@]}"
    fi
    if [[ $last == :files ]]; then
        compset -P '--[^=]*='
        _files
    fi
}
if [[ $funcstack[1] == _ddokta ]]; then
    _ddokta "$@"
else
    compdef _ddokta ddokta
fi
]==]

local fish = [==[
# fish completion for ddokta
function __ddokta_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] 2>/dev/null)
    if test "$lines[-1]" = :files
        __fish_complete_path (string replace -r -- '^--[^=]*=' '' (commandline -ct))
    end
    for line in $lines[1..-2]
        echo $line
    end
end
complete -c ddokta -f -a '(__ddokta_complete)'
]==]

local scripts = { bash = bash, zsh = zsh, fish = fish }

function completion.configure(parser)
  parser:argument("shell", "whose completion"):choices { "bash", "zsh", "fish" }
end

function completion.show(_, args)
  stdout.write(scripts[args.shell])
  return status.DONE
end

return completion
