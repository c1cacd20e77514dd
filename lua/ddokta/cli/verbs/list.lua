--- list: all of them, as a table or as JSON.

local fields = require "ddokta.cli.fields"
local json = require("ddokta.core").json
local status = require "ddokta.cli.status"

local function run(app, args, kind)
  local dd = app:client()
  local list = app:must(dd[kind.operations.list](dd))
  if args.json then
    app:json(json.array(list))
    return status.DONE
  end
  if #list == 0 then
    app:print(("no %s"):format(kind.plural))
    return status.DONE
  end
  local names, rows = fields.shown(kind), {}
  for r, resource in ipairs(list) do
    rows[r] = {}
    for i, name in ipairs(names) do rows[r][i] = resource[name] end
  end
  app:table(names, rows)
  return status.DONE
end

return { summary = "list all {plural}", configure = function() end, run = run }
