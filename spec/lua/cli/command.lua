-- Runs the real command in a process of its own, as a shell would. What it writes for programs is held
-- against the schemas of doc/json, whatever the spec looks at.
local documents = require "spec.support.documents"

local M = { quote = require("ddokta.shell").quote }

local hidden = {
  "DD_SITE",
  "DD_API_KEY",
  "DD_APP_KEY",
  "DD_BEARER_TOKEN",
  "DDOKTA_BASE_URL",
  "DDOKTA_CA_FILE",
  "NO_COLOR",
  "COLUMNS",
  "LC_ALL",
  "LC_CTYPE",
  "LANG",
  "OKTA_CLIENT_ORGURL",
  "OKTA_CLIENT_TOKEN",
  "DDOKTA_OKTA_BASE_URL",
  "DDOKTA_FINGERPRINT_KEY",
  "DDOKTA_PASSWORD",
  "DDOKTA_CLIENT_SECRET",
  "DDOKTA_ACCOUNT_API_KEY",
  "DDOKTA_DEBUG",
  "http_proxy",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "no_proxy",
  "NO_PROXY",
}

local command = assert(os.getenv "DDOKTA_COMMAND", "run specs with make test-one or spec/run")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- The words with which a shell starts the command: a clean environment, then `environment`.
function M.line(arguments, environment)
  local words = { "env" }
  for _, name in ipairs(hidden) do
    words[#words + 1] = "-u " .. name
  end
  for name, value in pairs(environment or {}) do
    words[#words + 1] = name .. "=" .. M.quote(value)
  end
  words[#words + 1] = M.quote(command)
  for _, argument in ipairs(arguments) do
    words[#words + 1] = M.quote(argument)
  end
  return table.concat(words, " ")
end

--- shell(text) -> {out, err, status} of what a shell does with that text
function M.shell(text)
  local base = os.tmpname()
  local script = ("{ %s\n} >%s.out 2>%s.err; echo $? >%s"):format(text, base, base, base)
  os.execute("sh -c " .. M.quote(script))
  local result = { status = tonumber(read(base)), out = read(base .. ".out"), err = read(base .. ".err") }
  for _, suffix in ipairs { "", ".out", ".err" } do
    os.remove(base .. suffix)
  end
  return result
end

--- The environment with which the command finds a sandbox.
function M.environment(box)
  return {
    DDOKTA_BASE_URL = box.base_url,
    DDOKTA_CA_FILE = box.ca_file,
    DD_API_KEY = box.api_key,
    DD_APP_KEY = box.app_key,
    OKTA_CLIENT_ORGURL = box.okta_url,
    OKTA_CLIENT_TOKEN = box.okta_token,
    XDG_STATE_HOME = box.dir .. "/state",
  }
end

--- run(environment, ...) -> {out, err, status} of `ddokta ...` with an empty standard input
function M.run(environment, ...)
  local result = M.shell(M.line({ ... }, environment) .. " </dev/null")
  documents.check({ ... }, result)
  return result
end

--- input(environment, text, ...) -> the same with this text as standard input
function M.input(environment, text, ...)
  local result = M.shell("printf %s " .. M.quote(text) .. " | " .. M.line({ ... }, environment))
  documents.check({ ... }, result)
  return result
end

--- terminal(environment, typed, ...) -> what a terminal of 80 columns shows, and the status. typed: a list of
-- {prompt, text}: text is typed once the prompt is there.
function M.terminal(environment, typed, ...) return M.terminal_of(80, environment, typed, ...) end

--- The same of so many columns.
function M.terminal_of(columns, environment, typed, ...)
  local seen = os.tmpname()
  local steps = {}
  for i, step in ipairs(typed) do
    steps[i] = (
      "n=0; until grep -qF -e %s %s || [ $n -gt 500 ]; do n=$((n + 1)); sleep 0.02; done;"
      .. " printf '%%s\\n' %s;"
    ):format(M.quote(step[1]), seen, M.quote(step[2]))
  end
  local line = ("stty cols %d; TERM=xterm "):format(columns) .. M.line({ ... }, environment)
  local result = M.shell(
    ("{ %s } | timeout 30 script -qefc %s %s >/dev/null"):format(
      table.concat(steps, " ") .. " :;",
      M.quote(line),
      seen
    )
  )
  local shown = read(seen)
  os.remove(seen)
  -- script's own first and last line are not the command's
  shown = shown:gsub("\r\n", "\n"):gsub("^Script started[^\n]*\n", ""):gsub("\nScript done[^\n]*\n$", "")
  return shown, result.status
end

return M
