-- Which loop waits for a client's calls. A loop is a table {name, pause(engines)}: see blocking.lua.
local M = {}

-- Modules of the loops that have a name.
local loops = {
  blocking = "ddokta.loop.blocking",
}

-- pick(wanted) -> loop | nil, message. wanted: the client's option `loop`.
function M.pick(wanted)
  if wanted == "auto" then
    wanted = "blocking"
  end
  local module = loops[wanted]
  if not module then
    return nil, ('there is no loop "%s"'):format(tostring(wanted))
  end
  return require(module)
end

return M
