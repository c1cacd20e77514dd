-- `ddokta completion SHELL` in the real bash, zsh and fish: each shell is asked what it completes.
local command = require "spec.lua.cli.command"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local is_sanitized = require "spec.support.sanitized"
local timed = require "spec.support.timed"(it, function(why) pending(why) end)

local SHELLS = { "bash", "zsh", "fish" }
local MOST_SECONDS = 0.1 -- from a key to the answer

local ddokta = os.getenv "DDOKTA_COMMAND"
local dir

local function write(name, text)
  local path = dir .. "/" .. name
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
  return path
end

-- What a shell's script prints. No key and no service is there.
local function run(words)
  local bare = "unset LD_PRELOAD DD_API_KEY DD_APP_KEY DD_BEARER_TOKEN OKTA_CLIENT_ORGURL OKTA_CLIENT_TOKEN; "
    .. "export PATH=%s:$PATH HOME=%s TERM=xterm LC_ALL=C.UTF-8; cd %s && %s"
  return shell.run(bare:format(shell.quote(ddokta:match "^(.*)/"), shell.quote(dir), shell.quote(dir), words))
end

local function has(name) return select(2, shell.run("command -v " .. name)) == 0 end

-- what is typed, and what the shell makes of it alone
local WHOLE = {
  { "ddokta us", "ddokta users" },
  { "ddokta users im", "ddokta users import" },
  { "ddokta help users im", "ddokta help users import" },
  { "ddokta recipe push", "ddokta recipe push-group" },
  { "ddokta completion b", "ddokta completion bash" },
  { "ddokta operations create_okta_a", "ddokta operations create_okta_account" },
  { "ddokta --vers", "ddokta --version" },
  { "ddokta --json users list --ca-f", "ddokta --json users list --ca-file" },
  { "ddokta users import --format c", "ddokta users import --format csv" },
  { "ddokta users import --format=c", "ddokta users import --format=csv" },
  { "ddokta --site datadoghq.e", "ddokta --site datadoghq.eu" },
  { "ddokta users import --allow sel", "ddokta users import --allow self" },
  { "ddokta users import --map userN", "ddokta users import --map userName=" },
  { "ddokta users import okta:g", "ddokta users import okta:group/" },
  { "ddokta users import peop", "ddokta users import people.csv" },
  { "ddokta users import --journal peop", "ddokta users import --journal people.csv" },
  { "ddokta journal sh", "ddokta journal show" },
  { "ddokta journal show peop", "ddokta journal show people.csv" },
  {
    "ddokta recipe push-group --group Platform --rem",
    "ddokta recipe push-group --group Platform --remove-members",
  },
}

-- what has several continuations
local SEVERAL = {
  { "ddokta users import --color ", { "auto", "always", "never" } },
  { "ddokta completion ", { "bash", "zsh", "fish" } },
  { "ddokta users import --al", { "--all", "--allow" } },
}

-- --- what each shell makes of a line ---------------------------------------------------------------

local complete = {}

