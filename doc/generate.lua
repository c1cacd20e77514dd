--- Writes the reference: doc/datadog.md, doc/okta.md, doc/reference/*.md, doc/json/README.md, doc/ddokta.1,
--- Neovim's help doc/*.txt and lua/ddokta/types.lua, from the operation map, doc/resources.lua, the schemas
--- of doc/json, the annotations in lua/ddokta and what the command takes; the help from the pages as well.
--- `make doc` runs it: lua doc/generate.lua [folder]. The same sources give the same bytes.
local json_page = require "doc.generate.json_page"
local man = require "doc.generate.man"
local module_page = require "doc.generate.module_page"
local page = require "doc.generate.page"
local types = require "doc.generate.types"
local vimdoc = require "doc.generate.vimdoc"

local M = {}

--- files() -> {path = text} of all that is written
function M.files()
  local files = module_page.write()
  files["doc/datadog.md"] = page.write "datadog"
  files["doc/okta.md"] = page.write "okta"
  files["doc/ddokta.1"] = man.write()
  files["doc/json/README.md"] = json_page.write()
  files["lua/ddokta/types.lua"] = types.write()
  for path, text in pairs(vimdoc.write(files)) do
    files[path] = text
  end
  return files
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
