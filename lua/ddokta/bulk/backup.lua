--- backup: the objects that steps replace or remove, saved before.
--
--   local kept = assert(backup.open(path, {kind =, organisation =, plan =, steps =}))
--   assert(kept:save(step, {action = "delete", key = "prod", object = {...}}))
--   assert(kept:commit())                      now the step may be sent
--   local header, lines = backup.read(path)    lines() -> {step, action, key, object}, in order of saving
--
-- One line a step, the first: after a death the service may have the new object already. The services
-- never give secrets back, so there are none to be saved. Locking and errors are the journal's.

local durable = require "ddokta.bulk.durable"
local failure = require "ddokta.error"
local system = require("ddokta.core").system

local backup = {}
backup.__index = backup

--- Adds a line unless the step has one. Members other than those three are a bug, and raise.
function backup:save(step, saved)
  if self.file:state(step) then return true end
  for name in pairs(saved) do
    if name ~= "action" and name ~= "key" and name ~= "object" then
      error(("a backup's line has no member '%s'"):format(tostring(name)), 2)
    end
  end
  if type(saved.object) ~= "table" then error("an object to save is wanted", 2) end
  return self.file:step(step, "saved", saved)
end

function backup:has(step) return self.file:state(step) ~= nil end

function backup:commit() return self.file:commit() end

--- Closes it as a death would: what was not committed is lost.
function backup:abandon() self.file:abandon() end

function backup:close()
  local ok, err = self.file:close()
  if ok == nil and err then return nil, err end
  return true
end

local M = {}

function M.open(path, identity)
  local file, header = durable.open(path, "backup", identity)
  if not file then return nil, header end
  return setmetatable({ file = file }, backup)
end

--- read(path) -> header {kind, organisation, plan, steps, started}, iterator | nil, err
-- The iterator raises the error object at a damaged line.
function M.read(path) return durable.read(path, "backup") end

local function count(lines)
  local n = 0
  local ran, err = pcall(function() for _ in lines do n = n + 1 end end)
  if not ran and failure.is_memory(err) then error(err, 0) end
  return n, not ran and err or nil
end

local function described(path)
  local header, lines = M.read(path)
  if not header then return { file = path, error = lines } end
  local objects, err = count(lines)
  return { file = path, kind = header.kind, started = header.started, objects = objects, error = err }
end

-- when the runs before it were begun, as journals.put_aside writes it
local ASIDE = "^%.%d%d%d%d%-%d%d%-%d%dT%d+Z[%d-]*%.backup$"

--- list(path) -> a list of {file, kind, started, objects, error}, the oldest first | nil, err: the backups
-- of a journal and of those of its name that were put aside. error: why one cannot be read, or not wholly.
function M.list(path)
  local folder, base = path:match "^(.*/)([^/]*)$"
  folder, base = folder or "./", base or path
  local names, message = system.list(folder)
  if not names then
    return nil, failure.new{ kind = "config", code = "file", message = ("%s: %s"):format(folder, message) }
  end
  local found = {}
  for _, name in ipairs(names) do
    local rest = name:sub(1, #base) == base and name:sub(#base + 1)
    if rest == ".backup" or rest and rest:find(ASIDE) then
      found[#found + 1] = described((folder == "./" and "" or folder) .. name)
    end
  end
  local written = {}
  for _, one in ipairs(found) do written[one] = (system.stat(one.file) or {}).modified or 0 end
  table.sort(found, function(a, b)
    local first, second = a.started or "", b.started or ""
    if first ~= second then return first < second end
    return written[a] < written[b]
  end)
  return found
end

return M
