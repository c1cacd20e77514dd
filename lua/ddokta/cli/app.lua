--- What every subcommand needs: the parsed arguments, a client, and somewhere to print.

local core = require "ddokta.core"
local text = require "ddokta.text"
local secret = require "ddokta.cli.secret"
local status = require "ddokta.cli.status"

local STDIN, STDOUT, STDERR = 0, 1, 2
local SHOWN_PROBLEMS = 20

local app = {}
app.__index = app

local function environment(name)
  local value = os.getenv(name)
  if value and value ~= "" then return value end
end

--- Ends the command: fail(status, message)
function app.fail(_, code, message) error(status.stop(code, message), 0) end

--- What is wrong with a source, a line each, then the count.
local function fail_with_problems(self, err)
  for i = 1, math.min(#err.problems, SHOWN_PROBLEMS) do
    self:warn(err.errors[i])
  end
  local hidden = err.problem_count - SHOWN_PROBLEMS
  if hidden > 0 then self:warn(("... and %d more"):format(hidden)) end
  self:fail(status.of_error(err), ("%d problems, nothing was sent"):format(err.problem_count))
end

-- what was found here needs no kind before it
local function words_of(err)
  if err.status or err.operation or type(err.message) ~= "string" then return tostring(err) end
  return err.message
end

--- The value, or the end of the command with what err says.
function app:must(value, err)
  if value ~= nil then return value end
  if type(err) ~= "table" then self:fail(status.FAILED, tostring(err)) end
  if err.problems and #err.problems > 1 then fail_with_problems(self, err) end
  self:fail(status.of_error(err), words_of(err))
end

--- What output.lua answers: where a file could not be written, the command has failed.
function app:must_write(ok, err)
  if ok then return end
  self:fail(err.code == "file" and status.FAILED or status.of_error(err), words_of(err))
end

function app:checked_write(ok, why)
  if ok then return end
  -- who reads our output has read enough
  if tostring(why):find("pipe") then self:fail(status.FAILED, nil) end
  self:fail(status.FAILED, "cannot write: " .. tostring(why))
end

function app:write(words) self:checked_write(io.stdout:write(words)) end
function app:print(words) self:write(words .. "\n") end
function app:flush() self:checked_write(io.stdout:flush()) end
function app:json(value) self:print(self:must(core.json.encode(value))) end
function app.warn(_, words) io.stderr:write(words, "\n") end

--- rows: list of lists of text; headers: list of names
function app:table(headers, rows)
  local width = self.is_terminal and core.system.columns() or nil
  self:print(text.table(headers, rows, { width = width, bold = self.color }))
end

--- Can a person be asked? Only where he sees the question and types the answer.
function app.can_ask() return core.system.isatty(STDIN) and core.system.isatty(STDERR) end

--- Asks; true for y or yes.
function app:ask(question)
  self:flush()
  io.stderr:write(question, " [y/N] ")
  local answer = (io.read("*l") or ""):lower()
  return answer == "y" or answer == "yes"
end

local function key(self, file_option, variable, label)
  local path = self.args[file_option]
  if path then return self:must(secret.from_file(path)) end
  if environment(variable) then return environment(variable) end
  if self.can_ask() then
    local value = secret.prompt(label .. ": ")
    if value then return value end
  end
  self:fail(
    status.UNAUTHORISED,
    ("no %s: set $%s, or use --%s"):format(label, variable, (file_option:gsub("_", "-")))
  )
end

--- Options of ddokta.client from the arguments and the environment.
function app:client_options()
  if self.options then return self.options end
  local args = self.args
  local options = {
    site = args.site,
    base_url = args.base_url,
    ca_file = args.ca_file,
    timeout = args.timeout,
  }
  if args.api_key_file or args.app_key_file or not environment("DD_BEARER_TOKEN") then
    options.api_key = key(self, "api_key_file", "DD_API_KEY", "API key")
    options.app_key = key(self, "app_key_file", "DD_APP_KEY", "application key")
  end
  self.options = options
  return options
end

--- A client of Datadog. extra: options that the arguments do not have.
function app:client(extra)
  local options = {}
  for name, value in pairs(self:client_options()) do
    options[name] = value
  end
  for name, value in pairs(extra or {}) do
    options[name] = value
  end
  return self:must(require("ddokta").client(options))
end

--- Options of ddokta.okta from the arguments and the environment.
local function okta_options(self)
  local args = self.args
  local options = { domain = args.okta_domain, ca_file = args.ca_file, timeout = args.timeout }
  options.token = key(self, "okta_token_file", "OKTA_CLIENT_TOKEN", "Okta token")
  return options
end

--- A client of Okta. extra: options that the arguments do not have.
function app:okta_client(extra)
  self.okta_given = self.okta_given or okta_options(self)
  local options = {}
  for name, value in pairs(self.okta_given) do
    options[name] = value
  end
  for name, value in pairs(extra or {}) do
    options[name] = value
  end
  return self:must(require("ddokta").okta(options))
end

--- The client of the service that a resource lives in.
function app:client_of(resource, extra)
  if resource.service == "okta" then return self:okta_client(extra) end
  return self:client(extra)
end

local function wants_color(choice, is_terminal)
  if choice == "always" then return true end
  if choice == "never" or environment("NO_COLOR") or environment("TERM") == "dumb" then return false end
  return is_terminal
end

--- new(args) -> app
return function(args)
  local is_terminal = core.system.isatty(STDOUT)
  return setmetatable({
    args = args,
    is_terminal = is_terminal,
    color = wants_color(args.color, is_terminal),
    stderr_is_terminal = core.system.isatty(STDERR),
  }, app)
end
