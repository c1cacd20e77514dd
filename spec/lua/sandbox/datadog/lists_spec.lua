-- lua/ddokta/sandbox/datadog/lists.lua: pages, order and filters.
local answers = require "ddokta.sandbox.answers"
local lists = require "ddokta.sandbox.datadog.lists"

local RECORDS = {}
for i = 1, 250 do
  RECORDS[i] = { id = i, name = ("n%d"):format(i % 5), kind = i % 2 == 0 and "even" or "odd" }
end

local OPTIONS = {
  search = { "name" },
  sorts = { "name", "absent" },
  filters = { ["filter[kind]"] = "kind" },
}

describe("the sandbox's Datadog lists", function()
  local function ids(query)
    local page = assert(lists.page({ request = { query = query } }, RECORDS, OPTIONS))
    local found = {}
    for i, record in ipairs(page.records) do
      found[i] = record.id
    end
    return found, page
  end

  it("have ten records to a page, a hundred at most", function()
    local found, page = ids()
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, found)
    assert.same({ 0, 10, 250, 250 }, { page.number, page.size, page.total, page.filtered })
    found, page = ids "page%5Bsize%5D=1000&page%5Bnumber%5D=2"
    assert.equal(50, #found)
    assert.equal(201, found[1])
    assert.equal(100, page.size)
    assert.same({}, (ids "page[number]=25"))
  end)

  it("are filtered before they are cut", function()
    local found, page = ids "filter[kind]=even&page[size]=3&page[number]=1"
    assert.same({ 8, 10, 12 }, found)
    assert.same({ 250, 125 }, { page.total, page.filtered })
    assert.equal(250, select(2, ids "filter[kind]=odd,even").filtered)
    assert.equal(250, select(2, ids "filter[kind]=odd&filter[kind]=even").filtered)
    assert.equal(50, select(2, ids "filter=N3").filtered)
    assert.equal(0, select(2, ids "filter=n+3").filtered)
  end)

  it("keep the order of equals, both ways", function()
    assert.same({ 5, 10, 15 }, (ids "sort=name&page[size]=3"))
    assert.same({ 4, 9, 14 }, (ids "sort=-name&page[size]=3"))
    assert.same({ 1, 2, 3 }, (ids "sort=-absent&page[size]=3"))
    assert.same({ 4, 9, 14 }, (ids "sort=name&sort_dir=desc&page[size]=3"))
  end)

  it("refuse what is no page and no order", function()
    for query, problem in pairs {
      ["page[size]=0"] = "page[size] must be a number from 1",
      ["page[size]=1.5"] = "page[size] must be a number from 1",
      ["page[number]=-1"] = "page[number] must be a number from 0",
      ["sort=-id"] = "cannot sort by id",
    } do
      local page, answer = answers.catch(lists.page, { request = { query = query } }, RECORDS, OPTIONS)
      assert.is_nil(page)
      assert.equal(400, answer.status)
      assert.equal(('{"errors":["%s"]}'):format(problem), answer.body)
    end
  end)
end)
