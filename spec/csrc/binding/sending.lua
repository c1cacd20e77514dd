--- Clients of ddokta.core alone against server.lua, for specs of what lies below ddokta.client.
local core = require "ddokta.core"
local server = require "spec.csrc.binding.server"

local sending = { serving = server.serving, refusing = server.refusing }

--- A client of this process's server; more: options beside those.
function sending.client(more)
  local options = {
    service = "datadog",
    base_url = server.serving,
    api_key = "k1234",
    app_key = "a1234",
    proxy = "",
    timeout = 5,
    attempt_timeout = 5,
    connect_timeout = 5,
    max_retries = 0,
    max_in_flight = 4,
    max_api_capacity = 100,
    max_response_bytes = 100000,
    user_agent = "spec",
  }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return core.client(options)
end

local rows = {}
for i, operation in ipairs(core.operations) do
  rows[operation.name] = i
end

--- The number of an operation, as client:submit takes it.
function sending.row(name) return rows[name] or error("no operation " .. name) end

--- Steps the client until the call is done -> what call:result() says.
function sending.finish(client, call)
  while not call:done() do
    client:step(0.001)
    server.serve()
  end
  return call:result()
end

--- One call from its begin to its end.
function sending.send(client, name, ...)
  local call, err = client:submit(nil, rows[name], ...)
  if not call then return nil, err end
  return sending.finish(client, call)
end

return sending
