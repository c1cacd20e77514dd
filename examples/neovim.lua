-- :DdoktaAccounts lists the accounts of Datadog's Okta integration in a new buffer. Neovim goes on
-- while the answer is under way.
local ddokta = require "ddokta"

vim.api.nvim_create_user_command("DdoktaAccounts", function()
  ddokta.spawn(function()
    local dd = ddokta.assert(ddokta.client())
    local lines = {}
    for i, account in ipairs(ddokta.assert(dd:list_okta_accounts())) do
      lines[i] = account.name .. "\t" .. account.domain
    end
    return lines
  end, function(err, lines)
    if err then return vim.notify(tostring(err), vim.log.levels.ERROR) end
    vim.cmd "new"
    vim.bo.buftype = "nofile"
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  end)
end, {})
