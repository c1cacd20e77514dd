-- An import of Okta accounts into the sandbox.
-- usage: apply_sandbox.lua journal ROWS AT_ONCE SECONDS ROUNDS FOLDER
--   each answer takes SECONDS; prints the seconds of an import without and with a journal in FOLDER: the
--   medians of the rounds, which alternate
-- usage: apply_sandbox.lua limited ROWS AT_ONCE LIMIT
--   LIMIT requests pass per second of the clock; prints the seconds that it took, those that it takes at
--   least, the creates that were answered 201 and the answers 429
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local json = require("ddokta.core").json
local sandbox = require "ddokta.sandbox"
local shell = require "ddokta.shell"
local system = require("ddokta.core").system

local mode, rows, at_once, number = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])

local function start(options)
  options.log_size = 0
  local box = assert(sandbox.start(options))
  return box,
    assert(ddokta.client {
      base_url = box.base_url,
      ca_file = box.ca_file,
      api_key = box.api_key,
      app_key = box.app_key,
      max_in_flight = at_once,
    })
end

-- the sandbox's own interface
local function admin(box, path, body)
  local words = { "curl", "-q", "-sS", "-f", "--cacert", box.ca_file, box.base_url .. "/_sandbox/" .. path }
  if body then
    words[#words + 1] = "-d"
    words[#words + 1] = body
  end
  local answer, status = shell.run(shell.line(words))
  assert(status == 0, answer)
  return assert(json.decode(answer))
end

local function plan(dd)
  local i = 0
  return assert(bulk.plan(
    dd,
    "okta_accounts",
    bulk.read(function()
      i = i + 1
      if i > rows then return nil end
      return {
        name = ("account-%07d"):format(i),
        domain = ("https://customer-%07d.okta.com/"):format(i),
        auth_method = "oauth",
        client_id = ("0oaclient%012d"):format(i),
        client_secret = "bench-secret",
      }
    end)
  ))
end

-- -> the seconds that it took
local function apply(dd, made, options)
  options.max_in_flight, options.fingerprints = at_once, false
  local started = system.now()
  local report = assert(bulk.apply(dd, made, options))
  assert(report.counts.done == rows, tostring(report))
  return system.now() - started
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

local function with_and_without()
  local rounds, folder = tonumber(arg[5]), arg[6]
  local box, dd = start { latency = number, limit = rows * 100 }
  local bare, kept = {}, {}
  for i = 1, rounds do
    admin(box, "reset", "{}")
    bare[i] = apply(dd, plan(dd), {})
    admin(box, "reset", "{}")
    kept[i] = apply(dd, plan(dd), { journal = ("%s/%d.journal"):format(folder, i) })
  end
  box:stop()
  print(("%.6f %.6f"):format(median(bare), median(kept)))
end

local function limited()
  local box, dd = start { limit = number, period = 1 }
  local made = plan(dd)
  local clock = os.time()
  while os.time() == clock do
    system.sleep(0.001)
  end
  local took = apply(dd, made, {})
  local created, refused = 0, 0
  for _, statuses in pairs(admin(box, "state").requests) do
    created = created + (statuses["201"] or 0)
    refused = refused + (statuses["429"] or 0)
  end
  box:stop()
  print(("%.6f %.6f %d %d"):format(took, math.ceil(rows / number) - 1, created, refused))
end

if mode == "journal" then
  with_and_without()
else
  limited()
end
