-- Two starts at once with the journal of a finished run: one goes, the other is told, and nothing is made
-- twice or lost. Real processes, as cron and an impatient colleague start them.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local journal = require "ddokta.bulk.journal"

local M = {}

local ROWS = 24

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function lines_of(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function source_of(path, prefix, rows)
  local lines = { "name,domain,auth_method,client_id" }
  for i = 1, rows do
    lines[#lines + 1] = ("%s%d,https://%s%d.okta.com/,oauth,n"):format(prefix, i, prefix, i)
  end
  write(path, table.concat(lines, "\n") .. "\n")
end

--- What is done at a journal's end, and of how many steps: an error where it is damaged.
local function done_in(path)
  local header, lines = journal.read(path)
  assert(header, lines)
  local done = 0
  for line in lines do
    if line.state == "done" then done = done + 1 end
  end
  return done
end

local function prepare(server, dd, folder)
  os.execute("rm -rf " .. command.quote(folder) .. "; mkdir " .. command.quote(folder))
  source_of(folder .. "/new.csv", "a", ROWS)
  box.reset(server, {})
  local rows = { box.account "before" }
  assert(
    bulk.apply(
      dd,
      assert(bulk.plan(dd, "okta_accounts", bulk.read(rows))),
      { journal = folder .. "/journal", settle = 0 }
    )
  )
end

--- Starts the same import twice -> {status, status}, what both said
local function start_both(server, folder)
  local environment = command.environment(server)
  local line = command.line({
    "accounts",
    "import",
    folder .. "/new.csv",
    "--yes",
    "--no-fingerprints",
    "--max-in-flight",
    "4",
    "--progress",
    "never",
    "--journal",
    folder .. "/journal",
  }, environment)
  local script = {}
  for i = 1, 2 do
    script[#script + 1] = ("{ %s >%s/said%d 2>&1 </dev/null; echo $? >%s/status%d; } &"):format(
      line,
      folder,
      i,
      folder,
      i
    )
  end
  command.shell(table.concat(script, "\n") .. "\nwait")
  local statuses, said = {}, {}
  for i = 1, 2 do
    statuses[i] = tonumber(lines_of(("%s/status%d"):format(folder, i)))
    said[i] = lines_of(("%s/said%d"):format(folder, i))
  end
  return statuses, said
end

--- The second is told so, unless it began when the first had ended: then it has nothing to do.
local function check_answers(statuses, said)
  local went, told = 0, 0
  for i = 1, 2 do
    if statuses[i] == 0 and said[i]:find(ROWS .. " created", 1, true) then
      went = went + 1
    elseif statuses[i] == 0 and said[i]:find(ROWS .. " unchanged", 1, true) then
      told = told + 1
    elseif said[i]:find("is in use", 1, true) or said[i]:find("has finished", 1, true) then
      told = told + 1
      assert(statuses[i] ~= 0, said[i])
    end
  end
  assert(went == 1 and told == 1, table.concat(said, "\n---\n"))
end

local function journals_in(folder)
  local pipe = assert(io.popen("ls -d " .. command.quote(folder) .. "/journal*"))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

--- run(server, dd, folder) -> true | nil, what does not hold
function M.run(server, dd, folder)
  return pcall(function()
    prepare(server, dd, folder)
    local statuses, said = start_both(server, folder)
    check_answers(statuses, said)
    local _, count = box.accounts(server) -- raises where a name is there twice
    assert(count == ROWS + 1, count .. " accounts")
    local list = journals_in(folder)
    assert(#list == 2, #list .. " journals")
    local done = { done_in(list[1]), done_in(list[2]) }
    assert(done[1] == ROWS + 1 and done[2] == 2, table.concat(done, " and ") .. " done in the journals")
  end)
end

return M
