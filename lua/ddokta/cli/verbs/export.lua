--- export: what import reads. Secrets are not in it, the service never gives them back.

local bulk = require "ddokta.bulk"
local output = require "ddokta.output"
local status = require "ddokta.cli.status"

local endings = { csv = "csv", json = "json", jsonl = "jsonl", ndjson = "jsonl" }

local function configure(parser)
  parser
    :option("--format", "csv, jsonl or json (by the file's ending, else csv)")
    :choices { "csv", "jsonl", "json" }
  parser:option("-o --output", "file to write instead of standard output"):argname("<file>")
end

local function format_of(args)
  local ending = args.output and args.output:lower():match("%.(%w+)$")
  return args.format or endings[ending] or (args.json and "json") or "csv"
end

local function run(app, args, kind, resource)
  local parts = {}
  app:must(
    bulk.export(
      app:client_of(resource),
      kind.name,
      format_of(args),
      function(text) parts[#parts + 1] = text end
    )
  )
  if not args.output then
    for _, part in ipairs(parts) do
      app:write(part)
    end
    return status.DONE
  end
  app:must_write(output.write(args.output, function(put)
    for _, part in ipairs(parts) do
      put(part)
    end
  end))
  return status.DONE
end

return { configure = configure, run = run }
