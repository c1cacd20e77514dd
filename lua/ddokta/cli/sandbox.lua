--- sandbox: a stand-in for Datadog and Okta on this machine, until Ctrl-C.

local status = require "ddokta.cli.status"

local function number(text)
  local value = tonumber(text)
  if value and value >= 0 then return value end
  return nil, "'" .. text .. "' is not a number"
end

local function configure(parser)
  parser:option("--port", "port to listen on (default: a free one)"):argname("<port>"):convert(number)
  parser
    :option("--limit", "calls in a period before it answers 429 (default: 1000)")
    :argname("<n>")
    :convert(number)
  parser:option("--period", "seconds of a period (default: 10)"):argname("<seconds>"):convert(number)
  parser:option("--latency", "seconds before each answer (default: 0)"):argname("<seconds>"):convert(number)
  parser:mutex(
    parser:flag("--demo", "begin with a small Okta organisation that uses Datadog"),
    parser:flag("--guide", "begin with the organisation of doc/scim-guide.md")
  )
end

local function introduce(app, box)
  app:print("# " .. box.base_url .. " answers until Ctrl-C; in another shell:")
  app:print(box.exports())
  app:print("# faults, limits, state: " .. box.http_url .. "/_sandbox/")
  app:flush()
end

local function run(app, args)
  local sandbox = require "ddokta.sandbox"
  local options = {
    port = args.port,
    limit = args.limit,
    period = args.period,
    latency = args.latency,
    seed = args.demo and sandbox.seeds.demo or args.guide and sandbox.seeds.guide or nil,
  }
  app:must(sandbox.run(options, function(box)
    if args.json then
      app:json { base_url = box.base_url, http_url = box.http_url, ca_file = box.ca_file, pid = box.pid }
      app:flush()
    else
      introduce(app, box)
    end
  end))
  return status.DONE
end

return {
  configure = configure,
  run = run,
}
