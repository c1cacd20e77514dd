-- :DdoktaWhoAmI says whose keys these are, a call that does not hold Neovim up: see doc/neovim.md.
local ddokta = require "ddokta"

vim.api.nvim_create_user_command("DdoktaWhoAmI", function()
  ddokta.spawn(function()
    local dd = ddokta.assert(ddokta.client())
    local user = ddokta.assert(dd:get_current_user())
    return user
  end, function(err, user)
    if err then return vim.notify(tostring(err):match "[^\n]+", vim.log.levels.ERROR) end
    vim.notify(("%s at %s"):format(user.email, os.getenv "DD_SITE" or "datadoghq.com"))
  end)
end, {})
