--- columns: what a source of this kind may have, with a row as an example. Nothing is asked of a service.

local forms = require "ddokta.bulk.forms"
local status = require "ddokta.cli.status"

local function configure() end

local function run(app, _, kind)
  local described = forms.describe(kind)
  if app.args.json then
    app:json(described)
    return status.DONE
  end
  local rows = {}
  for i, column in ipairs(described.columns) do
    rows[i] = { column.name, column.required and "yes" or "", column.words }
  end
  app:table({ "column", "needed", "what it has" }, rows)
  app:print("")
  app:print("An example, as CSV:")
  app:print("")
  app:write(described.example)
  app:print("")
  app:print("An empty cell leaves what is there; (none) clears a text or a list.")
  return status.DONE
end

return { configure = configure, run = run }
