--- Files: looks for them, lists the modules of a folder of ddokta, and writes text whole or not at all.
local errors = require "ddokta.error"
local stream = require "ddokta.stream"
local system = require("ddokta.native").system

local file = {}

---@param path string
---@return boolean
function file.exists(path) return system.stat(path) ~= nil end

--- extension("a/People.CSV") -> "csv"; nil: the name has none
---@param path string
---@return string?
function file.extension(path) return path:lower():match "%.(%w+)$" end

-- --- modules in a folder ----------------------------------------------------------------------------

-- The folder of ddokta's own modules: wherever this one was found, beside it are the others.
local function home()
  local path = debug.getinfo(1, "S").source:match "^@(.-)[^/\\]*$"
  if not path then error("ddokta must be loaded from its files: it looks for others beside them", 0) end
  return path
end

local found = {} -- by folder

--- The names of the modules in a folder of ddokta's, in their order: what is there is listed nowhere else.
--- The folder is read once.
---@param folder string "bulk.kinds" for ddokta.bulk.kinds
---@return string[] names "okta_accounts" for ddokta.bulk.kinds.okta_accounts; without init
function file.modules(folder)
  if found[folder] then return found[folder] end
  local path, names = home() .. folder:gsub("%.", "/"), {}
  for _, entry in ipairs(assert(system.list(path))) do
    local name = entry:match "^([%w_]+)%.lua$" or entry:match "^[%w_]+$"
    local is_module = name ~= entry or name and file.exists(("%s/%s/init.lua"):format(path, name))
    if is_module and name and name ~= "init" then names[#names + 1] = name end
  end
  table.sort(names)
  found[folder] = names
  return names
end

--- The text of a file of ddokta's that is no module.
---@param name string "bulk/page/style.css"
---@return string
function file.own(name)
  local handle = assert(io.open(home() .. name, "rb"))
  local text = handle:read "*a"
  handle:close()
  return text
end

-- --- writing ----------------------------------------------------------------------------------------

-- What is written stands beside its place until it is on the disk, and is moved there in one stroke: who
-- reads it sees the old or the new one, also after a power cut. It keeps the rights of what it replaces; a
-- link stays one. A device or a pipe is written to as it is.

---@class ddokta.file.Options
---@field sources? string[] what is read meanwhile, and must not be overwritten
---@field is_private? boolean nobody else may read it, whatever it replaces

local function cannot(path, why, code)
  return nil,
    errors.new {
      kind = "config",
      code = code or "file",
      message = ("cannot write %s: %s"):format(path, tostring(why)),
    }
end

-- Is there a device or a pipe? A folder takes no text, and its system says so.
local function is_device(path)
  local stat = system.stat(path)
  return stat and stat.type == "other"
end

local function source_of(path, sources)
  local mine = system.stat(path)
  if not mine or mine.type ~= "file" then return nil end
  for _, source in ipairs(sources or {}) do
    local other = source ~= "-" and system.stat(source)
    if other and other.id == mine.id then return source end
  end
  return nil
end

-- The name of a new file beside the path, which nobody else has -> name | nil, why
local function make_draft(path, is_private)
  local stat = system.stat(path)
  if stat and stat.type == "directory" then return nil, "Is a directory" end
  for count = 1, 100 do
    local name = ("%s.new-%d-%d"):format(path, system.pid(), count)
    local fd, why = system.create(name, not is_private)
    if fd then
      system.close(fd)
      return name
    end
    if not system.stat(name) then return nil, why end
  end
  return nil, "there are too many drafts beside it"
end

--- Can it be written there? Nothing is changed.
---@param path string
---@param options? ddokta.file.Options
---@return true? ok
---@return ddokta.Error? err
function file.check(path, options)
  local source = source_of(path, options and options.sources)
  if source then return cannot(path, ("it is %s, which is read"):format(source), "source") end
  if is_device(path) then return true end
  local draft, why = make_draft(system.resolve(path) or path)
  if not draft then return cannot(path, why) end
  os.remove(draft)
  return true
end

-- Opens the name and has it filled -> true | nil, err
local function fill_file(path, name, fill)
  local handle, why = io.open(name, "wb")
  if not handle then return cannot(path, why) end
  local ok = true
  local ran, filled, err = pcall(fill, function(text)
    if ok then
      ok, why = stream.write(handle, text)
    end
  end)
  local closed, late = handle:close()
  if not ran then error(filled, 0) end
  if filled == nil and err then return nil, err end
  if not (ok and closed) then return cannot(path, why or late) end
  return true
end

--- Writes a file. fill calls put with each piece, and must not yield; what it answers as nil, err ends it,
--- and what it raises is raised: then the file is as it was.
---@param path string
---@param fill fun(put: fun(text: string)): any, any
---@param options? ddokta.file.Options
---@return true? ok
---@return ddokta.Error? err
function file.write(path, fill, options)
  options = options or {}
  local source = source_of(path, options.sources)
  if source then return cannot(path, ("it is %s, which is read"):format(source), "source") end
  if is_device(path) then return fill_file(path, path, fill) end
  local place = system.resolve(path) or path
  local draft, why = make_draft(place, options.is_private)
  if not draft then return cannot(path, why) end
  local ran, ok, err = pcall(fill_file, path, draft, fill)
  if ran and ok then
    ok, why = system.replace(draft, place, options.is_private)
    if ok then return true end
    err = select(2, cannot(path, why))
  end
  os.remove(draft)
  if not ran then error(ok, 0) end
  return nil, err
end

return file
