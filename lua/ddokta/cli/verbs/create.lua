--- create: a new one, refused where one of that name is there.

local fields = require "ddokta.cli.fields"
local text = require "ddokta.text"
local single = require "ddokta.cli.single"
local forms = require "ddokta.bulk.forms"
local status = require "ddokta.cli.status"

local function configure(parser, kind)
  fields.configure(parser, kind, {})
  single.configure_allow(parser, kind)
end

local function refuse_existing(app, kind, list, row)
  local key = row[kind.key]
  for _, item in ipairs(list) do
    local other = item[kind.key]
    local is_near = not kind.within or item[kind.within] == row[kind.within]
    if is_near and type(other) == "string" and forms.alike(other) == forms.alike(key) then
      local how = other == key and "" or ", which " .. forms.difference(key, other)
      app:fail(
        status.STOPPED,
        ("there is already '%s' with the id %s%s: update that one"):format(
          text.show(other),
          tostring(item.id),
          how
        )
      )
    end
  end
end

local function run(app, _, kind, resource)
  local row = fields.read(app, kind, true)
  -- what the arguments lack is said before the service is asked anything
  single.check(app, kind, row)
  local dd = app:client_of(resource)
  local list = single.named(app, dd, kind, row[kind.key])
  refuse_existing(app, kind, list, row)
  return single.send(app, dd, kind, single.plan(app, dd, kind, row, {}, {}))
end

return { configure = configure, run = run }
