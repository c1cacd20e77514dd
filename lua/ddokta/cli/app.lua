--- app: what every command needs: its arguments, clients, secrets, and somewhere to print.

local core = require "ddokta.native"
local errors = require "ddokta.error"
local shell = require "ddokta.shell"
local text = require "ddokta.text"
local answer = require "ddokta.cli.answer"
local log = require "ddokta.cli.log"
local status = require "ddokta.cli.status"
local stdout = require "ddokta.cli.stdout"

local STDIN, STDOUT, STDERR = 0, 1, 2
local SHOWN_PROBLEMS = 20

---@class ddokta.cli.App
---@field args table as argparse has them
---@field arguments string[] as they were typed
---@field is_terminal boolean standard output is one
---@field stderr_is_terminal boolean and one that can take back what it shows
---@field color boolean
---@field ascii boolean what people read is for a terminal that shows nothing else
---@field log? ddokta.cli.Log
local app = {}
app.__index = app

--- What a variable of the environment says; nil for nothing.
---@param name string
---@return string?
function app.environment(name)
  local value = os.getenv(name)
  if value and value ~= "" then return value end
end

--- Ends the command.
---@param code integer of ddokta.cli.status
---@param message? string nil: without a word
---@param err? table what a program is told besides: an error, or some of its fields
function app.fail(_, code, message, err) error(status.stop(code, message, err), 0) end

--- What to do with columns of a file that ddokta does not know, which is how files from elsewhere come.
---@param err table
---@return string words behind the message; "" for nothing
function app.advice(err)
  for _, problem in ipairs(err.problems or {}) do
    if problem.code == "unknown_column" then
      return " (--map says what a column is made of, --ignore-unknown-columns leaves the others alone)"
    end
  end
  return ""
end

