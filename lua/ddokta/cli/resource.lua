--- A subcommand for one kind of thing, such as "accounts": its verbs, one file each in verbs/.

-- resource{kind =, verbs = {"list", ...}, service =, filter =} -> a subcommand
--   kind     a name of bulk/kinds/, or a table such as one of these files has
--   service  "okta" where it does not live in Datadog
--   filter   {query = name, help =}: what a list can be asked for
-- A verb is a file that returns {configure = function(parser, kind, resource), run = function(app, args,
-- kind, resource) -> status}; like a subcommand it is loaded when it is named.
local summaries = {
  list = "list all {plural}",
  get = "show one {noun}",
  create = "create one {noun}",
  update = "change one {noun}",
  delete = "delete one {noun}",
  plan = "show what an import would do",
  columns = "show what a source of {plural} may have",
  import = "make the {plural} match a source",
  export = "write all {plural} as a file that import reads",
  restore = "put back what an import replaced or removed",
}

local function load_verb(name) return require("ddokta.cli.verbs." .. name) end

return function(resource)
  local kind = assert(require("ddokta.bulk.kinds").get(resource.kind))

  local function configure(parser, is_named)
    parser:command_target("verb")
    parser:require_command(true)
    for _, name in ipairs(resource.verbs) do
      local summary = summaries[name]:gsub("{(%w+)}", kind)
      local subparser = parser:command(name, summary)
      subparser:summary(summary)
      if is_named(name) then load_verb(name).configure(subparser, kind, resource) end
    end
  end

  local function run(app, args) return load_verb(args.verb).run(app, args, kind, resource) end

  return { configure = configure, run = run }
end
