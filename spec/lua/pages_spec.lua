-- each_...(): every item of a paged list, or an error; response.total and response.next.
local ddokta = require "ddokta"
local pages = require "ddokta.pages"
local serving = require "spec.support.serving"

local now = require("ddokta.core").system.now
local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local json = serving.json
local server

-- items(from, to) -> JSON resources with those ids
local function items(from, to)
  local list = {}
  for i = from, to do
    list[#list + 1] = ('{"id":"%d"}'):format(i)
  end
  return table.concat(list, ",")
end

local function page(from, to, meta)
  return json(200, ('{"data":[%s],"meta":%s}'):format(items(from, to), meta or "{}"))
end

local function counted(from, to, total)
  return page(from, to, ('{"page":{"total_count":900,"total_filtered_count":%d}}'):format(total))
end

local function scim(from, to, total, more)
  return json(
    200,
    ('{"schemas":[],"totalResults":%d,"startIndex":1,"itemsPerPage":20,"Resources":[%s]%s}'):format(
      total,
      items(from, to),
      more or ""
    )
  )
end

-- link: the target of rel="next", or nothing
local function linked(from, to, link)
  return json(
    200,
    "[" .. items(from, to) .. "]",
    link and { Link = ('<http://127.0.0.1/x>; rel="self", <%s>; rel="next"'):format(link) }
  )
end

local function okta_client()
  return assert(ddokta.okta { base_url = server.url, token = "a-token-of-okta", proxy = "", max_retries = 0 })
end

-- walk(method, ...) -> ids as text, error
local function walk(iterate, ...)
  local ids, arguments, n = {}, { ... }, select("#", ...)
  local ok, err = pcall(function()
    for item in iterate(unpack(arguments, 1, n)) do
      ids[#ids + 1] = item.id
    end
  end)
  return table.concat(ids, " "), not ok and err or nil
end

local function queries()
  local list = {}
  for i, request in ipairs(server:requests()) do
    list[i] = request.path:match "%?(.*)$" or ""
  end
  return list
end

describe("each_", function()
  local dd
  setup(function()
    server = serving.start()
    dd = server:client()
  end)
  teardown(function()
    dd:close()
    server:stop()
  end)

  -- {what, answers, ids, queries of the requests, part of the error}
  local walks = {
    {
      "numbered pages end with their total",
      "each_user",
      { counted(1, 2, 3), counted(3, 3, 3) },
      "1 2 3",
      { "page%5Bsize%5D=100", "page%5Bsize%5D=100&page%5Bnumber%5D=1" },
    },
    { "one page that is all", "each_user", { counted(1, 3, 3) }, "1 2 3", { "page%5Bsize%5D=100" } },
    { "an empty list", "each_user", { counted(1, 0, 0) }, "", { "page%5Bsize%5D=100" } },
    {
      "offsets in the answer",
      "each_team",
      {
        page(1, 2, '{"pagination":{"offset":0,"limit":2,"total":3,"type":"offset_limit"}}'),
        page(3, 3, '{"pagination":{"offset":2,"limit":2,"total":3,"type":"offset_limit"}}'),
      },
      "1 2 3",
      { "page%5Bsize%5D=100", "page%5Bnumber%5D=1&page%5Bsize%5D=100" },
    },
    {
      "numbered pages without a total end with an empty one",
      "each_user",
      { page(1, 2), page(3, 3), page(1, 0) },
      "1 2 3",
    },
    {
      "a server that gives less than was asked for",
      "each_user",
      { counted(1, 1, 3), counted(2, 2, 3), counted(3, 3, 3) },
      "1 2 3",
    },
    {
      "indices go on after what came, whatever itemsPerPage says",
      "each_scim_user",
      { scim(1, 3, 5), scim(4, 5, 5) },
      "1 2 3 4 5",
      { "count=100", "startIndex=4&count=100" },
    },
    {
      "a server that ignores paging and gives all",
      "each_scim_user",
      { scim(1, 30, 30) },
      (function()
        local t = {}
        for i = 1, 30 do
          t[i] = i
        end
        return table.concat(t, " ")
      end)(),
    },
    { "no Resources where there are none", "each_scim_user", { json(200, '{"totalResults":0}') }, "" },
    {
      "names in any case",
      "each_scim_group",
      { json(200, '{"TOTALRESULTS":1,"resources":[{"id":"1"}]}') },
      "1",
    },
    {
      "cursors, once the server gives one",
      "each_scim_user",
      { scim(1, 2, 3, ',"nextCursor":"a b"'), scim(3, 3, 3) },
      "1 2 3",
      { "count=100", "count=100&cursor=a%20b" },
    },
    {
      "a cursor behind an empty page",
      "each_scim_user",
      { scim(1, 1, 2, ',"nextCursor":"a"'), scim(1, 0, 2, ',"nextCursor":"b"'), scim(2, 2, 2) },
      "1 2",
    },

    {
      "a cursor behind all of a total",
      "each_scim_user",
      { scim(1, 1, 1, ',"nextCursor":"a"'), scim(1, 0, 1) },
      "1",
    },
    {
      "totals as text",
      "each_scim_user",
      {
        json(200, '{"totalResults":"2","Resources":[{"id":"1"}]}'),
        json(200, '{"totalResults":"2","Resources":[{"id":"2"}]}'),
      },
      "1 2",
      { "count=100", "startIndex=2&count=100" },
    },
    {
      "indices without a total end with an empty page",
      "each_scim_user",
      {
        json(200, '{"Resources":[{"id":"1"}]}'),
        json(200, '{"Resources":[{"id":"2"}]}'),
        json(200, '{"Resources":[]}'),
      },
      "1 2",
    },
    {
      "a total that counts nothing is none",
      "each_scim_user",
      {
        json(200, '{"totalResults":-1,"Resources":[{"id":"1"}]}'),
        json(200, '{"totalResults":2.5,"Resources":[{"id":"2"}]}'),
        json(200, '{"totalResults":1e300,"Resources":[]}'),
      },
      "1 2",
    },
    {
      "cursors without a total end with the page that has none",
      "each_scim_user",
      { json(200, '{"Resources":[{"id":"1"}],"nextCursor":"a"}'), json(200, '{"Resources":[{"id":"2"}]}') },
      "1 2",
      { "count=100", "count=100&cursor=a" },
    },

    {
      "a total as text that is not reached",
      "each_user",
      { json(200, '{"data":[{"id":"1"}],"meta":{"page":{"total_count":"9"}}}'), counted(1, 0, 9) },
      "1",
      nil,
      "the list is incomplete: 1 of 9 came",
    },
    {
      "cursors that end before the total",
      "each_scim_user",
      { scim(1, 1, 5, ',"nextCursor":"a"'), scim(2, 2, 5) },
      "1",
      nil,
      "the list is incomplete: 2 of 5",
    },
    {
      "cursors in a circle",
      "each_scim_user",
      {
        scim(1, 1, 9, ',"nextCursor":"a"'),
        scim(1, 0, 9, ',"nextCursor":"b"'),
        scim(1, 0, 9, ',"nextCursor":"a"'),
      },
      "1",
      { "count=100", "count=100&cursor=a", "count=100&cursor=b" },
      "cursor=a leads to itself",
    },
    {
      "an element that is no resource",
      "each_user",
      { json(200, '{"data":[{"id":"1"},null,{"id":"3"}]}') },
      "",
      nil,
      "element 2 behind 0 is no resource",
    },
    {
      "an element without an id",
      "each_user",
      { json(200, '{"data":[{"type":"users"}]}') },
      "",
      nil,
      "element 1 behind 0 has no id (item 1 of page 1)",
    },
    {
      "an id that is none",
      "each_scim_user",
      { scim(1, 2, 4), json(200, '{"totalResults":4,"Resources":[{"id":"3"},{"id":{}}]}') },
      "1 2",
      nil,
      "element 2 behind 2 has no id (item 2 of page 2, startIndex=3)",
    },
    {
      "null in place of the list",
      "each_user",
      { json(200, '{"data":null}') },
      "",
      nil,
      "there is no list in it",
    },
    {
      "a total that is not reached",
      "each_user",
      { counted(1, 2, 3), counted(1, 0, 3) },
      "1 2",
      nil,
      "the list is incomplete: 2 of 3 came",
    },
    {
      "an index that leads nowhere",
      "each_scim_user",
      { scim(1, 1, 3), scim(1, 0, 3) },
      "1",
      nil,
      "the list is incomplete: 1 of 3 came",
    },
    { "more than the total", "each_user", { counted(1, 3, 2) }, "", nil, "3 came of a total of 2" },
    {
      "a page again, which scimmy gives beyond the end",
      "each_scim_user",
      { scim(1, 2, 5) },
      "1 2",
      nil,
      "repeats itself after 2: 1 came twice",
    },
    {
      "an item twice in one page",
      "each_user",
      { json(200, '{"data":[{"id":"1"},{"id":"1"}]}') },
      "",
      nil,
      "1 came twice",
    },
    {
      "a total that shrinks: something may have moved to a page already read",
      "each_user",
      { counted(1, 2, 4), counted(3, 3, 3) },
      "1 2",
      nil,
      "its total was 4, then 3",
    },
    {
      "a cursor that leads to itself",
      "each_scim_user",
      { scim(1, 1, 9, ',"nextCursor":"a"'), scim(2, 2, 9, ',"nextCursor":"a"') },
      "1",
      nil,
      "cursor=a leads to itself",
    },
    { "no list", "each_user", { json(200, '{"meta":{}}') }, "", nil, "there is no list in it" },
    {
      "an object in its place",
      "each_user",
      { json(200, '{"data":{"id":"1"}}') },
      "",
      nil,
      "there is no list in it",
    },
    {
      "Resources missing though there are some",
      "each_scim_user",
      { json(200, '{"totalResults":2}') },
      "",
      nil,
      "there is no list in it",
    },
    {
      "a page that fails",
      "each_user",
      { counted(1, 2, 3), json(403, '{"errors":["Forbidden"]}') },
      "1 2",
      nil,
      "Forbidden",
    },
  }

  for _, row in ipairs(walks) do
    local what, name, answers, ids, asked, problem = unpack(row, 1, 6)
    it(name .. ": " .. what, function()
      server:answer(unpack(answers))
      local got, err = walk(dd[name], dd)
      if problem then
        assert.truthy(tostring(err):find(problem, 1, true), tostring(err))
        assert.equal("table", type(err))
      else
        assert.is_nil(err and tostring(err))
      end
      assert.equal(ids, got)
      if asked then assert.same(asked, queries()) end
    end)
  end

  describe("a walk that leads nowhere ends:", function()
    local function cursors(n)
      local answers = {}
      for i = 1, n do
        answers[i] = scim(1, 0, 9, (',"nextCursor":"c%d"'):format(i))
      end
      return answers
    end

    it("empty pages with a new cursor each", function()
      local answers = cursors(101)
      answers[1] = scim(1, 1, 9, ',"nextCursor":"a"')
      server:answer(unpack(answers))
      local got, err = walk(dd.each_scim_user, dd)
      assert.equal("1", got)
      assert.matches("the list does not end: 100 pages in a row brought nothing new", tostring(err))
      assert.equal("protocol", err.kind)
      assert.equal(101, #server:requests())
    end)

    it("a cursor that leads on behind all of a total", function()
      local answers = cursors(20)
      answers[1] = scim(1, 9, 9, ',"nextCursor":"a"')
      server:answer(unpack(answers))
      local _, err = walk(dd.each_scim_user, dd)
      assert.matches("the list does not end: 3 pages in a row brought nothing new", tostring(err))
      assert.equal(4, #server:requests())
    end)

    it("a total that grows with every page", function()
      server:script [[local request, n = ...
        return { { status = 200, headers = { ["Content-Type"] = "application/json" }, body =
          ('{"totalResults":%d,"Resources":[{"id":"%d"}]}'):format(n + 1, n) } } ]]
      local _, err = walk(dd.each_scim_user, dd)
      assert.matches("the list does not end: 105 pages came, and 105 items", tostring(err), 1, true)
      assert.equal(105, #server:requests()) -- two pages were said to be there; twice as many, and 100
    end)

    it("cursors that bring something new for ever", function()
      local most = pages.MOST_PAGES
      pages.MOST_PAGES = 30
      server:script [[local request, n = ...
        return { { status = 200, headers = { ["Content-Type"] = "application/json" }, body =
          ('{"Resources":[{"id":"%d"}],"nextCursor":"%d"}'):format(n, n) } } ]]
      local _, err = walk(dd.each_scim_user, dd)
      pages.MOST_PAGES = most
      assert.matches("the list does not end: 31 pages came, and 31 items", tostring(err), 1, true)
      assert.equal(31, #server:requests())
    end)

    it("but not where something comes in the end", function()
      local answers = cursors(99)
      answers[100] = scim(1, 9, 9)
      server:answer(unpack(answers))
      assert.equal("1 2 3 4 5 6 7 8 9", (walk(dd.each_scim_user, dd)))
    end)
  end)

  it("raises the page's own error", function()
    server:answer(json(403, '{"errors":["Forbidden"]}'))
    local _, err = walk(dd.each_user, dd)
    assert.equal("forbidden", err.kind)
    assert.equal("user_access_read", err.permission)
    assert.equal("list_users", err.operation)
    server:answer(counted(1, 1, 2), counted(1, 0, 2))
    _, err = walk(dd.each_user, dd)
    assert.equal("protocol", err.kind)
    assert.is_true(err.retryable)
  end)

  it("hands path parameters and the query on, and leaves the caller's table as it was", function()
    server:answer(counted(1, 1, 2), counted(2, 2, 2))
    local query = { page_size = 1, sort = "name" }
    assert.equal("1 2", (walk(dd.each_role_user, dd, "a/role", query)))
    local requests = server:requests()
    assert.equal("/api/v2/roles/a%2Frole/users?page%5Bsize%5D=1&sort=name", requests[1].path)
    assert.equal(
      "/api/v2/roles/a%2Frole/users?page%5Bsize%5D=1&page%5Bnumber%5D=1&sort=name",
      requests[2].path
    )
    assert.same({ page_size = 1, sort = "name" }, query)
  end)

  it("takes no page of its own, and no more than its arguments", function()
    server:answer(counted(1, 1, 1))
    for _, query in ipairs { { page_number = 2 }, { ["page[number]"] = 2 } } do
      local _, err = walk(dd.each_user, dd, query)
      assert.equal("invalid_request", err.kind)
      assert.matches("walks every page", err.message)
    end
    local _, err = walk(dd.each_scim_user, dd, { start_index = 2 })
    assert.equal("invalid_request", err.kind)
    _, err = walk(dd.each_user, dd, {}, {})
    assert.equal("invalid_request", err.kind)
    _, err = walk(dd.each_user, dd, "filter")
    assert.equal("invalid_request", err.kind)
    _, err = walk(dd.each_role_user, dd)
    assert.matches("role_id", err.message)
    assert.equal(0, #server:requests())
  end)

  it("asks for the next page only when it is wanted", function()
    server:answer(counted(1, 2, 4), counted(3, 4, 4))
    for user in dd:each_user() do
      if user.id == "2" then break end
    end
    assert.equal(1, #server:requests())
  end)

  it("runs inside tasks, and ends them with its error", function()
    local function walk_in_task()
      return ddokta.parallel(2, { 1 }, function()
        local ids = {}
        for user in dd:each_user() do
          ids[#ids + 1] = user.id
        end
        return table.concat(ids, " ")
      end)[1]
    end
    server:answer(counted(1, 2, 3), counted(3, 3, 3))
    local result = walk_in_task()
    assert.equal("1 2 3", result[1], tostring(result[2]))
    server:answer(counted(1, 2, 3), json(500, "{}"))
    result = walk_in_task()
    assert.is_nil(result[1])
    assert.equal("server", result[2].kind)
  end)

  it("there is one for each paged list", function()
    for _, operation in ipairs(ddokta.operations) do
      local client = operation.service == "okta" and okta_client() or dd
      assert.equal(operation.paged, operation.each ~= nil, operation.name)
      if operation.each then
        assert.equal("function", type(client["each_" .. operation.each]), operation.each)
      end
    end
  end)

  describe("pages that are asked for ahead", function()
    -- A service of `total` things in pages of `size`, each after `seconds`; before it answers request n,
    -- `change` may alter `list` (of ids), `total` and `size`.
    local function service(total, size, seconds, change)
      server:script(([[
        local request, n = ...
        if n == 1 then
          list, gap = {}, nil
          for i = 1, %d do list[i] = i end
        end
        local total = nil
        local size = tonumber(request.path:match "count=(%%d+)" or request.path:match "size%%%%5D=(%%d+)")
        size = math.min(size, %d)
        local from = tonumber(request.path:match "startIndex=(%%d+)")
          or 1 + size * (tonumber(request.path:match "number%%%%5D=(%%d+)") or 0)
        %s
        local found = {}
        for i = from, math.min(from + size - 1, #list) do found[#found + 1] = '{"id":"' .. list[i] .. '"}' end
        total = total or #list
        local body = request.path:find "/scim/"
          and ('{"totalResults":%%d,"Resources":[%%s]}'):format(total, table.concat(found, ","))
          or ('{"data":[%%s],"meta":{"page":{"total_count":%%d}}}'):format(table.concat(found, ","), total)
        return { { sleep = %g }, { status = 200, headers = { ["Content-Type"] = "application/json" },
          body = body } } ]]):format(total, size, change or "", seconds or 0))
    end

    local function expected(to)
      local all = {}
      for i = 1, to do
        all[i] = i
      end
      return table.concat(all, " ")
    end

    local function most_busy()
      local most = 0
      for _, request in ipairs(server:requests()) do
        most = math.max(most, request.busy)
      end
      return most
    end

    -- the same by pages.walk: ids as text, error
    local function walk_whole(operation, on_page)
      local ids = {}
      local count, err = pages.walk({
        client = dd,
        operation = operation,
        title = "people",
        query = operation:find "scim" and { count = 100 } or { page_size = 100 },
        on_page = on_page,
      }, function(item) ids[#ids + 1] = item.id end)
      return table.concat(ids, " "), err, count
    end

    for _, name in ipairs { "scim_user", "user" } do
      it("come in order, each once: " .. name, function()
        service(1050, 100, 0.1)
        local from = now()
        assert.equal(expected(1050), (walk(dd["each_" .. name], dd)))
        assert.is_true(now() - from < 0.9)
        assert.equal(11, #server:requests())
        assert.is_true(most_busy() >= 4, most_busy())
        service(1050, 100, 0.1)
        local seen = 0
        local function see(page_items) seen = seen + #page_items end
        local ids, err, count = walk_whole("list_" .. name .. "s", see)
        assert.is_nil(err)
        assert.same({ 1050, 1050 }, { count, seen })
        assert.equal(expected(1050), ids)
        assert.equal(11, #server:requests())
        assert.equal(9, most_busy()) -- all behind the second
      end)
    end

    it("are no more than may be in flight", function()
      service(1000, 50, 0.02)
      local narrow = server:client { max_in_flight = 3 }
      assert.equal(expected(1000), (walk(narrow.each_scim_user, narrow)))
      narrow:close()
      assert.equal(3, most_busy())
      assert.equal(20, #server:requests())
    end)

    it("are not asked for by who stops early, and nothing is under way then", function()
      for _, row in ipairs { { 1, 1 }, { 100, 1 }, { 101, 2 }, { 200, 2 }, { 201, 6 }, { 650, 18 } } do
        service(100000, 100, 0.01)
        local last
        for user in dd:each_scim_user() do
          last = tonumber(user.id)
          if last == row[1] then break end
        end
        assert.equal(row[1], last)
        assert.equal(0, dd:stats().in_flight)
        assert.is_true(#server:requests() <= row[2], #server:requests() .. " for item " .. row[1])
      end
    end)

    it("are dropped where one is shorter than the others, and the list is whole all the same", function()
      service(2000, 100, 0.01, "if from == 501 then size = 40 end")
      assert.equal(expected(2000), (walk(dd.each_scim_user, dd)))
      service(2000, 100, 0.01, "if from == 501 then size = 40 end")
      assert.equal(expected(2000), (walk_whole "list_scim_users"))
    end)

    it("a service that cuts pages to its own size", function()
      service(500, 20)
      assert.equal(expected(500), (walk(dd.each_scim_user, dd)))
      assert.equal(25, #server:requests())
    end)

    -- {what, things, change, part of the error, requests at most}
    for _, row in ipairs {
      {
        "a total that the list does not have",
        100,
        "total = 1000000",
        "incomplete: 100 of 1000000 came",
        2,
      },
      { "pages that are always the first", 1000, "from = 1", "repeats itself after 100: 1 came twice", 2 },
      {
        "pages that are the first from the third on",
        1000,
        "if from > 200 then from = 1 end",
        "repeats itself after 200: 1 came twice",
        10,
      },
      {
        "something was removed",
        1000,
        "if n == 5 then table.remove(list, 1) end",
        "changed while it was read",
        12,
      },
      {
        "more was removed than added",
        1000,
        "if n == 5 then table.remove(list, 1) table.remove(list, 1) list[999] = 1001 end",
        "changed while it was read",
        12,
      },
      { "something was put in front", 1000, "if n == 5 then table.insert(list, 1, 0) end", "came twice", 12 },
      {
        "the end is missing",
        1000,
        "if from > 900 then from = 2000 end",
        "incomplete: 900 of 1000 came",
        12,
      },
    } do
      local what, things, change, problem, most = unpack(row, 1, 5)
      it("a list that is not one is an error: " .. what, function()
        for _, read in ipairs {
          function() return walk(dd.each_scim_user, dd) end,
          function() return walk_whole "list_scim_users" end,
          function() return walk(dd.each_user, dd) end,
          function() return walk_whole "list_users" end,
        } do
          service(things, 100, 0.005, change)
          local _, err = read()
          assert.equal("protocol", (err or {}).kind)
          assert.is_true(err.retryable)
          assert.truthy(tostring(err):find(problem, 1, true), tostring(err))
          assert.matches("page %d", tostring(err))
          assert.is_true(#server:requests() <= most, #server:requests())
          assert.equal(0, dd:stats().in_flight)
        end
      end)
    end

    it("something that is added behind what was read is read too", function()
      service(1000, 100, 0.01, "if n == 5 then list[1001] = 1001 end")
      assert.equal(expected(1001), (walk(dd.each_scim_user, dd)))
    end)

    it("the error says which list", function()
      service(1000, 100, 0, "if from > 900 then from = 1 end")
      local _, err = walk_whole "list_scim_users"
      assert.equal(
        "list_scim_users: protocol: the list of people repeats itself after 900: 1 came twice; it "
          .. "may have changed while it was read (item 1 of page 10, startIndex=901)",
        tostring(err)
      )
    end)

    it("a page that waits for too long before its turn is asked for again", function()
      service(2000, 100, 0.2)
      local hasty = server:client { max_in_flight = 4, timeout = 0.5 }
      assert.equal(expected(2000), (walk(hasty.each_scim_user, hasty)))
      hasty:close()
    end)

    it("a page that cannot be had is an error where it stands, and ends the walk", function()
      for _, read in ipairs {
        function() return walk(dd.each_scim_user, dd) end,
        function() return walk_whole "list_scim_users" end,
      } do
        service(1000, 100, 0.01, "if from == 601 then return { { status = 403, body = '{}' } } end")
        local ids, err = read()
        assert.equal("forbidden", (err or {}).kind)
        assert.equal(expected(600), ids)
        assert.equal(0, dd:stats().in_flight)
      end
    end)

    it("several lists side by side, in tasks", function()
      service(2000, 100, 0.02)
      local results = ddokta.parallel(3, { 1, 2, 3 }, function()
        local ids = {}
        for user in dd:each_scim_user() do
          ids[#ids + 1] = user.id
        end
        return table.concat(ids, " ")
      end)
      for i = 1, 3 do
        assert.equal(expected(2000), results[i][1], tostring(results[i][2]))
      end
      assert.is_true(most_busy() > 3)
    end)

    it("of a client with a list of its own are asked for by that", function()
      service(500, 100)
      local asked = 0
      local wrapper = setmetatable({
        list_scim_users = function(_, query)
          asked = asked + 1
          return dd:list_scim_users(query)
        end,
      }, { __index = dd })
      assert.equal(
        500,
        (
          pages.walk(
            { client = wrapper, operation = "list_scim_users", query = { count = 100 } },
            function() end
          )
        )
      )
      assert.equal(5, asked)
      assert.equal(1, most_busy())
    end)
  end)

  describe("of Okta", function()
    local okta
    setup(function() okta = okta_client() end)
    teardown(function() okta:close() end)

    it("follows the link's cursor, on its own base URL", function()
      server:answer(linked(1, 2, "http://127.0.0.1/elsewhere?limit=7&after=c%2B1"), linked(3, 3))
      assert.equal("1 2 3", (walk(okta.each_user, okta)))
      assert.same({ "limit=200", "after=c%2B1&limit=200" }, queries())
      assert.matches("^/api/v1/users", server:requests()[2].path)
    end)

    it("takes a relative link", function()
      server:answer(linked(1, 1, "/api/v1/users?after=x"), linked(2, 2, "?after=a:b"), linked(3, 3))
      assert.equal("1 2 3", (walk(okta.each_user, okta)))
    end)

    it("goes on behind a page that is empty", function()
      server:answer(
        linked(1, 0, "/x?after=a"),
        linked(1, 1, "/x?after=b"),
        linked(1, 0, "/x?after=c"),
        linked(2, 2)
      )
      assert.equal("1 2", (walk(okta.each_user, okta)))
      server:answer(linked(1, 0, "/x?after=a"), linked(1, 0, "/x?after=b"))
      local got, err = walk(okta.each_user, okta)
      assert.equal("", got)
      assert.matches("after=b leads to itself", tostring(err))
    end)

    it("does not take an empty object for an empty list", function()
      server:answer(json(200, "{}"))
      local got, err = walk(okta.each_user, okta)
      assert.equal("", got)
      assert.matches("there is no list in it", tostring(err))
    end)

    for _, row in ipairs {
      { "to another list on another host", "https://evil.example/api/v1/groups?after=x", "another host" },
      { "to what only begins like it", "https://evil.example/api/v1/users/x?after=x", "another host" },
      { "that is no address of a host", "javascript:x?after=x", "another host" },
      { "to another list without a scheme", "//evil.example/api/v1/groups?after=x", "another host" },
      { "without a cursor", "http://127.0.0.1/api/v1/users?limit=2", 'has no "after"' },
    } do
      it("refuses a link " .. row[1], function()
        server:answer(linked(1, 1, row[2]), linked(2, 2))
        local got, err = walk(okta.each_user, okta)
        assert.equal("protocol", err.kind)
        assert.truthy(tostring(err):find(row[3], 1, true), tostring(err))
        assert.equal("", got)
        assert.equal(1, #server:requests())
      end)
    end

    -- behind a gateway: only the cursor is used, and it goes to the host that was asked
    for what, link in pairs {
      ["a host of another name"] = "https://acme.okta.com/api/v1/users?after=a%2Bb&limit=2",
      ["another name before the path"] = "https://acme.okta.com/gateway/okta/api/v1/users?after=a%2Bb",
      ["no scheme"] = "//acme.okta.com/api/v1/users?after=a%2Bb",
      ["escapes for HTML"] = "/api/v1/users?limit=2&amp;after=a%2Bb",
      ["a raw + in its cursor"] = "/api/v1/users?limit=2&after=a+b",
    } do
      it("follows a link with " .. what, function()
        server:answer(linked(1, 2, link), linked(3, 3))
        assert.equal("1 2 3", (walk(okta.each_user, okta)))
        assert.equal("/api/v1/users?after=a%2Bb&limit=200", server:requests()[2].path)
        assert.equal(2, #server:requests())
      end)
    end

    it("refuses a cursor that leads to itself, and items that come twice", function()
      server:answer(linked(1, 1, "/x?after=a"), linked(2, 2, "/x?after=a"))
      local got, err = walk(okta.each_user, okta)
      assert.equal("1", got)
      assert.matches("leads to itself", tostring(err))
      server:answer(linked(1, 2, "/x?after=a"), linked(2, 3))
      got, err = walk(okta.each_user, okta)
      assert.equal("1 2", got)
      assert.matches("2 came twice", tostring(err))
    end)

    it("path parameters", function()
      server:answer(linked(1, 1))
      assert.equal("1", (walk(okta.each_group_user, okta, "a-group", { limit = 5 })))
      assert.equal("/api/v1/groups/a-group/users?limit=5", server:requests()[1].path)
    end)
  end)

  describe("response", function()
    it("has the total, and the query of the next page", function()
      server:answer(counted(1, 2, 5))
      local _, response = dd:list_users { page_size = 2, page_number = 1 }
      assert.equal(5, response.total)
      assert.same({ ["page[number]"] = 2 }, response.next)
      server:answer(scim(1, 2, 5))
      _, response = dd:list_scim_users { start_index = 2 }
      assert.equal(5, response.total)
      assert.same({ startIndex = 4 }, response.next)
      _, response = dd:list_scim_users { start_index = 4 }
      assert.is_nil(response.next)
      server:answer(scim(1, 2, 5, ',"nextCursor":"c"'))
      _, response = dd:list_scim_users()
      assert.same({ cursor = "c" }, response.next)
      server:answer(scim(3, 4, 5))
      _, response = dd:list_scim_users { cursor = "c" }
      assert.is_nil(response.next)
      server:answer(json(200, '{"Resources":[{"id":"1"}],"totalResults":1e300}'))
      _, response = dd:list_scim_users()
      assert.is_nil(response.total)
      assert.same({ startIndex = 2 }, response.next)
    end)

    -- {what, method, query, the answer's meta, how many came, the next page's number or nothing}
    local function numbered(size, total)
      return ('"pagination":{"number":1,"size":%d,"total":%d,"type":"number_size"}'):format(size, total)
    end
    for _, row in ipairs {
      {
        "of a size that the answer tells",
        "list_teams",
        { page_size = 2, page_number = 1 },
        numbered(2, 3),
        1,
      },
      { "of a size that was not asked for", "list_teams", { page_number = 1 }, numbered(2, 3), 1 },
      { "that is not the last", "list_teams", { page_size = 2, page_number = 1 }, numbered(2, 5), 2, 2 },
      { "that is cut", "list_teams", { page_size = 500, page_number = 1 }, numbered(100, 250), 100, 2 },
      { "that is full and the last", "list_teams", { page_size = 2, page_number = 1 }, numbered(2, 4), 2 },
      {
        "of a size that was asked for",
        "list_roles",
        { page_size = 2, page_number = 1 },
        '"page":{"total_count":3,"total_filtered_count":3}',
        1,
      },
      {
        "of a size that may be cut",
        "list_roles",
        { page_size = 1000, page_number = 1 },
        '"page":{"total_count":1100}',
        100,
        2,
      },
      {
        "of a size that is allowed",
        "list_users",
        { page_size = 1000, page_number = 1 },
        '"page":{"max_page_size":1000,"total_count":1100}',
        100,
      },
      {
        "of a size beyond what is allowed",
        "list_users",
        { page_size = 5000, page_number = 1 },
        '"page":{"max_page_size":1000,"total_count":2500}',
        1000,
        2,
      },
      {
        "by its offset",
        "get_team_memberships",
        { page_size = 2, page_number = 1 },
        '"pagination":{"offset":2,"limit":2,"total":3}',
        1,
        nil,
        "a-team",
      },
    } do
      it("of a page " .. row[1] .. (row[6] and " goes on" or " ends"), function()
        local came = {}
        for i = 1, row[5] do
          came[i] = ('{"id":"%d","type":"x","attributes":{}}'):format(i)
        end
        server:answer(json(200, ('{"data":[%s],"meta":{%s}}'):format(table.concat(came, ","), row[4])))
        local list, response
        if row[7] then
          list, response = dd:call(row[2], row[7], row[3])
        else
          list, response = dd:call(row[2], row[3])
        end
        assert.equal(row[5], #assert(list, tostring(response)))
        assert.same(row[6] and { ["page[number]"] = row[6] } or nil, response.next)
      end)
    end

    it("has neither where the list is whole", function()
      server:answer(serving.EMPTY_LIST)
      local _, response = dd:list_okta_accounts()
      assert.is_nil(response.total)
      assert.is_nil(response.next)
    end)
  end)
end)

-- --- all of a list, as bulk and recipes read it ----------------------------------------------------

do
  -- answers: {{ids...}, total}; each leads to the next by its number
  local function client(answers, change)
    return {
      list = function(_, query)
        local number = query and query.page or 1
        local list = {}
        for i, id in ipairs(answers[number]) do
          list[i] = { id = id }
        end
        local response =
          { total = answers.total, next = answers[number + 1] and { page = number + 1 } or nil }
        if change then return change(number, list, response, query) end
        return list, response
      end,
    }
  end

  local function ids(dd, query)
    local found = {}
    local function visit(resource) found[#found + 1] = resource.id end
    local count, err = pages.walk({ client = dd, operation = "list", query = query, title = "things" }, visit)
    return count, count and table.concat(found) or err
  end

  describe("pages.walk", function()
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
      local dd = cursors(
        99,
        function(number) return number == 1 and { "a" } or number == 99 and { "b" } or {} end
      )
      assert.same({ 2, "ab" }, { ids(dd) })
    end)

    it("is an error where nothing new comes, however new the cursors are", function()
      local kinds = {
        ["empty pages"] = { {}, "does not end", 101 },
        ["the same things"] = { { "a" }, "repeats itself", 2 },
        ["no ids"] = { { false }, "has no id", 2 },
      }
      for what, row in pairs(kinds) do
        local dd, asked = cursors(math.huge, function(number) return number == 1 and { "a" } or row[1] end)
        local count, err = pages.walk({ client = dd, operation = "list", title = "things" }, function() end)
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
end
