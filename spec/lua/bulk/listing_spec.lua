-- All that a service has, page by page, or an error.
local listing = require "ddokta.bulk.listing"

-- pages: {{ids...}, total}; each leads to the next by its number
local function client(pages, change)
  return {
    list = function(_, query)
      local number = query and query.page or 1
      local list = {}
      for i, id in ipairs(pages[number]) do
        list[i] = { id = id }
      end
      local response = { total = pages.total, next = pages[number + 1] and { page = number + 1 } or nil }
      if change then return change(number, list, response, query) end
      return list, response
    end,
  }
end

local function ids(dd, query)
  local found = {}
  local function visit(resource) found[#found + 1] = resource.id end
  local count, err = listing.all(dd, "list", query, visit, "things")
  return count, count and table.concat(found) or err
end

describe("bulk.listing", function()
  it("walks to the end", function()
    assert.same({ 4, "abcd" }, { ids(client { { "a", "b" }, { "c" }, { "d" } }) })
    assert.same({ 0, "" }, { ids(client { {} }) })
    assert.same({ 1, "a" }, { ids(client({ { "a" }, total = 1 })) })
  end)

  it("asks for each page as for the first", function()
    local asked = {}
    local dd = client({ { "a" }, { "b" } }, function(_, list, response, query)
      asked[#asked + 1] = ("%s/%s"):format(tostring(query.count), tostring(query.page))
      return list, response
    end)
    assert.same(2, (ids(dd, { count = 9 })))
    assert.same({ "9/nil", "9/2" }, asked)
  end)

  it("is an error when a thing comes twice: it may have moved, and another been missed", function()
    local count, err = ids(client { { "a", "b" }, { "b", "c" }, total = 3 })
    assert.is_nil(count)
    assert.same({
      "protocol",
      "the list of things repeats itself after 2: b came twice; it may have changed "
        .. "while it was read (item 1 of page 2, page=2)",
    }, { err.kind, err.message })
  end)

  it("is an error when an element is no thing", function()
    local nothing = client({ { "a" }, { "b" } }, function(number, list, response)
      if number == 2 then list[1] = "b" end
      return list, response
    end)
    local count, err = ids(nothing)
    assert.is_nil(count)
    assert.equal(
      "the list of things is not what it says: element 1 behind 1 is no resource (item 1 of "
        .. "page 2, page=2)",
      err.message
    )
  end)

  it("is an error when the total shrinks", function()
    local count, err = ids(client({ { "a", "b" }, { "c" } }, function(number, list, response)
      response.total = number == 1 and 4 or 3
      return list, response
    end))
    assert.is_nil(count)
    assert.truthy(err.message:find("its total was 4, then 3", 1, true), err.message)
  end)

  it("is an error when something is missing", function()
    local count, err = ids(client { { "a" }, { "b" }, total = 3 })
    assert.is_nil(count)
    assert.same(
      { "protocol", "the list of things is incomplete: 2 of 3 came (page 2, page=2)" },
      { err.kind, err.message }
    )
  end)

  it("is an error when a page cannot be had", function()
    local wanted = { kind = "server" }
    local count, err = ids(client({ { "a" }, { "b" } }, function(number, list, response)
      if number == 2 then return nil, wanted end
      return list, response
    end))
    assert.is_nil(count)
    assert.equal(wanted, err)
  end)

  it("is an error when the pages go round, or are empty and go on", function()
    local round = client({ { "a" }, { "b" } }, function(_, list, response)
      response.next = { page = 1 }
      return list, response
    end)
    local count, err = ids(round)
    assert.is_nil(count)
    assert.truthy(err.message:find("repeats itself after 1: a came twice", 1, true), err.message)
    count, err = ids(client { { "a" }, {}, { "b" } })
    assert.is_nil(count)
    assert.same("protocol", err.kind)
  end)

  -- each page leads to the next by a cursor of its own, `last` in all
  local function cursors(last, things)
    local asked = 0
    return client({ things(1) }, function(_, _, response)
      asked = asked + 1
      local list = {}
      for i, id in ipairs(things(asked)) do
        list[i] = { id = id }
      end
      response.next = asked < last and { after = "c" .. asked } or nil
      return list, response
    end),
      function() return asked end
  end

  it("goes on behind empty pages where a cursor leads on", function()
    local dd = cursors(99, function(page) return page == 1 and { "a" } or page == 99 and { "b" } or {} end)
    assert.same({ 2, "ab" }, { ids(dd) })
  end)

  it("is an error where nothing new comes, however new the cursors are", function()
    local kinds = {
      ["empty pages"] = { {}, "does not end", 101 },
      ["the same things"] = { { "a" }, "repeats itself", 2 },
      ["no ids"] = { { false }, "has no id", 2 },
    }
    for what, row in pairs(kinds) do
      local dd, asked = cursors(math.huge, function(page) return page == 1 and { "a" } or row[1] end)
      local count, err = listing.all(dd, "list", nil, function() end, "things")
      assert.is_nil(count, what)
      assert.truthy(err.message:find(row[2], 1, true), err.message)
      assert.equal(row[3], asked(), what)
    end
  end)

  it("is an error when an index brings what came already", function()
    local asked = 0
    local count, err = ids(client({ { "a", "b" } }, function(_, list, response)
      asked = asked + 1
      response.next = { page = 1, startIndex = 1 + 2 * asked }
      return list, response
    end))
    assert.is_nil(count)
    assert.truthy(err.message:find("repeats itself", 1, true))
    assert.equal(2, asked)
  end)
end)
