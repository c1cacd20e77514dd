--- The kinds of things that bulk knows: a data file each, named here.
--
-- A kind is {
--   name, noun, plural       for messages
--   key                      the column that names a thing
--   key_folds                true: to the service the key's letter case means nothing
--   columns                  a list of {
--     name, required, secret
--     form                   "text" (default), "okta_domain", "boolean", "email", "label", "list":
--                            what is let in, and in which form it is sent and compared (forms.lua)
--     separator              of a list's items in a field of CSV (";")
--     max                    characters
--     at                     where in the resource it lives (resources.lua); else under its own name
--     immutable              no update changes it, and none sends it: a difference is a conflict
--     fold                   it is compared without regard to letter case
--     refers                 the items are ids of other things, or names that stand for them:
--                            {list = method, query =, by = "userName", noun =, plural =, first = true: they
--                            may be imported before} (resources.lua)
--     by_item                a patch adds and removes items of the list, and leaves the others alone
--     prompt, option, help   for the command: ask for it on a terminal; another name for its option
--     example, about         a value, and what it is, for who writes a source (columns.lua)
--   }
--   ignored                  fields of an export or a resource that mean nothing on import
--   operations               {list =, get =, create =, update =, delete =}: methods of the client
--   page                     the query of a list's first page, where the list comes in pages
--   known_by                 "id", or a column: what a thing is known by whatever its key, where the source
--                            has it; nil: by its key alone
--   removes                  true: a patch may remove a value
--   find(key)                the query of a list of what may have this key, or nil: the whole list
--   fixed_secrets            where secrets are changed that no API changes, in words
--   within                   the column within which the key is unique; nil: within the organisation
--   id_changes               true: a thing has a new id after each update
--   update_by                "resource" (default): an update sends the row; "patch": SCIM operations for
--                            what differs
--   deactivate               {operation =, column =, value =}: what a deletion does instead; a thing
--                            whose column says false is as good as deleted
--   taken                    other things that a create would take over: {list =, query =, names =
--                            {fields}, managed = field, noun =} (conflicts.lua)
--   repeats                  true: the service takes a second thing of the same name
--   stale(err)               true when this error of an update or delete means "that id is gone"
-- }

local failure = require "ddokta.error"
local nearest = require("ddokta.options").nearest

local names = { "okta_accounts", "scim_users", "scim_groups", "app_service_accounts" }

local kinds = { names = names }

--- get(name) -> kind, or nil, err; what is a kind already is itself.
function kinds.get(name)
  if type(name) == "table" then return name end
  for _, known in ipairs(names) do
    if known == name then return require("ddokta.bulk.kinds." .. name) end
  end
  local near = nearest(tostring(name), names)
  return nil,
    failure.new {
      kind = "config",
      message = ("unknown kind '%s'%s"):format(
        tostring(name),
        near and ", did you mean '" .. near .. "'?" or " (known: " .. table.concat(names, ", ") .. ")"
      ),
    }
end

return kinds
