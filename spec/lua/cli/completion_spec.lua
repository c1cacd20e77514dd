-- lua/ddokta/cli/completion.lua: what a shell is answered. How the shells ask: spec/e2e/completion_spec.lua.
local command = require "spec.lua.cli.command"

-- the words, and what else the shell is told to do
local function ask(...)
  local result = command.run({}, "__complete", ...)
  assert.same({ 0, "" }, { result.status, result.err })
  local words, last = {}, nil
  for line in result.out:gmatch "([^\n]*)\n" do
    words[#words + 1], last = line:match "^[^\t]*", line
  end
  words[#words] = nil
  return words, last
end

local function set(list)
  local names = {}
  for _, name in ipairs(list) do
    names[name] = true
  end
  return names
end

describe("completion", function()
  it("offers commands, verbs and recipes by their names", function()
    assert.same({ "users" }, (ask "us"))
    assert.same({ "plan" }, (ask("users", "p")))
    assert.same({ "push-group" }, (ask("recipe", "pu")))
    assert.same({ {}, ":" }, { ask("users", "frobnicate", "x") })
  end)

  it("offers own options and global ones, each once", function()
    local found = set(ask("users", "import", "--"))
    assert.same({ true, true, nil }, { found["--prune"], found["--site"], found["--version"] })
    found = set(ask("users", "import", "--prune", "--allow", "self", "--json", "--"))
    -- --allow may be given again
    assert.same({ nil, true, nil }, { found["--prune"], found["--allow"], found["--json"] })
  end)

  it("offers an option's values, and nothing of another", function()
    assert.same({ "csv", "jsonl", "json" }, (ask("users", "plan", "--format", "")))
    assert.same({ "--format=csv" }, (ask("users", "plan", "--format=c")))
    assert.same({ { "--map=userName=" }, ":open" }, { ask("users", "plan", "--map=userN") })
    assert.same({ {}, ":" }, { ask("users", "plan", "--max-in-flight", "") })
    assert.same({ { "name,userName" }, ":open" }, { ask("users", "list", "--columns", "name,u") })
    assert.same({ { "title,name" }, ":open" }, { ask("users", "list", "--columns", "title,n") })
    assert.same({ {}, ":open" }, { ask("users", "list", "--columns", "name,title,n") })
    assert.same({ {}, ":files" }, { ask("--ca-file", "") })
    assert.same({ {}, ":files" }, { ask("users", "export", "-o", "") })
  end)

  it("knows a value from an argument", function()
    assert.same(
      { { "okta:group/", "okta:app/" }, ":files" },
      { ask("users", "import", "--max-in-flight", "5", "okta:") }
    )
    assert.same({ {}, ":" }, { ask("users", "import", "a.csv", "x") })
    assert.same({ {}, ":files" }, { ask("accounts", "import", "--", "--") })
  end)

  it("prints the script of a shell", function()
    for shell, words in pairs {
      bash = "complete %-F _ddokta",
      zsh = "^#compdef ddokta",
      fish = "complete %-c ddokta",
    } do
      local result = command.run({}, "completion", shell)
      assert.same({ 0, "" }, { result.status, result.err })
      assert.truthy(result.out:find(words), result.out)
    end
  end)
end)
