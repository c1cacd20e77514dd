-- A client of a service that is a table in memory: lists in pages of two, every call counted.
local M = {}

local function page_of(list, query)
  local first, page = query and query.startIndex or 1, {}
  for i = first, math.min(first + 1, #list) do
    page[#page + 1] = list[i]
  end
  local response = { total = #list, attempts = 1 }
  if first + 2 <= #list then response.next = { startIndex = first + 2 } end
  return page, response
end

--- new{list_scim_users = {...}, ...} -> a client whose methods answer with these lists; client.sent has
-- what was called besides, client.calls how often each was.
function M.new(lists)
  local client = { sent = {}, calls = {}, base_url = "https://service.example" }
  function client.stats() return { waited = 0 } end
  return setmetatable(client, {
    __index = function(_, method)
      return function(_, ...)
        client.calls[method] = (client.calls[method] or 0) + 1
        if lists[method] then return page_of(lists[method], (...)) end
        if method == "get_current_user" then
          return lists.own or { id = "own", handle = "own@example.com" }
        end
        client.sent[#client.sent + 1] = { method, ... }
        return { id = "new" }, { attempts = 1 }
      end
    end,
  })
end

return M
