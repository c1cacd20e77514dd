--- Secrets of the command line: from a file or a terminal, never from an argument.

local failure = require "ddokta.error"

local secret = {}

local function refuse(message) return nil, failure.new { kind = "config", message = message } end

--- from_file(path) -> the first line; "-" is standard input.
function secret.from_file(path)
  local file, why = io.stdin, nil
  if path ~= "-" then
    file, why = io.open(path, "rb")
  end
  if not file then return refuse("cannot read " .. tostring(why)) end
  local line = file:read("*l")
  if file ~= io.stdin then file:close() end
  line = line and line:gsub("\r$", "")
  if not line or line == "" then return refuse(path .. ": no secret in its first line") end
  return line
end

-- The shell puts the echo back even when Ctrl-C ends it, and asks only once the echo is off; printf is
-- built in, so no process shows what was typed.
local script = [[
exec 2>/dev/null
trap 'stty echo </dev/tty' EXIT
trap 'exit 130' INT TERM
stty -echo </dev/tty || exit 1
printf '%s' "$1" >/dev/tty
IFS= read -r line </dev/tty
printf '\n' >/dev/tty
printf '%s\n' "$line"]]

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- prompt(question) -> what was typed, unseen; nil for nothing.
function secret.prompt(question)
  local pipe = io.popen(("sh -c %s sh %s"):format(quote(script), quote(question)), "r")
  if not pipe then return nil end
  local line = pipe:read("*l")
  pipe:close()
  if line == "" then return nil end
  return line
end

return secret
