--- A subcommand for one kind of thing, such as "accounts": its verbs, one file each in verbs/.

-- resource{name =, kind =, summary =, verbs = {"list", ...}, service =, filter =} -> a subcommand
--   kind     a name of bulk/kinds/, or a table such as one of these files has
--   service  "okta" where it does not live in Datadog
--   filter   {query = name, help =}: what a list can be asked for
-- A verb is {summary =, configure = function(parser, kind, resource), run = function(app, args, kind,
-- resource) -> status}.
return function(resource)
  local kind = assert(require("ddokta.bulk.kinds").get(resource.kind))

  local function verb_named(name) return require("ddokta.cli.verbs." .. name) end

  local function configure(parser)
    parser:command_target("verb")
    parser:require_command(true)
    for _, name in ipairs(resource.verbs) do
      local verb = verb_named(name)
      local summary = verb.summary:gsub("{(%w+)}", kind)
      local subparser = parser:command(name, summary)
      subparser:summary(summary)
      verb.configure(subparser, kind, resource)
    end
  end

  local function run(app, args) return verb_named(args.verb).run(app, args, kind, resource) end

  return { name = resource.name, summary = resource.summary, configure = configure, run = run }
end