--- What is wrong with a source, a line each, then the count.
local function fail_with_problems(self, err)
  for i = 1, math.min(#err.problems, SHOWN_PROBLEMS) do
    self:warn(err.errors[i])
  end
  local hidden = err.problem_count - SHOWN_PROBLEMS
  if hidden > 0 then self:warn(("... and %d more"):format(hidden)) end
  self:fail(
    status.of_error(err),
    ("%d problems, nothing was sent"):format(err.problem_count) .. app.advice(err),
    err
  )
end

-- what was found here needs no kind before it
local function words_of(err)
  if err.status or err.operation or type(err.message) ~= "string" then return tostring(err) end
  return err.message
end

--- The value, or the end of the command with what err says.
---@generic T
---@param value? T
---@param err? table|string
---@return T
function app:must(value, err)
  if value ~= nil then return value end
  if type(err) ~= "table" then self:fail(status.FAILED, tostring(err)) end
  if err.problems and #err.problems > 1 then fail_with_problems(self, err) end
  self:fail(status.of_error(err), words_of(err) .. app.advice(err), err)
end

--- What ddokta.file answers: where a file could not be written, the command has failed.
function app:must_write(ok, err)
  if ok then return end
  self:fail(err.code == "file" and status.FAILED or status.of_error(err), words_of(err), err)
end

function app:write(words)
  self.has_written = true -- and what comes behind it is no document of its own
  if self.ascii then words = text.ascii(words) end
  stdout.write(words)
end

function app:print(words) self:write(words .. "\n") end
app.flush = stdout.flush

-- The writer of documents.
local function put_to(self)
  return function(words) self:write(words) end
end

--- One answer, for programs.
function app:json(value) self:must(answer.write_value(put_to(self), value, self.args.jsonl)) end

--- A part of the answer, written at the end: by write_parts, or with the error that ends the command.
---@param name string
---@param value table a plan, a report, or plain data
function app:part(name, value) self.parts[#self.parts + 1] = { name = name, value = value } end

function app:write_parts() self:must(answer.write(put_to(self), self.parts, self.args.jsonl)) end

--- For programs: the failure, with what there is of the answer.
---@param stop table of ddokta.cli.status
function app:write_failure(stop)
  if self.has_written and not self.args.jsonl then return end
  self:part("error", answer.error(stop))
  self:write_parts()
  self:flush()
end

--- What a reader should know, on standard error.
function app:warn(words)
  if self.log then return self.log:put("warn", "warning", words) end
  io.stderr:write(words, "\n")
end

-- POSIX: $COLUMNS is what the user wants, whatever the terminal says.
local function terminal_columns()
  local wanted = tonumber(app.environment "COLUMNS" or nil)
  if wanted and wanted >= 1 and wanted < math.huge then return math.floor(wanted) end
  return core.system.columns() or 80 -- as a terminal that does not know, a serial line
end

--- How rows are laid out where standard output goes: what is no terminal gets all of it.
---@return ddokta.text.Layout
function app:layout()
  local wide = self.args.wide -- nil: the command has no such option
  local width = self.is_terminal and not wide and terminal_columns() or nil
  return {
    width = width,
    bold = self.color,
    ascii = self.ascii,
    hint = wide == false and "--wide shows all" or nil,
  }
end

--- Shows rows in columns that fit the terminal.
---@param columns (string|ddokta.text.Column)[]
---@param rows any[][]
---@param options? { keeps_all?: boolean } keeps_all: no column is left out
function app:table(columns, rows, options)
  local layout = self:layout()
  layout.keeps_all = options and options.keeps_all
  self:print(text.table(columns, rows, layout))
end

--- Can a person be asked? Only where he sees the question and types the answer.
function app.can_ask() return core.system.isatty(STDIN) and core.system.isatty(STDERR) end

--- Ends the command where a question would come that nobody can answer.
---@param remedy string what --yes does here, or what else there is: "to give it up"
---@param reason? string why it is asked
function app:fail_unasked(remedy, reason)
  local asked = "nobody can be asked here: add --yes" .. remedy
  self:fail(status.USAGE, reason and ("%s, and %s"):format(reason, asked) or asked)
end

--- Asks; true for y or yes. Ctrl-C ends the command: by itself it would not on Lua 5.1 and LuaJIT, which
--- begin a read again that a signal has ended.
function app:ask(question)
  self:flush()
  io.stderr:write(question, " [y/N] ")
  core.interrupt.catch("\n", "\n")
  local typed = (io.read("*l") or ""):lower()
  core.interrupt.release()
  if core.interrupt.caught() then self:fail(status.INTERRUPTED, nil) end
  return typed == "y" or typed == "yes"
end

--- The first line of a file, which must be a secret; "-" is standard input. Who gives the secret itself where
--- its file is wanted does not find it in a log: a file that cannot be read is not named.
---@param path string
---@param option string such as "--api-key-file", for the words
---@return string
function app:read_secret(path, option)
  local file, why = io.stdin, nil
  if path ~= "-" then
    file, why = io.open(path, "rb")
  end
  if not file then
    why = tostring(why):sub(#path + 3) -- behind the path
    self:fail(status.USAGE, ("%s: cannot read that file: %s"):format(option, why))
  end
  local line = file:read "*l"
  if file ~= io.stdin then file:close() end
  line = line and line:gsub("\r$", "")
  if not line or line == "" then self:fail(status.USAGE, path .. ": no secret in its first line") end
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

--- What is typed at a question, unseen; nil for nothing.
---@param question string
---@return string?
function app.ask_secret(question)
  local pipe = io.popen(("sh -c %s sh %s"):format(shell.quote(script), shell.quote(question)), "r")
  if not pipe then return nil end
  local line = pipe:read "*l"
  pipe:close()
  if line == "" then return nil end
  return line
end

local function key(self, file_option, variable, label)
  local path, option = self.args[file_option], "--" .. file_option:gsub("_", "-")
  if path then return self:read_secret(path, option) end
  local value = app.environment(variable) or self.can_ask() and self.ask_secret(label .. ": ")
  if value then return value end
  self:fail(status.UNAUTHORISED, ("no %s: set $%s, or use %s"):format(label, variable, option))
end

-- Options of ddokta.client, from the arguments and the environment.
local function datadog_options(self)
  local args = self.args
  local options = {
    site = args.site,
    base_url = args.base_url,
    ca_file = args.ca_file,
    timeout = args.timeout,
  }
  if args.api_key_file or args.app_key_file or not app.environment "DD_BEARER_TOKEN" then
    options.api_key = key(self, "api_key_file", "DD_API_KEY", "API key")
    options.app_key = key(self, "app_key_file", "DD_APP_KEY", "application key")
  end
  return options
end

-- Options of ddokta.okta, likewise.
local function okta_options(self)
  local args = self.args
  local options = { domain = args.okta_domain, ca_file = args.ca_file, timeout = args.timeout }
  options.token = key(self, "okta_token_file", "OKTA_CLIENT_TOKEN", "Okta token")
  return options
end

-- The log sees what happens, whoever watches besides.
local function watcher_of(self, watcher)
  local note = self.log and self.log:on_event()
  if not (note and watcher) then return note or watcher end
  return function(event)
    note(event)
    watcher(event)
  end
end

-- options of a client that the log watches
local function watched(self, options)
  options.on_event = watcher_of(self, options.on_event)
  return options
end

-- Keys are asked for once, however many clients there are.
local function new_client(self, service, options_of, extra)
  self.options[service] = self.options[service] or options_of(self)
  local options = {}
  for _, given in ipairs { self.options[service], extra or {} } do
    for name, value in pairs(given) do
      options[name] = value
    end
  end
  return self:must(require("ddokta")[service](watched(self, options)))
end

--- A client of Datadog.
---@param extra? table options that the arguments do not have
---@return ddokta.Client
function app:client(extra) return new_client(self, "client", datadog_options, extra) end

--- Does something say which Okta it is: an option, or one of the two variables?
---@return boolean
function app:names_okta()
  local args = self.args
  return (
    args.okta_domain
    or args.okta_token_file
    or app.environment "OKTA_CLIENT_ORGURL"
    or app.environment "OKTA_CLIENT_TOKEN"
  ) ~= nil
end

--- The client of that Okta; the variables may name an OAuth key in place of the token.
---@return ddokta.Client?
---@return ddokta.Error? err
function app:named_okta_client()
  local args = self.args
  if args.okta_domain or args.okta_token_file then return self:okta_client() end
  return require("ddokta").okta(watched(self, { ca_file = args.ca_file, timeout = args.timeout }))
end

--- A client of Okta.
---@param extra? table options that the arguments do not have
---@return ddokta.Client
function app:okta_client(extra) return new_client(self, "okta", okta_options, extra) end

--- The client of the service that a resource lives in.
---@param resource { service?: string }
---@param extra? table
---@return ddokta.Client
function app:client_of(resource, extra)
  if resource.service == "okta" then return self:okta_client(extra) end
  return self:client(extra)
end

-- One that shows line by line what it gets: an editor's window, a build's log. As Git has it, one that does
-- not say what it is may be one.
local function is_dumb()
  local terminal = app.environment "TERM"
  return terminal == nil or terminal == "dumb"
end

local function wants_color(choice, is_terminal)
  if choice == "always" then return true end
  if choice == "never" or app.environment "NO_COLOR" then return false end
  return is_terminal and not is_dumb()
end

-- Does the locale name another character set than UTF-8? One that names none, as C, says nothing about the
-- terminal, which then is one of UTF-8 (as Python's PEP 538 has it).
local function is_ascii()
  local locale = app.environment "LC_ALL" or app.environment "LC_CTYPE" or app.environment "LANG" or ""
  local charset = locale:match "%.([^@]+)"
  return charset ~= nil and charset:lower():gsub("%-", "") ~= "utf8"
end

-- What a program reads is the same wherever it goes.
local function is_data(args) return args.json or args.jsonl or args.format == "csv" or false end

--- The exit status that checks mean, as those of `check` and `recipe check`.
---@param checks { result: string, kind?: string }[] kind: of the error where a service refused
---@return integer
function app.status_of_checks(checks)
  local worst = status.DONE
  for _, check in ipairs(checks) do
    if check.result == "failed" then
      if errors.is_refusal(check.kind) then return status.UNAUTHORISED end
      worst = status.FAILED
    elseif check.kind and check.result == "unknown" and not errors.is_refusal(check.kind) then
      worst = status.FAILED -- it could not even be asked
    end
  end
  return worst
end

local check_words = { passed = "passed", failed = "FAILED", unknown = "could not tell" }
local check_colors = { passed = "\27[32m", failed = "\27[31m", unknown = "\27[33m" }

--- Prints what came of a check, and what to do about it.
---@param result "passed"|"failed"|"unknown"
---@param name string
---@param detail string
---@param remedy? string
function app:print_check(result, name, detail, remedy)
  local word = ("%-14s"):format(check_words[result])
  if self.color then word = check_colors[result] .. word .. "\27[0m" end
  self:print(("%s  %s: %s"):format(word, name, text.show(detail)))
  if remedy then self:print((" "):rep(16) .. "-> " .. text.show(remedy)) end
end

---@param args table
---@param arguments? string[] the same as they were typed
---@return ddokta.cli.App
function app.new(args, arguments)
  local is_terminal = core.system.isatty(STDOUT)
  return setmetatable({
    args = args,
    arguments = arguments or {},
    options = {}, -- of clients, by service
    parts = {}, -- of the answer
    log = args.log and log.new(args.log) or nil,
    is_terminal = is_terminal,
    color = wants_color(args.color, is_terminal),
    ascii = is_terminal and is_ascii() and not is_data(args),
    stderr_is_terminal = core.system.isatty(STDERR) and not is_dumb(),
  }, app)
end

return app
