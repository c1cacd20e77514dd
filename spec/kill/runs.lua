-- One run of the kill test: a real client is killed, or asked to stop as Ctrl-C does, at random instants
-- while it imports, answers of the sandbox are lost after it acted, and it is started again until it has
-- done all. Then: the service is as the source says, nothing was created twice, no step done twice, and the
-- journal tells of all.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local journal = require "ddokta.bulk.journal"
local pages = require "ddokta.pages"
local json = require("ddokta.core").json
local scenes = require "spec.kill.scenes"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local MOST_STARTS, MOST_KILLS = 12, 3
local SIGINT, SIGKILL = 2, 9
local EARLIEST = 0.2 -- of a client's life: before, it has not read its source yet

local kinds = { "okta_accounts", "scim_users", "scim_groups" }

local M = {}

--- A generator that is the same on every Lua (Park and Miller).
local function generator(seed)
  local state = seed % 2147483646 + 1
  return function(most)
    state = state * 16807 % 2147483647
    return state % most + 1
  end
end

-- --- the sandbox ----------------------------------------------------------------------------------

-- what goes wrong besides: each is struck at random, and the server acted in two of them
local troubles = {
  {},
  { { reset = "stream", when = "after", probability = 0.1 } },
  { { reset = "connection", when = "after", probability = 0.04 } },
  { { status = 503, probability = 0.1 } },
  {
    { status = 429, headers = { ["Retry-After"] = "0" }, probability = 0.04 },
    { reset = "stream", when = "after", probability = 0.06 },
  },
}

local function add_trouble(server, rules)
  for _, rule in ipairs(rules) do
    for _, method in ipairs { "POST", "PATCH", "DELETE" } do
      local fault = { method = method, times = "always" }
      for name, value in pairs(rule) do
        fault[name] = value
      end
      box.fault(server, fault)
    end
  end
end

