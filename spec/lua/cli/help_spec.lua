-- lua/ddokta/cli/help.lua: what the help of each command shows, and what a misspelt command line is told.
local command = require "spec.lua.cli.command"
local help = require "ddokta.cli.help"
local parser = require "ddokta.cli.parser"
local recipes = require "ddokta.recipes"
local status = require "ddokta.cli.status"
local values = require "ddokta.cli.values"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local WIDTH = 80

local function run(...) return command.run({}, ...) end

-- all commands of the whole parser, by their path
local function all()
  local root, found = parser.new(function() return true end), {}
  local function add(one)
    found[help.path(one)] = one
    for _, command_of_one in ipairs(one._commands) do
      add(command_of_one)
    end
  end
  add(root)
  return found, root
end

local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

local function lacks(text, words) assert.is_nil(text:find(words, 1, true), text) end

describe("the help", function()
  local commands = all()

  it("fits 80 columns, and begins with a short usage", function()
    for path, one in pairs(commands) do
      local text = one:get_help()
      local usage = text:match "^(Usage: ddokta.-)\n\n"
      has(usage, " [options]")
      lacks(usage, "|")
      for line in text:gmatch "[^\n]+" do
        assert.truthy(#line <= WIDTH, path .. ": " .. line)
      end
    end
  end)

  it("has of each command its own options, the global ones and an example", function()
    for path, one in pairs(commands) do
      if path ~= "" then
        local own, global, rest = one:get_help():match "\nOptions:\n(.-)\n\nGlobal options:\n(.-)\n\n(.*)"
        assert.truthy(own, path)
        for _, option in ipairs(one._options) do
          has(own, option._name)
        end
        for _, name in ipairs { "--site <site>", "--json", "--ca-file <file>", "--okta-domain <domain>" } do
          has(global, name)
        end
        assert.truthy(rest:find("Examples?:\n   ddokta " .. path:gsub("%-", "%%-")), path .. rest)
      end
    end
  end)

  it("says what each option and each argument is", function()
    for path, one in pairs(commands) do
      for _, list in ipairs { one._options, one._arguments, one._commands } do
        for _, element in ipairs(list) do
          local words = element._summary or element._description
          assert.truthy(words and #words > 3, path .. " " .. tostring(element._name))
        end
      end
    end
  end)

  it("has one metavariable for one thing", function()
    for path, one in pairs(commands) do
      for _, list in ipairs { one._options, one._arguments } do
        for _, element in ipairs(list) do
          if element._maxargs > 0 and not element.allowed_values then
            local name = element:_get_argname(1)
            assert.truthy(values[name], ("%s %s: %s"):format(path, element._name, name))
          end
        end
      end
    end
  end)

  it("never says a default in brackets alone", function()
    for path, one in pairs(commands) do
      local text = one:get_help():gsub("%s+", " ")
      assert.is_nil(text:find "%(%d[%d%.]*%%?%)", path)
    end
  end)

  it("says what is required, and shows it in the usage", function()
    local text = run("recipe", "push-group", "--help").out
    has(text, "Usage: ddokta recipe push-group --group <id or name> [options]\n")
    has(text:gsub("%s+", " "), "without Okta: the team's name (required)")
    has(
      run("help", "accounts", "create").out:gsub("%s+", " "),
      "--domain <text> the Okta organisation, such as " .. "example.okta.com (required)"
    )
    lacks(run("help", "accounts", "update").out, "(required)")
  end)

  it("has recipes by the names of their commands, once", function()
    local text = run("recipe", "--help").out
    for _, recipe in ipairs(recipes.list) do
      local name = recipe.name:gsub("_", "-")
      local _, count = text:gsub("\n   " .. name:gsub("%-", "%%-") .. "[ \n]", "")
      assert.equal(1, count, name)
      if name ~= recipe.name then lacks(text, recipe.name) end
    end
    -- a script's name is understood
    assert.equal(run("help", "recipe", "push-group").out, run("recipe", "push_group", "--help").out)
  end)

  it("says which of two meanings --timeout has", function()
    local text = run("recipe", "push-group", "--help").out
    local _, count = text:gsub("%-%-timeout <", "")
    assert.equal(1, count)
    has(text:gsub("%s+", " "), "a call's own --timeout stands before `recipe`")
  end)

  it(
    "lists spellings of an option on one line",
    function() has(run("users", "export", "--help").out, "\n   -o, --output <file> ") end
  )

  it("is shown by a command too", function()
    assert.equal(run("--help").out, run("help").out)
    assert.equal(run("users", "--help").out, run("help", "users").out)
    assert.equal(run("users", "import", "--help").out, run("help", "users", "import").out)
  end)

  it("has all exit statuses", function()
    local text = run("--help").out
    for _, row in ipairs(status.list) do
      has(text, ("\n   %-4d %s\n"):format(row.code, (row.words:gsub("`", ""))))
    end
  end)
end)

describe("a misspelt command line", function()
  local rows = {
    { "unknown command 'acounts', did you mean 'accounts'? (see `ddokta --help`)", "acounts" },
    { "unknown command 'lst', did you mean 'list'? (see `ddokta accounts --help`)", "accounts", "lst" },
    { "did you mean 'push-group'? (see `ddokta recipe --help`)", "recipe", "push" },
    { "did you mean 'push-group'? (see `ddokta recipe --help`)", "recipe", "pushgroup" },
    { "did you mean 'users'? (see `ddokta --help`)", "help", "user" },
    { "did you mean 'import'? (see `ddokta users --help`)", "help", "users", "imprt" },
    { "'--jsn', did you mean '--json'? (see `ddokta users list --help`)", "users", "list", "--jsn" },
    { "'--grp', did you mean '--group'?", "recipe", "push-group", "--grp", "x" },
    {
      "--format: 'cvs' is not one of csv, jsonl, json, did you mean 'csv'?",
      "users",
      "plan",
      "x",
      "--format",
      "cvs",
    },
    { "--color: 'alwys' is not one of auto, always, never", "--color", "alwys", "check" },
    { "shell>: 'bsh' is not one of bash, zsh, fish, did you mean 'bash'?", "completion", "bsh" },
    { "--timeout: 'soon' is not a number of seconds", "check", "--timeout", "soon" },
    { "missing option '--group' (see `ddokta recipe push-group --help`)", "recipe", "push_group" },
    { "no operation has 'create_taem', did you mean 'create_team'?", "operations", "create_taem" },
    { "there is no guard 'slef', did you mean 'self'?", "users", "plan", "x", "--allow", "slef" },
    { "there is no file 'shw', did you mean 'show'?", "journal", "shw", "users.journal" },
    { "missing <id or name> (see `ddokta users get --help`)", "users", "get" },
    { "a command is required: list, get, create, update, delete (see `ddokta teams --help`)", "teams" },
    { "unknown command 'frobnicate' (see `ddokta --help`)", "frobnicate" },
  }
  for _, row in ipairs(rows) do
    it(table.concat(row, " ", 2) .. ": what was meant, and 2", function()
      local result = run(unpack(row, 2))
      assert.equal(2, result.status, result.err)
      assert.equal("", result.out)
      has(result.err, row[1])
      assert.truthy(result.err:find "^ddokta: [^\n]+\n$", result.err)
    end)
  end
end)
