local ddokta = require "ddokta"
local dd = ddokta.assert(ddokta.client())
for _, account in ipairs(ddokta.assert(dd:list_okta_accounts())) do
  print(account.name, account.domain, account.auth_method)
end
