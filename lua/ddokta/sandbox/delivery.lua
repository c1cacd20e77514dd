--- Sends an answer through nginx, whole or as a fault asks: late, slowly, cut off or not at all.
local ffi = require "ffi"

ffi.cdef [[
int getpeername(int fd, void *address, unsigned int *length);
int connect(int fd, const void *address, unsigned int length);
int shutdown(int fd, int how);
]]

local delivery = {}

-- nginx offers no way to cut a client's TCP connection, under TLS and HTTP/2 too
local ADDRESS_BYTES, MOST_FDS, BOTH_WAYS = 128, 8192, 2

-- the port is at offset 2 of a socket address, in network order
local function peer_port(fd, address)
  local length = ffi.new("unsigned int[1]", ADDRESS_BYTES)
  if ffi.C.getpeername(fd, address, length) ~= 0 then return nil end
  return address[2] * 256 + address[3]
end

-- Resets the connection whose client has this port on loopback (one only can have it).
local function reset_connection(port)
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

-- nginx's own: ends the request without an answer. HTTP/1.1: the connection is closed. HTTP/2: this
-- stream is reset (PROTOCOL_ERROR), the others go on.
local CLOSE = 444
local DRIPS = 20

local function send_head(answer, length)
  ngx.status = answer.status
  for name, value in pairs(answer.headers) do
    ngx.header[name] = value
  end
  if answer.status == 204 then
    ngx.var.content_type_of_204 = answer.headers["Content-Type"]
  else
    ngx.header["Content-Length"] = length
  end
end

local function drip(body, seconds)
  local piece = math.max(1, math.ceil(#body / DRIPS))
  for start = 1, #body, piece do
    if start > 1 then ngx.sleep(seconds / DRIPS) end
    if not ngx.print(body:sub(start, start + piece - 1)) or not ngx.flush(true) then return end
  end
end

local function half(body) return body:sub(1, math.floor(#body / 2)) end

-- the head and half of the body, then the end of the connection (HTTP/2: of the stream)
local function send_cut(answer, length)
  send_head(answer, length)
  ngx.print(half(answer.body))
  ngx.flush(true)
  return ngx.exit(ngx.ERROR)
end

local TRUNCATED = {
  -- the declared length is not reached
  length = function(answer) return send_cut(answer, #answer.body) end,
  -- no length declared, the last chunk is missing
  chunked = function(answer) return send_cut(answer, nil) end,
  -- HTTP is in order, the JSON is not
  json = function(answer)
    local body = half(answer.body)
    send_head(answer, #body)
    ngx.print(body)
  end,
}
TRUNCATED[true] = TRUNCATED.length

--- Sends an answer of app.lua.
function delivery.send(answer)
  if (answer.delay or 0) > 0 then ngx.sleep(answer.delay) end
  if answer.reset == "connection" then reset_connection(ngx.var.remote_port) end
  if answer.reset then return ngx.exit(CLOSE) end
  if answer.truncate then return TRUNCATED[answer.truncate](answer) end
  send_head(answer, #answer.body)
  if answer.slow then return drip(answer.body, answer.slow) end
  ngx.print(answer.body)
end

return delivery
