-- The query of a request as a table: name -> value, both unescaped. Of a name that comes twice the last
-- value counts.
local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Reads the text after the "?" (or nil).
return function(text)
  local values = {}
  for part in (text or ""):gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    values[unescape(name)] = unescape(value)
  end
  return values
end
