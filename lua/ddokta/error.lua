-- The error table that every failure of ddokta is: see API.md, "Errors". tostring gives one line.
local core = require "ddokta.core"

local M = {}

-- new{kind = "config", message = "...", ...} -> error. `errors`, `attempts`, `retryable` and
-- `ambiguous` are always there. The message may quote others' words: no terminal obeys what is in it.
function M.new(fields)
  fields.message = fields.message and core.show(fields.message)
  fields.errors = fields.errors or {}
  fields.attempts = fields.attempts or 0
  fields.retryable = fields.retryable or false
  fields.ambiguous = fields.ambiguous or false
  return setmetatable(fields, core.error)
end

-- Is it one of ours?
function M.is(value) return type(value) == "table" and getmetatable(value) == core.error end

-- is_memory(raised): see ddokta.out_of_memory.
M.is_memory = require "ddokta.out_of_memory"

return M
