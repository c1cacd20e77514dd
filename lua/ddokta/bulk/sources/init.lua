--- The services that a source can be read from, each a file of this folder.
--
-- A service is {
--   client         whose client reads it: "okta", which is the option's name too
--   words          how a source of it is named: {"okta:group/<id or name>", ...}
--   options        options of bulk.read: {name = {types}}
--   is(from)       is this one of its sources?
--   has(kind)      has it things of this kind? kind: its name
--   read(from, options) -> list of rows | nil, err
-- }

local registry = require "ddokta.bulk.registry"

---@class ddokta.bulk.sources
local sources = { names = registry.names "sources" }

--- get(name) -> service
function sources.get(name) return require("ddokta.bulk.sources." .. name) end

--- of(from) -> the service whose source this is, or nil: a file, a table or a function
function sources.of(from)
  for _, name in ipairs(sources.names) do
    local service = sources.get(name)
    if type(from) == "string" and service.is(from) then return service end
  end
end

--- words(kind) -> how a source of things of this kind may be named, a list
function sources.words(kind_name)
  local words = {}
  for _, name in ipairs(sources.names) do
    local service = sources.get(name)
    for _, word in ipairs(service.has(kind_name) and service.words or {}) do
      words[#words + 1] = word
    end
  end
  return words
end

--- options(known) -> known with the options of all services: {name = {types}}
function sources.options(known)
  for _, name in ipairs(sources.names) do
    for option, types in pairs(sources.get(name).options) do
      known[option] = types
    end
  end
  return known
end

return sources
