--- Exit statuses, and the one way to end a command early: error(status.stop(code, message), 0).

local status = {}

--- In the words of the help, of the man page and of doc/command.md.
---@type { code: integer, name: string, words: string }[]
status.list = {
  { code = 0, name = "DONE", words = "done, or nothing to do" },
  { code = 1, name = "FAILED", words = "something failed, or a check found something" },
  { code = 2, name = "USAGE", words = "wrong usage" },
  { code = 3, name = "STOPPED", words = "a guard or a conflict stopped it" },
  { code = 4, name = "UNAUTHORISED", words = "nothing was done, because the keys may not do it" },
  { code = 5, name = "DIFFERENT", words = "there are differences: `plan --exit-code`, `recipe drift`" },
  {
    code = 6,
    name = "LEFT",
    words = "done but for secrets, which no service gives to compare or put back",
  },
  { code = 130, name = "INTERRUPTED", words = "Ctrl-C ended it; the last line says which command goes on" },
}

for _, row in ipairs(status.list) do
  status[row.name] = row.code
end

status.OUT_OF_MEMORY = "out of memory: it stopped where it was. With a journal the same command goes on"

local stop = {}
stop.__tostring = function(self) return self.message or "stopped" end

--- stop(code, message, err): a value to raise; message nil ends without a word. err: what a program is told
--- besides, an error or some of its fields
function status.stop(code, message, err)
  return setmetatable({ status = code, message = message, error = err }, stop)
end

function status.is_stop(value) return getmetatable(value) == stop end

--- The status that a ddokta error means, where nothing had been done before.
function status.of_error(err)
  if err.code == "not_taken" then return status.FAILED end -- it was sent, and not all of it was taken
  if require("ddokta.error").is_refusal(err.kind) then return status.UNAUTHORISED end
  if err.kind == "conflict" then return status.STOPPED end
  if err.kind == "config" then return status.USAGE end
  return status.FAILED
end

return status
