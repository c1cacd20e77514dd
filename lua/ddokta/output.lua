--- output: files that people read, which appear whole or not at all.
--
--   local output = require "ddokta.output"
--   assert(output.check("report.csv", {"people.csv"}))     before anything is sent
--   assert(output.write("report.csv", function(put) put "text" end, {"people.csv"}))
--
-- What is written stands beside its place until it is on the disk, and is moved there in one stroke: who
-- reads it sees the old or the new one, also after a power cut. It keeps the rights of what it replaces; a
-- link stays one. A device or a pipe is written to as it is. `sources` are files that must not be
-- overwritten, for they are what is read. What is private nobody else may read, whatever it replaces.

local failure = require "ddokta.error"
local system = require("ddokta.core").system

local output = {}

local function cannot(path, why, code)
  return nil,
    failure.new {
      kind = "config",
      code = code or "file",
      message = ("cannot write %s: %s"):format(path, tostring(why)),
    }
end

--- Is there a device or a pipe? A folder takes no text, and its system says so.
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

--- The name of a new file beside the path, which nobody else has -> name | nil, why
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

--- check(path[, sources]) -> true | nil, err: can it be written there? Nothing is changed.
function output.check(path, sources)
  local source = source_of(path, sources)
  if source then return cannot(path, ("it is %s, which is read"):format(source), "source") end
  if is_device(path) then return true end
  local draft, why = make_draft(system.resolve(path) or path)
  if not draft then return cannot(path, why) end
  os.remove(draft)
  return true
end

--- Opens the name and has it filled -> true | nil, err
local function fill_file(path, name, fill)
  local file, why = io.open(name, "wb")
  if not file then return cannot(path, why) end
  local ok = true
  local ran, filled, err = pcall(fill, function(text)
    if ok then
      ok, why = file:write(text)
    end
  end)
  local closed, late = file:close()
  if not ran then error(filled, 0) end
  if filled == nil and err then return nil, err end
  if not (ok and closed) then return cannot(path, why or late) end
  return true
end

--- write(path, fill[, sources[, is_private]]) -> true | nil, err
-- fill(put): calls put(text) with each piece; what it answers as nil, err ends it, and what it raises is
-- raised. Then the file is as it was. It must not yield.
function output.write(path, fill, sources, is_private)
  local source = source_of(path, sources)
  if source then return cannot(path, ("it is %s, which is read"):format(source), "source") end
  if is_device(path) then return fill_file(path, path, fill) end
  local place = system.resolve(path) or path
  local draft, why = make_draft(place, is_private)
  if not draft then return cannot(path, why) end
  local ran, ok, err = pcall(fill_file, path, draft, fill)
  if ran and ok then
    ok, why = system.replace(draft, place, is_private)
    if ok then return true end
    err = select(2, cannot(path, why))
  end
  os.remove(draft)
  if not ran then error(ok, 0) end
  return nil, err
end

return output
