--- log: what happens, a line of standard error each: with --log json for machines, with --log text for
--- people.
--
-- Levels and the names of members are those that log collectors take without being told: `timestamp`, `level`
-- and `message`; HTTP's status is `http_status`, for Datadog takes `status` for the level.

local core = require "ddokta.native"
local show = require("ddokta.text").show

local EVERY = 5 -- seconds between two lines of progress

local function seconds(value) return ("%.3g s"):format(value or 0) end

-- for each of a client's events its level and its sentence
local events = {
  attempt = function(event) return "debug", ("%s: attempt %d"):format(event.operation, event.attempt) end,
  answer = function(event)
    local what = event.status and event.kind .. " " .. event.status or event.kind
    return event.kind == "ok" and "info" or "warn",
      ("%s: %s in %s"):format(event.operation, what, seconds(event.seconds))
  end,
  wait = function(event)
    return "warn", ("%s: %s, again in %s"):format(event.operation, event.kind, seconds(event.seconds))
  end,
  limit = function(event)
    local name = event.limit and " " .. event.limit or ""
    return "info", ("%s: waits %s for the rate limit%s"):format(event.operation, seconds(event.seconds), name)
  end,
}

---@class ddokta.cli.Log
---@field format "json"|"text"
---@field write fun(line: string)
---@field began number
local Log = {}
Log.__index = Log

local function now()
  local time = core.system.time()
  return ("%s.%03.0fZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", math.floor(time)), math.floor(time % 1 * 1000))
end

--- Writes a line, in one piece.
---@param level "debug"|"info"|"warn"|"error"
---@param event string
---@param message string
---@param fields? table what else doc/json/log.json has
function Log:put(level, event, message, fields)
  local line = { timestamp = now(), level = level, event = event, message = show(message) }
  if self.format == "text" then
    self.write(("%s %-5s %s\n"):format(line.timestamp, level, line.message))
    return
  end
  for name, value in pairs(fields or {}) do
    line[name] = line[name] or value
  end
  local text = core.json.encode(line)
  if text then self.write(text .. "\n") end
end

--- What a client is to call.
---@return fun(event: ddokta.Event)
function Log:on_event()
  return function(event)
    local level, message = events[event.type](event)
    local fields = { http_status = event.status }
    for _, name in ipairs { "operation", "method", "call", "attempt", "seconds", "kind", "limit" } do
      fields[name] = event[name]
    end
    self:put(level, event.type, message, fields)
  end
end

--- A watch of an import, as ddokta.cli.progress has it, that writes lines.
---@return ddokta.cli.Progress
function Log:watch()
  local last, began = core.system.now(), core.system.now()
  local latest
  local function tell()
    if not latest then return end
    last = core.system.now()
    local words = ("%d of %d done, %d failed"):format(latest.done, latest.total, latest.failed)
    self:put("info", "progress", words, {
      done = latest.done,
      total = latest.total,
      failed = latest.failed,
      unknown = latest.unknown,
      rate = latest.rate,
      left = latest.left,
      seconds = last - began,
    })
  end
  local watch = {}
  function watch.start() began = core.system.now() end
  function watch.on_progress(progress)
    latest = progress
    if core.system.now() - last >= EVERY then tell() end
  end
  watch.finish = tell
  return watch
end

--- The command's end.
---@param exit_status integer
---@param err? table what a program is told of a failure
function Log:finish(exit_status, err)
  local fields = { exit_status = exit_status, seconds = core.system.now() - self.began }
  if not err then return self:put("info", "end", ("ended with status %d"):format(exit_status), fields) end
  for _, name in ipairs { "kind", "code", "operation", "method", "permission", "id" } do
    fields[name] = err[name]
  end
  fields.http_status = err.status
  self:put("error", "failure", err.message, fields)
end

local log = {}

---@param format "json"|"text"
---@param write? fun(line: string)
---@return ddokta.cli.Log
function log.new(format, write)
  return setmetatable({
    format = format,
    write = write or function(line) io.stderr:write(line) end,
    began = core.system.now(),
  }, Log)
end

return log
