-- examples/provision.sh and examples/provision.lua, as a user runs them, beside a sandbox. (Those for nginx
-- and Neovim: spec/hosts.)
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
local person, logins = around.person, around.logins

local SEED = {
  users = { { email = "zoe@example.com" }, { email = "eve@example.com" } },
  okta = {
    users = { person "ada", person "bob" },
    groups = { { name = "Platform", id = "00gplatform", members = logins("ada", "bob") } },
    apps = { { name = "datadog", id = "0oadatadog", label = "Datadog", users = logins("ada", "bob") } },
  },
}

local write = require("spec.support.files").write

local read = require("spec.support.files").read

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("the example", function()
  local house, environment

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(SEED)
    environment = command.environment(house.box)
    house:state()
    os.execute(("rm -f '%s'/*"):format(house.dir))
  end)

  -- a shell's text with the command and the sandbox in its environment
  local function shell(text)
    local folder = os.getenv("DDOKTA_COMMAND"):gsub("/[^/]*$", "")
    local words = { ("export PATH=%s:$PATH"):format(command.quote(folder)) }
    for name, value in pairs(environment) do
      words[#words + 1] = ("export %s=%s"):format(name, command.quote(value))
    end
    words[#words + 1] = text
    return command.shell(table.concat(words, "\n"))
  end

  local function active()
    local names = {}
    for _, user in ipairs(assert(house.dd:list_scim_users { count = 100 })) do
      if user.active then names[#names + 1] = user.userName:match "^[^@]*" end
    end
    table.sort(names)
    return table.concat(names, " ")
  end

  describe("provision.sh", function()
    local function provision(source, more)
      return shell(
        ('here=$PWD; cd %s; %s sh "$here/examples/provision.sh" %s'):format(
          command.quote(house.dir),
          more or "",
          command.quote(source)
        )
      )
    end

    it("makes, brings up to date and deactivates as a file says, and tells the drift", function()
      local path = house:path "people.csv"
      write(
        path,
        "userName,title\nada@example.com,\nbob@example.com,\ncyd@example.com,Engineer\n"
          .. "zoe@example.com,\n"
      )
      local result = provision(path, "MAX_DEACTIVATIONS=1")
      assert.equal("ada bob cyd zoe", active())
      assert.equal(5, result.status) -- cyd and zoe have no app in Okta
      has(result.out, "in Datadog, and not assigned in Okta")
      has(read(house:path "drift.html"), "cyd@example.com")
    end)

    it("stops with 3 before too many are deactivated", function()
      local path = house:path "people.csv"
      write(path, "userName\nada@example.com\nbob@example.com\n")
      local result = provision(path)
      assert.equal(3, result.status)
      has(result.err, "2 of 4 active users would be deactivated, more than the limit of 10%")
      assert.equal("ada bob eve zoe", active())
    end)

    it("does it from Okta, and nothing the second time", function()
      local result = provision("okta:app/Datadog", "MAX_DEACTIVATIONS=50%")
      assert.same({ 0, "ada bob" }, { result.status, active() }, result.err)
      has(result.out, "no difference between")
      local before = house:changes()
      assert.equal(0, provision("okta:app/Datadog").status)
      assert.equal(before, house:changes())
    end)
  end)

  describe("provision.lua", function()
    local function provision(arguments) return shell(("%s examples/provision.lua %s"):format(lua, arguments)) end

    it("gives a group's people users and the group a team", function()
      local result = provision "Platform 'Datadog Read Only Role'"
      assert.same({ 0, "" }, { result.status, result.err })
      has(result.out, "provision-users: done")
      has(result.out, "push-group: done")
      assert.same({ managed = true, members = "ada bob" }, house:team "Platform")
      local before = house:changes()
      has(provision("Platform 'Datadog Read Only Role'").out, "push-group: nothing to do")
      assert.equal(before, house:changes())
    end)

    it("shows what it would do", function()
      local before = house:changes()
      local result = provision "Platform 'Datadog Read Only Role' dry"
      assert.equal(0, result.status)
      has(result.out, "Dry run, nothing was changed")
      assert.equal(before, house:changes())
    end)

    it("says what is wrong", function()
      local result = provision "Nothing"
      assert.equal(1, result.status)
      has(result.err, "Okta has no group with the id or name 'Nothing'")
      has(provision("").err, "the name of an Okta group is wanted")
    end)
  end)
end)
