-- Once, and only once: a server acts, hangs up, refuses connections and comes back at random instants. No
-- POST is carried out twice, none that failed and was is called anything but ambiguous, and none is called
-- ambiguous of which nothing had been received. csrc/http/{tries,outcome,retry}.c.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"
local wiring = require "spec.support.wiring"

local wire, certificates

-- What both servers do with a request that they have begun to read. log.fates counts what went wrong;
-- acted: by name, how often; seen: by name, whether any of it was received, where that can be read
-- (HTTP/1.1); unanswered: how many got no whole answer.
local COMMON = [[
  log.acted, log.seen = log.acted or {}, log.seen or {}
  log.fates, log.unanswered = log.fates or 0, log.unanswered or 0
  log.random = log.random or SEED
  local function random(n) -- 1 to n: the same everywhere (Park and Miller)
    log.random = log.random * 16807 % 2147483647
    return log.random % n + 1
  end
  local function act(body)
    local name = body:match '"label":"(.-)"'
    log.acted[name] = (log.acted[name] or 0) + 1
    return '{"data":{"id":"' .. name .. '","type":"team_links","attributes":{"label":"' .. name .. '"}}}'
  end
  local function fate()
    local drawn = random(16)
    if drawn > 5 then return 0 end
    log.fates = log.fates + 1
    return drawn
  end
  local function see(bytes)
    local name = bytes:match "^POST /api/v2/team/(.-)/links"
    if name then log.seen[name] = true end
  end
  local function refuse()
    if random(3) ~= 1 then return end
    c:refuse(random(60) / 1000, function(bytes)
      see(bytes)
      log.unanswered = log.unanswered + 1
    end)
  end
  local function leave() -- with a request at hand, that was seen
    c:rest()
    refuse()
    c:rest() -- and what has come meanwhile
    if random(2) == 1 then c:cut() else c:close() end
  end
]]

