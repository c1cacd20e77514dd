-- Finds the row of a table of endpoints that a request means. A row: {method, path, handler, ...},
-- the path as the specs write it, with {names} for parameters.
local router = {}

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- A path template as a Lua pattern, and the names of its parameters.
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

local function parameters(names, values)
  local found = {}
  for i, name in ipairs(names) do
    found[name] = unescape(values[i])
  end
  return found
end

--- The row for a method and a path (escaped, without query) and its parameters; or nil and the
--- methods that the path knows, an empty list when it is unknown.
function router.match(routes, method, path)
  local methods = {}
  for _, route in ipairs(routes) do
    local values = { path:match(route.pattern) }
    if values[1] then
      if route.row.method == method then return route.row, parameters(route.names, values) end
      methods[#methods + 1] = route.row.method
    end
  end
  return nil, methods
end

return router
