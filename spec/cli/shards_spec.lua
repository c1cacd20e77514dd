-- examples/shards.sh: the parts of one import side by side under GNU parallel, and one report.
local box = require "spec.bulk.box"
local command = require "spec.cli.command"
local csv = require "ddokta.bulk.formats.csv"

local COUNT = 60

local server, environment

local function name_of(i) return ("u%03d@example.com"):format(i) end

local function source()
  local lines = { "userName,name,active" }
  for i = 1, COUNT do lines[i + 1] = ("%s,User %d,true"):format(name_of(i), i) end
  return box.write("users.csv", table.concat(lines, "\n") .. "\n")
end

-- with the checkout's command before others
local function run(path, folder)
  local words = {}
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. command.quote(value)
  end
  local bin = os.getenv("DDOKTA_COMMAND"):match("^(.*)/")
  return command.shell(("env %s HOME=%s PATH=%s:$PATH sh examples/shards.sh %s %s </dev/null"):format(
    table.concat(words, " "), command.quote(folder), command.quote(bin), command.quote(path),
    command.quote(folder)))
end

local function report_rows(folder)
  local file = assert(io.open(folder .. "/report.csv", "rb"))
  local next_row = csv.read(function(n) return file:read(n) end, {})
  local rows = {}
  for row in next_row do rows[#rows + 1] = row end
  file:close()
  return rows
end

local function posts() return box.requests(server, "POST") end

describe("examples/shards.sh", function()
  local has_parallel = command.shell("command -v parallel").status == 0

  setup(function()
    server = box.start{ limit = 100000 }
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
    local seen, shards = {}, 0
    for _, row in ipairs(report_rows(folder)) do
      assert.is_nil(seen[row.key])
      assert.same({ "create", "done" }, { row.action, row.outcome })
      seen[row.key] = true
    end
    for i = 1, COUNT do assert.is_true(seen[name_of(i)]) end
    for line in result.out:gmatch("[^\n]+") do
      if line:find("^shard %d\t.*%d+ created") then shards = shards + 1 end
    end
    assert.same(4, shards, result.out)
    -- once more: nothing is created
    assert.same(0, run(path, folder).status)
    assert.same(COUNT, posts())
  end)

  it("says what is left, and goes on", function()
    if not has_parallel then return pending("no GNU parallel on this machine") end
    local path = source()
    local folder = path:gsub("users.csv$", "again")
    box.fault(server, { method = "POST", contains = name_of(7), status = 400, body = '{"errors":["no"]}' })
    local result = run(path, folder)
    assert.same(1, result.status)
    assert.truthy(result.out:find("1 of 4 shards have something left to do", 1, true), result.out)
    result = run(path, folder)
    assert.same(0, result.status, result.out .. result.err)
    assert.same(COUNT + 1, posts())
  end)
end)
