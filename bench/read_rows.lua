-- Reads a file of Okta accounts and checks every row of it; nothing else.
-- usage: read_rows.lua FILE
local bulk = require "ddokta.bulk"

local result = assert(bulk.check("okta_accounts", bulk.read(arg[1])))
print(("%d rows"):format(result.rows))
