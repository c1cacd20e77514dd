--- A server in the process of its client, for scenes.lua: serve() gives it its turn. It lists two Okta
--- accounts to a GET, makes an application key, and refuses all else.

local socket = require "socket"

local listener = assert(socket.bind("127.0.0.1", 0))
listener:settimeout(0)
local _, port = listener:getsockname()
-- bound, and nobody listens: it is refused, and nobody else gets the port
local dead = assert(socket.tcp())
assert(dead:bind("127.0.0.1", 0))
local _, dead_port = dead:getsockname()

local headers = "X-RateLimit-Name: a\r\nX-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: 4\r\n"
  .. "X-RateLimit-Reset: 5\r\nX-Request-Id: R1\r\nConnection: close\r\n"

local function answer(status, body)
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(status, headers, #body, body)
end

local found = answer(
  "200 OK",
  [[{"data":[{"id":"1","type":"t","attributes":{"name":"one"}},]]
    .. [[{"id":"2","attributes":{},"x":[],"y":1}]}]]
)
local forbidden = answer("403 No", [[{"errors":["no",{"title":"No","detail":"swordfish"}],"errorCode":"E1"}]])

local made =
  answer("201 Made", [[{"data":{"id":"1","type":"t","attributes":{"name":"n","key":"N3WLY-M4DE-KEY"}}}]])

local connections = {}

local function serve()
  local new = listener:accept()
  if new then
    new:settimeout(0)
    connections[#connections + 1] = { socket = new, text = "" }
  end
  for i = #connections, 1, -1 do
    local c = connections[i]
    local text, why, part = c.socket:receive(8192)
    c.text = c.text .. (text or part or "")
    local head = c.text:match "^(.-\r\n\r\n)"
    local length = head and tonumber(head:lower():match "content%-length: (%d+)" or 0)
    if head and #c.text >= #head + length then
      c.socket:send(head:find "^GET" and found or head:find "/application_keys " and made or forbidden)
      why = "closed"
    end
    if why == "closed" then
      c.socket:close()
      table.remove(connections, i)
    end
  end
end

return {
  dead = dead,
  serve = serve,
  serving = "http://127.0.0.1:" .. port,
  refusing = "http://127.0.0.1:" .. dead_port, -- where nobody listens
}
