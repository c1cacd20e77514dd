--- Lists the modules of one of bulk's folders by their `order`, so that no other list has to name them.

local file = require "ddokta.file"

---@class ddokta.bulk.registry
local registry = {}

--- Names of the modules, those without an order behind the others.
---@package
---@param folder string "kinds"
---@return string[] names
function registry.names(folder)
  local names, orders = {}, {}
  for i, name in ipairs(file.modules("bulk." .. folder)) do
    names[i], orders[name] = name, require(("ddokta.bulk.%s.%s"):format(folder, name)).order or math.huge
  end
  table.sort(names, function(a, b)
    if orders[a] ~= orders[b] then return orders[a] < orders[b] end
    return a < b
  end)
  return names
end

return registry
