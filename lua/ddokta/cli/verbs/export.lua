--- export: what import reads. Secrets are not in it, the service never gives them back.

local bulk = require "ddokta.bulk"
local status = require "ddokta.cli.status"

local function configure(parser)
  parser:option("--format", "csv, jsonl or json (csv)"):choices{ "csv", "jsonl", "json" }
  parser:option("-o --output", "file to write instead of standard output"):argname("<file>")
end

local function to_file(app, path, write)
  local file, why = io.open(path, "wb")
  if not file then app:fail(status.FAILED, "cannot write " .. tostring(why)) end
  write(function(text) app:checked_write(file:write(text)) end)
  app:checked_write(file:close())
end

local function run(app, args, kind)
  local dd = app:client()
  local list = app:must(dd[kind.operations.list](dd))
  local format = args.format or (args.json and "json") or "csv"
  local function write(put) app:must(bulk.write(kind.name, list, format, put)) end
  if args.output then
    to_file(app, args.output, write)
  else
    write(function(text) app:write(text) end)
  end
  return status.DONE
end

return { summary = "write all {plural} as a file that import reads", configure = configure, run = run }
