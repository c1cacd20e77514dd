-- What Neovim notices of 50 calls of 300 ms each: how late a timer of 10 ms comes meanwhile.
-- usage: nvim --headless -u NONE -c 'luafile bench/nvim.lua', with LuaJIT's build in LUA_CPATH
-- Prints one line: nvim_timer_late_ms <most> nvim_timer_ticks <n> nvim_calls_seconds <all 50>
local ddokta = require "ddokta"
local sandbox = require "ddokta.sandbox"
local uv = vim.uv or vim.loop

local CALLS, CALL_SECONDS, TICK_MS = 50, 0.3, 10

local box = assert(sandbox.start { latency = CALL_SECONDS, limit = 100000 })
local dd = assert(ddokta.client {
  base_url = box.base_url,
  ca_file = box.ca_file,
  api_key = box.api_key,
  app_key = box.app_key,
  max_in_flight = CALLS,
})

local function milliseconds() return uv.hrtime() / 1e6 end

local function measure()
  local ticks, late, timer = 0, 0, uv.new_timer()
  local started = milliseconds()
  local due = started + TICK_MS
  timer:start(TICK_MS, TICK_MS, function()
    local now = milliseconds()
    ticks, late = ticks + 1, math.max(late, now - due)
    due = now + TICK_MS
  end)
  local items = {}
  for i = 1, CALLS do
    items[i] = i
  end
  for _, result in ipairs(ddokta.parallel(CALLS, items, function() return dd:list_okta_accounts() end)) do
    assert(result[1], result[2])
  end
  timer:close()
  return late, ticks, (milliseconds() - started) / 1000
end

ddokta.spawn(measure, function(err, late, ticks, seconds)
  if err then
    io.stderr:write(tostring(err), "\n")
  else
    io.stdout:write(
      ("nvim_timer_late_ms %.1f nvim_timer_ticks %d nvim_calls_seconds %.3f\n"):format(late, ticks, seconds)
    )
  end
  box:stop()
  vim.cmd(err and "cquit" or "qa!")
end)
