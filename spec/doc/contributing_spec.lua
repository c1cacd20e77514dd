-- CONTRIBUTING.md, "Where things go": each is put there, in a copy of the source, and is found.
local once = require "spec.support.once"
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

describe("a new thing", function()
  local dir, box

  setup(function()
    dir = assert(system.mkdtemp "ddokta-copy-")
    assert(os.execute(("cp -Rp Makefile lua csrc bin .ci %s/"):format(pages.quote(dir))))
    box = assert(sandbox.start {})
  end)
  teardown(function()
    if box then box:stop() end
    os.execute("rm -rf " .. pages.quote(dir))
  end)

  local function write(path, text) pages.write(dir .. "/" .. path, text) end

  -- puts a row behind the line that has `after`
  local function add_row(path, after, row)
    local text = pages.read(dir .. "/" .. path)
    local _, stop = text:find(after, 1, true)
    assert(stop, path)
    write(path, text:sub(1, stop) .. "\n" .. row .. text:sub(stop + 1))
  end

  -- what a script says there; modules: of the copy, or its own
  local function run(script, modules)
    write("script.lua", script)
    local line = ("cd %s && { %s\n LUA_PATH='./lua/?.lua;./lua/?/init.lua;;' LUA_CPATH='%s' %s script.lua 2>&1; }"):format(
      pages.quote(dir),
      box:exports(),
      modules or package.cpath,
      LUA
    )
    local pipe = io.popen(line)
    local said = pipe:read "*a"
    pipe:close()
    return said
  end

  it("of a kind can be imported", function()
    write(
      "lua/ddokta/bulk/kinds/plain_roles.lua",
      [[
        return {
          name = "plain_roles", noun = "role", plural = "roles", key = "name", known_by = "id",
          columns = { { name = "name", required = true } },
          ignored = { "id", "type" },
          operations = {
            list = "list_roles", get = "get_role", create = "create_role", update = "update_role",
            delete = "delete_role",
          },
          stale = function(err) return err.kind == "not_found" end,
        }
      ]]
    )
    assert.equal(
      "1 created\n",
      run [[
        local ddokta, bulk = require "ddokta", require "ddokta.bulk"
        local dd = ddokta.assert(ddokta.client())
        local plan = ddokta.assert(bulk.plan(dd, "plain_roles", bulk.read { { name = "Night watch" } }))
        print(ddokta.assert(bulk.apply(dd, plan)).sentence:match "%d created")
      ]]
    )
  end)

  it("of a format is read", function()
    write(
      "lua/ddokta/bulk/formats/lines.lua",
      [[
        return {
          extensions = { "lines" }, unit = "line", has_lists = false,
          read = function(input)
            local names, number = input(65536):gmatch "[^\n]+", 0
            return { next = function()
              local name = names()
              number = number + 1
              if name then return { name = name }, number end
            end }
          end,
          write = function() end,
        }
      ]]
    )
    write("names.lines", "Ada\nGrace\n")
    assert.equal(
      "2\n",
      run [[
        local ddokta, bulk = require "ddokta", require "ddokta.bulk"
        local dd = ddokta.assert(ddokta.client())
        local plan = ddokta.assert(bulk.plan(dd, "scim_groups", bulk.read("names.lines", { map = { displayName = "name" } })))
        print(plan.counts.create)
      ]]
    )
  end)

  it("of a recipe is run by its name", function()
    write(
      "lua/ddokta/recipes/greet.lua",
      [[
        return require("ddokta.recipes.run").recipe {
          name = "greet", order = 99, summary = "greet", arguments = {}, steps = {},
          read = function() return {} end,
          plan = function() return {} end,
          acts = {},
          advice = function() return { "good morning" } end,
        }
      ]]
    )
    local said = run [[
      local ddokta = require "ddokta"
      print(ddokta.assert(require("ddokta.recipes").greet(ddokta.assert(ddokta.client()), nil, {})))
    ]]
    assert.truthy(said:find("good morning", 1, true), said)
  end)

  it("of a loop is named as a client's option", function()
    write(
      "lua/ddokta/loop/counting.lua",
      [[
        local blocking = require "ddokta.loop.blocking"
        local counting = { name = "counting", pauses = 0 }
        function counting.pause(...)
          counting.pauses = counting.pauses + 1
          return blocking.pause(...)
        end
        return counting
      ]]
    )
    assert.equal(
      "true\n",
      run [[
        local ddokta = require "ddokta"
        local dd = ddokta.assert(ddokta.client { loop = "counting" })
        ddokta.assert(dd:list_roles())
        print(require("ddokta.loop.counting").pauses > 0)
      ]]
    )
  end)

  it("of a part of the command is listed and run", function()
    write(
      "lua/ddokta/cli/greet.lua",
      [[return { configure = function() end, run = function(app) app:print "good morning" return 0 end }]]
    )
    add_row("lua/ddokta/cli/commands.lua", "return {", '  { name = "greet", summary = "say good morning" },')
    assert.equal("good morning\n", run [[os.exit(require("ddokta.cli").main { "greet" })]])
    local help = run [[os.exit(require("ddokta.cli").main { "--help" })]]
    assert.truthy(help:find("say good morning", 1, true), help)
  end)

  if once "what is compiled is the core, which knows no Lua" then
    it("of an endpoint or a site is a row", function()
      add_row(
        "csrc/http/operations/datadog_roles.inc",
        'roles/#list-roles"},',
        [[{.name = "get_weather", .method = "GET", .path = "/api/v2/weather/{city}", .shape = DK_PLAIN,
           .success = "200", .errors = "404", .permission = "user_access_read", .doc = DATADOG_DOCS "weather"},]]
      )
      add_row("csrc/http/site.c", "const char *const dk_sites[] = {", '    "mars.example.com",')
      assert(
        os.execute(
          ("make -s -C %s B=build SAN= LUA=%s CFLAGS=-O0 WARN= >/dev/null 2>&1"):format(pages.quote(dir), LUA)
        )
      )
      assert.equal(
        "get_weather\tnot_found\tmars.example.com\n",
        run(
          [[
            local ddokta = require "ddokta"
            local _, err = ddokta.assert(ddokta.client()):get_weather "Oslo"
            print(err.operation, err.kind, ddokta.sites[1])
          ]],
          ("./build/%s/?.so;;"):format(LUA)
        )
      )
    end)
  end
end)
