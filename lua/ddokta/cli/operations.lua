--- ddokta operations: what the client can call.

local status = require "ddokta.cli.status"

local function run(app, args)
  local operations = require("ddokta").operations
  if args.json then
    app:json(operations)
    return status.DONE
  end
  local rows = {}
  for i, operation in ipairs(operations) do
    rows[i] = { operation.name, operation.service, operation.method, operation.path, operation.permission }
  end
  app:table({ "name", "service", "method", "path", "permission" }, rows)
  return status.DONE
end

return {
  name = "operations",
  summary = "list the operations of the client",
  configure = function() end,
  run = run,
}
