--- Exit statuses, and the one way to end a command early: error(status.stop(code, message), 0).

local status = {
  DONE = 0,
  FAILED = 1,
  USAGE = 2,
  STOPPED = 3, -- a guard or a conflict
  UNAUTHORISED = 4, -- and nothing was done
  DIFFERENT = 5, -- there are differences: plan --exit-code
  LEFT = 6, -- what ddokta can do is done or found out, and something is left that it cannot: secrets
  INTERRUPTED = 130,
}

status.OUT_OF_MEMORY = "out of memory: it stopped where it was. With a journal the same command goes on"

local stop = {}
stop.__tostring = function(self) return self.message or "stopped" end

--- stop(code, message): a value to raise; message nil ends without a word.
function status.stop(code, message) return setmetatable({ status = code, message = message }, stop) end

function status.is_stop(value) return getmetatable(value) == stop end

--- The status that a ddokta error means, where nothing had been done before.
function status.of_error(err)
  if err.code == "not_taken" then return status.FAILED end -- it was sent, and not all of it was taken
  if err.kind == "unauthorized" or err.kind == "forbidden" then return status.UNAUTHORISED end
  if err.kind == "conflict" then return status.STOPPED end
  if err.kind == "config" then return status.USAGE end
  return status.FAILED
end

return status
