-- What `luarocks test` runs with the Lua that it was asked for: the specs that it names, else all.
local folder, lua = arg[-1]:match "^(.-)/?([^/]+)$"
local quoted = {}
for i, path in ipairs(arg) do
  quoted[i] = path:gsub("[^%w/_.-]", "\\%0")
end
local ok, _, status = os.execute(
  ("%smake -s test-one LUA=%s SPEC='%s'"):format(
    folder == "" and "" or ("PATH='%s':\"$PATH\" "):format(folder),
    lua,
    table.concat(quoted, " ")
  )
)
if type(ok) == "number" then status = ok end -- Lua 5.1
os.exit(status == 0 and 0 or 1)
