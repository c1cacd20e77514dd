-- doc/scim-guide.md: each row of its tables runs beside a sandbox, in their order, and answers what the row
-- says; so do its code blocks. What can go wrong, in the program's own words, is in the program.
local pages = require "spec.support.pages"
local sandbox = require "ddokta.sandbox"

local lua = os.getenv "DDOKTA_LUA" or "lua5.4"

local guide = pages.read "doc/scim-guide.md"

-- the texts in `...` of a cell
local function quoted(cell)
  local list = {}
  for text in cell:gmatch "`([^`]+)`" do
    list[#list + 1] = text
  end
  return list
end

local function is_command(text) return text:find "^ddokta " or text:find "^DD_APP_KEY=" end

-- the commands of a row's cell
local function commands_of(cell)
  local list = {}
  for _, text in ipairs(quoted(cell)) do
    if is_command(text) then list[#list + 1] = text end
  end
  return list
end

-- {number, page, run, answer, trouble} of each row with a number
local function rows_of(text)
  local rows = {}
  for line in text:gmatch "[^\n]+" do
    local cells = {}
    for cell in line:gmatch "|([^|]*)" do
      cells[#cells + 1] = cell:match "^%s*(.-)%s*$"
    end
    if tonumber(cells[1]) then
      rows[#rows + 1] = {
        number = tonumber(cells[1]),
        page = cells[2],
        run = cells[3],
        answer = cells[4],
        trouble = cells[5],
        cells = #cells,
      }
    end
  end
  return rows
end

-- all that the program says, in one text
local function program()
  local pipe = io.popen "find lua/ddokta -name '*.lua' -exec cat {} +"
  local text = pipe:read "*a"
  pipe:close()
  -- a message that goes on in the next line is one
  return (text:gsub('"%s*%.%.%s*"', ""))
end

describe("the SCIM guide", function()
  local box, checkout

  setup(function()
    box = assert(sandbox.start { seed = sandbox.seeds.guide })
    checkout = pages.checkout(box)
  end)

  teardown(function()
    if box then box:stop() end
    if checkout then checkout:remove() end
  end)

  local rows = rows_of(guide)

  it("has the rows that it counts, each with a command", function()
    assert.equal(65, #rows)
    for i, row in ipairs(rows) do
      assert.equal(i, row.number)
      assert.equal(6, row.cells, "row " .. i) -- the last is behind the last bar
      assert.truthy(#commands_of(row.run) > 0, "row " .. i .. " has no command")
      assert.truthy(#quoted(row.answer) > 0, "row " .. i .. " has no answer")
    end
  end)

  for _, row in ipairs(rows) do
    it(("runs row %d"):format(row.number), function()
      local wanted = tonumber(row.answer:match "status (%d)") or 0
      local output, status
      for _, command in ipairs(commands_of(row.run)) do
        output, status = checkout:run(command)
        assert.equal(wanted, status, output)
      end
      for _, text in ipairs(quoted(row.answer)) do
        assert.truthy(output:find(text, 1, true), ("'%s' is not in\n%s"):format(text, output))
      end
    end)
  end

  for _, block in ipairs(pages.code_blocks(guide)) do
    it(("shows %s at line %d that runs"):format(block.language, block.line), function()
      local command = block.text
      if block.language == "lua" then
        checkout:write("block.lua", block.text)
        command = lua .. " block.lua"
      end
      local output, status = checkout:run(command)
      assert.equal(0, status, output)
      assert.truthy(#output > 0)
    end)
  end

  it("quotes the program where it says what can go wrong", function()
    local text = program()
    -- what is a name, an option, a variable, a permission or a file, and no message
    local function is_name(quote) return not quote:find "%s" or quote:find "^'roles'" end
    for _, row in ipairs(rows) do
      for _, quote in ipairs(quoted(row.trouble)) do
        assert.truthy(is_name(quote) or text:find(quote, 1, true), ("row %d: %s"):format(row.number, quote))
      end
    end
  end)

  it("links to what exists", function()
    local links = pages.links(guide, "doc/")
    assert.is_true(#links >= 2)
    for _, target in ipairs(links) do
      assert.truthy(os.rename(target, target), target)
    end
  end)
end)
