-- What a network or a server does, and the error or result that a call must give: one row for each,
-- for a GET and for a POST. All rows run at once, each with a client of its own; then each is looked
-- at. csrc/http/{transfer,retry,failure,header}.c, csrc/binding/call_error.c.
local ddokta = require "ddokta"
local sanitized = require "spec.support.sanitized"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system
local wiring = require "spec.support.wiring"

local invitation = serving.invitation

-- --- what an outcome means: retryable and ambiguous, for GET and for POST (csrc/http/retry.c) ----------

local outcomes = {
  not_sent = { GET = { true, false }, POST = { true, false } },
  broken = { GET = { true, false }, POST = { false, true } }, -- it may have arrived
  unavailable = { GET = { true, false }, POST = { false, true } },
  unreadable = { GET = { true, false }, POST = { false, true } }, -- a whole answer that says nothing
  unclear = { GET = { false, false }, POST = { false, true } }, -- it would fail again
  limited = { GET = { true, false }, POST = { true, false } },
  final = { GET = { false, false }, POST = { false, false } },
}

-- --- rows -----------------------------------------------------------------------------------------

-- {what happens, ...} with
--   answer    HTTP/1.1: the actions of spec/support/server.lua, in Lua; or `answers`, a list of those for
--             the first request, the second, ...
--   port = "free"         or: nobody listens
--   tcp, tls, h2, handshake   or: how spec/support/wire.lua serves a connection
-- and either
--   ok = true             the call gives {}, whatever came before it
--   kind, outcome         the error's, see above; code, status, says (a pattern of the message) as well;
--                         kind, outcome and code may be lists of those that are right, by libcurl's version;
--                         status = "any" where that differs
--   or_ok = true          beside these: or it gives {}
--   waits                 of an error: {least, most} of retry_after; without it there must be none
-- and, where it is not one, requests = how many the server must have seen (false: any); GET, POST: what
-- differs; attempts, where an error comes after more than one; only = "POST"; options of the client
local network = "network"

-- From 8.0 to 8.12 libcurl does not find out that HTTP/2 was broken (curl e542fd9da1).
local minor = tonumber(require("ddokta.core").curl_version:match "^8%.(%d+)")
local broken_frames = minor and minor <= 12 and "timeout" or network

local function http(head, body)
  return "HTTP/1.1 " .. head:gsub("\n", "\r\n") .. "\r\n\r\n" .. (body or "") -- 5.1's %s ends at NUL
end

-- sends(bytes, ...): actions that send these one after the other
local function sends(...)
  local list = {}
  for i, bytes in ipairs { ... } do
    list[i] = ("{ send = %q }"):format(bytes):gsub("\\\n", "\\n")
  end
  return table.concat(list, ", ")
end

local CLOSE, STALL, RESET = ", { close = true }", ", { stall = true }", ", { sleep = 0.02 }, { reset = true }"
local CHUNKED = "200 OK\nTransfer-Encoding: chunked"
local EMPTY = '{"data":[]}'
local OK = sends(http("200 OK\nContent-Length: 11", EMPTY))
-- enough to connect and to send, beside all the others of a table
local SHORT = { attempt_timeout = 1 }

