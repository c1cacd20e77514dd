--- Random UUIDs, version 4, as Datadog's ids are (recorded: the version nibble is always 4).
local RESERVE = 256

local bytes, used = "", 0

local function take_16()
  if used + 16 > #bytes then
    local file = assert(io.open("/dev/urandom", "rb"))
    bytes, used = file:read(16 * RESERVE), 0
    file:close()
  end
  used = used + 16
  return bytes:sub(used - 15, used)
end

--- A new UUID, as text.
return function()
  local hex = take_16():gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  local variant = ("89ab"):sub(tonumber(hex:sub(17, 17), 16) % 4 + 1):sub(1, 1)
  return ("%s-%s-4%s-%s%s-%s"):format(
    hex:sub(1, 8),
    hex:sub(9, 12),
    hex:sub(14, 16),
    variant,
    hex:sub(18, 20),
    hex:sub(21, 32)
  )
end
