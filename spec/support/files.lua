-- Whole files, for specs that look at what was written or write what is read.
local M = {}

-- raises where there is no such file
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

return M
