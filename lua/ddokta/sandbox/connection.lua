-- Cuts a client's TCP connection, under TLS and HTTP/2 too, where nginx offers no way to.
local ffi = require "ffi"

ffi.cdef [[
int getpeername(int fd, void *address, unsigned int *length);
int connect(int fd, const void *address, unsigned int length);
int shutdown(int fd, int how);
]]

local connection = {}

local ADDRESS_BYTES, MOST_FDS, BOTH_WAYS = 128, 8192, 2

-- the port is at offset 2 of a socket address, in network order
local function peer_port(fd, address)
  local length = ffi.new("unsigned int[1]", ADDRESS_BYTES)
  if ffi.C.getpeername(fd, address, length) ~= 0 then return nil end
  return address[2] * 256 + address[3]
end

--- Resets the connection whose client has this port on loopback (one only can have it).
function connection.reset(port)
  local address = ffi.new("unsigned char[?]", ADDRESS_BYTES)
  for fd = 0, MOST_FDS do
    if peer_port(fd, address) == tonumber(port) then
      -- Linux sends RST when a socket is connected to nothing (AF_UNSPEC, all bytes 0)
      ffi.fill(address, ADDRESS_BYTES)
      if ffi.C.connect(fd, address, 16) ~= 0 then ffi.C.shutdown(fd, BOTH_WAYS) end
      return true
    end
  end
end

return connection
