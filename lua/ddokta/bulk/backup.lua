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

return M
