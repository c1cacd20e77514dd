--- What the binding has registered: every function of ddokta.core, and every method and metamethod of the
--- types that it keeps in the registry. entries(core) -> by function, its name ("json.decode",
--- "ddokta.rows:add").

local function is_c(value) return type(value) == "function" and debug.getinfo(value, "S").what == "C" end

local function type_name(key, value)
  if type(value) ~= "table" then return nil end
  local name = type(key) == "string" and key or rawget(value, "__name")
  return type(name) == "string" and name:match "^ddokta%..*" or nil
end

local function entries(core)
  local found = {}
  local function add(prefix, list)
    for name, value in pairs(list) do
      if is_c(value) then found[value] = prefix .. tostring(name) end
    end
  end
  add("", core)
  for name, value in pairs(core) do
    if type(value) == "table" and name ~= "error" then add(name .. ".", value) end
  end
  for key, value in pairs(debug.getregistry()) do
    local name = type_name(key, value)
    if name then
      add(name .. ":", value)
      local index = rawget(value, "__index")
      if type(index) == "table" then add(name .. ":", index) end
    end
  end
  return found
end

return entries
