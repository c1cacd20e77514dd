--- Finds the endpoint that a request means, and reads its query. An endpoint is a row {method, path,
--- handler, ...}, its path as the specifications write it, with {names} for parameters.
local router = {}

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The names and values of a query (or nil) in their order, unescaped.
---@return fun(): string?, string?
function router.pairs(query)
  local next_part = (query or ""):gmatch "[^&]+"
  return function()
    local part = next_part()
    if not part then return nil end
    local name, value = part:gsub("+", " "):match "^([^=]*)=?(.*)$"
    return unescape(name), unescape(value)
  end
end

--- A query as a table: name -> value. Of a name that comes twice the last value counts.
---@param query? string the text after the "?"
function router.query(query)
  local values = {}
  for name, value in router.pairs(query) do
    values[name] = value
  end
  return values
end

--- A path template as a Lua pattern, and the names of its parameters.
---@return string pattern
---@return string[] names
function router.pattern(path)
  local names = {}
  local pattern = path:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("{([%w_]+)}", function(name)
    names[#names + 1] = name
    return "([^/]+)"
  end)
  return "^" .. pattern .. "$", names
end

--- Prepares rows for `match`. Paths without parameters come first: /users/me is not a user's id.
function router.new(rows)
  local fixed, open = {}, {}
  for _, row in ipairs(rows) do
    local pattern, names = router.pattern(row.path)
    local list = #names == 0 and fixed or open
    list[#list + 1] = { row = row, pattern = pattern, names = names }
  end
  for _, route in ipairs(open) do
    fixed[#fixed + 1] = route
  end
  return fixed
end

--- The row for a method and a path (escaped, without query) and its parameters; or nil and the methods that
--- the path knows, an empty list when it is unknown.
function router.match(routes, method, path)
  local methods = {}
  for _, route in ipairs(routes) do
    local values = { path:match(route.pattern) }
    if values[1] then
      if route.row.method ~= method then
        methods[#methods + 1] = route.row.method
      else
        local parameters = {}
        for i, name in ipairs(route.names) do
          parameters[name] = unescape(values[i])
        end
        return route.row, parameters
      end
    end
  end
  return nil, methods
end

return router
