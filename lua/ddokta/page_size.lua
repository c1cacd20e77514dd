--- How much a page of a list is asked for: as much as the services allow, for their own pages are of 10 or
--- 20. (SCIM's count is a wish; what comes counts.)

local SIZES = { ["page[size]"] = 100, count = 100, limit = 200 }
local SPELLINGS = { ["page[size]"] = "page_size" }

-- By an operation's name and its service: the parameter of its query that says how much.
local known = {}

local page_size = {}

--- Takes an operation down that lists.
---@param operation ddokta.Operation
function page_size.note(operation)
  for _, name in ipairs(operation.query) do
    if SIZES[name] then
      known[operation.name] = known[operation.name] or {}
      known[operation.name][operation.service] = name
    end
  end
end

-- The parameter that says how much a page of this list has; nil: it has no pages. Of a client that says
-- nothing of its service: where one service alone has the operation.
local function parameter_of(client, operation)
  local by_service = known[operation] or {}
  local service = client and client.service
  if service then return by_service[service] end
  local first = next(by_service)
  return first and next(by_service, first) == nil and by_service[first] or nil
end

--- Does the list come in pages, of which there may be many?
---@param client ddokta.Client
---@param operation string its method
---@return boolean
function page_size.has_pages(client, operation) return parameter_of(client, operation) ~= nil end

--- The query of a list's first page.
---@param list { client?: ddokta.Client, operation?: string, query?: table }
---@return table
function page_size.first_query(list)
  local size, given = parameter_of(list.client, list.operation), list.query or {}
  if not size or given[size] ~= nil or given[SPELLINGS[size] or size] ~= nil then return given end
  local query = { [size] = SIZES[size] }
  for name, value in pairs(given) do
    query[name] = value
  end
  return query
end

return page_size
