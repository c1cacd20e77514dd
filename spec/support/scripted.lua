-- What the servers of the specs and their other sides share: Lua source as text, values as such text,
-- and how long a server lives.
local M = {}

M.load = loadstring or load -- luacheck: ignore 113 143

-- quoted(value) -> Lua source of it, on one line
function M.quoted(value)
  if type(value) == "string" then
    return (("%q"):format(value):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("%z", "\\0"))
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local parts = {}
  for k, v in pairs(value) do
    parts[#parts + 1] = ("[%s]=%s"):format(M.quoted(k), M.quoted(v))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- Does the process live? A server ends when its suite has: one that is busy with itself for minutes
-- keeps it. A suite whose setup failed waits at its end for the server, in pclose(), and has closed the
-- pipe by then: writing to it fails, or ends the server with SIGPIPE.
function M.lives(pid)
  local is_read = io.stdout:write "\n" and io.stdout:flush()
  local file = io.open(("/proc/%s/stat"):format(pid))
  if file then file:close() end
  return file ~= nil and is_read ~= nil
end

return M
