--- The kinds of things that bulk knows, each a data file of this folder.

local failure = require "ddokta.error"
local did_you_mean = require("ddokta.text").did_you_mean
local service_of = require("ddokta.client").service_of
local registry = require "ddokta.bulk.registry"

local names = registry.names "kinds"

---@alias ddokta.bulk.Kind "okta_accounts"|"scim_users"|"scim_groups"|"app_service_accounts"

---@class ddokta.bulk.Column
---@field name string
---@field required? boolean
---@field secret? boolean
--- What is let in, and in which form it is sent and compared ("text"; forms.lua)
---@field form? "text"|"okta_domain"|"boolean"|"email"|"label"|"list"
---@field separator? string of a list's items in a field of CSV (";")
---@field max? integer characters
---@field at? string where in the resource it lives (resources.lua); else under its own name
---@field immutable? boolean no update changes it, and none sends it: a difference is a conflict
---@field fold? boolean it is compared without regard to letter case
---@field refers? ddokta.bulk.Reference the items are ids of other things, or names that stand for them
---@field by_item? boolean a patch adds and removes items of the list, and leaves the others alone
---@field prompt? boolean for the command: ask for it on a terminal
---@field option? string for the command: another name for its option
---@field help? string for the command
---@field example? any a value, for who writes a source
---@field about? string what it is, for who writes a source

---@class ddokta.bulk.Reference
---@field list string a method of the client
---@field by string the field that has the name: "userName"
---@field noun string
---@field plural string
---@field first? boolean they may be imported before

---@class ddokta.bulk.KindOf
---@field order? integer its place among the kinds, as they are named to a user
---@field name ddokta.bulk.Kind
---@field label? string what people and the command call it (the name)
---@field service "datadog"|"okta" whose client its operations are of
---@field noun string for messages
---@field plural string for messages
---@field key string the column that names a thing
---@field key_folds? boolean to the service the key's letter case means nothing
---@field within? string the column within which the key is unique; nil: within the organisation
--- "id", or a column: what a thing is known by whatever its key, where the source has it.
---@field known_by? string
---@field columns ddokta.bulk.Column[]
---@field ignored string[] fields of an export or a resource that mean nothing on import
---@field operations {list: string, get: string, create: string, update: string, delete: string} of the client
---@field find? fun(key: string): table? the query of a list of what may have this key; nil: the whole list
---@field removes? boolean a patch may remove a value
---@field fixed_secrets? string where secrets are changed that no API changes, for words.spell
---@field id_changes? boolean a thing has a new id after each update
--- An update sends the row ("resource"), or SCIM operations for what differs.
---@field update_by? "resource"|"patch"
--- What a deletion does instead; a thing whose column has this value is as good as deleted.
---@field deactivate? {operation: string, column: string, value: any}
--- Things of another sort that a create would take over where one has its name or handle (conflicts.lua).
--- list: how they are listed; name, handle, managed: which fields have these; noun, plural: for
--- messages.
---@field taken? table
---@field repeats? boolean the service takes a second thing of the same name
--- Does this error of an update or a deletion mean "that id is gone"?
---@field stale fun(err: ddokta.Error): boolean

---@class ddokta.bulk.kinds
local kinds = { names = names }

--- A kind by its name; what is a kind already is itself.
---@package
function kinds.get(name)
  if type(name) == "table" and not service_of(name) and type(name.operations) == "table" then return name end
  for _, known in ipairs(names) do
    if known == name then return require("ddokta.bulk.kinds." .. name) end
  end
  local given = type(name) == "string" and name or "a " .. type(name)
  return nil,
    failure.new {
      kind = "config",
      message = ("unknown kind '%s'%s"):format(given, did_you_mean(given, names, { or_list = true })),
    }
end

return kinds
