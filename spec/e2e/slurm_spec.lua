-- examples/slurm.sh under a real Slurm: an array of four parts, one of which is put back while it runs, and
-- one that has a row left.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local journals = require "ddokta.bulk.journal_maintenance"
local slurm = require "spec.support.slurm"

local COUNT = 400

local server, environment, cluster

local function name_of(i) return ("u%03d@example.com"):format(i) end

local function source()
  local lines = { "userName,name,active" }
  for i = 1, COUNT do
    lines[i + 1] = ("%s,User %d,true"):format(name_of(i), i)
  end
  return box.write("users.csv", table.concat(lines, "\n") .. "\n")
end

local function submit(path, folder)
  local words = {}
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. command.quote(value)
  end
  local bin = os.getenv("DDOKTA_COMMAND"):match "^(.*)/"
  return cluster:run(
    ("env %s PATH=%s:$PATH sbatch --output=%s/%%a.log examples/slurm.sh %s %s"):format(
      table.concat(words, " "),
      command.quote(bin),
      folder,
      command.quote(path),
      command.quote(folder)
    )
  )
end

local read = require("spec.support.files").read

--- The part that has something on its way and is not at its end: not the one with the row that is refused.
local function part_at_work(folder, refused)
  for part = 1, 4 do
    local summary = part ~= refused and journals.show(("%s/%d.journal"):format(folder, part))
    if summary and summary.counts.done > 0 and summary.counts.unknown > 0 and not summary.finished then
      return part
    end
  end
end

describe("examples/slurm.sh", function()
  local reason = slurm.reason()

  setup(function()
    if reason then return end
    server = box.start { limit = 100000, latency = 0.4 }
    environment = command.environment(server)
    cluster = slurm.start()
  end)
  teardown(function()
    if reason then return end
    cluster:stop()
    server:stop()
    box.remove()
  end)

  it("imports each row once, although a part is stopped on its way and another has a row left", function()
    if reason then return pending(reason) end
    local path = source()
    local folder = path:gsub("users.csv$", "run")
    os.execute("mkdir " .. command.quote(folder))
    box.fault(server, { method = "POST", contains = name_of(7), status = 400, body = '{"errors":["no"]}' })
    local refused = require("ddokta.core").rows.part(name_of(7), 4)
    local job = assert(submit(path, folder):match "^Submitted batch job (%d+)")
    local stopped
    assert(
      cluster:drain(90, function()
        local part = not stopped and part_at_work(folder, refused)
        if part then
          cluster:run(("scontrol requeue %s_%d"):format(job, part))
          stopped = part
        end
      end),
      cluster:run "squeue" .. read(folder .. "/1.log")
    )
    assert.truthy(stopped)
    local logs = {}
    for part = 1, 4 do
      logs[part] = read(("%s/%d.log"):format(folder, part))
    end
    local said = table.concat(logs, "\n---\n")
    local seen = {}
    for _, user in ipairs(box.state(server).users) do
      local name = user.userName or user.handle or user.email
      assert.is_nil(seen[name])
      seen[name] = true
    end
    for i = 1, COUNT do
      assert.is_true(seen[name_of(i)], name_of(i) .. "\n" .. said)
    end
    assert.truthy(logs[refused]:find("1 failed", 1, true), said)
    assert.truthy(logs[stopped]:find("by an earlier run", 1, true), said)
    local summaries = {}
    for part = 1, 4 do
      summaries[part] = assert(journals.show(("%s/%d.journal"):format(folder, part)))
    end
    assert.same(4, journals.sum(summaries).finished, said)
  end)
end)
