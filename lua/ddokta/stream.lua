--- stream: writing to what Lua has opened, with an answer that can be believed.
--
-- LuaJIT compiles write and flush with a guard on what the C function answers. Where one fails, it leaves the
-- compiled code and calls the function once more. By then libc has dropped what it could not write, and says
-- that all is well: what a full disk has not taken would never be told. So these two are never compiled.

local stream = {}

--- Writes to an open file.
---@param handle file*
---@param text string
---@return any ok nil where it failed
---@return string? why
function stream.write(handle, text) return handle:write(text) end

--- Gives to the system what is kept of an open file.
---@param handle file*
---@return any ok nil where it failed
---@return string? why
function stream.flush(handle) return handle:flush() end

local jit = package.loaded.jit
if jit then
  jit.off(stream.write)
  jit.off(stream.flush)
end

return stream
