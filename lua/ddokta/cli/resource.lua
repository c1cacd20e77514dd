--- resource: the command for one kind of things, such as "accounts", and its verbs that only show.
--
-- These are list, get and columns; single.lua and bulk.lua have the others.

local bulk = require "ddokta.bulk"
local output = require "ddokta.cli.output"
local page_size = require "ddokta.page_size"
local pages = require "ddokta.pages"
local status = require "ddokta.cli.status"
local text = require "ddokta.text"
local views = require "ddokta.cli.views"

-- in the order of the help; file: that has it, loaded when the verb is named
local VERBS = {
  { name = "list", file = "resource", summary = "list all {plural}" },
  { name = "get", file = "resource", summary = "show one {noun}" },
  { name = "create", file = "single", summary = "create one {noun}" },
  { name = "update", file = "single", summary = "change one {noun}" },
  { name = "delete", file = "single", summary = "delete one {noun}" },
  {
    name = "columns",
    file = "resource",
    summary = "show what a source of {plural} may have",
    of_bulk = true,
  },
  { name = "plan", file = "bulk", summary = "show what an import would do", of_bulk = true },
  { name = "import", file = "bulk", summary = "make the {plural} match a source", of_bulk = true },
  {
    name = "export",
    file = "bulk",
    summary = "write all {plural} as a file that import reads",
    of_bulk = true,
  },
  {
    name = "restore",
    file = "bulk",
    summary = "put back what an import replaced or removed",
    of_bulk = true,
  },
}

local resource = {}

-- --- what is shown --------------------------------------------------------------------------------

