--- A view's buffer: reads the services, shows what is known, and ends the reading when it is gone.
local address = require "ddokta.nvim.address"
local ddokta = require "ddokta"
local details = require "ddokta.nvim.details"
local screen = require "ddokta.nvim.screen"
local text = require "ddokta.text"
local views = require "ddokta.nvim.views"

local buffer = {}

local namespace = vim.api.nvim_create_namespace "ddokta"

-- One reading, with clients of its own: closing them ends it.
---@class ddokta.nvim.Job
---@field clients ddokta.Client[]

---@type table<integer, ddokta.nvim.State> by the number of the buffer
local states = {}

-- --- what is shown --------------------------------------------------------------------------------

local function windows_of(number) return vim.fn.win_findbuf(number) end

local function put(number, made)
  vim.bo[number].modifiable = true
  vim.api.nvim_buf_set_lines(number, 0, -1, false, made.lines)
  vim.bo[number].modifiable = false
  for line, group in pairs(made.groups) do
    local mark = { end_row = line - 1, end_col = #made.lines[line], hl_group = group }
    vim.api.nvim_buf_set_extmark(number, namespace, line - 1, 0, mark)
  end
end

-- what names a row from one reading to the next
local function identity(row)
  return row and (row.item.id or table.concat(vim.tbl_map(tostring, row.cells), "\n"))
end

-- the line of the row that a window was on, else of the first
local function line_for(made, wanted)
  local first
  for line, row in pairs(made.rows) do
    if wanted and identity(row) == wanted then return line end
    first = math.min(first or line, line)
  end
  return first
end

local function show(number, state)
  local windows, wanted = windows_of(number), {}
  for i, window in ipairs(windows) do
    local line = vim.api.nvim_win_get_cursor(window)[1]
    wanted[i] = identity(state.made and state.made.rows[line])
  end
  local width = windows[1] and vim.api.nvim_win_get_width(windows[1]) or vim.o.columns
  state.made = screen.of(state, width - 2)
  put(number, state.made)
  for i, window in ipairs(windows) do
    local line = line_for(state.made, wanted[i])
    if line then vim.api.nvim_win_set_cursor(window, { line, 0 }) end
  end
end

-- The buffer's state; nil: there is none any more. Whoever wipes a buffer without events ('eventignore',
-- :noautocmd) tells nobody, and Neovim 0.10 that is left has unloaded its buffers when the last functions
-- run: to write into one would begin to read it again.
local function state_of(number)
  local state = states[number]
  if not state or vim.api.nvim_buf_is_loaded(number) then return state end
  states[number] = nil
end

-- --- reading --------------------------------------------------------------------------------------

local function close(job)
  for _, client in ipairs(job.clients) do
    client:close()
  end
end

local function cancel(state)
  local job = state.job
  state.job = nil
  if job then close(job) end
end

local function connector(job, arguments)
  return function(service)
    local client, err
    if service == "okta" then
      client, err = ddokta.okta()
    else
      client, err = ddokta.client { site = arguments.site }
      job.host = client and client.base_url:gsub("^%w+://", "")
    end
    job.clients[#job.clients + 1] = client
    return client, err
  end
end

-- an error in words; of what Lua raised, not where from
local function in_words(err)
  if type(err) ~= "string" then return tostring(err) end
  return (err:gsub("\nstack traceback:.*", ""))
end

local function finished(number, state, job, err, found)
  close(job)
  -- another reading has begun, or the buffer is gone
  if state_of(number) ~= state or state.job ~= job then return end
  state.job = nil
  if found then
    state.found, state.failure = found, nil
    state.at = ("%s, %s"):format(job.host, os.date "%H:%M:%S")
  else
    state.failure = in_words(err)
  end
  show(number, state)
end

--- Reads what the buffer is about, and shows it; a reading that is under way ends.
---@param number integer
function buffer.read(number)
  local state = states[number]
  cancel(state)
  local job = { clients = {} }
  state.job = job
  show(number, state)
  ddokta.spawn(
    function() return state.view.read(connector(job, state.arguments), state.arguments) end,
    function(raised, found, err) finished(number, state, job, raised or err, found) end
  )
end

-- --- the buffer itself ----------------------------------------------------------------------------

local function details_of_line(number)
  local state = states[number]
  local row = state.made.rows[vim.api.nvim_win_get_cursor(0)[1]]
  if row then details.open(screen.details(state.view, row)) end
end

local function furnish(number)
  local options = vim.bo[number]
  options.buftype, options.bufhidden, options.swapfile = "nofile", "wipe", false
  options.modifiable, options.filetype = false, "ddokta"
  for key, run in pairs { R = buffer.read, ["<CR>"] = details_of_line } do
    vim.keymap.set("n", key, function() run(number) end, { buffer = number, nowait = true })
  end
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = number,
    once = true,
    callback = function()
      if states[number] then cancel(states[number]) end
      states[number] = nil
    end,
  })
end

--- Makes of a buffer with such a name what the name says, and begins to read.
---@param number integer
function buffer.attach(number)
  local view_name, arguments = address.parse(vim.api.nvim_buf_get_name(number))
  if not view_name then
    return put(number, { lines = { text.show(arguments) }, groups = { "WarningMsg" } })
  end
  if not states[number] then furnish(number) end
  vim.api.nvim_buf_call(number, function() vim.cmd "setlocal nowrap" end)
  states[number] = states[number] or { view = views[view_name], arguments = arguments }
  buffer.read(number)
end

--- The buffer of a name; nil: there is none.
---@param name string
---@return integer?
function buffer.find(name)
  for number in pairs(states) do
    if state_of(number) and vim.api.nvim_buf_get_name(number) == name then return number end
  end
end

return buffer