local HTTP_1 = COMMON
  .. [[
  while true do
    local head = ""
    while not head:find "\r\n\r\n" do
      local byte = c:take(1)
      if not byte then return see(head) end
      head = head .. byte
    end
    see(head)
    local length = tonumber(head:lower():match "content%-length: *(%d+)")
    local drawn = fate()
    if drawn == 1 then -- the body is not read, or only half of it
      c:take(random(2) == 1 and 1 or math.floor(length / 2))
      return leave()
    end
    local body = c:take(length)
    if not body or drawn == 2 then return leave() end -- all of it is, and nothing is done
    local answer = act(body)
    if drawn == 3 then return leave() end -- done, and not said
    local said = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#answer, answer)
    if drawn == 4 then -- half said
      c:send(said:sub(1, random(#said - 1)))
      return leave()
    end
    c:send(said)
    if drawn == 5 then -- the kept connection ends some time later, perhaps over a request
      c:sleep(random(20) / 1000)
      refuse()
      return see(c:part())
    end
  end
]]

-- All streams of a connection share its fate.
local HTTP_2 = COMMON
  .. [[
  local s = c.h2.begin(c)
  if not s then return end
  s:frame(s.SETTINGS, 0, 0, "\0\4" .. s.number(2 ^ 30, 4)) -- windows that never close
  s:frame(s.WINDOW_UPDATE, 0, 0, s.number(2 ^ 30, 4))
  local bodies, open = {}, 0
  local function gone()
    local _, more = c:rest():gsub("%z%z.\1", "") -- headers that nobody read
    log.unanswered = log.unanswered + open + more
    return leave()
  end
  while true do
    local kind, flags, stream, payload = s:read()
    if not kind then
      log.unanswered = log.unanswered + open
      return
    elseif kind == s.HEADERS then
      bodies[stream], open = "", open + 1
      if random(40) == 1 then log.fates = log.fates + 1 return gone() end
      if random(40) == 1 then log.fates = log.fates + 1 bodies[stream], open = nil, open - 1
        s:reset(stream, s.REFUSED_STREAM) end
    elseif kind == s.DATA and bodies[stream] then
      bodies[stream] = bodies[stream] .. payload
      if flags % 2 == 1 then
        local drawn = fate()
        if drawn == 1 or drawn == 2 then return gone() end
        local answer = act(bodies[stream])
        if drawn == 3 then return gone() end
        if drawn == 4 then s:headers(stream, 200) return gone() end
        if not (s:headers(stream, 200) and s:data(stream, answer)) then return gone() end
        open = open - 1
        if drawn == 5 then c:sleep(random(20) / 1000) return gone() end
      end
    end
  end
]]

-- 1,000 creates, 6 at once, a fourth of them with a body of many segments.
local function storm(url, ca_file)
  local client = assert(ddokta.client {
    base_url = url,
    ca_file = ca_file,
    api_key = serving.API_KEY,
    app_key = serving.APP_KEY,
    proxy = "",
    max_retries = 30,
    timeout = 60,
  })
  local names = {}
  for i = 1, 1000 do
    names[i] = "call-" .. i
  end
  local results = ddokta.parallel(
    6,
    names,
    function(name, i)
      return client:create_team_link(name, { label = name, url = ("u"):rep(i % 4 == 0 and 300000 or 40) })
    end
  )
  client:close()
  return names, results
end

local function check(port, names, results, seed)
  local log = wire:log(port)
  local ambiguous, unseen = 0, {}
  for i, name in ipairs(names) do
    local account, err = results[i][1], results[i][2]
    local acted = log.acted[name] or 0
    local words = ("seed %d, %s, acted on %d times: %s"):format(seed, name, acted, tostring(err))
    assert.is_true(acted <= 1, words)
    if account then
      assert.equal(name, account.label)
      assert.equal(1, acted, words)
    else
      ambiguous = ambiguous + (err.ambiguous and 1 or 0)
      -- behind a request, a reset says that it came to a kernel whose process had closed its port
      local may_be_unseen = log.seen[name] or words:find("Connection reset", 1, true)
      unseen[#unseen + 1] = err.ambiguous and not may_be_unseen and words or nil
      assert.is_true(acted == 0 or err.ambiguous, words)
      assert.is_true(err.ambiguous or err.retryable, words)
    end
  end
  assert.is_true(log.fates >= 200, ("seed %d: only %d fates"):format(seed, log.fates))
  if next(log.seen) then
    assert.same({}, unseen)
  else
    assert.is_true(
      ambiguous <= log.unanswered,
      ("seed %d: %d are called ambiguous, of %d had something been received"):format(
        seed,
        ambiguous,
        log.unanswered
      )
    )
  end
end

describe("a server that goes and comes back at random instants carries out each POST at most once", function()
  setup(function()
    certificates = wiring.certificates()
    wire = wiring.start(certificates)
  end)

  teardown(function()
    wire:stop()
    certificates:remove()
  end)

  it("also where a call has made the connection, and another has joined it", function()
    -- acts on both, and closes over something unread: a reset, which every sixth time the first call is
    -- the one to see
    local serve = [[local s = c.h2.begin(c)
      while s do
        local kind, flags, stream = s:read()
        if not kind then return end
        if kind == s.DATA and flags % 2 == 1 then
          log.whole = (log.whole or 0) + 1
          if log.whole > 2 then
            s:answer(stream, 200, '{"data":{"id":"x","type":"team_links","attributes":{"label":"a"}}}')
          elseif log.whole == 2 then
            s:frame(s.PING, 0, 0, "12345678")
            c:sleep(0.02)
            c:close()
            return
          end
        end
      end]]
    for _ = 1, 40 do
      local port = wire:listen("h2", serve)
      local client = assert(ddokta.client {
        base_url = "https://127.0.0.1:" .. port,
        proxy = "",
        ca_file = certificates:path "ca.pem",
        api_key = serving.API_KEY,
        app_key = serving.APP_KEY,
        attempt_timeout = 4,
      })
      local results = ddokta.parallel(
        2,
        { "a", "b" },
        function(name) return client:create_team_link(name, { label = name, url = "u" }) end
      )
      client:close()
      assert.equal(2, wire:log(port).whole)
      for i = 1, 2 do
        assert.is_nil(results[i][1])
        assert.is_true(results[i][2].ambiguous, tostring(results[i][2]))
      end
    end
  end)

  it("also where another was refused before, which libcurl does not forget", function()
    -- refuses the second of the first connection, and ends each other one with a reset behind its request
    local serve = [[local s = c.h2.begin(c)
      if not s then return end
      local first = s:request()
      if not first then return end
      if number == 1 then
        s:answer(first)
        s:reset((s:request()), s.REFUSED_STREAM) -- when its body has come
        c:stall()
        return
      end
      log.acted = (log.acted or 0) + 1
      if log.acted > 1 then
        s:answer(first, 200, '{"data":{"id":"x","type":"team_links","attributes":{"label":"a"}}}')
        c:stall()
        return
      end
      s:frame(s.PING, 0, 0, "12345678")
      c:sleep(0.02)
      c:close()]]
    for _ = 1, 20 do
      local port = wire:listen("h2", serve)
      local client = assert(ddokta.client {
        base_url = "https://127.0.0.1:" .. port,
        proxy = "",
        ca_file = certificates:path "ca.pem",
        api_key = serving.API_KEY,
        app_key = serving.APP_KEY,
        attempt_timeout = 4,
        max_retries = 0,
      })
      assert(client:list_okta_accounts())
      for _ = 1, 2 do
        local link, err = client:create_team_link("a", { label = "a", url = "u" })
        assert.is_nil(link)
        assert.is_true(err.ambiguous, tostring(err))
      end
      client:close()
      assert.equal(1, wire:log(port).acted)
    end
  end)

  it("over HTTP/1.1", function()
    local seed = os.time() % 100000 + 1
    local port = wire:listen("tcp", HTTP_1:gsub("SEED", seed))
    local names, results = storm("http://127.0.0.1:" .. port)
    check(port, names, results, seed)
  end)

  it("over HTTP/2", function()
    local seed = os.time() % 100000 + 1
    local port = wire:listen("h2", HTTP_2:gsub("SEED", seed))
    local names, results = storm("https://127.0.0.1:" .. port, certificates:path "ca.pem")
    check(port, names, results, seed)
  end)
end)
