--- Turns what a client does, and what an import came to, into counters and timings of DogStatsD, and sends
--- them to the agent over UDP (luasocket).
local socket = require "socket"

local OUTCOMES = { "done", "failed", "unknown", "not_run", "skipped", "unchanged" }

-- What Datadog takes in a tag; all else would end it, or begin another.
local function tag(name, value)
  return name .. ":" .. tostring(value):lower():gsub("[^a-z0-9_./-]", "_"):sub(1, 190)
end

local function new(options)
  options = options or {}
  local udp = assert(socket.udp())
  local host = options.host or os.getenv "DD_AGENT_HOST" or "127.0.0.1"
  local port = options.port or tonumber(os.getenv "DD_DOGSTATSD_PORT" or 8125)
  assert(udp:setpeername(host, port))
  local own = tag("service", os.getenv "DD_SERVICE" or "ddokta")
  if os.getenv "DD_ENV" then own = own .. "," .. tag("env", os.getenv "DD_ENV") end

  -- What nobody listens to is lost: that is UDP, and no reason to stop.
  local function send(name, value, kind, ...)
    local tags = table.concat({ own, ... }, ",")
    udp:send(("ddokta.%s:%d|%s|#%s"):format(name, math.floor(value + 0.5), kind, tags))
  end

  local metrics = {}
  --- For a client: ddokta.client { on_event = metrics.on_event }
  function metrics.on_event(event)
    local operation, result = tag("operation", event.operation), tag("result", event.kind or event.type)
    local status = tag("status", event.status or "none")
    if event.type == "answer" then
      send("attempts", 1, "c", operation, result, status)
      send("attempt.duration", event.seconds * 1000, "ms", operation, result, status)
    elseif event.type == "wait" or event.type == "limit" then
      send("wait.duration", event.seconds * 1000, "ms", operation, result)
    end
  end
  --- For what bulk.apply answers: metrics.report(report)
  function metrics.report(report)
    local kind, stopped = tag("kind", report.kind), tag("stopped", report.stopped or "no")
    for _, outcome in ipairs(OUTCOMES) do
      send("rows", report.counts[outcome] or 0, "c", kind, tag("outcome", outcome))
    end
    send("run.duration", report.seconds * 1000, "ms", kind, stopped)
  end
  return metrics
end

return { new = new }