local function import(dd, kind, rows)
  local plan = assert(bulk.plan(dd, kind, bulk.read(rows), {
    max_deactivations = "100%",
    allow = { member_removals = true, empty_groups = true },
  }))
  local report = assert(bulk.apply(dd, plan))
  assert(report.counts.done == #rows, tostring(report))
end

local function prepare(server, dd, kind, before, seed)
  box.admin(server, "POST", "reset", {})
  box.admin(server, "PUT", "config", { random_seed = seed })
  if kind == "scim_groups" then import(dd, "scim_users", scenes.people()) end
  import(dd, kind, before)
  box.admin(server, "DELETE", "requests")
end

-- --- the client -----------------------------------------------------------------------------------

local function quote(text) return "'" .. text .. "'" end

--- Starts a client, and sends it a signal after so many seconds (nil: never) -> what it said at its end, or
-- nil; how long it lived.
local function start(setup, errors, seconds, signal)
  local started = system.now()
  local pid, pipe =
    serving.start_program(("%s spec/kill/client.lua %s 2>>%s"):format(LUA, quote(setup), quote(errors)))
  if signal == SIGINT then pipe:read "*l" end -- it has begun, and catches that
  if seconds then
    system.sleep(seconds)
    system.kill(pid, signal)
  end
  local text = pipe:read "*a"
  pipe:close()
  local said = text:match "ended ([^\n]*)"
  return said and assert(json.decode(said)), system.now() - started
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

local lives = {} -- how long a client lives that nobody kills, by kind

--- Starts it again and again -> how often it was killed
local function run_to_the_end(run)
  local kills = 0
  for _ = 1, MOST_STARTS do
    local life = lives[run.kind] or 0.1
    local seconds = kills < run.kills and life * (EARLIEST + (1 - EARLIEST) * run.random(1000) / 1000) or nil
    if not seconds and kills > 0 then box.admin(run.server, "DELETE", "faults") end
    local signal = run.random(2) == 1 and SIGINT or SIGKILL
    local said, lived = start(run.setup, run.errors, seconds, signal)
    local trouble = read(run.errors)
    if trouble ~= "" or not (seconds or said) then error("it ended with an error: " .. trouble, 0) end
    if not said or said.stopped == "interrupted" then kills = kills + 1 end
    if said and kills == 0 then lives[run.kind] = ((lives[run.kind] or lived) + lived) / 2 end
    local over = said and not said.stopped and said.counts.failed + said.counts.unknown == 0
    if over then
      run.resumed = run.resumed or said.counts.resumed > 0
      return kills
    end
    run.last, run.resumed = said, run.resumed or said and said.counts.resumed > 0
  end
  error("it does not come to its end: " .. tostring(run.last and json.encode(run.last)), 0)
end

-- --- what must hold -------------------------------------------------------------------------------

local function check(condition, message, ...)
  if not condition then error(message:format(...), 0) end
end

local function equal_to_source(run)
  local plan = assert(
    bulk.plan(
      run.dd,
      run.kind,
      bulk.read(run.rows),
      { prune = true, max_deactivations = "100%", allow = { member_removals = true, empty_groups = true } }
    )
  )
  for step in plan:changes() do
    error(("%s %s is left to do"):format(step.action, step.key), 0)
  end
  check(plan.counts.unchanged == #run.rows, "%d rows, %d are there", #run.rows, plan.counts.unchanged)
end

local function keys_are_unique(run)
  local kind = assert(bulk.kind(run.kind))
  local seen = {}
  local list = { client = run.dd, operation = kind.operations.list, query = kind.page, title = kind.plural }
  assert(pages.walk(list, function(thing)
    local key = thing[kind.key]
    check(not seen[key], "'%s' is there twice", key)
    seen[key] = true
  end))
end

-- what one request did: nothing where it was refused; a reset came after the work
local function acted(entry) return entry.reset ~= nil or entry.status >= 200 and entry.status < 300 end

--- Nothing that the service did was done twice: a create of one key, a deletion of one id, an update of one
-- id to the same (an Okta account's id is new after each: there the domain tells which it is). A deletion
-- whose answer was lost may be tried again at once: what is gone cannot be deleted.
local function nothing_twice(run)
  local seen = {}
  for _, entry in ipairs(box.admin(run.server, "GET", "requests").requests) do
    if entry.method ~= "GET" and acted(entry) and not (entry.method == "DELETE" and entry.reset) then
      local body = entry.body ~= "" and json.decode(entry.body) or {}
      local attributes = body.data and body.data.attributes or body
      local what = entry.path .. (entry.body or "")
      if entry.method == "POST" then
        what = attributes.name or attributes.displayName
        what = attributes.userName or what
      elseif run.kind == "okta_accounts" and entry.method == "PATCH" then
        what = attributes.domain
      end
      what = entry.method .. " " .. tostring(what)
      check(
        not seen[what],
        "done twice: %s (requests %s and %s)",
        what,
        tostring(seen[what]),
        tostring(entry.number)
      )
      seen[what] = entry.number
    end
  end
end

--- Whole, finished, each step done once and after its intent, each thing that was sent among them.
local function journal_is_consistent(run)
  local header, lines = assert(journal.read(run.journal))
  local begun, done, finished = {}, {}, false
  for line in lines do
    if line.state == "begin" then begun[line.step] = true end
    if line.state == "done" then
      check(begun[line.step], "step %d is done and was not begun", line.step)
      check(not done[line.step], "step %d is done twice in the journal", line.step)
      done[line.step] = true
      finished = line.step == header.steps
    end
  end
  check(finished, "the journal does not say that it is finished")
  for step in pairs(begun) do
    check(done[step], "step %d was begun and is not done", step)
  end
end

-- --- a run ----------------------------------------------------------------------------------------

local function write_setup(run)
  local file = assert(io.open(run.setup, "wb"))
  assert(file:write(assert(json.encode {
    base_url = run.server.base_url,
    ca_file = run.server.ca_file,
    api_key = run.server.api_key,
    app_key = run.server.app_key,
    kind = run.kind,
    rows = json.array(run.rows),
    journal = run.journal,
    fingerprints = run.dir .. "/state",
    key_file = run.dir .. "/key",
    max_in_flight = ({ 1, 4, 16 })[run.random(3)],
    settle = 0.05,
  })))
  assert(file:close())
end

local function users_there_before(run)
  if run.kind ~= "scim_users" then return end
  assert(bulk.export(run.dd, run.kind, "jsonl", function(text)
    for line in text:gmatch "[^\n]+" do
      local row = json.decode(line)
      if not row.userName:find "^user%d" then run.rows[#run.rows + 1] = { userName = row.userName } end
    end
  end))
end

--- -> how often it was killed
local function execute(run)
  local before
  before, run.rows = scenes[run.kind](run.random)
  prepare(run.server, run.dd, run.kind, before, run.seed)
  users_there_before(run)
  run.trouble = troubles[run.random(#troubles)]
  add_trouble(run.server, run.trouble)
  run.kills = lives[run.kind] and run.random(MOST_KILLS) or 0 -- the first of a kind is timed
  write_setup(run)
  local kills = run_to_the_end(run)
  box.admin(run.server, "DELETE", "faults")
  nothing_twice(run)
  equal_to_source(run)
  keys_are_unique(run)
  journal_is_consistent(run)
  return kills
end

--- run(server, dd, dir, seed) -> how often the client was killed, whether one found what another had done
-- | nil, what does not hold. dir is a folder for its files, which are left there where something does not
-- hold.
function M.run(server, dd, dir, seed)
  local random = generator(seed * 7919)
  for _ = 1, 5 do
    random(2)
  end
  local folder = ("%s/%d"):format(dir, seed)
  os.execute("mkdir " .. quote(folder))
  local run = {
    server = server,
    dd = dd,
    seed = seed,
    random = random,
    kind = kinds[seed % #kinds + 1],
    dir = folder,
    journal = folder .. "/journal",
    setup = folder .. "/setup.json",
    errors = folder .. "/errors",
  }
  local ok, result
  repeat -- until something has happened: a client may end before it is killed
    os.execute("rm -f " .. quote(run.journal) .. "*")
    ok, result = pcall(execute, run)
  until not ok or result > 0 or run.trouble[1]
  if not ok then return nil, ("seed %d, %s: %s"):format(seed, run.kind, tostring(result)) end
  os.execute("rm -rf " .. quote(folder))
  return result, run.resumed or false
end

return M