-- an answer of 200 with this body
local function body(bytes, fields)
  return sends(http(("200 OK\nContent-Length: %d%s"):format(#bytes, fields and "\n" .. fields or ""), bytes))
end

local function h2(serve) return "local s = c.h2.begin(c) if not s then return end " .. serve end

-- each request of a connection
local function each(serve)
  return h2("local stream = s:request() while stream do " .. serve .. " stream = s:request() end")
end

local function gzip(bytes)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(bytes)
  file:close()
  local pipe = assert(io.popen("gzip -9 -c " .. name, "r"))
  local packed = pipe:read "*a"
  pipe:close()
  os.remove(name)
  return packed
end

local EMPTY_GZIP = gzip(EMPTY)
local BOMB = gzip((" "):rep(20000000)) -- 20 KB

local connecting = {
  { "refused", port = "free", kind = network, outcome = "not_sent", code = "COULDNT_CONNECT", requests = 0 },
  {
    "refused, again and again",
    port = "free",
    kind = network,
    outcome = "not_sent",
    code = "COULDNT_CONNECT",
    requests = 0,
    options = { max_retries = 1 },
    attempts = 2,
  },
  {
    "closed as soon as it is connected",
    tcp = "",
    requests = 0,
    kind = network,
    outcome = "broken",
    only = "GET",
  },
  {
    "reset with the request unread",
    tcp = "c:await() c:sleep(0.05)",
    requests = 0,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
  },
  {
    "accepts and never answers",
    answer = "{ stall = true }",
    kind = "timeout",
    outcome = "broken",
    options = { attempt_timeout = 1 },
    says = "one attempt",
  },
  {
    "accepts and never reads a large body",
    tcp = "c:sleep(2)",
    kind = "timeout",
    outcome = "broken",
    options = SHORT,
    large = true,
    only = "POST",
    requests = 0,
  },
  {
    "closes with a large body half read",
    tcp = "c:take(100000)",
    kind = network,
    outcome = "broken",
    large = true,
    only = "POST",
    requests = 0,
  },
  { "closes before the handshake", handshake = "", kind = network, outcome = "not_sent", requests = 0 },
  {
    "closes in the handshake",
    handshake = "c:receive()",
    kind = network,
    outcome = "not_sent",
    requests = 0,
  },
  { "resets in the handshake", handshake = "c:await()", kind = network, outcome = "not_sent", requests = 0 },
  {
    "never answers the handshake",
    handshake = "c:stall()",
    kind = "timeout",
    outcome = "not_sent",
    options = SHORT,
    requests = 0,
  },
  {
    "never answers the handshake, connect_timeout",
    handshake = "c:stall()",
    kind = "timeout",
    outcome = "not_sent",
    options = { connect_timeout = 0.3 },
    code = "OPERATION_TIMEDOUT",
    requests = 0,
  },
  {
    "half a handshake",
    handshake = [[c:receive() c:send "\22\3\3\0\90\2\0" c:stall()]],
    kind = "timeout",
    outcome = "not_sent",
    options = SHORT,
    requests = 0,
  },
  {
    "alert: handshake failure",
    handshake = [[c:receive() c:send "\21\3\3\0\2\2\40" c:stall()]],
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "alert: internal error",
    handshake = [[c:receive() c:send "\21\3\3\0\2\2\80" c:stall()]],
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "alert: unrecognized name",
    handshake = [[c:receive() c:send "\21\3\3\0\2\2\112" c:stall()]],
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "garbage in the handshake",
    handshake = [[c:receive() c:send(("x"):rep(100)) c:stall()]],
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "no TLS on the TLS port",
    handshake = [[c:receive() c:send "HTTP/1.1 400 Bad Request\r\n\r\n" c:stall()]],
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "TLS 1.1 only",
    tls = { protocol = "TLSv1_1" },
    serve = "c:request() c:answer()",
    kind = "tls",
    outcome = "final",
    code = "SSL_CONNECT_ERROR",
    requests = 0,
  },
  {
    "TLS closed after the request",
    tls = "c:request()",
    kind = network,
    outcome = "broken",
    code = { "GOT_NOTHING", "RECV_ERROR" },
  },
  { "TLS cut after the request", tls = "c:request() c:cut()", kind = network, outcome = "broken" },
  {
    "TLS closed in the body",
    tls = [[c:request() c:send "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"]],
    kind = network,
    outcome = "broken",
    code = { "PARTIAL_FILE", "RECV_ERROR" },
    status = 200,
  },
  {
    "TLS cut in the body",
    tls = [[c:request() c:send "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{" c:cut()]],
    kind = network,
    outcome = "broken",
    status = 200,
  },
  {
    "TLS cut in a body without length",
    tls = [[c:request() c:send "HTTP/1.1 200 OK\r\n\r\n{" c:cut()]],
    kind = { "protocol", network },
    outcome = "unreadable",
    status = 200,
  },
  { "HTTP/1.1 over TLS", tls = "while c:request() do c:answer() end", ok = true },
}

local breaking = {
  {
    "closed without an answer",
    answer = "{ close = true }",
    kind = network,
    outcome = "broken",
    code = "GOT_NOTHING",
  },
  {
    "reset without an answer",
    answer = "{ reset = true }",
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
  },
  { "closed in the status line", answer = sends("HTTP/1.1 2") .. CLOSE, kind = network, outcome = "broken" },
  { "reset in the status line", answer = sends("HTTP/1.1 2") .. RESET, kind = network, outcome = "broken" },
  {
    "closed in the headers",
    answer = sends("HTTP/1.1 200 OK\r\nContent-Le") .. CLOSE,
    kind = network,
    outcome = "broken",
    status = 200,
    says = "broke off",
  },
  {
    "reset in the headers",
    answer = sends("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n") .. RESET,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
    status = 200,
  },
  {
    "closed behind the headers",
    answer = sends(http "200 OK\nContent-Length: 11") .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 200,
  },
  {
    "closed in the body",
    answer = sends(http("200 OK\nContent-Length: 11", "{")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 200,
  },
  {
    "reset in the body",
    answer = sends(http("200 OK\nContent-Length: 11", "{")) .. RESET,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
    status = 200,
  },
  {
    "closed in the body of an error",
    answer = sends(http("500 Oops\nContent-Length: 11", "{")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 500,
  },
  {
    "closed in a chunk",
    answer = sends(http(CHUNKED, "b\r\n{")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 200,
  },
  {
    "closed before the last chunk",
    answer = sends(http(CHUNKED, "b\r\n" .. EMPTY .. "\r\n")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 200,
  },
  {
    "closed in the trailer",
    answer = sends(http(CHUNKED, "b\r\n" .. EMPTY .. "\r\n0\r\nX-Sum")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "PARTIAL_FILE",
    status = 200,
  },
  {
    "slow headers",
    answer = sends "HTTP/1.1 200 OK\r\n" .. (", { sleep = 0.1 }, { send = 'X-A: 1\\r\\n' }"):rep(8),
    kind = "timeout",
    outcome = "broken",
    options = SHORT,
  },
  {
    "slow body",
    answer = sends(http "200 OK\nContent-Length: 11") .. (", { sleep = 0.1 }, { send = ' ' }"):rep(8),
    kind = "timeout",
    outcome = "broken",
    options = SHORT,
  },
  {
    "slow, but not too slow",
    ok = true,
    answer = "{ sleep = 0.1 }, "
      .. sends "HTTP/1.1 200 OK\r\n"
      .. ", { sleep = 0.1 }, "
      .. sends "Content-Length: 11\r\n\r\n"
      .. ", { sleep = 0.1 }, "
      .. sends(EMPTY),
  },
  {
    "reset once, then an answer",
    answers = { "{ reset = true }", OK },
    GET = { ok = true, requests = 2 },
    POST = { kind = network, outcome = "broken" },
    options = { max_retries = 1 },
  },
  {
    "reset again and again",
    answer = "{ reset = true }",
    kind = network,
    outcome = "broken",
    options = { max_retries = 1 },
    GET = { requests = 2, attempts = 2 },
  },
}

local lengths = {
  {
    "shorter than the body",
    answer = sends(http("200 OK\nContent-Length: 5", EMPTY)),
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
  },
  {
    "longer than the body, and waits",
    answer = sends(http("200 OK\nContent-Length: 12", EMPTY)) .. STALL,
    kind = "timeout",
    outcome = "broken",
    options = SHORT,
  },
  {
    "negative",
    answer = sends(http("200 OK\nContent-Length: -11", EMPTY)) .. CLOSE,
    kind = "protocol",
    outcome = "unclear",
    code = "WEIRD_SERVER_REPLY",
    status = 200,
  },
  {
    "no number",
    answer = sends(http("200 OK\nContent-Length: eleven", EMPTY)) .. CLOSE,
    kind = "protocol",
    outcome = "unclear",
    code = "WEIRD_SERVER_REPLY",
    status = 200,
  },
  {
    "beyond any number",
    answer = sends(http("200 OK\nContent-Length: " .. ("9"):rep(30), EMPTY)) .. CLOSE,
    ok = true,
  },
  {
    "two different",
    answer = sends(http("200 OK\nContent-Length: 5\nContent-Length: 11", EMPTY)) .. CLOSE,
    or_ok = true,
    kind = "protocol",
    outcome = "unclear",
    status = 200,
  }, -- refused from 8.23 on
  {
    "twice the same",
    answer = sends(http("200 OK\nContent-Length: 11\nContent-Length: 11", EMPTY)),
    ok = true,
  },
  {
    "and chunks",
    answer = sends(http(CHUNKED .. "\nContent-Length: 5", "b\r\n" .. EMPTY .. "\r\n0\r\n\r\n")),
    ok = true,
  },
  {
    "a chunk's is no number",
    answer = sends(http(CHUNKED, "xyz\r\n")) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
    status = 200,
    says = "chunk",
  },
  {
    "a chunk's is beyond any number",
    answer = sends(http(CHUNKED, ("F"):rep(17) .. "\r\n" .. EMPTY)) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
    status = 200,
    says = "chunk",
  },
  {
    "a chunk's is negative",
    answer = sends(http(CHUNKED, "-1\r\n" .. EMPTY)) .. CLOSE,
    kind = network,
    outcome = "broken",
    code = "RECV_ERROR",
    status = 200,
    says = "chunk",
  },
  {
    "chunks with extensions and a trailer",
    ok = true,
    answer = sends(http(CHUNKED, 'b;name=value;q="x;y"\r\n' .. EMPTY .. "\r\n0;last\r\nX-Sum: 5\r\n\r\n")),
  },
  {
    "an unknown transfer coding",
    answer = sends(http("200 OK\nTransfer-Encoding: sleepy", EMPTY)) .. CLOSE,
    or_ok = true,
    kind = "protocol",
    outcome = "unclear",
    status = 200,
  },
  { "until the connection closes", answer = sends(http("200 OK", EMPTY)) .. CLOSE, ok = true },
}

local MIB = { max_response_bytes = 1048576 }

-- 100 MB, half a megabyte after the other
local function hundred_megabytes(head, piece)
  return (
    "{ send = %q }, (function() local one, all = { send = %s }, {}; for i = 1, 200 do all[i] = one end;"
    .. "return (table.unpack or unpack)(all) end)()"
  ):format(http(head), piece):gsub("\\\n", "\\n")
end

local FILLER = "{ send = 'X-Filler: ' .. ('x'):rep(8000) .. '\\r\\n' }, "

local sizes = {
  {
    "100 MB with a length",
    answer = hundred_megabytes("200 OK\nContent-Length: 104857600", "(' '):rep(524288)"),
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "larger than max_response_bytes",
  },
  {
    "100 MB in chunks",
    answer = hundred_megabytes(CHUNKED, [['80000\r\n' .. (' '):rep(524288) .. '\r\n']]),
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "larger than max_response_bytes",
    options = MIB,
  },
  {
    "100 MB without either",
    answer = hundred_megabytes("200 OK", "(' '):rep(524288)"),
    options = MIB,
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "larger than max_response_bytes",
  },
  {
    "a gzip bomb",
    answer = body(BOMB, "Content-Encoding: gzip"),
    options = MIB,
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "larger than max_response_bytes",
  },
  {
    "gzip that is none",
    answer = body(EMPTY, "Content-Encoding: gzip"),
    kind = "protocol",
    outcome = "unclear",
    code = { "BAD_CONTENT_ENCODING", "WRITE_ERROR" },
    status = 200,
  },
  {
    "gzip that breaks off",
    answer = body(EMPTY_GZIP:sub(1, -15), "Content-Encoding: gzip"),
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
  },
  {
    "gzip with a wrong sum",
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    answer = body(EMPTY_GZIP:sub(1, -9) .. ("\0"):rep(8), "Content-Encoding: gzip"),
  },
  { "gzip", answer = body(EMPTY_GZIP, "Content-Encoding: gzip"), ok = true },
  {
    "an encoding that nobody knows",
    answer = body(EMPTY, "Content-Encoding: sleepy"),
    kind = "protocol",
    outcome = "unclear",
    code = { "BAD_CONTENT_ENCODING", "WRITE_ERROR" },
    status = 200,
  },
  {
    "headers without end",
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "too large",
    answer = sends "HTTP/1.1 200 OK\r\n" .. ", " .. FILLER:rep(100),
  },
  {
    "a header of 300 KB",
    kind = "protocol",
    outcome = "unclear",
    status = 200,
    says = "too large",
    answer = sends "HTTP/1.1 200 OK\r\nX-Filler: "
      .. ", { send = ('x'):rep(300000) .. '\\r\\n' }, "
      .. sends("Content-Length: 11\r\n\r\n" .. EMPTY),
  },
  {
    "a status line of 300 KB",
    kind = "protocol",
    outcome = "unclear",
    says = "too large",
    answer = sends "HTTP/1.1 200 " .. ", { send = ('x'):rep(300000) .. '\\r\\n' }, " .. sends(
      "Content-Length: 11\r\n\r\n" .. EMPTY
    ),
  },
  {
    "a header of 30 KB",
    ok = true,
    answer = sends "HTTP/1.1 200 OK\r\nX-Filler: " .. ", { send = ('x'):rep(30000) .. '\\r\\n' }, " .. sends(
      "Content-Length: 11\r\n\r\n" .. EMPTY
    ),
  },
  {
    "1,000 headers",
    answer = sends "HTTP/1.1 200 OK\r\n" .. ", { send = ('X-Filler: 1\\r\\n'):rep(1000) }, " .. sends(
      "Content-Length: 11\r\n\r\n" .. EMPTY
    ),
    ok = true,
  },
}

local contents = {
  {
    "HTML",
    answer = body("<html><title>Sign in</title></html>", "Content-Type: text/html"),
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
    says = "cannot be read",
  },
  { "nothing", answer = body "", kind = "protocol", outcome = "unreadable", status = 200, says = "empty" },
  { "white space", answer = body " \r\n\t ", kind = "protocol", outcome = "unreadable", status = 200 },
  {
    "no UTF-8",
    answer = body '{"data":[{"id":"\255\254"}]}',
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
  },
  { "half of it", answer = body '{"data":[', kind = "protocol", outcome = "unreadable", status = 200 },
  { "two of it", answer = body(EMPTY .. EMPTY), kind = "protocol", outcome = "unreadable", status = 200 },
  { "a number", answer = body "42", kind = "protocol", outcome = "unreadable", status = 200 },
  { "a string", answer = body '"data"', kind = "protocol", outcome = "unreadable", status = 200 },
  { "null", answer = body "null", kind = "protocol", outcome = "unreadable", status = 200 },
  { "NUL in it", answer = body '{"data":[]\0}', kind = "protocol", outcome = "unreadable", status = 200 },
  {
    "nested without end",
    answer = "{ status = 200, body = ('['):rep(100000) }",
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
  },
  { "JSON that is called HTML", answer = body(EMPTY, "Content-Type: text/html"), ok = true },
  { "JSON without a type", answer = body(EMPTY), ok = true },
  {
    "JSON that is called a picture",
    answer = body(EMPTY, "Content-Type: image/png; charset=nobody"),
    ok = true,
  },
}

local statuses = {
  {
    "204 with a body",
    answer = sends(http("204 No Content\nContent-Length: 11", EMPTY)),
    kind = "protocol",
    outcome = "unreadable",
    status = 204,
    says = "empty",
  },
  {
    "205",
    answer = sends(http "205 Reset Content\nContent-Length: 0"),
    kind = "protocol",
    outcome = "unreadable",
    status = 205,
  },
  {
    "202 with a body",
    answer = sends(http("202 Accepted\nContent-Length: 11", EMPTY)),
    kind = "protocol",
    outcome = "unreadable",
    status = 202,
  },
  { "304", answer = sends(http "304 Not Modified"), kind = "protocol", outcome = "final", status = 304 },
  {
    "300",
    answer = sends(http "300 Multiple Choices\nContent-Length: 0"),
    kind = "protocol",
    outcome = "final",
    status = 300,
  },
  {
    "302 to a path of the same host",
    answer = sends(http "302 Found\nLocation: /other\nContent-Length: 0"),
    kind = "protocol",
    outcome = "final",
    status = 302,
    says = "redirect",
  },
  { "100 before the answer", answer = sends(http "100 Continue") .. ", " .. OK, ok = true },
  { "103 before the answer", answer = sends(http "103 Early Hints\nLink: </a>") .. ", " .. OK, ok = true },
  {
    "50 times 102 before the answer",
    answer = (sends(http "102 Processing") .. ", "):rep(50) .. OK,
    ok = true,
  },
  {
    "1xx and then nothing",
    answer = sends(http "100 Continue") .. CLOSE,
    kind = network,
    outcome = "broken",
  },
  {
    "1xx without end",
    answer = ("{ send = %s }"):format("('HTTP/1.1 100 Continue\\r\\n\\r\\n'):rep(1000000)"),
    kind = "protocol",
    outcome = "unclear",
    says = "too large",
  },
  {
    "101",
    answer = sends(http "101 Switching Protocols\nUpgrade: x") .. STALL,
    options = SHORT,
    kind = "timeout",
    outcome = "broken",
  },
  { "HTTP/1.0", answer = sends("HTTP/1.0 200 OK\r\n\r\n" .. EMPTY) .. CLOSE, ok = true },
  { "no reason phrase", answer = sends("HTTP/1.1 200\r\nContent-Length: 11\r\n\r\n" .. EMPTY), ok = true },
  { "HTTP/0.9", answer = sends(EMPTY) .. CLOSE, kind = "protocol", outcome = "unclear" },
  {
    "a status that is no number",
    answer = sends "HTTP/1.1 abc\r\n\r\n" .. CLOSE,
    kind = "protocol",
    outcome = "unclear",
  },
  { "status 99", answer = sends(http "99 What\nContent-Length: 0"), kind = "protocol", outcome = "unclear" },
  {
    "status 600",
    answer = sends(http "600 What\nContent-Length: 0"),
    kind = "protocol",
    outcome = "unclear",
    status = 600,
  },
  {
    "status 2000",
    answer = sends(http "2000 What\nContent-Length: 0") .. CLOSE,
    kind = "protocol",
    outcome = { "unclear", "unreadable" },
    status = "any",
  }, -- newer libcurls read 200
  {
    "another protocol",
    answer = sends "SSH-2.0-OpenSSH_9.2p1\r\n" .. CLOSE,
    kind = "protocol",
    outcome = "unclear",
  },
  {
    "503 once, then an answer",
    answers = { "{ status = 503 }", OK },
    GET = { ok = true, requests = 2 },
    POST = { kind = "server", outcome = "unavailable", status = 503 },
    options = { max_retries = 1 },
  },
  {
    "429 once, then an answer",
    answers = { "{ status = 429 }", OK },
    ok = true,
    requests = 2,
    options = { max_retries = 1 },
  },
}

local headers = {
  { "lower case", answer = sends(http("200 OK\ncontent-length: 11", EMPTY)), ok = true },
  { "upper case", answer = sends(http("200 OK\nCONTENT-LENGTH:11", EMPTY)), ok = true },
  {
    "with space around the value",
    answer = sends(http("200 OK\nContent-Length: \t 11 \t", EMPTY)),
    ok = true,
  },
  { "folded", answer = sends(http("200 OK\nX-A: 1,\n  2\nContent-Length: 11", EMPTY)), ok = true },
  {
    "with NUL",
    answer = sends(http("200 OK\nX-A: 1\0002\nContent-Length: 11", EMPTY)) .. CLOSE,
    or_ok = true,
    kind = "protocol",
    outcome = "unclear",
    code = "WEIRD_SERVER_REPLY",
    status = 200,
  },
  { "without a name", answer = sends(http("200 OK\n: 1\nContent-Length: 11", EMPTY)), ok = true },
  {
    "without a colon",
    answer = sends(http("200 OK\nnothing\nContent-Length: 11", EMPTY)),
    or_ok = true,
    kind = "protocol",
    outcome = "unclear",
    code = "WEIRD_SERVER_REPLY",
    status = 200,
  },
  { "of 8 bits", answer = sends(http("200 OK\nX-A: \228\255\nContent-Length: 11", EMPTY)), ok = true },
  {
    "that end in line feeds alone",
    answer = sends("HTTP/1.1 200 OK\nContent-Length: 11\n\n" .. EMPTY),
    ok = true,
  },
  {
    "a cookie, an upgrade, an alternative service",
    ok = true,
    answer = body(
      EMPTY,
      'Set-Cookie: a=b\nUpgrade: h2c\nAlt-Svc: h3=":1"; ma=9\nStrict-Transport-Security: max-age=99'
    ),
  },
}

-- what a 429 says of how long to wait: waits = seconds, at least and at most; none = true: nothing
local function limited(name, fields, waits)
  return {
    name,
    answer = sends(http("429 Too Many Requests\n" .. fields .. "\nContent-Length: 0")),
    waits = waits,
    kind = "rate_limited",
    outcome = "limited",
    status = 429,
  }
end

-- later than any machine takes from here to the answer; what is told then is what is left of it
local EPOCH = ("%d"):format(os.time() + 2000)
local DATE = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2000)

local limits = {
  limited("Reset of seconds", "X-RateLimit-Reset: 7", { 7, 7 }),
  limited("Reset doubled", "X-RateLimit-Reset: 7, 7", { 7, 7 }),
  limited("Reset twice", "X-RateLimit-Reset: 7\nX-RateLimit-Reset: 7", { 7, 7 }),
  limited("Reset of an epoch", "X-RateLimit-Reset: " .. EPOCH, { 1000, 2001 }),
  limited("Reset of an epoch that is over", "X-RateLimit-Reset: 1600000000", { 0, 0 }),
  limited("Reset of Okta's", "X-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: " .. EPOCH, { 1000, 2001 }),
  limited("Reset of nothing", "X-RateLimit-Reset: 0", { 0, 0 }),
  limited("Reset that is negative", "X-RateLimit-Reset: -7"),
  limited("Reset that is text", "X-RateLimit-Reset: soon"),
  limited("Reset that is empty", "X-RateLimit-Reset:"),
  limited("Reset beyond all reason", "X-RateLimit-Reset: " .. ("9"):rep(40), { 0, 86400 }),
  limited("Retry-After of seconds", "Retry-After: 7", { 7, 7 }),
  limited("Retry-After of a date", "Retry-After: " .. DATE, { 1000, 2001 }),
  limited("Retry-After of a date that is over", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", { 0, 0 }),
  limited("Retry-After that is garbage", "Retry-After: in a while"),
  limited("Retry-After that is negative", "Retry-After: -7"),
  limited("Retry-After beside Reset", "Retry-After: 7\nX-RateLimit-Reset: 900", { 7, 7 }),
  limited("nothing at all", "X-Other: 1"),
  {
    "a page of HTML",
    kind = "rate_limited",
    outcome = "limited",
    status = 429,
    says = "Too Many Requests",
    answer = sends(
      http(
        "429 Too Many Requests\nContent-Type: text/html\nContent-Length: 59",
        "<html><head><title>429 Too Many Requests</title></head></html>"
      )
    ) .. CLOSE,
  },
  {
    "longer than the call may take: no second attempt",
    answer = sends(http "429 Too Many Requests\nX-RateLimit-Reset: 60\nContent-Length: 0"),
    kind = "rate_limited",
    outcome = "limited",
    status = 429,
    options = { max_retries = 4 },
    waits = { 58, 64 },
  },
}

-- behind many TLS handshakes at once
local LATER = { attempt_timeout = 1.5 }

local frames = {
  { "an answer", h2 = each "s:answer(stream)", ok = true },
  { "103 before the answer", h2 = each "s:headers(stream, 103) s:answer(stream)", ok = true },
  {
    "a trailer",
    h2 = each [[s:headers(stream, 200) s:data(stream, '{"data":[]}', 0)
      s:frame(s.HEADERS, s.END_STREAM + s.END_HEADERS, stream, "\0\5x-sum\0015")]],
    ok = true,
  },
  {
    "an empty answer",
    h2 = each "s:headers(stream, 200, {}, s.END_STREAM + s.END_HEADERS)",
    kind = "protocol",
    outcome = "unreadable",
    status = 200,
  },
  {
    "pings, settings and frames that nobody knows",
    ok = true,
    h2 = each [[for i = 1, 20 do
      s:frame(s.PING, 0, 0, "12345678") s:frame(s.SETTINGS, 0, 0, "") s:frame(99, 0, 0, "what") end
      s:answer(stream)]],
  },
  {
    "an answer in frames of one byte, slowly",
    ok = true,
    h2 = each [[s:headers(stream, 200)
      for byte in ('{"data":[]}'):gmatch "." do s:data(stream, byte, 0) c:sleep(0.005) end
      s:data(stream, "")]],
  },
  {
    "frames too slow",
    kind = "timeout",
    outcome = "broken",
    options = LATER,
    h2 = each [[s:headers(stream, 200)
      for i = 1, 8 do c:sleep(0.3) s:data(stream, " ", 0) end]],
  },
  { "no answer", h2 = h2 "s:request() c:stall()", kind = "timeout", outcome = "broken", options = LATER },
  { "no settings", h2 = "c:stall()", kind = "timeout", outcome = "broken", options = LATER, requests = 0 },
  { "closed without an answer", h2 = h2 "s:request()", kind = network, outcome = "broken" },
  {
    "closed in the body",
    h2 = h2 [[s:headers(s:request(), 200) s:data(1, '{"d', 0)]],
    kind = network,
    outcome = "broken",
    status = 200,
  },
  {
    "not HTTP/2",
    h2 = [[c:send(("x"):rep(100)) c:stall()]],
    kind = broken_frames,
    outcome = "broken",
    requests = 0,
    only = "GET",
  },
  {
    "garbage between frames",
    h2 = each [[c:send(("x"):rep(100))]],
    kind = broken_frames,
    outcome = "broken",
  },
  {
    "a frame larger than agreed",
    h2 = each "s:headers(stream, 200) s:data(stream, (' '):rep(20000))",
    kind = { "protocol", broken_frames },
    outcome = "unreadable",
    status = "any",
  }, -- 7.88: its end
  {
    "a body shorter than its length",
    h2 = each [[s:headers(stream, 200, {{"content-length", "12"}})
      s:data(stream, '{"data":[]}')]],
    kind = network,
    outcome = "broken",
    status = 200,
  },
  {
    "headers that cannot be unpacked",
    h2 = each [[s:frame(s.HEADERS, 4, stream, ("\255"):rep(20))]],
    kind = broken_frames,
    outcome = "broken",
  },
  { "a body before the headers", h2 = each "s:data(stream, 'x')", kind = broken_frames, outcome = "broken" },
  {
    "RST_STREAM after the headers",
    h2 = each "s:headers(stream, 200) s:reset(stream, s.INTERNAL_ERROR)",
    kind = network,
    outcome = "broken",
    status = 200,
  },
  -- libcurl's own five more; of a POST one, for from the second on a death may look like a refusal
  {
    "RST_STREAM: refused",
    h2 = each "s:reset(stream, s.REFUSED_STREAM)",
    kind = network,
    outcome = "not_sent",
    GET = { requests = 6 },
    POST = { requests = 2, outcome = "broken" },
  },
  {
    "RST_STREAM: refused once, then an answer",
    ok = true,
    requests = 2,
    options = { max_retries = 1 },
    h2 = each [[if log.refused then s:answer(stream)
      else log.refused = true s:reset(stream, s.REFUSED_STREAM) end]],
  },
  {
    "RST_STREAM: internal error",
    h2 = each "s:reset(stream, s.INTERNAL_ERROR)",
    kind = network,
    outcome = "broken",
    code = "HTTP2_STREAM",
  },
  {
    "RST_STREAM: no error",
    h2 = each "s:reset(stream, s.NO_ERROR)",
    kind = network,
    outcome = "broken",
    code = "HTTP2_STREAM",
  },
  {
    "RST_STREAM: cancelled",
    h2 = each "s:reset(stream, s.CANCEL)",
    kind = network,
    outcome = "broken",
    code = "HTTP2_STREAM",
  },
  {
    "RST_STREAM: calm down",
    h2 = each "s:reset(stream, s.ENHANCE_YOUR_CALM)",
    kind = network,
    outcome = "broken",
    code = "HTTP2_STREAM",
  },
  {
    "RST_STREAM: inadequate security",
    h2 = each "s:reset(stream, s.INADEQUATE_SECURITY)",
    kind = network,
    outcome = "broken",
    code = "HTTP2_STREAM",
  },
  {
    "RST_STREAM: HTTP/1.1 required",
    tls = { alpn = "h2 http/1.1" },
    options = LATER,
    GET = { ok = true, requests = 2 },
    POST = { kind = network, outcome = "broken" }, -- libcurl would begin again without the body
    serve = "if number > 1 then c:request() c:answer() return end "
      .. each "s:reset(stream, s.HTTP_1_1_REQUIRED)",
  },
  {
    "RST_STREAM: HTTP/1.1 required, and no HTTP/1.1",
    h2 = each "s:reset(stream, s.HTTP_1_1_REQUIRED)",
    kind = network,
    outcome = "broken",
  },
  { "GOAWAY behind the answer", h2 = each "s:goaway(stream) s:answer(stream)", ok = true },
  {
    "GOAWAY, and the request was not looked at",
    h2 = h2 "s:request() s:goaway(0) c:stall()",
    kind = network,
    outcome = { "broken", "not_sent" },
    requests = false,
  }, -- 7.88 does not tell it from one that was
  {
    "GOAWAY, and the request was",
    h2 = h2 "s:goaway((s:request())) c:sleep(0.02)",
    kind = network,
    outcome = "broken",
  },
  {
    "GOAWAY of an error",
    h2 = h2 "s:goaway((s:request()), s.INTERNAL_ERROR) c:sleep(0.02)",
    kind = network,
    outcome = "broken",
  },
  {
    "GOAWAY before any request",
    h2 = h2 "s:goaway(0) c:stall()",
    kind = network,
    outcome = "broken",
    requests = 0,
    only = "GET",
  }, -- a POST is ambiguous where libcurl has taken its body already
}

local tables = {
  { "connecting", connecting },
  { "the answer breaks", breaking },
  { "lengths", lengths },
  { "sizes", sizes },
  { "200 with", contents },
  { "statuses", statuses },
  { "headers", headers },
  { "a 429 with", limits },
  { "HTTP/2", frames },
}

-- --- running them ---------------------------------------------------------------------------------

local server, wire, certificates

local runs = {} -- {row =, method =, id =, result =, err =, requests =}
for _, part in ipairs(tables) do
  for _, row in ipairs(part[2]) do
    for _, method in ipairs { "GET", "POST" } do
      if (row.only or method) == method then
        local run = { part = part, row = row, method = method, id = ("row-%d"):format(#runs + 1) }
        runs[#runs + 1], run[1] = run, ("%s: %s, %s"):format(part[1], row[1], method)
      end
    end
  end
end

-- What serves the rows of HTTP/1.1, each by its path.
local function script()
  local sources = {}
  for _, run in ipairs(runs) do
    local answers = run.row.answers or { run.row.answer }
    if answers[1] then
      sources[#sources + 1] = ("[%q] = { function() return { %s } end }"):format(
        run.id,
        table.concat(answers, " } end, function() return { ")
      )
    end
  end
  return ("if not FAULTS then FAULTS, SEEN = { %s }, {} end"):format(table.concat(sources, ",\n"))
    .. [[
    local request = ...
    local id = request.path:match "^/([^/]+)"
    local status = tonumber(id:match "^status%-(%d+)")
    if status then
      return { { status = status, headers = SEEN[status], body = '{"errors":["words"]}' } }
    end
    SEEN[id] = (SEEN[id] or 0) + 1
    return (FAULTS[id][SEEN[id] ] or FAULTS[id][#FAULTS[id] ])() ]]
end

local kinds_of_wire = { "tcp", "tls", "h2", "handshake" }

-- Where the run's client calls.
local function base_url_of(run)
  local row = run.row
  if row.port == "free" then return "http://127.0.0.1:" .. serving.deaf_port() end
  for _, how in ipairs(kinds_of_wire) do
    local serve = row.serve or row[how]
    if row[how] then
      local tls = how == "handshake" and { by_hand = true } or row.serve and row[how]
      run.port = wire:listen(tls or how, serve)
      return (how == "tcp" and "http" or "https") .. "://127.0.0.1:" .. run.port
    end
  end
  return server.url .. "/" .. run.id
end

local function call(run, base_url)
  -- what is large takes its time beside others; of the rest some end only by this
  local attempt_timeout = run.part and run.part[1] == "sizes" and 30 or 4
  local options =
    { base_url = base_url, ca_file = certificates:path "ca.pem", attempt_timeout = attempt_timeout }
  for name, value in pairs(run.row and run.row.options or {}) do
    options[name] = value
  end
  local client = server:client(options)
  local result, err
  if run.method == "GET" then
    result, err = client:list_okta_accounts()
  else
    local large = run.row and run.row.large
    result, err = client:send_invitations(invitation(large and ("x"):rep(5000000) or nil))
  end
  client:close()
  return result, err
end

local function run_all()
  local urls = {}
  for i, run in ipairs(runs) do
    urls[i] = base_url_of(run)
  end
  server:script(script())
  for _, part in ipairs(tables) do -- one table after the other: what is large must not hold up what is timed
    local list = {}
    for i, run in ipairs(runs) do
      list[#list + 1] = run.part == part and i or nil
    end
    ddokta.parallel(#list, list, function(i)
      runs[i].result, runs[i].err = call(runs[i], urls[i])
    end)
  end
  local seen = {}
  for _, request in ipairs(server:requests()) do
    local id = request.path:match "^/([^/]+)"
    seen[id] = (seen[id] or 0) + 1
  end
  for _, run in ipairs(runs) do
    run.requests = run.port and (wire:log(run.port).requests or 0) or seen[run.id] or 0
  end
end

-- --- looking at them ------------------------------------------------------------------------------

local function has(list, value)
  if type(list) ~= "table" then return list == value end
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

local function check_error(err, want, method)
  assert.equal("table", type(err), "no error came")
  local line = tostring(err)
  assert.is_true(has(want.kind, err.kind), line)
  local known = false
  for _, outcome in ipairs(type(want.outcome) == "table" and want.outcome or { want.outcome }) do
    local retryable, ambiguous = outcomes[outcome][method][1], outcomes[outcome][method][2]
    known = known or retryable == err.retryable and ambiguous == err.ambiguous
  end
  assert.is_true(
    known,
    ("retryable %s, ambiguous %s: %s"):format(tostring(err.retryable), tostring(err.ambiguous), line)
  )
  if want.code then
    assert.is_true(has(want.code, err.code), ("code %s: %s"):format(tostring(err.code), line))
  end
  if want.status ~= "any" then assert.equal(want.status, err.status, line) end
  assert.equal(want.attempts or 1, err.attempts, line)
  assert.matches(want.says or "", line)
  if want.waits then
    local wait = err.retry_after or -1
    assert.is_true(wait >= want.waits[1] and wait <= want.waits[2], ("retry_after %s"):format(wait))
  else
    assert.is_nil(err.retry_after)
  end
  assert.equal(method == "GET" and "list_okta_accounts" or "send_invitations", err.operation)
  -- no key, and no control character, whatever was sent
  assert.is_nil(line:find(serving.API_KEY, 1, true) or line:find(serving.APP_KEY, 1, true))
  assert.is_nil(line:find "%c")
end

local function check(run)
  local want = setmetatable(run.row[run.method] or {}, { __index = run.row })
  if want.ok or want.or_ok and run.result then
    assert.is_truthy(run.result, tostring(run.err))
    assert.same({}, run.result)
  else
    assert.is_nil(run.result)
    check_error(run.err, want, run.method)
  end
  if want.requests ~= false then assert.equal(want.requests or 1, run.requests, "requests seen") end
end

describe("faults:", function()
  setup(function()
    certificates = wiring.certificates()
    server, wire = serving.start(), wiring.start(certificates)
    run_all()
  end)

  teardown(function()
    server:stop()
    wire:stop()
    certificates:remove()
  end)

  for _, run in ipairs(runs) do
    it(run[1], function() check(run) end)
  end

  describe("every status from 400 to 599:", function()
    local kinds = setmetatable({
      [401] = "unauthorized",
      [403] = "forbidden",
      [404] = "not_found",
      [407] = "config",
      [409] = "conflict",
      [410] = "not_found",
      [412] = "conflict",
      [429] = "rate_limited",
    }, {
      __index = function(_, status) return status < 500 and "invalid_request" or "server" end,
    })
    local by_status = setmetatable({
      [408] = "unavailable",
      [429] = "limited",
      [502] = "unavailable",
      [503] = "unavailable",
      [504] = "unavailable",
    }, {
      __index = function(_, status) return status < 500 and "final" or "unclear" end,
    })

    for _, method in ipairs { "GET", "POST" } do
      it(method, function()
        local all = {}
        for status = 400, 599 do
          all[#all + 1] = { status = status, method = method }
        end
        ddokta.parallel(32, all, function(run)
          run.result, run.err = call(run, ("%s/status-%d"):format(server.url, run.status))
        end)
        for _, run in ipairs(all) do
          assert.is_nil(run.result)
          check_error(
            run.err,
            { kind = kinds[run.status], outcome = by_status[run.status], status = run.status, says = "words" },
            method
          )
          assert.same({ "words" }, run.err.errors)
        end
      end)
    end
  end)

  describe("a redirect to another host:", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      it(("%d is not followed, and no key goes there"):format(status), function()
        local elsewhere = wire:listen("tcp", "c:request() c:answer()")
        local step = ("return { { status = %d, headers = { Location = 'http://127.0.0.1:%s/x' } } }"):format(
          status,
          elsewhere
        )
        for _, method in ipairs { "GET", "POST" } do
          server:script(step)
          local result, err = call({ method = method }, server.url)
          assert.is_nil(result)
          check_error(
            err,
            { kind = "protocol", outcome = "final", status = status, says = "not followed" },
            method
          )
          assert.equal(1, #server:requests())
        end
        assert.equal(0, wire:log(elsewhere).connections)
      end)
    end
  end)

  describe("a server that answers before it has the body:", function()
    local ANSWER = [[c:send "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 23\r\n\r\n]]
      .. [[{\"errors\":[\"too much\"]}" ]]
    local function create(serve)
      local port = wire:listen("tcp", serve)
      local result, err = call({ method = "POST", row = { large = true } }, "http://127.0.0.1:" .. port)
      assert.is_nil(result)
      assert.equal(1, wire:log(port).connections)
      return err
    end

    it("and hears the rest", function()
      local err = create("c:take(10000) " .. ANSWER .. "c:stall()")
      check_error(
        err,
        { kind = "invalid_request", outcome = "final", status = 413, says = "too much" },
        "POST"
      )
    end)

    it("and closes at once: its answer, or that some of the request may have arrived", function()
      local err = create("c:take(10000) " .. ANSWER)
      if err.status then
        assert.equal(413, err.status)
        assert.is_false(err.ambiguous)
      else -- the reset has overtaken the answer
        check_error(err, { kind = "network", outcome = "broken" }, "POST")
        assert.is_true(err.ambiguous)
      end
    end)

    it("and reads no more over HTTP/2", function()
      local port = wire:listen(
        "h2",
        h2 [[local stream = s:head() s:headers(stream, 413)
        s:data(stream, '{"errors":["too much"]}') s:reset(stream, s.NO_ERROR) c:stall()]]
      )
      local result, err = call({ method = "POST", row = { large = true } }, "https://127.0.0.1:" .. port)
      assert.is_nil(result)
      assert.equal(413, err.status)
      assert.is_false(err.ambiguous)
    end)
  end)

  -- libcurl reads on as long as there is something to read: neither the call nor what else the process
  -- has to do may wait for the end of that
  describe("a server that sends without end:", function()
    local CHUNKS = [[c:request() c:send "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" ]]
    local function without_end(bytes)
      return "local bytes = (" .. bytes .. "):rep(2000) while c:send(bytes) do end"
    end

    -- {how it is served, what it sends}
    local floods = {
      ["empty DATA frames"] = {
        "h2",
        h2("s:request() s:headers(1, 200) " .. without_end [["\0\0\0\0\0\0\0\0\1"]]),
      },
      ["DATA frames of padding"] = {
        "h2",
        h2("s:request() s:headers(1, 200) " .. without_end [["\0\0\9\0\8\0\0\0\1\8\0\0\0\0\0\0\0\0"]]),
      },
      ["PINGs"] = { "h2", h2("s:request() " .. without_end [["\0\0\8\6\0\0\0\0\00012345678"]]) },
      ["SETTINGS"] = { "h2", h2("s:request() " .. without_end [["\0\0\6\4\0\0\0\0\0\0\3\0\0\0\100"]]) },
      ["WINDOW_UPDATEs"] = {
        "h2",
        h2("s:request() " .. without_end [["\0\0\4\8\0\0\0\0\1\0\0\0\1"]]),
      },
      ["frames that nobody knows"] = {
        "h2",
        h2("s:request() " .. without_end [["\0\0\8\99\0\0\0\0\00012345678"]]),
      },
      ["103 over HTTP/2"] = { "h2", h2("s:request() while s:headers(1, 103, { { 'x-a', 'b' } }) do end") },
      ["103"] = { "tls", "c:request() " .. without_end [["HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n"]] },
      ["headers"] = { "tls", [[c:request() c:send "HTTP/1.1 200 OK\r\n" ]] .. without_end [["X-A: b\r\n"]] },
      ["trailers"] = { "tls", CHUNKS .. [[c:send '2\r\n{}\r\n0\r\n' ]] .. without_end [["X-A: b\r\n"]] },
      ["trailers, in the clear"] = {
        "tcp",
        CHUNKS .. [[c:send '2\r\n{}\r\n0\r\n' ]] .. without_end [["X-A: b\r\n"]],
      },
      ["a chunk's extension"] = { "tls", CHUNKS .. "c:send '2;' " .. without_end [["xxxxxxxxxx"]] },
      ["gzip of nothing"] = {
        "tls",
        [[c:request() c:send "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
        c:send "\31\139\8\0\0\0\0\0\0\3" ]] .. without_end [["\0\0\0\255\255"]],
      },
    }

    local function resident_kilobytes()
      local file = assert(io.open "/proc/self/status")
      local kilobytes = tonumber(file:read("*a"):match "VmRSS:%s*(%d+)")
      file:close()
      return kilobytes
    end

    for name, flood in pairs(floods) do
      it(name, function()
        local port = wire:listen(flood[1], flood[2])
        local client = server:client {
          base_url = (flood[1] == "tcp" and "http" or "https") .. "://127.0.0.1:" .. port,
          ca_file = certificates:path "ca.pem",
          timeout = 1,
          attempt_timeout = 1,
          max_retries = 0,
        }
        local before, started = resident_kilobytes(), system.now()
        -- The most that this process computed between two looks: who reads on computes. Other programs may
        -- have had the processor meanwhile, which is not the client's doing.
        local longest = 0
        local done, result, err = false, nil, nil
        ddokta.parallel(2, { "call", "look" }, function(what)
          if what == "call" then
            result, err = client:list_okta_accounts()
            done = true
            return
          end
          while not done do
            local computed = os.clock()
            client:sleep(0.01)
            longest = math.max(longest, os.clock() - computed)
          end
        end)
        client:close()
        assert.is_nil(result)
        assert.is_truthy(({ network = true, protocol = true, timeout = true })[err.kind], tostring(err))
        local took = system.now() - started
        assert.is_true(took < (sanitized and 5 or 2), ("%.2f s: %s"):format(took, tostring(err)))
        assert.is_true(
          longest < (sanitized and 3 or 0.8),
          ("held for %.2f s: %s"):format(longest, tostring(err))
        )
        local grown = resident_kilobytes() - before
        assert.is_true(grown < (sanitized and 300000 or 20000), ("memory grew by %d KB"):format(grown))
      end)
    end
  end)

  describe("a connection that is used again:", function()
    local function over(port, max_retries)
      return server:client {
        base_url = "http://127.0.0.1:" .. port,
        attempt_timeout = 2,
        max_retries = max_retries or 0,
      }
    end

    local function over_h2(port, max_retries)
      return server:client {
        base_url = "https://127.0.0.1:" .. port,
        attempt_timeout = 2,
        max_retries = max_retries or 0,
        ca_file = certificates:path "ca.pem",
      }
    end
    -- awaits that the server has closed the first connection
    local function closed(port)
      assert.is_true(serving.eventually(function() return wire:log(port).closed end))
    end

    it("closed by the server while idle: nothing is lost, and no retry is needed", function()
      for _, method in ipairs { "GET", "POST" } do
        local port = wire:listen(
          "tcp",
          [[c:request() c:answer()
          if number == 1 then c:close() log.closed = true else c:request() end]]
        )
        local client = over(port)
        assert(client:list_okta_accounts())
        closed(port)
        local result, response
        if method == "GET" then
          result, response = client:list_okta_accounts()
        else
          result, response = client:send_invitations(invitation())
        end
        assert.same({}, result, tostring(response))
        assert.equal(1, response.attempts)
        assert.equal(2, wire:log(port).connections)
        assert.equal(2, wire:log(port).requests)
      end
    end)

    it("closed while idle, and reset for what comes: a GET is sent again, unseen", function()
      -- the server does not look at the second request
      local port = wire:listen(
        "tcp",
        [[c:request() c:answer()
        if number == 1 then c:await() else c:request() end]]
      )
      local client = over(port)
      assert(client:list_okta_accounts())
      local result, response = client:list_okta_accounts()
      assert.same({}, result, tostring(response))
      assert.equal(2, wire:log(port).connections)
    end)

    it("read and then closed: a GET is sent again, unseen", function()
      local port = wire:listen("tcp", "c:request() c:answer() c:request()")
      local client = over(port)
      assert(client:list_okta_accounts())
      local result, response = client:list_okta_accounts()
      assert.same({}, result, tostring(response))
      assert.equal(1, response.attempts)
      assert.equal(2, wire:log(port).connections)
    end)

    for how, serve in pairs { closed = "c:request()", reset = "c:take(20) c:sleep(0.05)" } do
      it("read and then " .. how .. ": a POST is not sent again, and ambiguous", function()
        local port = wire:listen("tcp", "c:request() if number == 1 then c:answer() " .. serve .. " end")
        local client = over(port, 4)
        assert(client:list_okta_accounts())
        local result, err = client:send_invitations(invitation())
        assert.is_nil(result)
        check_error(err, { kind = "network", outcome = "broken", says = "connection" }, "POST")
        client:close()
        assert.equal(how == "closed" and 2 or 1, wire:log(port).requests)
      end)
    end

    it("refused as an HTTP/2 stream: a POST is ambiguous, for libcurl does not say why", function()
      local port = wire:listen(
        "h2",
        h2 [[local stream = s:request()
        if stream then s:answer(stream) s:reset((s:request()), s.REFUSED_STREAM) c:stall() end]]
      )
      local client = over_h2(port, 4)
      assert(client:list_okta_accounts())
      local result, err = client:send_invitations(invitation())
      assert.is_nil(result)
      check_error(err, { kind = "network", outcome = "broken" }, "POST")
      assert.equal(2, wire:log(port).requests)
    end)

    for when, pause in pairs { ["with the answer"] = "", ["while idle"] = "c:sleep(0.1)" } do
      it("a GOAWAY " .. when .. ": the next call takes another", function()
        for _, method in ipairs { "GET", "POST" } do
          local port = wire:listen(
            "h2",
            h2(([[local stream = s:request() s:answer(stream)
            if number == 1 then %s s:goaway(stream) log.closed = true end
            if s:request() then s:answer(stream + 2) end c:stall()]]):format(pause))
          )
          local client = over_h2(port)
          assert(client:list_okta_accounts())
          closed(port)
          system.sleep(0.02) -- until it has arrived
          local result, response
          if method == "GET" then
            result, response = client:list_okta_accounts()
          else
            result, response = client:send_invitations(invitation())
          end
          local log = wire:log(port)
          if pause == "" and not result and log.connections == 1 then
            -- libcurl has read it and did not look: 7.88 ends the next call before its body has left or
            -- after, by chance; from 8.22 on always after
            check_error(response, { kind = "network", outcome = { "broken", "not_sent" } }, method)
            assert.is_true(response.ambiguous or method == "GET" or log.whole == 1, tostring(response))
          else
            assert.same({}, result, tostring(response))
            assert.equal(2, log.connections)
          end
        end
      end)
    end

    for name, garbage in pairs {
      ["garbage"] = "garbage",
      ["a body that a 204 has not"] = false,
      ["another answer"] = http("200 OK\nContent-Length: 2", "[]"),
    } do
      it("bytes behind an answer are not the next one: " .. name, function()
        local first = garbage and http("200 OK\nContent-Length: 11", EMPTY) .. garbage
          or http("204 No Content\nContent-Length: 11", EMPTY)
        local serve = ([[while c:request() do
          if log.requests == 1 then c:send(%q)
          else c:answer '{"data":[{"id":"right"}]}' end end]]):format(first)
        local port = wire:listen("tcp", (serve:gsub("\\\n", "\\n")))
        local client = over(port)
        client:list_okta_accounts()
        local result, response = client:list_okta_accounts()
        assert.equal("right", result and result[1] and result[1].id, tostring(response))
      end)
    end
  end)
end)
