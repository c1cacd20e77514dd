-- The parts of one import, as GNU parallel (examples/shards.sh) and Kubernetes (examples/kubernetes.yaml)
-- start them. Slurm: slurm_spec.lua.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local csv = require "ddokta.bulk.formats.csv"
local yaml = require "lyaml"

local COUNT = 60

local server, environment

local function name_of(i) return ("u%03d@example.com"):format(i) end

local function source()
  local lines = { "userName,name,active" }
  for i = 1, COUNT do
    lines[i + 1] = ("%s,User %d,true"):format(name_of(i), i)
  end
  return box.write("users.csv", table.concat(lines, "\n") .. "\n")
end

-- with the checkout's command before others
local function start(line, folder, more)
  local words = {}
  for _, variables in ipairs { environment, more or {} } do
    for name, value in pairs(variables) do
      words[#words + 1] = name .. "=" .. command.quote(value)
    end
  end
  local bin = os.getenv("DDOKTA_COMMAND"):match("^(.*)/")
  return command.shell(
    ("env %s HOME=%s PATH=%s:$PATH %s </dev/null"):format(
      table.concat(words, " "),
      command.quote(folder),
      command.quote(bin),
      line
    )
  )
end

local function summed_up(folder)
  local line = command.line({ "journal", "show" }, environment)
  return command.shell(("%s %s/*.journal"):format(line, command.quote(folder))).out
end

local function run(path, folder)
  return start(("sh examples/shards.sh %s %s"):format(command.quote(path), command.quote(folder)), folder)
end

local function report_rows(folder)
  local file = assert(io.open(folder .. "/report.csv", "rb"))
  local read = assert(csv.read(function(n) return file:read(n) end, {}))
  read.name(read.cells)
  local rows = {}
  for row in read.next do
    rows[#rows + 1] = row
  end
  file:close()
  return rows
end

local function posts() return box.requests(server, "POST") end

describe("examples/shards.sh", function()
  local has_parallel = command.shell("command -v parallel").status == 0

  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.admin(server, "POST", "reset", {}) end)

  it("imports each row once, in four parts, and reports them all", function()
    if not has_parallel then return pending("no GNU parallel on this machine") end
    local path = source()
    local folder = path:gsub("users.csv$", "run")
    local result = run(path, folder)
    assert.same(0, result.status, result.out .. result.err)
    assert.truthy(result.out:find("all 4 shards are done", 1, true), result.out)
    assert.same(COUNT, posts())
    assert.truthy(summed_up(folder):find("4 journals, 4 finished: 60 created\n", 1, true), summed_up(folder))
    local seen, shards = {}, 0
    for _, row in ipairs(report_rows(folder)) do
      assert.is_nil(seen[row.key])
      assert.same({ "create", "done" }, { row.action, row.outcome })
      seen[row.key] = true
    end
    for i = 1, COUNT do
      assert.is_true(seen[name_of(i)])
    end
    for line in result.out:gmatch("[^\n]+") do
      if line:find("^shard %d\t.*%d+ created") then shards = shards + 1 end
    end
    assert.same(4, shards, result.out)
    -- once more: nothing is created
    assert.same(0, run(path, folder).status)
    assert.same(COUNT, posts())
  end)

  it("runs a part again that has rows left, says what is left then, and goes on", function()
    if not has_parallel then return pending("no GNU parallel on this machine") end
    local path = source()
    local folder = path:gsub("users.csv$", "again")
    local refusal = { method = "POST", contains = name_of(7), status = 400, body = '{"errors":["no"]}' }
    refusal.times = "always"
    box.fault(server, refusal)
    local result = run(path, folder)
    assert.same(1, result.status)
    assert.truthy(result.out:find("1 of 4 shards have something left to do", 1, true), result.out)
    assert.same(COUNT + 2, posts())
    box.admin(server, "DELETE", "faults")
    refusal.times = 1
    box.fault(server, refusal)
    result = run(path, folder)
    assert.same(0, result.status, result.out .. result.err)
    assert.same(COUNT + 4, posts())
  end)
end)

describe("examples/kubernetes.yaml", function()
  local job

  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
    local file = assert(io.open("examples/kubernetes.yaml", "rb"))
    job = assert(yaml.load(file:read "*a"))
    file:close()
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  --- The container of a pod with this index, with our files and keys for those of the cluster.
  local function pod(index, path, folder)
    local container = job.spec.template.spec.containers[1]
    local more, words = { JOB_COMPLETION_INDEX = tostring(index) }, {}
    for _, variable in ipairs(container.env) do
      if variable.value and variable.name ~= "DD_SITE" then more[variable.name] = variable.value end
    end
    more.SOURCE, more.FOLDER = path, folder
    for _, list in ipairs { container.command, container.args } do
      for _, word in ipairs(list) do
        words[#words + 1] = command.quote(word)
      end
    end
    return start(table.concat(words, " "), folder, more)
  end

  it("has as many parts as pods, each of which imports its own and goes on by its journal", function()
    local path = source()
    local folder = path:gsub("users.csv$", "pods")
    os.execute("mkdir " .. command.quote(folder))
    local count
    for _, variable in ipairs(job.spec.template.spec.containers[1].env) do
      if variable.name == "DDOKTA_SHARDS" then count = variable.value end
    end
    assert.same({ 4, "4" }, { job.spec.completions, count })
    box.fault(server, { method = "POST", contains = name_of(7), status = 400, body = '{"errors":["no"]}' })
    local failed
    for index = 0, job.spec.completions - 1 do
      local result = pod(index, path, folder)
      if result.status ~= 0 then
        assert.is_nil(failed)
        failed = index
      end
    end
    assert.is_true(posts() == COUNT and failed ~= nil)
    assert.same(0, pod(failed, path, folder).status) -- as Kubernetes does, with the same index
    assert.same(COUNT + 1, posts())
    assert.truthy(summed_up(folder):find("4 journals, 4 finished: ", 1, true))
  end)
end)
