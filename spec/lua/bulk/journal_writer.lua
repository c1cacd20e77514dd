-- A program that writes a journal until it is killed, and says after each sync what is on the disk.
-- usage: journal_writer.lua <path> <steps> <seed> [steps to begin before it ends by itself]
local journal = require "ddokta.bulk.journal"

local path, steps, seed, most = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
math.randomseed(seed)

local function must(ok, err)
  if ok then return ok end
  io.stdout:write("error ", tostring(err), "\n")
  os.exit(1)
end

local function say(words, list)
  for _, step in ipairs(list) do
    io.stdout:write(words, " ", ("%d"):format(step), "\n")
  end
  io.stdout:flush()
end

local book = must(journal.open(path, { kind = "k", organisation = "o", plan = "p", steps = steps }))
say("open", { 0 })

-- what a death left unknown is known first
local left = {}
for step in book:steps "unknown" do
  left[#left + 1] = step
end
for _, step in ipairs(left) do
  must(book:done(step, { id = "found" }))
end
must(book:sync())
say("done", left)

local function begin(step)
  local key = ("key %d"):format(step)
  if step % 3 == 0 then
    must(book:save(step, { action = "update", key = key, object = { name = ("old %d"):format(step) } }))
  end
  must(book:begin(step, { action = "create", key = key .. ("x"):rep(math.random(0, 300)) }))
end

local step = 0
while step < (most or steps) do
  local begun = {}
  for _ = 1, math.random(8) do
    repeat
      step = step + 1
    until not book:state(step)
    if step > steps then break end
    begin(step)
    begun[#begun + 1] = step
  end
  must(book:sync())
  say("begin", begun)
  for _, number in ipairs(begun) do
    must(book:done(number, { id = ("id-%d"):format(number) }))
  end
  if math.random(2) == 1 then
    must(book:sync())
    say("done", begun)
  end
end
must(book:close())
say("closed", { 0 })
