--- views: what lists show of each kind of things, and `get` of one.

local bulk = require "ddokta.bulk"

-- Of a kind the names of its columns, those first that matter most: the last are left out where a terminal
-- is narrow. A kind that is not here shows its columns in their own order. `at` names a field of the
-- service's that no source has.
local orders = {
  scim_users = { "userName", "active", "name", "email", "roles", "title" },
  teams = {
    "name",
    { name = "managed", at = "is_managed" },
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

--- The columns that may be shown; the id is the last.
---@param kind ddokta.bulk.KindOf
---@return ddokta.text.Column[]
function views.columns(kind)
  local columns = {}
  for i, one in ipairs(orders[kind.name] or default_order(kind)) do
    local name = type(one) == "table" and one.name or one
    columns[i] = { name = name, at = type(one) == "table" and one.at or nil, whole = whole[name] }
  end
  columns[#columns + 1] = { name = "id", at = "id", whole = true, kept = true }
  return columns
end

--- Of each thing its columns, lists as one text, names for ids.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@param things table[]
---@return table[] rows by column
function views.rows(app, dd, kind, things)
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
    for _, column in ipairs(views.columns(kind)) do
      if column.at then row[column.name] = things[i][column.at] end
    end
  end
  return rows
end

return views
