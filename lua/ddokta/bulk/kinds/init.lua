--- The kinds of things that bulk knows: a data file each, named here.
--
-- A kind is {
--   name, noun, plural       for messages
--   key                      the column that names a thing
--   columns                  list of {name =, required =, secret =, type =, normalise =}
--     prompt, option         for the command: ask for it on a terminal; another name for its option
--     normalise(value) -> the form that is sent and compared, or nil and what is wrong
--   ignored                  fields of an export that mean nothing on import
--   operations               {list =, get =, create =, update =, delete =}: methods of the client
--   fixed                    columns that an update cannot change
--   stale(err)               true when this error of an update or delete means "that id is gone"
-- }

local failure = require "ddokta.error"
local nearest = require("ddokta.options").nearest

local names = { "okta_accounts" } -- later: scim_users, scim_groups, app_service_accounts

local kinds = { names = names }

--- get(name) -> kind, or nil, err
function kinds.get(name)
  for _, known in ipairs(names) do
    if known == name then return require("ddokta.bulk.kinds." .. name) end
  end
  local near = nearest(tostring(name), names)
  return nil, failure.new{
    kind = "config",
    message = ("unknown kind '%s'%s"):format(tostring(name),
      near and ", did you mean '" .. near .. "'?" or " (known: " .. table.concat(names, ", ") .. ")"),
  }
end

return kinds
