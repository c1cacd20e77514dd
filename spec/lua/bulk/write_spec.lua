-- What bulk.write writes, bulk.read reads: an export imported again has nothing to do.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"

local server, dd

local function written(list, format)
  local parts = {}
  assert(bulk.write("okta_accounts", list, format, function(text) parts[#parts + 1] = text end))
  return table.concat(parts)
end

describe("bulk.write", function()
  setup(function()
    server, dd = box.start()
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("writes the public columns as CSV", function()
    local list = { box.account('a "b", c', { id = "1", type = "t", domain = "d", api_key = "k" }) }
    list[1].client_id = nil
    assert.same('name,domain,auth_method,client_id\n"a ""b"", c",d,oauth,\n', written(list))
    assert.same("name,domain,auth_method,client_id\n", written({}))
    assert.same("[\n]\n", written({}, "json"))
    assert.same("", written({}, "jsonl"))
  end)

  local cells = {
    "=1+1",
    "+49 30",
    "-5",
    "@SUM(A1)",
    "\tcmd",
    "\rcmd",
    "'=1",
    "''=1",
    "'quoted'",
    "'",
    "''",
    "a=b",
    " =1",
    '=HYPERLINK("http://x","y")',
  }
  it("has no cell that a spreadsheet would run, and reading finds each as it was", function()
    local formats_csv = require "ddokta.bulk.formats.csv"
    local rows, parts = {}, {}
    for i, cell in ipairs(cells) do
      rows[i] = { name = cell, ["=column"] = cell }
    end
    formats_csv.write(rows, { "name", "=column" }, function(text) parts[#parts + 1] = text end)
    local text = table.concat(parts)
    for line in text:gmatch "[^\n]+" do
      for cell in line:gmatch "[^,]+" do
        assert.is_nil(cell:find '^"?[=+%-@\t\r]', cell)
      end
    end
    local fed = false
    local read = assert(formats_csv.read(function()
      if fed then return nil end
      fed = true
      return text
    end, {}))
    assert.same({ "name", "=column" }, read.cells)
    read.name(read.cells)
    for _, cell in ipairs(cells) do
      local row = assert(read.next())
      assert.same({ cell, cell }, { row.name, row["=column"] })
    end
    assert.is_nil((read.next()))
  end)

  it("writes a file of one column so that nothing in it separates columns", function()
    local formats_csv = require "ddokta.bulk.formats.csv"
    local parts = {}
    for _, cell in ipairs { "R&D; Ops", "a|b", "c\td", "e,f", "g" } do
      parts[#parts + 1] = { name = cell }
    end
    local text = {}
    formats_csv.write(parts, { "name" }, function(piece) text[#text + 1] = piece end)
    local source = assert(bulk.read(box.write("one.csv", table.concat(text))))
    for _, row in ipairs(parts) do
      assert.same(row, (source:next()))
    end
    assert.is_nil((source:next()))
  end)

  for _, format in ipairs { "csv", "jsonl", "json" } do
    it("is read again with nothing to do: " .. format, function()
      box.reset(server, {
        box.account "plain",
        box.account('od"d, name; with "all"', { domain = "https://odd.okta.com" }),
        box.account("Pálinkás ☕", { domain = "HTTPS://Coffee.okta.com/", client_secret = "hidden-0815" }),
        box.account("=1+1", { domain = "https://formula.okta.com/" }),
        box.account("two  spaces", { domain = "https://spaces.okta.com/" }),
      })
      local text = written(assert(dd:list_okta_accounts()), format)
      assert.is_nil(text:find("hidden", 1, true))
      local source = assert(bulk.read(box.write("export." .. format, text)))
      local plan = assert(bulk.plan(dd, "okta_accounts", source, { prune = true }))
      assert.same({ 5, 5 }, { plan.counts.unchanged, plan:steps() })
    end)
  end

  it("refuses an unknown kind", function()
    local ok, err = bulk.write("nothing", {}, "csv", print)
    assert.is_nil(ok)
    assert.same("config", err.kind)
  end)
end)
