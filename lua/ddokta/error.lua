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
function M.is(value)
  return type(value) == "table" and getmetatable(value) == core.error
end

-- Is it what was raised because memory ran out, by Lua or by the binding? That is a string, and Lua's own
-- does not pass through the handler of xpcall. Whoever catches errors must not take it for an answer.
function M.is_memory(raised)
  return type(raised) == "string" and raised:find("not enough memory", 1, true) ~= nil
end

return M
