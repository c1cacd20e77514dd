-- A CSV file of Okta accounts for the bench of bulk, to standard output.
-- usage: rows.lua ROWS
io.write "name,domain,auth_method,client_id,client_secret\n"
local row = "account-%07d,https://customer-%07d.okta.com/,oauth,0oaclient%012d,secret-%016d\n"
for i = 1, tonumber(arg[1]) do
  io.write(row:format(i, i, i, i))
end
