--- stdout: what the command answers. A full disk ends it with a word, a reader that hangs up without one.

local status = require "ddokta.cli.status"
local stream = require "ddokta.stream"

local stdout = {}

local function check(ok, why)
  if ok then return end
  -- who reads our output has read enough
  if tostring(why):find("pipe") then error(status.stop(status.FAILED, nil), 0) end
  error(status.stop(status.FAILED, "cannot write: " .. tostring(why)), 0)
end

---@param words string
function stdout.write(words) check(stream.write(io.stdout, words)) end

function stdout.flush() check(stream.flush(io.stdout)) end

return stdout
