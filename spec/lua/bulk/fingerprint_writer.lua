-- A program that notes fingerprints beside others that do.
-- usage: fingerprint_writer.lua <path> <key file> <name> <keys>
local fingerprints = require "ddokta.bulk.fingerprints"

local path, key_file, name, keys = arg[1], arg[2], arg[3], tonumber(arg[4])
local kept = assert(fingerprints.open(path, { kind = "k", organisation = "o", key_file = key_file }))
for i = 1, keys do
  assert(kept:put(("%s %d"):format(name, i), { client_secret = name .. "'s secret " .. i }))
  assert(kept:put("common", { [name] = ("secret %d"):format(i) }))
  if i % 3 == 0 then assert(kept:commit()) end
end
assert(kept:close())
