-- Ctrl-C, and kill -9, while an import waits for a rate limit: it ends at once, and the next run does what
-- was not sent, and nothing twice. What was done is asked of the service. A process is the same whichever
-- Lua runs in it: the first one is tried.
if os.getenv "DDOKTA_LUA" ~= (os.getenv "DDOKTA_LUAS" or ""):match "%S+" then return end

local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local journal = require "ddokta.bulk.journal"
local json = require("ddokta.core").json
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

local SIGINT, SIGKILL = 2, 9
local ROWS, LIMIT = 60, 25
local AT_ONCE = 5 -- seconds: 0.2 on a machine that does nothing else
local HOURS = 7200 -- of a limit's window: none ends while a spec runs, and no call's time is over before

describe("an import that waits for a rate limit", function()
  local server, environment, path
  local count = 0

  setup(function()
    server = box.start { limit = 100000, log_size = 10000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  before_each(function()
    box.reset(server, { box.account("n1", { client_id = "old" }), box.account("n2", { client_id = "old" }) })
    box.admin(server, "DELETE", "requests")
    local lines = { "name,domain,auth_method,client_id" }
    for i = 1, ROWS do
      local row = box.account("n" .. i)
      lines[i + 1] = table.concat({ row.name, row.domain, row.auth_method, row.client_id }, ",")
    end
    count = count + 1
    path = box.write(count .. ".csv", table.concat(lines, "\n") .. "\n")
    box.admin(server, "PUT", "config", { limit = LIMIT, period = HOURS, latency = 0 })
  end)

  local function start(...)
    local words = { "--timeout", tostring(HOURS), ... }
    return serving.start_program(command.line(words, environment) .. " </dev/null 2>&1")
  end

  local function begin()
    return start("accounts", "import", path, "--yes", "--journal", path .. ".journal", "--max-in-flight", "8")
  end

  -- What the service has done: how often each change, by its domain, and how much that is.
  local function done()
    local by_change, sum = {}, 0
    for _, entry in ipairs(box.admin(server, "GET", "requests").requests) do
      if entry.method ~= "GET" and (entry.reset or entry.status < 300) then
        local change = entry.method .. " " .. json.decode(entry.body).data.attributes.domain
        by_change[change] = (by_change[change] or 0) + 1
        sum = sum + 1
      end
    end
    return by_change, sum
  end

  local function refused()
    local requests = box.state(server).requests
    local sum = 0
    for _, outcomes in pairs(requests) do
      sum = sum + (outcomes["429"] or 0)
    end
    return sum
  end

  local function limit_is_used_up()
    local sum = 0
    for _, outcomes in pairs(box.state(server).requests) do
      for _, n in pairs(outcomes) do
        sum = sum + n
      end
    end
    return sum >= LIMIT
  end

  -- Begins one, and returns once calls of it wait -> pid, pipe
  local function waiting(do_calls_wait)
    local pid, pipe = begin()
    assert(serving.eventually(do_calls_wait, 10))
    system.sleep(0.2) -- what has left is answered
    return pid, pipe
  end

  -- Ends it by this signal -> what it printed, seconds until its end
  local function finish(pid, pipe, signal)
    local from = system.now()
    system.kill(pid, signal)
    local text = pipe:read "*a"
    pipe:close()
    return text, system.now() - from
  end

  -- The next run, of which nothing is to be waited for; then each change was done once.
  local function goes_on()
    local _, before = done()
    box.admin(server, "DELETE", "faults")
    box.admin(server, "PUT", "config", { limit = 100000 })
    local _, pipe = begin()
    local text = pipe:read "*a"
    pipe:close()
    local changes, sum = done()
    for change, times in pairs(changes) do
      assert.same(1, times, change)
    end
    assert.same(ROWS, sum, text)
    assert.truthy(before < ROWS, before)
    local _, there = box.accounts(server) -- refuses a name that is there twice
    assert.same(ROWS, there)
    for _, account in pairs((box.accounts(server))) do
      assert.same("id-" .. account.name, account.client_id)
    end
    return text
  end

  -- How many changes of the journal are in which state.
  local function states()
    local last, counts = {}, { done = 0, failed = 0, unknown = 0, begin = 0 }
    local _, lines = assert(journal.read(path .. ".journal"))
    for line in lines do
      last[line.step] = line.state
    end
    for _, state in pairs(last) do
      counts[state] = counts[state] + 1
    end
    return counts
  end

  it("ends at once by Ctrl-C, and the journal has what waited as never sent", function()
    local pid, pipe = waiting(limit_is_used_up)
    local text, seconds = finish(pid, pipe, SIGINT)
    local _, sum = done()
    assert.truthy(seconds < AT_ONCE, seconds)
    assert.truthy(text:find("it stopped: interrupted. Nothing is lost", 1, true), text)
    assert.is_nil(text:find(" unknown", 1, true), text)
    local counts = states()
    assert.same({ sum, 0, 0 }, { counts.done, counts.unknown, counts.begin })
    assert.truthy(counts.failed >= 8, counts.failed)
    text = goes_on()
    assert.truthy(text:find(("%d created"):format(ROWS - 2 - (sum - 2)), 1, true), text)
  end)

  it("loses nothing where it is killed then", function()
    local pid, pipe = waiting(limit_is_used_up)
    finish(pid, pipe, SIGKILL)
    assert.truthy(states().begin >= 8)
    goes_on()
  end)

  it("loses nothing where it is killed while it ends", function()
    local pid, pipe = waiting(limit_is_used_up)
    system.kill(pid, SIGINT)
    finish(pid, pipe, SIGKILL)
    goes_on()
  end)

  it("ends at once where calls were refused and wait to be sent again", function()
    local always = { method = "POST", status = 429, headers = { ["Retry-After"] = "600" }, times = "always" }
    box.admin(server, "PUT", "config", { limit = 100000 })
    box.fault(server, always)
    local pid, pipe = waiting(function() return refused() > 0 end)
    local text, seconds = finish(pid, pipe, SIGINT)
    assert.truthy(seconds < AT_ONCE, seconds)
    assert.is_nil(text:find(" unknown", 1, true), text)
    local counts = states()
    assert.same({ 0, 0 }, { counts.unknown, counts.begin })
    goes_on()
  end)

  it("waits for what has left", function()
    box.admin(server, "PUT", "config", { latency = 0.5 })
    local pid, pipe = begin()
    assert(serving.eventually(function() return box.state(server).max_in_flight >= 8 end, 20))
    local text, seconds = finish(pid, pipe, SIGINT)
    assert.truthy(seconds > 0.1 and seconds < AT_ONCE, seconds)
    assert.is_nil(text:find(" unknown", 1, true), text)
    local _, sum = done()
    local counts = states()
    assert.same({ sum, 0, 0 }, { counts.done, counts.unknown, counts.begin })
    assert.truthy(sum >= 8, sum)
    box.admin(server, "PUT", "config", { latency = 0 })
    goes_on()
  end)

  it("is no other of a recipe", function()
    local people = { "userName,email" }
    for i = 1, ROWS do
      people[i + 1] = ("u%d@example.com,u%d@example.com"):format(i, i)
    end
    local source = box.write("people.csv", table.concat(people, "\n") .. "\n")
    local words =
      { "recipe", "provision-users", "--source", source, "--yes", "--journal", path .. ".journal" }
    local unpack = table.unpack or unpack -- luacheck: ignore 113 143
    local pid, pipe = start(unpack(words))
    assert(serving.eventually(limit_is_used_up, 10))
    system.sleep(0.2)
    local text, seconds = finish(pid, pipe, SIGINT)
    assert.truthy(seconds < AT_ONCE, seconds)
    local again = text:match "ddokta: interrupted; nothing is lost, .- This goes on: ddokta ([^\n]*)\n"
    assert.same(table.concat({ "--timeout", tostring(HOURS), unpack(words) }, " "), again, text)
    local function created() return box.state(server).requests["POST /api/v2/scim/Users"]["201"] end
    assert.truthy(created() > 0 and created() < ROWS, created())
    box.admin(server, "PUT", "config", { limit = 100000 })
    local _, next_pipe = start(unpack(words))
    text = next_pipe:read "*a"
    next_pipe:close()
    assert.same(ROWS, created(), text)
    assert.truthy(text:find("\n  journal  ", 1, true), text)
  end)
end)
