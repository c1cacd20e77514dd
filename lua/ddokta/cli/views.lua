--- views: what lists show of each kind of things, and `get` of one.

local bulk = require "ddokta.bulk"

-- loads all recipes, which is more than a list takes
local function pushes_of_teams(okta, teams) return require("ddokta.recipes").pushes_of_teams(okta, teams) end

-- Of a kind the names of its columns, those first that matter most: the last are left out where a terminal
-- is narrow. A kind that is not here shows its columns in their own order. `at` names a field of the
-- service's that no source has; `read` asks Okta for what the service does not know.
local orders = {
  scim_users = { "userName", "active", "name", "email", "roles", "title" },
  teams = {
    "name",
    { name = "managed", at = "is_managed" },
    { name = "pushed", read = pushes_of_teams },
    "handle",
    { name = "members", at = "user_count" },
    "description",
  },
}

-- what is copied into other commands
local whole = { id = true, client_id = true, externalId = true, containerOrn = true }

local views = {}

local function default_order(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then names[#names + 1] = column.name end
  end
  return names
end

-- by name or as in `orders`
local function order_of(kind) return orders[kind.name] or default_order(kind) end

--- The names of the columns that a list of this kind may show.
---@param kind ddokta.bulk.KindOf
---@return string[]
function views.names(kind)
  local names = {}
  for i, one in ipairs(order_of(kind)) do
    names[i] = type(one) == "table" and one.name or one
  end
  names[#names + 1] = "id"
  return names
end

---@class ddokta.cli.View: ddokta.text.Column
---@field at? string
---@field read? fun(okta: ddokta.Client, things: table[]): table<string, string>?, ddokta.Error? texts by id
---@field on_demand? boolean shown only where it is named

--- The columns that may be shown; the id is the last. What only Okta knows is asked for where something says
-- which Okta that is, or where the column is named.
---@param app ddokta.cli.App
---@param kind ddokta.bulk.KindOf
---@return ddokta.cli.View[]
function views.columns(app, kind)
  local columns = {}
  for i, one in ipairs(order_of(kind)) do
    if type(one) == "string" then one = { name = one } end
    columns[i] = {
      name = one.name,
      at = one.at,
      read = one.read,
      on_demand = one.read ~= nil and not app:names_okta(),
      whole = whole[one.name],
    }
  end
  columns[#columns + 1] = { name = "id", at = "id", whole = true, kept = true }
  return columns
end

-- A list is shown though Okta has no answer, unless that was what was wanted.
local function read_column(app, column, things, rows)
  local okta, err = app:named_okta_client()
  local found
  if okta then
    found, err = column.read(okta, things)
  end
  if not found and app.args.columns then app:must(nil, err) end
  if not found then app:warn(("ddokta: the column %s is empty: %s"):format(column.name, tostring(err))) end
  for i, thing in ipairs(things) do
    rows[i][column.name] = found and found[thing.id]
  end
end

--- Of each thing its columns, lists as one text, names for ids.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@param things table[]
---@param columns ddokta.cli.View[] those that are wanted
---@return table[] rows by column
function views.rows(app, dd, kind, things, columns)
  local rows = {}
  for i, thing in ipairs(things) do
    rows[i] = bulk.resources.row(kind, thing)
  end
  app:must(bulk.resources.name_rows(dd, kind, rows))
  for i, row in ipairs(rows) do
    for _, column in ipairs(kind.columns) do
      if type(row[column.name]) == "table" then
        row[column.name] = bulk.forms.join(column, row[column.name]) or table.concat(row[column.name], ", ")
      end
    end
    for _, column in ipairs(columns) do
      if column.at then row[column.name] = things[i][column.at] end
    end
  end
  for _, column in ipairs(columns) do
    if column.read and things[1] then read_column(app, column, things, rows) end
  end
  return rows
end

return views
