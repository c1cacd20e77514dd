-- Writes the reference: doc/datadog.md, doc/okta.md and lua/ddokta/types.lua, from the operation map and
-- doc/resources.lua. `make doc` runs it: lua doc/generate.lua [folder]. The same rows give the same bytes.
local page = require "doc.generate.page"
local types = require "doc.generate.types"

local M = {}

--- files() -> {path = text} of all that is written
function M.files()
  return {
    ["doc/datadog.md"] = page.write "datadog",
    ["doc/okta.md"] = page.write "okta",
    ["lua/ddokta/types.lua"] = types.write(),
  }
end

local function save(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

--- write(folder): all files, below a folder that has the same folders as this one
function M.write(folder)
  for path, text in pairs(M.files()) do
    save(folder .. "/" .. path, text)
  end
end

-- run, and not required
if arg and arg[0] and arg[0]:find "generate%.lua$" then M.write(arg[1] or ".") end

return M
