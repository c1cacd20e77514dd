--- ending: what a command says at its end: the files that it wrote, and the commands that go on from there.

local core = require "ddokta.native"
local shell = require "ddokta.shell"
local status = require "ddokta.cli.status"

-- options of every command that say where it works, so that the next command needs them too
local everywhere = {
  "site",
  "base_url",
  "ca_file",
  "api_key_file",
  "app_key_file",
  "okta_domain",
  "okta_token_file",
  "timeout",
}

---@class ddokta.cli.ending
local ending = {}

--- A word as a shell reads it, as people would type it.
local function quote(word)
  word = tostring(word)
  return word:find "^[%w%-_./:=@%%+,]+$" and word or shell.quote(word)
end

local function line_of(words)
  local quoted = { "ddokta" }
  for _, word in ipairs(words) do
    quoted[#quoted + 1] = quote(word)
  end
  return table.concat(quoted, " ")
end

--- The command once more, to be pasted.
---@param app ddokta.cli.App
---@return string
function ending.again(app) return line_of(app.arguments) end

--- Another command at the same place, to be pasted.
---@param app ddokta.cli.App
---@param more string[] its words
---@return string
function ending.command(app, more)
  local words = {}
  for _, name in ipairs(everywhere) do
    local value = app.args[name]
    if value ~= nil then
      words[#words + 1] = "--" .. name:gsub("_", "-")
      words[#words + 1] = value
    end
  end
  for _, word in ipairs(more) do
    words[#words + 1] = word
  end
  return line_of(words)
end

--- Prints lines of {name, text}; those without a text are left out.
---@param app ddokta.cli.App
---@param rows { [1]: string, [2]: string? }[]
function ending.print(app, rows)
  for _, row in ipairs(rows) do
    if row[2] then app:print(("  %-8s %s"):format(row[1], row[2])) end
  end
end

--- From now on the first Ctrl-C ends the run once what is in flight has ended, and the second ends the
--- process. Both say what goes on.
---@param app ddokta.cli.App
---@param what string what it waits for: "what is in flight"
---@param lost string what is so after the second: "with its journal nothing is lost"
---@return fun(): boolean caught whether it came
function ending.catch(app, what, lost)
  local clear = app.stderr_is_terminal and "\r\27[K" or ""
  core.interrupt.catch(
    ("%sddokta: stopping as soon as %s has ended; Ctrl-C once more stops at once\n"):format(clear, what),
    ("%sddokta: stopped at once; %s: %s\n"):format(clear, lost, ending.again(app))
  )
  return core.interrupt.caught
end

--- Runs what Ctrl-C may end anywhere -> what it answers. It ends the command with these words.
---@generic T
---@param app ddokta.cli.App
---@param words string
---@param run fun(): T?, table?
---@return T?
---@return table? err
function ending.interruptible(app, words, run)
  local ok, value, err = pcall(run)
  if ok then return value, err end
  if tostring(value):find("interrupted!", 1, true) then app:fail(status.INTERRUPTED, words) end
  error(value, 0)
end

--- Ctrl-C does again what it did before.
function ending.release() core.interrupt.release() end

return ending
