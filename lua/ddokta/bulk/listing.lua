--- listing: all that a service has, page by page; an incomplete list is no base for a plan.

local failure = require "ddokta.error"
local pages = require "ddokta.pages"

local function incomplete(message)
  return nil, failure.new{ kind = "protocol", message = message }
end

local function with(query, more)
  local both = {}
  for name, value in pairs(query or {}) do both[name] = value end
  for name, value in pairs(more) do both[name] = value end
  return both
end

local function key_of(page)
  local parts = {}
  for name, value in pairs(page) do parts[#parts + 1] = tostring(name) .. "=" .. tostring(value) end
  table.sort(parts)
  return table.concat(parts, "&")
end

local listing = {}

--- walk(read, query, visit, plural) -> how many, or nil, err
-- read(query) -> list, response: a page, as a client's method answers; query: of the first page, or
-- nil; visit(resource) is called for each. A thing that comes twice is visited once: it moved from one
-- page to the next while they were read. (Not each_...: on Lua 5.1 an error that it raises cannot be
-- caught around a call that waits.)
function listing.walk(read, query, visit, plural)
  local count, seen, places, page, idle = 0, {}, {}, query, 0
  while true do
    local list, response = read(page)
    if not list then return nil, response end
    idle = idle + 1
    for _, resource in ipairs(list) do
      local id = type(resource) == "table" and resource.id
      if not id or not seen[id] then
        count = count + 1
        if id then
          seen[id] = true
          idle = 0
        end
        visit(resource)
      end
    end
    local more = response and response.next
    if not more then
      local total = response and response.total
      if not total or total == count then return count end
      return incomplete(("the service says it has %d %s and sent %d"):format(total, plural, count))
    end
    page = with(query, more)
    -- a cursor leads on over pages that the service has filtered empty, an index does not
    local most_idle = (more.cursor or more.after) and pages.MOST_IDLE_PAGES or 1
    local place = key_of(page)
    if places[place] or idle >= most_idle then
      return incomplete(("the list of %s does not end: its page %s leads nowhere"):format(plural, place))
    end
    places[place] = true
  end
end

--- all(dd, operation, query, visit, plural): the same with a method of a client.
function listing.all(dd, operation, query, visit, plural)
  return listing.walk(function(page)
    if page then return dd[operation](dd, page) end
    return dd[operation](dd)
  end, query, visit, plural)
end

return listing
