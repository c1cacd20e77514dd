-- What lists look like on a terminal of 40, 80 and 120 columns: the real command in a real pseudo-terminal,
-- over names of every script. spec/support/columns.py measures, which shares nothing with what is measured.
local box = require "spec.lua.bulk.box"
local command = require "spec.lua.cli.command"
local json = require("ddokta.core").json

local RLO, ZWJ, ZWSP, ACUTE = "\226\128\174", "\226\128\141", "\226\128\139", "\204\129"

local names = {
  "日本語アカウント 東京本社 システム管理部門",
  "👩" .. ZWJ .. "👩" .. ZWJ .. "👧 Family ❤️ 👍🏽 🇯🇵 and others who are many",
  "שלום עולם של מנהלים",
  "مرحبا بالعالم العربي",
  "e" .. ACUTE .. "cole supe" .. ACUTE .. "rieure " .. ("i" .. ACUTE):rep(30),
  "हिन्दी नाम",
  "한국어 이름",
  "evil" .. RLO .. "gpj.exe" .. ZWSP,
  "\27[31mred\27[0m\7",
  ("long and plain "):rep(12),
}

local server, environment

local function shown(columns, ...)
  local out, status = command.terminal_of(columns, environment, {}, ...)
  assert.same(0, status, out)
  return out
end

local function widths(text)
  local result = command.shell("printf %s " .. command.quote(text) .. " | python3 spec/support/columns.py")
  assert.same("", result.err)
  local list = {}
  for number in result.out:gmatch "%d+" do
    list[#list + 1] = tonumber(number)
  end
  return list
end

local function fits(columns, text)
  for i, width in ipairs(widths(text)) do
    assert.is_true(
      width <= columns,
      ("line %d takes %d of %d columns in\n%s"):format(i, width, columns, text)
    )
  end
end

-- where in each line the id begins, in columns
local function id_places(text, ids)
  local before = {}
  for line in text:gmatch "[^\n]+" do
    for _, id in ipairs(ids) do
      local at = line:find(id, 1, true)
      if at then before[#before + 1] = line:sub(1, at - 1) .. "|" end
    end
  end
  return widths(table.concat(before, "\n") .. "\n")
end

local function ids_of(...)
  local result = command.run(environment, ...)
  assert.same({ 0, "" }, { result.status, result.err })
  local ids = {}
  for i, item in ipairs(assert(json.decode(result.out))) do
    ids[i] = item.id
  end
  return ids
end

describe("lists on a terminal", function()
  setup(function()
    local teams, accounts = {}, {}
    for i, name in ipairs(names) do
      teams[i] =
        { name = name, handle = "team-" .. i, is_managed = i % 2 == 0, description = ("word "):rep(i) }
      accounts[i] = box.account("x", { name = name, domain = "https://org-" .. i .. ".okta.com" })
    end
    server = box.start { limit = 100000, seed = { teams = teams } }
    box.reset(server, accounts)
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  for _, columns in ipairs { 40, 80, 120 } do
    it(("of %d columns: no line is wider, each id is whole"):format(columns), function()
      for _, kind in ipairs { "accounts", "teams" } do
        local ids = ids_of(kind, "list", "--json")
        assert.equal(#names, #ids)
        for _, more in ipairs { {}, { "--columns", "id,name" } } do
          local out = shown(columns, kind, "list", (table.unpack or unpack)(more)) -- luacheck: ignore 113 143
          fits(columns, out)
          for _, id in ipairs(ids) do
            assert.truthy(out:find(id, 1, true), id .. " is not in\n" .. out)
          end
          -- in a table all ids stand below each other
          local places = id_places(out, ids)
          for _, place in ipairs(places) do
            assert.equal(places[1], place, out)
          end
          assert.is_nil(out:find(RLO, 1, true))
          assert.is_nil(out:find("\27[31m", 1, true))
        end
        fits(columns, shown(columns, kind, "get", ids[#ids]))
      end
    end)

    it(("of %d columns: each operation's name is whole"):format(columns), function()
      local out = shown(columns, "operations", "team")
      fits(columns, out)
      for _, row in ipairs(require("ddokta").operations) do
        if row.name:find("team", 1, true) then assert.truthy(out:find(row.name, 1, true), row.name) end
      end
    end)
  end

  it("says which columns it leaves out, and shows all with --wide or where nobody looks", function()
    local out = shown(80, "teams", "list")
    assert.truthy(out:find("\n\nnot shown: [%a, ]+ %(%-%-wide shows all%)\n"), out)
    for _, all in ipairs { shown(80, "teams", "list", "--wide"), command.run(environment, "teams", "list").out } do
      assert.truthy(all:find(("long and plain "):rep(12):gsub(" $", ""), 1, true), all)
      assert.truthy(all:find("description", 1, true), all)
      assert.is_nil(all:find("not shown", 1, true))
    end
  end)

  it("takes $COLUMNS for the terminal's, and what a terminal cannot show for what it is", function()
    environment.COLUMNS = "120"
    finally(function()
      environment.COLUMNS, environment.LC_ALL, environment.TERM = nil, nil, nil
    end)
    assert.equal(shown(120, "teams", "list"), shown(40, "teams", "list"))
    environment.COLUMNS = "nonsense"
    fits(40, shown(40, "teams", "list"))
    environment.COLUMNS, environment.LC_ALL = nil, "en_US.ISO-8859-1"
    local out = shown(80, "accounts", "list")
    fits(80, out)
    assert.is_nil(out:find "[\128-\255]")
    assert.truthy(out:find("<U+65E5>", 1, true), out)
    -- data are data
    assert.truthy(shown(80, "accounts", "list", "--format", "csv"):find("日本語", 1, true))
    -- C says nothing of the terminal
    for _, locale in ipairs { "C", "POSIX", "C.UTF-8", "de_DE.utf8" } do
      environment.LC_ALL = locale
      assert.truthy(shown(80, "accounts", "list"):find("日本語", 1, true), locale)
    end
  end)

  it("paints nothing where the terminal is dumb, says nothing of itself, or NO_COLOR is set", function()
    finally(function()
      environment.TERM, environment.NO_COLOR = nil, nil
    end)
    assert.truthy(shown(80, "teams", "list"):find("\27[1m", 1, true))
    for name, value in pairs { TERM = "dumb", NO_COLOR = "1" } do
      environment.TERM, environment.NO_COLOR = nil, nil
      environment[name] = value
      assert.is_nil(shown(80, "teams", "list"):find("\27", 1, true), name)
    end
    environment.TERM, environment.NO_COLOR = "", nil
    assert.is_nil(shown(80, "teams", "list"):find("\27", 1, true))
  end)
end)
