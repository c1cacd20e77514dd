--- spool: an answer that is written when it is whole: until then what it has is in a temporary file, so that
--- memory does not grow with it, and a failure in its middle leaves nothing written.

local status = require "ddokta.cli.status"
local stream = require "ddokta.stream"

local PIECE = 65536 -- bytes that are copied at once

---@class ddokta.cli.Spool
---@field file? file* nil: there is none to be had
---@field length integer bytes in the file
---@field rest string[] what the file did not take
local Spool = {}
Spool.__index = Spool

local spool = {}

--- The file is gone when it is closed, or the process ends. Where none can be made, memory is taken.
---@return ddokta.cli.Spool
function spool.new() return setmetatable({ file = io.tmpfile() or nil, length = 0, rest = {} }, Spool) end

---@param text string
function Spool:put(text)
  local has_room = self.file and not self.rest[1]
  if has_room and stream.write(self.file, text) then
    self.length = self.length + #text
  else
    self.rest[#self.rest + 1] = text
  end
end

-- What the system has not taken of the file is told only now, before anything is given.
local function check_file(self)
  local size = stream.flush(self.file) and self.file:seek "end"
  if size and size >= self.length and self.file:seek "set" then return end
  error(status.stop(status.FAILED, "there is no room for a temporary file of the answer"), 0)
end

local function copy_file(self, put)
  check_file(self)
  local left = self.length -- behind it may be a part of what was not taken
  while left > 0 do
    local piece = self.file:read(math.min(left, PIECE))
    if not piece then error(status.stop(status.FAILED, "a temporary file ended early"), 0) end
    left = left - #piece
    put(piece)
  end
  self.file:close()
end

--- Gives all that was put, in pieces; then it is closed.
---@param put fun(text: string)
function Spool:copy(put)
  if self.file then copy_file(self, put) end
  for _, text in ipairs(self.rest) do
    put(text)
  end
end

return spool
