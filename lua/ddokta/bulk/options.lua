--- Options of the bulk functions: a wrong one is a bug in the script, so it raises.

local nearest = require("ddokta.options").nearest

local function unknown(name, known)
  local names = {}
  for option in pairs(known) do
    names[#names + 1] = option
  end
  table.sort(names)
  local near = nearest(tostring(name), names)
  return ("unknown option '%s'%s"):format(
    tostring(name),
    near and (", did you mean '" .. near .. "'?") or " (known: " .. table.concat(names, ", ") .. ")"
  )
end

--- check(options, known) -> a copy. known: {name = {type, ...}}; raises at the caller's caller.
return function(options, known)
  local checked = {}
  if options ~= nil and type(options) ~= "table" then
    error("options: a table is wanted, got " .. type(options), 3)
  end
  for name, value in pairs(options or {}) do
    local types = known[name]
    if not types then error(unknown(name, known), 3) end
    local ok = false
    for _, wanted in ipairs(types) do
      ok = ok or type(value) == wanted
    end
    if not ok then
      error(("option '%s': a %s is wanted, got %s"):format(name, table.concat(types, " or "), type(value)), 3)
    end
    checked[name] = value
  end
  return checked
end
