--- list: all of them, or those that a filter finds, as a table or as JSON.

local fields = require "ddokta.cli.fields"
local json = require("ddokta.core").json
local pages = require "ddokta.pages"
local status = require "ddokta.cli.status"

local function configure(parser, _, resource)
  if resource.filter then parser:option("--filter", resource.filter.help):argname("<filter>") end
end

local function query_of(args, kind, resource)
  local query = {}
  for name, value in pairs(kind.page or {}) do
    query[name] = value
  end
  if args.filter then query[resource.filter.query] = args.filter end
  return next(query) and query or nil
end

local function run(app, args, kind, resource)
  local list = {}
  local dd = app:client_of(resource)
  app:must(pages.walk({
    client = dd,
    operation = kind.operations.list,
    query = query_of(args, kind, resource),
    title = kind.plural,
  }, function(item) list[#list + 1] = item end))
  if args.json then
    app:json(json.array(list))
    return status.DONE
  end
  if #list == 0 then
    app:print(("no %s"):format(kind.plural))
    return status.DONE
  end
  local names, rows = fields.shown(kind), {}
  for r, row in ipairs(fields.rows(app, dd, kind, list)) do
    rows[r] = {}
    for i, name in ipairs(names) do
      rows[r][i] = row[name]
    end
  end
  app:table(names, rows)
  return status.DONE
end

return { configure = configure, run = run }
