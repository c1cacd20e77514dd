-- What ngx.run_worker_thread runs, in a Lua of its own: calls block there, and only that thread waits.
local ddokta = require "ddokta"

local M = {}
local dd

-- the thread's Lua is kept between calls, and so is its client
function M.list(options)
  dd = dd or assert(ddokta.client(options))
  local accounts, err = dd:list_okta_accounts()
  return accounts and #accounts .. " accounts" or tostring(err)
end

return M
