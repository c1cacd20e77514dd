-- doc/licences.md: nothing that ddokta is linked to, loads or is built with is missing in its table.
local files = require "spec.support.files"
local release = dofile ".ci/release.lua"

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"
local CORE = os.getenv("DDOKTA_COMMAND"):gsub("/bin/ddokta$", "") .. "/ddokta/core.so"

local function output_of(command)
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  return text
end

describe("the licences", function()
  local rows = {} -- {library or module, Debian} of each row, in backquotes
  for line in files.read("doc/licences.md"):gmatch "\n(|[^\n]*)" do
    local library, debian = line:match "| ([^|]-) *| ([^|]-) |$"
    if library and debian:find "`" then
      rows[#rows + 1] = { line = line, library = library, debian = debian }
    end
  end

  local function row_with(column, name)
    for _, row in ipairs(rows) do
      if row[column]:find("`" .. name .. "`", 1, true) then return row end
    end
    error(("doc/licences.md has no row for %s"):format(name), 0)
  end

  it("are all named", function()
    assert.truthy(#rows > 8)
    for _, row in ipairs(rows) do
      local cells = select(2, row.line:gsub("|", ""))
      assert.equal(7, cells, row.line)
      assert.truthy(row.line:match "^|[^|]+|[^|]+|[^|]+| %u[^|]+|" or row.line:find "| curl ", row.line)
    end
  end)

  it("has what `make demo` installs", function()
    local count = 0
    for names, uses in files.read(".ci/packages"):gmatch "\n(%S+) +([%w,.]+)" do
      if ("," .. uses .. ","):find(",demo,", 1, true) then
        for name in names:gmatch "[^|]+" do
          row_with("debian", name)
          count = count + 1
        end
      end
    end
    assert.truthy(count > 8)
  end)

  it("names what is linked", function()
    local line = output_of(
      ("unset MAKEFLAGS; make -n -W lua/ddokta/version.lua LUA=%s | grep -e '-o [^ ]*core.so'"):format(LUA)
    )
    local count = 0
    for library in line:gmatch " (%-l%S+)" do
      row_with("library", library)
      count = count + 1
    end
    assert.truthy(count > 3, line)
  end)

  it("names what the module asks the loader for", function()
    local needed = output_of(("objdump -p '%s' 2> /dev/null"):format(CORE))
    if needed == "" then return pending "no objdump" end
    for file in needed:gmatch "NEEDED +(%S+)%.so" do
      local name = file:gsub("^lib", "-l")
      -- a sanitizer's, where there is one
      if not name:find "san$" and not name:find "^ld%-" then row_with("library", name) end
    end
  end)

  it("names what the rockspec depends on", function()
    for name in
      release
        .rockspec("scm", dofile "rockspecs/addresses.lua")
        :match("\ndependencies = (%b{})")
        :gmatch '"([%w-]+) '
    do
      row_with("library", name)
    end
  end)
end)
