-- :DdoktaTeams lists the accounts of Datadog's Okta integration and the teams in a buffer; R in it reads
-- them again. Neovim goes on while the answers are under way.
local ddokta = require "ddokta"

local NAME = "ddokta://teams"

local function account_lines()
  local dd, lines = ddokta.assert(ddokta.client()), {}
  for _, account in ipairs(ddokta.assert(dd:list_okta_accounts())) do
    lines[#lines + 1] = "  " .. account.name .. "\t" .. account.domain
  end
  return lines
end

local function team_lines()
  local dd, lines = ddokta.assert(ddokta.client()), {}
  for team in dd:each_team() do
    lines[#lines + 1] = ("  %s\t%s%s"):format(team.name, team.handle, team.is_managed and "\tmanaged" or "")
  end
  return lines
end

local function read()
  local results = ddokta.parallel(2, { account_lines, team_lines }, function(part) return part() end)
  local lines = {}
  for i, title in ipairs { "Okta accounts", "Teams" } do
    local part, err = results[i][1], results[i][2]
    if not part then error(err, 0) end
    lines[#lines + 1] = ("%s (%d)"):format(title, #part)
    vim.list_extend(lines, part)
  end
  return lines
end

local function show(buffer, lines)
  if not vim.api.nvim_buf_is_valid(buffer) then return end
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
end

local reading = false

local function refresh(buffer)
  if reading then return end
  reading = true
  ddokta.spawn(read, function(err, lines)
    reading = false
    if err then return vim.notify(tostring(err), vim.log.levels.ERROR) end
    show(buffer, lines)
  end)
end

local function open()
  local buffer = vim.fn.bufnr(NAME)
  if buffer == -1 then
    buffer = vim.api.nvim_create_buf(true, true)
    vim.api.nvim_buf_set_name(buffer, NAME)
    vim.keymap.set("n", "R", function() refresh(buffer) end, { buffer = buffer })
  end
  vim.cmd("sbuffer " .. buffer)
  return buffer
end

vim.api.nvim_create_user_command("DdoktaTeams", function() refresh(open()) end, {})
