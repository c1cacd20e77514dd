-- lua/ddokta/cli/bulk_options.lua: what a source may have, and the options that say how it is written.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json
local kinds = require "ddokta.bulk.kinds"

local commands = {
  users = "scim_users",
  groups = "scim_groups",
  accounts = "okta_accounts",
  ["service-accounts"] = "app_service_accounts",
}

local server, environment

local function run(...) return command.run(environment, ...) end

local function plan(...)
  local result = run("--json", ...)
  assert.same({ 0, "" }, { result.status, result.err }, result.out)
  return assert(json.decode(result.out))
end

describe("ddokta ... columns", function()
  setup(function()
    server = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  for name, kind_name in pairs(commands) do
    it("describes every column of " .. name .. ", without a service", function()
      local kind = kinds.get(kind_name)
      local result = command.run({}, name, "columns")
      assert.same({ 0, "" }, { result.status, result.err })
      local described = assert(json.decode(command.run({}, "--json", name, "columns").out))
      assert.same({ kind_name, kind.key }, { described.kind, described.key })
      for i, column in ipairs(kind.columns) do
        assert.same(
          { column.name, column.required or false, column.secret or false },
          { described.columns[i].name, described.columns[i].required, described.columns[i].secret }
        )
        assert.is_string(described.columns[i].words)
        assert.truthy(result.out:find("\n" .. column.name .. " ", 1, true), result.out)
      end
      assert.truthy(result.out:find("(none) clears", 1, true))
    end)

    it("has an example of " .. name .. " that is a source", function()
      local described = assert(json.decode(command.run({}, "--json", name, "columns").out))
      local path = box.write(name .. ".csv", described.example)
      assert.same({ rows = 1 }, bulk.check(kind_name, assert(bulk.read(path))))
    end)

    it("says rightly which columns of " .. name .. " are cleared by (none)", function()
      local described = assert(json.decode(command.run({}, "--json", name, "columns").out))
      local example = assert(bulk.read(box.write("e.csv", described.example)))
      local row = example:next()
      example:close()
      for _, column in ipairs(described.columns) do
        local copy = {}
        for field, value in pairs(row) do
          copy[field] = value
        end
        copy[column.name] = "(none)"
        local _, err = bulk.check(kind_name, bulk.read { copy })
        local is_cleared = not (err and err.message:find("cannot be cleared", 1, true))
        -- a secret may be of any text, and an id is none of the file's to clear
        if not column.secret and column.name ~= "id" and column.name ~= kinds.get(kind_name).key then
          assert.equal(column.clears, is_cleared, column.name)
        end
      end
    end)
  end

  it("reads a file as the options say", function()
    local hr = box.write(
      "hr.csv",
      "First Name^Last Name^E-Mail^Roles\nAda^Byron^ada@example.com^"
        .. "Datadog Read Only Role/Datadog Standard Role\n"
    )
    local found = plan(
      "users",
      "plan",
      hr,
      "--delimiter",
      "^",
      "--list-separator",
      "/",
      "--map",
      "userName=E-Mail",
      "--map",
      'name="First Name"+" "+"Last Name"'
    )
    assert.equal(1, found.counts.create)
    local shown = run(
      "users",
      "plan",
      hr,
      "--delimiter",
      "^",
      "--list-separator",
      "/",
      "--map",
      "name=First Name+ +Last Name",
      "--map",
      "userName=E-Mail"
    ).out
    for _, words in ipairs {
      "ada@example.com",
      "Ada Byron",
      "Datadog Read Only Role",
      "Datadog Standard Role",
    } do
      assert.truthy(shown:find(words, 1, true), shown)
    end
  end)

  it("finds what separates the columns, and reads UTF-16 from standard input", function()
    local text = "userName\tname\nada@example.com\tAda\n"
    local path = box.write("u16.csv", "\255\254" .. text:gsub(".", "%0\0"))
    local line = command.line({ "--json", "users", "plan", "-" }, environment)
    local result = command.shell(line .. " < " .. command.quote(path))
    assert.equal(1, assert(json.decode(result.out), result.err).counts.create)
  end)

  it("ends with status 2 for options of a source beside a saved plan without one", function()
    local path, saved = box.write("b.csv", "userName\nbea@example.com\n"), box.write("b.plan", "")
    assert.equal(0, run("users", "plan", path, "--out", saved).status)
    for _, option in ipairs { "--map=name=a", "--delimiter=,", "--list-separator=,", "--format=csv" } do
      local result = run("users", "import", "--plan", saved, "--yes", option)
      assert.equal(2, result.status, result.out .. result.err)
      assert.truthy(result.err:find(option:match "^[^=]+" .. " is about a source", 1, true), result.err)
    end
  end)

  it("ends with status 2 for an option that says nothing", function()
    local path = box.write("a.csv", "userName\n")
    for option, words in pairs {
      ["--delimiter=xy"] = "'xy' is not a character such as ;",
      ["--delimiter=newline"] = "separates rows",
      ["--list-separator="] = "is not a character",
      ["--map=userName"] = "'userName' is not column=",
      ["--map=name=a++b"] = "'a++b': nothing is beside a +",
    } do
      local result = run("users", "plan", path, option)
      assert.equal(2, result.status, result.out .. result.err)
      assert.truthy(result.err:find(words, 1, true), result.err)
    end
    local result = run("users", "plan", path, "--map", "name=a", "--map", "name=b")
    assert.equal(2, result.status)
    assert.truthy(result.err:find("--map: 'name' is made twice", 1, true), result.err)
  end)
end)
