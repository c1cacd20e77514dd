-- lua/ddokta/cli/environment.lua: the variables, as doc/command.md has them and as the code reads them.
local environment = require "ddokta.cli.environment"
local read = require("spec.support.files").read

describe("the environment", function()
  it("is in doc/command.md in the same words", function()
    local page = read "doc/command.md"
    for _, row in ipairs(environment) do
      local line = ("| `%s` | %s"):format(table.concat(row.names, "`, `"), row.words)
      local plain = page:gsub("%[(.-)%]%(.-%)", "%1")
      assert.truthy(plain:find(line .. " |\n", 1, true), line)
    end
  end)

  it("is read somewhere", function()
    local code = assert(io.popen("cat $(find lua csrc -name '*.lua' ! -name environment.lua -o -name '*.c')"))
    local all = code:read "*a"
    code:close()
    for _, row in ipairs(environment) do
      for _, name in ipairs(row.names) do
        assert.truthy(all:find('"' .. name .. '"', 1, true), name)
      end
    end
  end)
end)
