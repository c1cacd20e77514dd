--- What Neovim's commands show: how each list is read, and its columns.
local bulk = require "ddokta.bulk"
local pages = require "ddokta.pages"

--- One line of a list.
---@class ddokta.nvim.Row
---@field cells any[] in the order of the columns
---@field item table the thing itself, as the service answers it

--- How the services are called: makes a client of one, or gives back the error that it cannot be made.
---@alias ddokta.nvim.Connect fun(service: "datadog"|"okta"): ddokta.Client?, ddokta.Error?

---@class ddokta.nvim.Found
---@field rows ddokta.nvim.Row[]
---@field about? string what else is said of their number
---@field warnings? string[]

---@class ddokta.nvim.View
---@field title string
---@field noun string
---@field plural string
---@field columns string[]
---@field arguments string[] of the command, each given as name=value
--- given: the arguments, by name
---@field read fun(connect: ddokta.nvim.Connect, given: table): ddokta.nvim.Found?, ddokta.Error?

-- every item of a list, or an error
local function list(client, operation, title)
  local items = {}
  local ok, err = pages.walk(
    { client = client, operation = operation, title = title },
    function(item) items[#items + 1] = item end
  )
  if not ok then return nil, err end
  return items
end

local function as_text(column, value)
  if value == nil then return "" end
  if type(value) ~= "table" then return value end
  return bulk.forms.join(column, value) or table.concat(value, ", ")
end

-- a view of what bulk knows: the columns of its kind, names for ids, and the id
local function of_kind(name)
  local kind = assert(bulk.kind(name))
  local shown, headers = {}, {}
  for _, column in ipairs(kind.columns) do
    if not column.secret then
      shown[#shown + 1], headers[#headers + 1] = column, column.name
    end
  end
  headers[#headers + 1] = "id"

  local function read(connect)
    local dd, err = connect "datadog"
    if not dd then return nil, err end
    local items
    items, err = list(dd, kind.operations.list, kind.plural)
    if not items then return nil, err end
    local by_column = {}
    for i, item in ipairs(items) do
      by_column[i] = bulk.resources.row(kind, item)
    end
    local ok
    ok, err = bulk.resources.name_rows(dd, kind, by_column)
    if not ok then return nil, err end
    local rows = {}
    for i, item in ipairs(items) do
      local cells = {}
      for c, column in ipairs(shown) do
        cells[c] = as_text(column, by_column[i][column.name])
      end
      cells[#shown + 1] = item.id
      rows[i] = { cells = cells, item = item }
    end
    return { rows = rows }
  end

  return {
    title = kind.plural:gsub("^%l", string.upper),
    noun = kind.noun,
    plural = kind.plural,
    columns = headers,
    arguments = { "site" },
    read = read,
  }
end

local teams = {
  title = "Teams",
  noun = "team",
  plural = "teams",
  columns = { "name", "handle", "managed", "members", "description", "id" },
  arguments = { "site" },
}

function teams.read(connect)
  local dd, err = connect "datadog"
  if not dd then return nil, err end
  local items
  items, err = list(dd, "list_teams", "teams")
  if not items then return nil, err end
  local rows = {}
  for i, team in ipairs(items) do
    local managed = team.is_managed and "yes" or "no"
    local cells = { team.name, team.handle, managed, team.user_count, team.description or "", team.id }
    rows[i] = { cells = cells, item = team }
  end
  return { rows = rows }
end

local drift = {
  title = "Drift",
  noun = "difference",
  plural = "differences",
  columns = { "what", "name", "team", "difference", "in Okta", "in Datadog", "likely cause" },
  arguments = { "app", "site" },
}

function drift.read(connect, arguments)
  local dd, okta, err
  dd, err = connect "datadog"
  if not dd then return nil, err end
  okta, err = connect "okta"
  if not okta then return nil, err end
  local report
  report, err = require("ddokta.recipes").drift(dd, okta, { app = arguments.app })
  if not report then return nil, err end
  local rows = {}
  for i, one in ipairs(report.differences) do
    local cause = one.cause:gsub("_", " ")
    local cells =
      { one.what, one.name, one.team or "", one.difference, one.okta or "", one.datadog or "", cause }
    rows[i] = { cells = cells, item = one }
  end
  local about = (" between Okta's app %s and Datadog (compared: users %d, pushed groups %d)"):format(
    report.details.app,
    report.details.users,
    report.details.groups
  )
  return { rows = rows, about = about, warnings = report.warnings }
end

---@type table<string, ddokta.nvim.View>
return {
  accounts = of_kind "okta_accounts",
  users = of_kind "scim_users",
  teams = teams,
  drift = drift,
}
