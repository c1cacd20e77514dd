--- The types of the clients' options, from the rows of lua/ddokta/options.lua.
local options = require "ddokta.options"

local M = {}

-- options whose type says more than Lua's type()
local TYPES = {
  loop = '"auto"|"blocking"|"nginx"|"uv"|"cqueues"|fun(seconds: number)',
  on_event = "fun(event: ddokta.Event)",
}

local function type_of(name, row)
  if TYPES[name] then return TYPES[name] end
  local word = row.whole and "integer" or row.type:match "^%S+"
  return row.type:find "function" and word .. "|fun(): " .. word or word
end

-- A row's own words for its default: a number, a text, an environment variable.
local function default_of(row)
  local words = {}
  for _, variable in ipairs(row.env or {}) do
    words[#words + 1] = "$" .. variable
  end
  if row.default ~= nil then words[#words + 1] = tostring(row.default) end
  return words[1] and "default: " .. table.concat(words, ", ") or nil
end

local function class_of(name, rows, is_kept)
  local class = { name = name, fields = {}, functions = {}, path = "lua/ddokta/options.lua" }
  for option, row in pairs(rows) do
    if not is_kept or is_kept(row) then
      table.insert(class.fields, {
        name = option,
        optional = true,
        type = type_of(option, row),
        words = default_of(row),
      })
    end
  end
  table.sort(class.fields, function(a, b) return a.name < b.name end)
  return class
end

--- all() -> {class, ...}, as doc.generate.api has them
function M.all()
  local services = options.services
  return {
    class_of("ddokta.DatadogOptions", services.datadog),
    class_of("ddokta.OktaOptions", services.okta),
    class_of("ddokta.ViewOptions", services.datadog, function(row) return row.view end),
  }
end

return M