-- A word of COMP_WORDS ends at a space, and = and : are words of their own (COMP_WORDBREAKS).
local function bash_words(line)
  local words = {}
  for word in (line:gsub("[=:]", " %0 ") .. "|"):gmatch "%S+" do
    words[#words + 1] = word
  end
  words[#words] = words[#words]:gsub("|$", "")
  return words
end

function complete.bash(lines)
  local script = { "source <(ddokta completion bash) || exit 1; complete -p ddokta >/dev/null || exit 1" }
  for _, line in ipairs(lines) do
    local quoted = {}
    for i, word in ipairs(bash_words(line)) do
      quoted[i] = shell.quote(word)
    end
    script[#script + 1] = ("COMP_LINE=%s COMP_POINT=%d COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))"):format(
      shell.quote(line),
      #line,
      table.concat(quoted, " ")
    )
    -- compopt is for readline alone
    script[#script + 1] = [[_ddokta 2>/dev/null; printf '%s\n' "${COMPREPLY[@]}" --end--]]
  end
  local found, out = {}, run("bash --norc " .. write("ask.bash", table.concat(script, "\n")))
  local place = 1
  for line in out:gmatch "[^\n]+" do
    found[place] = found[place] or {}
    if line == "--end--" then
      place = place + 1
    else
      table.insert(found[place], line)
    end
  end
  -- what stands before a = or : is not given back
  for i, line in ipairs(lines) do
    local before = line:match "^.* " or ""
    local word = line:sub(#before + 1)
    for n, reply in ipairs(found[i] or {}) do
      found[i][n] = before .. (word:match "^.*[=:]" or "") .. reply
    end
  end
  return found, out
end

function complete.fish(lines)
  local script = { "ddokta completion fish | source" }
  for _, line in ipairs(lines) do
    script[#script + 1] = ("complete -C %s; echo --end--"):format(shell.quote(line))
  end
  local out = run("fish --no-config " .. write("ask.fish", table.concat(script, "\n")))
  local found, place = {}, 1
  for line in out:gmatch "[^\n]+" do
    found[place] = found[place] or {}
    if line == "--end--" then
      place = place + 1
    else
      table.insert(found[place], (lines[place]:match "^.* " or "") .. line:match "^[^\t]*")
    end
  end
  return found, out
end

-- zsh completes in its line editor alone: one is run on a terminal of its own, and a key completes a line,
-- lists what it may become and shows it. However long the list, zsh does not ask first (LISTMAX): it would
-- take the next line for the answer.
local ZSH = [==[
zmodload zsh/zpty
zpty -b editor 'zsh -f -i'
until_seen() {
  local out= piece
  integer n=0
  while (( n++ < 500 )) && [[ $out != *$1* ]]; do
    if zpty -r -t editor piece 2>/dev/null; then out+=$piece; else sleep 0.02; fi
  done
  print -rn -- $out
}
zpty -w editor 'source ./editor.zsh'
until_seen READY >/dev/null
while IFS= read -r line; do
  zpty -w -n editor $line$'\x18'
  until_seen '--end--' | tr -d '\r'
  print
done < ./lines
zpty -d editor
]==]

local EDITOR = [==[
autoload -U compinit && compinit -D
fpath=(. $fpath)
autoload -U _ddokta && compdef _ddokta ddokta
setopt no_beep
PS1= LISTMAX=100000
shown() {
  zle complete-word
  local whole=${BUFFER%% }
  print -rn -- "--list--"
  zle list-choices
  zle -R
  print -rn -- "<$whole>--end--"
  BUFFER=
}
zle -N shown
bindkey '^X' shown
zle-line-init() { print -rn -- READY }
zle -N zle-line-init
]==]

function complete.zsh(lines)
  run "ddokta completion zsh > _ddokta"
  write("editor.zsh", EDITOR)
  write("lines", table.concat(lines, "\n") .. "\n")
  local found, out = {}, run("timeout 60 zsh -f " .. write("ask.zsh", ZSH))
  for listed, line in out:gmatch "%-%-list%-%-(.-)<([^>\n]*)>%-%-end%-%-" do
    found[#found + 1] = { whole = line, listed = listed }
  end
  return found, out
end

-- What readline makes of each line at the key of completion: typed on a terminal, and shown by another key.
local BASHRC = [[
PS1=
source <(ddokta completion bash)
shown() { printf '<%s>--end--\n' "${READLINE_LINE%% }"; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\C-t": shown'
]]

local function typed_in_bash(lines)
  write("bashrc", BASHRC)
  write("typed", table.concat(lines, "\t\20") .. "\t\20exit\n")
  local out = run [[timeout 60 script -qefc 'bash --rcfile ./bashrc -i' /dev/null < typed]]
  local found = {}
  for line in out:gmatch "<([^>\n]*)>%-%-end%-%-" do
    found[#found + 1] = line
  end
  return found, out
end

local function firsts(rows)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = row[1]
  end
  return list
end

describe("completion", function()
  setup(function()
    dir = assert(system.mkdtemp "ddokta-completion-")
    write("people.csv", "userName\n")
  end)
  teardown(function() shell.run("rm -rf " .. shell.quote(dir)) end)

  for _, name in ipairs(SHELLS) do
    it("in " .. name .. ": what is meant alone is completed", function()
      if not has(name) then return pending(name .. " is missing") end
      local found, out = complete[name](firsts(WHOLE))
      assert.equal(#WHOLE, #found, out)
      for i, row in ipairs(WHOLE) do
        assert.equal(row[2], found[i].whole or found[i][1], row[1] .. "\n" .. out)
        if name ~= "zsh" then assert.is_nil(found[i][2], row[1] .. "\n" .. out) end
      end
    end)

    it("in " .. name .. ": where several may come, all are offered", function()
      if not has(name) then return pending(name .. " is missing") end
      local found, out = complete[name](firsts(SEVERAL))
      for i, row in ipairs(SEVERAL) do
        local before, all = row[1]:match "^.* ", table.concat(found[i], "\n") .. "\n"
        for _, word in ipairs(row[2]) do
          local listed = found[i].listed and found[i].listed:find(word, 1, true)
          assert.truthy(listed or all:find(before .. word .. "\n", 1, true), word .. "\n" .. out)
        end
        assert.equal(found[i].listed and 0 or #row[2], #found[i], out)
      end
    end)
  end

  it("in bash as it is typed: the same", function()
    if not has "bash" then return pending "bash is missing" end
    local found, out = typed_in_bash(firsts(WHOLE))
    for i, row in ipairs(WHOLE) do
      assert.equal(row[2], found[i], out)
    end
  end)

  timed("takes less than 100 ms", function()
    local best = math.huge
    for _ = 1, 10 do
      local began = system.now()
      local result = command.run({}, "__complete", "operations", "create_")
      best = math.min(best, system.now() - began)
      assert.equal(0, result.status)
    end
    assert.truthy(best < (is_sanitized and 10 or 1) * MOST_SECONDS, ("%.3f s"):format(best))
  end)
end)
