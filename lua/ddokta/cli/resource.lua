--- A subcommand for one kind of thing, such as "accounts": its verbs, one file each in verbs/.

-- resource{name =, kind =, summary =, verbs = {"list", ...}} -> a subcommand
-- A verb is {summary =, configure = function(parser, kind), run = function(app, args, kind) -> status}.
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
      verb.configure(subparser, kind)
    end
  end

  local function run(app, args) return verb_named(args.verb).run(app, args, kind) end

  return { name = resource.name, summary = resource.summary, configure = configure, run = run }
end
