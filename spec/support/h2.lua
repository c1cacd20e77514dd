-- HTTP/2 frames by hand, the server's side (RFC 9113), so that any of them can be wrong, late or
-- missing. Of HPACK only what an answer needs; requests' headers are not decoded but for the method.
local M = {}
M.__index = M

M.DATA, M.HEADERS, M.RST_STREAM, M.SETTINGS, M.PING, M.GOAWAY, M.WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
M.END_STREAM, M.ACK, M.END_HEADERS = 1, 1, 4
M.NO_ERROR, M.PROTOCOL_ERROR, M.INTERNAL_ERROR, M.REFUSED_STREAM, M.CANCEL = 0, 1, 2, 7, 8
M.ENHANCE_YOUR_CALM, M.INADEQUATE_SECURITY, M.HTTP_1_1_REQUIRED = 11, 12, 13

local PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

-- n as so many bytes, the highest first
local function number(n, bytes)
  local out = {}
  for i = bytes, 1, -1 do
    out[i] = string.char(n % 256)
    n = math.floor(n / 256)
  end
  return table.concat(out)
end
M.number = number

local function read_number(bytes)
  local n = 0
  for i = 1, #bytes do
    n = n * 256 + bytes:byte(i)
  end
  return n
end

-- begin(c): after the preface and the settings; nil: hung up
function M.begin(c)
  local self = setmetatable({ c = c }, M)
  if c:take(#PREFACE) ~= PREFACE then return nil end
  self:frame(M.SETTINGS, 0, 0, "")
  return self
end

function M:frame(kind, flags, stream, payload)
  local head = number(#payload, 3) .. number(kind, 1) .. number(flags, 1) .. number(stream, 4)
  return self.c:send(head .. payload)
end

-- The next frame -> kind, flags, stream, payload. Settings and pings are answered.
function M:read()
  while true do
    local head = self.c:take(9)
    if not head then return nil end
    local kind, flags = head:byte(4), head:byte(5)
    local payload = self.c:take(read_number(head:sub(1, 3)))
    if not payload then return nil end
    if (kind == M.SETTINGS or kind == M.PING) and flags % 2 == 0 then
      self:frame(kind, M.ACK, 0, kind == M.PING and payload or "")
    else
      return kind, flags, read_number(head:sub(6, 9)), payload
    end
  end
end

-- The next request's headers -> stream, "GET" | "POST" | "?", whole: it has no body. Counted.
function M:head()
  while true do
    local kind, flags, stream, payload = self:read()
    if not kind then return nil end
    if kind == M.HEADERS then
      if math.floor(flags / 32) % 2 == 1 then
        payload = payload:sub(6) -- behind its priority
      end
      local first = payload:byte(1)
      local log = self.c.log
      log.requests = (log.requests or 0) + 1
      return stream, first == 0x82 and "GET" or first == 0x83 and "POST" or "?", flags % 2 == 1
    end
  end
end

-- The next whole request -> stream, method. Counted.
function M:request()
  local stream, method, whole = self:head()
  while stream and not whole do
    local kind, flags = self:read()
    if not kind then return nil end
    whole = kind == M.DATA and flags % 2 == 1
  end
  local log = self.c.log
  log.whole = (log.whole or 0) + (stream and 1 or 0)
  return stream, method
end

-- An answer's headers: :status, and others as {{name, value}, ...}
function M:headers(stream, status, fields, flags)
  local block = { "\8\3" .. status } -- literal without indexing, name 8 of the static table
  for _, field in ipairs(fields or {}) do
    block[#block + 1] = "\0" .. number(#field[1], 1) .. field[1] .. number(#field[2], 1) .. field[2]
  end
  return self:frame(M.HEADERS, flags or M.END_HEADERS, stream, table.concat(block))
end

function M:data(stream, bytes, flags) return self:frame(M.DATA, flags or M.END_STREAM, stream, bytes) end

function M:answer(stream, status, body)
  return self:headers(stream, status or 200) and self:data(stream, body or '{"data":[]}')
end

function M:reset(stream, code) return self:frame(M.RST_STREAM, 0, stream, number(code, 4)) end

-- last: the last stream that was, or will be, looked at
function M:goaway(last, code)
  return self:frame(M.GOAWAY, 0, 0, number(last, 4) .. number(code or M.NO_ERROR, 4))
end

return M
