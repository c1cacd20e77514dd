--- Answers as handlers give them: a value that becomes JSON, nothing, a whole answer, or a refusal that is
--- raised from wherever it is found out. Datadog's JSON bodies end in a newline, its errors do not, and its
--- 204 claims to be HTML (all recorded).
local json = require "ddokta.sandbox.json"

---@class ddokta.sandbox.Answer
---@field status integer
---@field headers table<string, string|string[]>
---@field body string

local answers = {}

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local JSON = "application/json"

---@param status integer
---@param value any
---@return ddokta.sandbox.Answer
function answers.json(status, value)
  return { status = status, headers = { ["Content-Type"] = JSON }, body = json.encode(value) .. "\n" }
end

--- Errors in Datadog's plain shape: {"errors":["..."]}.
---@param status integer
---@param ... string|table
---@return ddokta.sandbox.Answer
function answers.errors(status, ...)
  local body = json.encode { errors = json.array { ... } }
  return { status = status, headers = { ["Content-Type"] = JSON }, body = body }
end

--- A 204, as recorded for DELETE of an Okta account.
---@return ddokta.sandbox.Answer
function answers.nothing()
  return { status = 204, headers = { ["Content-Type"] = "text/html; charset=utf-8" }, body = "" }
end

--- Is a value a whole answer, or what one is to be made of?
function answers.is_answer(value) return type(value) == "table" and value.headers ~= nil end

--- Ends a handler with an answer.
---@param answer ddokta.sandbox.Answer
function answers.refuse(answer) error(answer, 0) end

--- Ends a handler with an error in Datadog's plain shape.
---@param status integer
---@param text string a format
---@param ... any its values
function answers.fail(status, text, ...)
  answers.refuse(answers.errors(status, select("#", ...) > 0 and text:format(...) or text))
end

--- Runs a function: what it returns, or nil and the answer that it was ended with. Other errors go on, with
--- a traceback.
function answers.catch(work, ...)
  local arguments, count = { ... }, select("#", ...)
  local ok, value = xpcall(
    function() return work(unpack(arguments, 1, count)) end,
    function(raised) return answers.is_answer(raised) and raised or debug.traceback(raised) end
  )
  if ok then return value end
  if answers.is_answer(value) then return nil, value end
  error(value, 0)
end

return answers
