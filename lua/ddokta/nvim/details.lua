--- A window above the others that shows one row whole.
local details = {}

local function size_of(lines)
  local width = 1
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  return math.max(1, math.min(width, vim.o.columns - 4)), math.max(1, math.min(#lines, vim.o.lines - 4))
end

--- Opens it; q, <Esc>, <CR> or leaving it closes it.
---@param lines string[]
function details.open(lines)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable, vim.bo[buffer].bufhidden = false, "wipe"
  local width, height = size_of(lines)
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = "editor",
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2) - 1,
    width = width,
    height = height,
    style = "minimal",
    border = "rounded",
  })
  local function close()
    if vim.api.nvim_win_is_valid(window) then vim.api.nvim_win_close(window, true) end
  end
  for _, key in ipairs { "q", "<Esc>", "<CR>" } do
    vim.keymap.set("n", key, close, { buffer = buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd("WinLeave", { buffer = buffer, once = true, callback = close })
end

return details