--- Shows one thing.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind table
---@param item table
---@return integer status
function resource.show(app, dd, kind, item)
  if app.args.json then
    app:json(item)
    return status.DONE
  end
  local names, columns = {}, {}
  for _, column in ipairs(views.columns(app, kind)) do
    if not column.read then -- that takes Okta's whole list, for one thing
      names[#names + 1], columns[#columns + 1] = column.name, column
    end
  end
  app:print(text.pairs(names, views.rows(app, dd, kind, { item }, columns)[1], app:layout()))
  return status.DONE
end

-- --- which one is meant ---------------------------------------------------------------------------

local ID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

--- Walks all that the service lists, page by page.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind table
---@param query? table
---@param visit fun(item: table)
function resource.each(app, dd, kind, query, visit)
  local list = { client = dd, operation = kind.operations.list, query = query, title = kind.plural }
  app:must(pages.walk(list, visit))
end

--- All that the service lists.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind table
---@param query? table
---@return table[]
function resource.all(app, dd, kind, query)
  local items = {}
  resource.each(app, dd, kind, query, function(item) items[#items + 1] = item end)
  return items
end

local function not_there(app, kind, wanted, list)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = tostring(item[kind.key])
  end
  local words = "there is no %s with the id or name '%s'%s"
  app:fail(
    status.FAILED,
    words:format(kind.noun, wanted, text.did_you_mean(wanted, names)),
    { kind = "not_found" }
  )
end

local function has_name(kind, item, wanted)
  local name = item[kind.key]
  if name == wanted then return true end
  return kind.key_folds and type(name) == "string" and name:lower() == wanted:lower()
end

-- Those in the list that are meant: one by its id, or all of that name.
local function matching(kind, list, wanted)
  local named = {}
  for _, item in ipairs(list) do
    if item.id == wanted then return { item } end
    if has_name(kind, item, wanted) then named[#named + 1] = item end
  end
  return named
end

-- What the service can be asked for without its whole list; a list in pages may be long.
local function ask(app, dd, kind, wanted)
  if not page_size.has_pages(dd, kind.operations.list) then return {} end
  if wanted:find(ID) then
    local item, err = dd[kind.operations.get](dd, wanted)
    if item then return { item } end
    if err.kind ~= "not_found" and err.kind ~= "invalid_request" then app:must(nil, err) end
  end
  local query = wanted ~= "" and kind.find and kind.find(wanted)
  return query and matching(kind, resource.all(app, dd, kind, query), wanted) or {}
end

--- The thing of an id or a name, or the end of the command.
---@param app ddokta.cli.App
---@param dd ddokta.Client
---@param kind table
---@param wanted string
---@return table
function resource.find(app, dd, kind, wanted)
  local found = ask(app, dd, kind, wanted)
  if #found == 0 then
    local list = resource.all(app, dd, kind)
    found = matching(kind, list, wanted)
    if #found == 0 then not_there(app, kind, wanted, list) end
  end
  if #found == 1 then return found[1] end
  local ids = {}
  for i, item in ipairs(found) do
    ids[i] = tostring(item.id)
  end
  app:fail(
    status.STOPPED,
    ("%d %s have the name '%s', use an id: %s"):format(#found, kind.plural, wanted, table.concat(ids, ", "))
  )
end

-- --- list -----------------------------------------------------------------------------------------

resource.list = {}

function resource.list.configure(parser, one)
  if one.filter then parser:option("--filter", one.filter.help):argname "<filter>" end
  output.configure(parser)
end

local function query_of(args, one) return args.filter and { [one.filter.query] = args.filter } or nil end

function resource.list.run(app, args, one)
  local kind = one.kind
  local dd
  return output.list(app, {
    columns = views.columns(app, kind),
    none = ("no %s"):format(kind.plural),
    each = function(visit)
      dd = app:client_of(one)
      resource.each(app, dd, kind, query_of(args, one), visit)
    end,
    rows = function(things, columns) return views.rows(app, dd, kind, things, columns) end,
  })
end

-- --- get ------------------------------------------------------------------------------------------

resource.get = {}

function resource.get.configure(parser) parser:argument("wanted", "an id or a name"):argname "<id or name>" end

function resource.get.run(app, args, one)
  local dd = app:client_of(one)
  return resource.show(app, dd, one.kind, resource.find(app, dd, one.kind, args.wanted))
end

-- --- columns --------------------------------------------------------------------------------------

-- What a source of this kind may have, with a row as an example. Nothing is asked of a service.
resource.columns = {}

function resource.columns.configure() end

function resource.columns.run(app, _, one)
  local described = bulk.forms.describe(one.kind)
  if app.args.json then
    app:json(described)
    return status.DONE
  end
  local rows = {}
  for i, column in ipairs(described.columns) do
    rows[i] = { column.name, column.required and "yes" or "", column.words }
  end
  app:table({ "column", "needed", { name = "what it has", wraps = true } }, rows)
  app:print("")
  app:print("An example, as CSV:")
  app:print("")
  app:write(described.example)
  app:print("")
  app:print("An empty cell leaves what is there; (none) clears a text or a list.")
  return status.DONE
end

-- --- the commands ---------------------------------------------------------------------------------

local function load_verb(verb) return require("ddokta.cli." .. verb.file)[verb.name] end

--- The command of a row of ddokta.cli.commands.
---@param row ddokta.cli.Row
---@return ddokta.cli.Command
function resource.command(row)
  local one = setmetatable({ kind = assert(bulk.kind(row.kind)) }, { __index = row })

  local function configure(parser, is_named)
    parser:command_target "verb"
    parser:require_command(true)
    for _, verb in ipairs(VERBS) do
      if not verb.of_bulk or type(row.kind) == "string" then
        local summary = verb.summary:gsub("{(%w+)}", one.kind)
        local subparser = parser:command(verb.name, summary)
        subparser:summary(summary)
        if is_named(verb.name) then load_verb(verb).configure(subparser, one) end
      end
    end
  end

  local function run(app, args)
    for _, verb in ipairs(VERBS) do
      if verb.name == args.verb then return load_verb(verb).run(app, args, one) end
    end
  end

  return { configure = configure, run = run }
end

return resource
