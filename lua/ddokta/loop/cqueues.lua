-- Who waits inside a cqueues controller: cqueues.poll on the engine's sockets.
local cqueues = require "cqueues"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local M = { name = "cqueues" }

-- may_wait() -> true | nil, message
function M.may_wait()
  if cqueues.running() then
    return true
  end
  return nil, "the loop cqueues needs a coroutine of cqueues: controller:wrap(function() ... end)"
end

-- cqueues keeps what it knows of a descriptor: a closed one must be forgotten before it comes again.
local function forget_closed(engine, sockets)
  local now = {}
  for _, socket in ipairs(sockets) do
    now[socket.serial] = socket.fd
  end
  for serial, fd in pairs(engine.polled or {}) do
    if not now[serial] then
      cqueues.cancel(fd)
    end
  end
  engine.polled = now
end

function M.pause(_, engines)
  local wanted, seconds = {}, 1
  for _, engine in ipairs(engines) do
    local sockets = engine.core:pollfds()
    forget_closed(engine, sockets)
    for _, socket in ipairs(sockets) do
      wanted[#wanted + 1] = { pollfd = socket.fd, events = socket.events }
    end
    seconds = math.min(seconds, engine.core:timeout() or seconds)
  end
  wanted[#wanted + 1] = seconds
  cqueues.poll(unpack(wanted))
  for _, engine in ipairs(engines) do
    engine:pump(0)
    forget_closed(engine, engine.core:pollfds())
  end
end

function M.start(run)
  cqueues.running():wrap(run)
end

return M
