-- What lists of users, groups and apps have in common: which records a query means.
local errors = require "ddokta.sandbox.okta.errors"
local filter = require "ddokta.sandbox.okta.filter"
local pages = require "ddokta.sandbox.okta.pages"

local lists = {}

--- The records for which `keep` holds.
function lists.select(records, keep)
  local kept = {}
  for _, record in ipairs(records) do
    if keep(record) then kept[#kept + 1] = record end
  end
  return kept
end

--- Does one of the values begin with the text, in any case?
function lists.begins(text, ...)
  text = text:lower()
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value and value:lower():sub(1, #text) == text then return true end
  end
  return false
end

-- the function for a filter or search expression, or nil and the answer that refuses it
local function expression(query)
  local text = query.search or query.filter
  if text == nil then
    return function() return true end
  end
  local matches = filter.read(text, query.search ~= nil)
  if not matches then return nil, errors.answer("E0000031", text) end
  return matches
end

--- The records that the query's filter or search expression means, or nil and the answer that refuses
--- it. describe(request, state, record) is what the expression is about.
function lists.matching(request, state, records, describe)
  local query = pages.query(request)
  local matches, refusal = expression(query)
  if not matches then return nil, refusal end
  if not (query.search or query.filter) then return records end
  return lists.select(records, function(record) return matches(describe(request, state, record)) end)
end

return lists
