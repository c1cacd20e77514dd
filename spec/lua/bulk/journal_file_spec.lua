-- lua/ddokta/bulk/journal_file.lua: whose a file is, and how much of it is whole.
local backup = require "ddokta.bulk.backup"
local box = require "spec.lua.bulk.box"
local ddokta = require "ddokta"
local journal = require "ddokta.bulk.journal"
local journal_file = require "ddokta.bulk.journal_file"
local system = require("ddokta.core").system

describe("bulk.journal_file", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path()
    count = count + 1
    return ("%s/%d.journal"):format(dir, count)
  end

  local function options(changes)
    local o = { kind = "okta_accounts", organisation = "https://api.datadoghq.com", plan = "p1", steps = 10 }
    for name, value in pairs(changes or {}) do
      o[name] = value
    end
    return o
  end

  local function open(path, changes) return assert(journal.open(path, options(changes))) end

  local function read(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local text = file:read "*a"
    file:close()
    return text
  end

  local write = require("spec.support.files").write

  local function all_of(iterator)
    local list = {}
    for value in iterator do
      list[#list + 1] = value
    end
    return list
  end

  local others = {
    { "kind", { kind = "scim_users" }, "other_kind", "is of okta_accounts, not of scim_users" },
    {
      "organisation",
      { organisation = "https://api.datadoghq.eu" },
      "other_organisation",
      "is of another organisation, https://api.datadoghq.com, not of https://api.datadoghq.eu",
    },
    { "plan", { plan = "p2" }, "other_plan", "is of another plan (p1, not p2)" },
    { "number of steps", { steps = 11 }, "other_steps", "another plan" },
  }

  for _, case in ipairs(others) do
    it("refuses a journal of another " .. case[1] .. " and leaves it as it is", function()
      local path = new_path()
      local book = open(path)
      assert(book:begin(1))
      assert(book:close())
      write(path, read(path) .. '{"step":2') -- not even its torn tail is cut
      local before = read(path)
      local other, err = journal.open(path, options(case[2]))
      assert.is_nil(other)
      assert.same({ "conflict", case[3] }, { err.kind, err.code })
      assert.truthy(tostring(err):find(case[4], 1, true), tostring(err))
      assert.truthy(tostring(err):find(path, 1, true))
      assert.equal(before, read(path))
      assert(open(path):close()) -- it is not left locked
    end)
  end

  it("cuts off a torn last line of any length", function()
    local path = new_path()
    local book = open(path)
    assert(book:begin(1))
    assert(book:close())
    local kept = read(path)
    book = open(path)
    assert(book:begin(2, { key = 'é "quoted"' }))
    assert(book:close())
    local whole = read(path)
    for cut = #kept, #whole do
      write(path, whole:sub(1, cut))
      book = open(path)
      assert.same({ "unknown", cut == #whole and "unknown" or nil }, { book:state(1), book:state(2) })
      assert(book:begin(3))
      assert(book:close())
      assert.equal("\n", read(path):sub(-1))
      book = open(path)
      assert.same({ 1, cut == #whole and 2 or 3, cut == #whole and 3 or nil }, all_of(book:steps "unknown"))
      assert(book:close())
    end
  end)

  it("names the line that is not as it was written", function()
    local path = new_path()
    local book = open(path)
    for step = 1, 3 do
      assert(book:begin(step, { key = "key" .. step }))
    end
    assert(book:sync())
    assert(book:done(1, { id = "x" }))
    assert(book:close())
    local whole = read(path)
    for number, damaged in pairs {
      [1] = whole:gsub("okta_accounts", "okta_Accounts", 1),
      [2] = whole:gsub("key1", "key9"),
      [3] = whole:gsub("key2", "key\0"),
      [4] = whole:gsub("key3", ""),
    } do
      write(path, damaged)
      local other, err = journal.open(path, options())
      assert.is_nil(other)
      assert.same({ "config", "damaged", number }, { err.kind, err.code, err.line })
      local words = ("%s, line %d: is damaged: 'ddokta journal repair' keeps"):format(path, number)
      assert.truthy(tostring(err):find(words, 1, true), tostring(err))
      assert.equal(damaged, read(path))
    end
  end)

  it("cuts off what a power cut has garbled, with a note", function()
    local path = new_path()
    local book = open(path)
    for step = 1, 3 do
      assert(book:save(step, { action = "update", key = "key" .. step, object = { name = "old" } }))
      assert(book:begin(step, { key = "key" .. step }))
      if step == 1 then assert(book:sync()) end
    end
    assert(book:close())
    for _, file in ipairs { path, path .. ".backup" } do
      write(file, (read(file):gsub("key2", "\0\0\0\n") .. "what is this?\n"))
    end
    for _, reader in ipairs { journal, backup } do
      local _, lines = assert(reader.read(reader == journal and path or path .. ".backup"))
      assert.equal(1, #all_of(lines))
    end
    book = open(path)
    assert.same({ 1 }, all_of(book:steps "unknown"))
    local words = path .. ": what a death or a power cut has left from line 3 on was cut off"
    assert.equal(words, book:note():sub(1, #words))
    assert(book:save(2, { action = "update", key = "key2", object = { name = "older" } }))
    words = path .. ".backup: what a death or a power cut has left from line 3 on"
    assert.truthy(book:note():find(words, 1, true))
    assert(book:begin(2))
    assert(book:close())
    book = open(path)
    assert.is_nil(book:note())
    assert.same({ 1, 2 }, all_of(book:steps "unknown"))
    assert(book:close())
    local found = all_of(select(2, assert(backup.read(path .. ".backup"))))
    assert.same({ 2, "old", "older" }, { #found, found[1].object.name, found[2].object.name })
  end)

  it("touches no file of another sort", function()
    local path = new_path()
    for _, text in ipairs { "name,domain\n", "name", "{}\n", '{"ddokta_backup":1,"crc":"00000000"}\n' } do
      write(path, text)
      local book, err = journal.open(path, options())
      assert.is_nil(book)
      assert.same({ "config", "foreign" }, { err.kind, err.code })
      assert.equal(text, read(path))
    end
    local _, err = journal.open("/dev/full", options())
    assert.equal("foreign", err.code)
    _, err = journal.open(dir .. "/no/such/folder", options())
    assert.same({ "config", "file" }, { err.kind, err.code })
    assert.truthy(tostring(err):find("No such file", 1, true))
  end)

  it("is read without a lock, up to what is whole", function()
    local path = new_path()
    local book = open(path)
    assert(book:begin(1, { key = "a" }))
    assert(book:sync())
    assert(book:begin(2))
    local header, lines = journal.read(path)
    assert.equal("p1", header.plan)
    local found = all_of(lines)
    assert.same({ 1, "a" }, { #found, found[1].key })
    assert(book:close())
    write(path, (read(path):gsub('"key":"a"', '"key":"b"')))
    local ok, err = pcall(select(2, journal.read(path)))
    assert.is_false(ok)
    assert.same({ "damaged", 2 }, { err.code, err.line })
    header, err = journal.read(path .. ".none")
    assert.is_nil(header)
    assert.equal("file", err.code)
    write(path, "")
    header, err = journal.read(path)
    assert.is_nil(header)
    assert.equal("foreign", err.code)
  end)

  it("is of the organisation that the keys are of, and where that cannot be asked of the address", function()
    local server, dd = box.start()
    local okta = assert(ddokta.okta { base_url = "https://example.okta.com", token = "t" })
    finally(function()
      dd:close()
      okta:close()
      server:stop()
    end)
    local owner, user, response = journal_file.owner(dd)
    assert.equal(user.org.data.id, owner)
    assert.equal(200, response.status)
    for _, status in ipairs { 400, 403, 404 } do
      box.fault(server, { path = "/api/v2/current_user", status = status, body = '{"errors":["no"]}' })
      assert.equal(server.base_url, (journal_file.owner(dd)))
    end
    box.fault(server, { path = "/api/v2/current_user", status = 401, body = '{"errors":["no"]}' })
    local none, err = journal_file.owner(dd)
    assert.same({ nil, "unauthorized" }, { none, err.kind })
    assert.equal("https://example.okta.com", journal_file.owner(okta))
  end)

  it("of an organisation is not judged by keys that could not be asked whose they are", function()
    local server, dd = box.start()
    finally(function()
      dd:close()
      server:stop()
    end)
    local ours = journal_file.owner(dd)
    assert.is_true(journal_file.check_owner(dd, "a.journal", ours))
    local same, err = journal_file.check_owner(dd, "a.journal", "another")
    assert.same({ nil, "other_organisation" }, { same, err.code })
    for status, kind in pairs { [401] = "unauthorized", [403] = "forbidden", [404] = "not_found" } do
      box.fault(server, { path = "/api/v2/current_user", status = status, body = '{"errors":["no"]}' })
      same, err = journal_file.check_owner(dd, "a.journal", ours)
      assert.same({ nil, kind, "get_current_user" }, { same, err.kind, err.operation })
    end
    box.fault(server, { path = "/api/v2/current_user", status = 403, body = '{"errors":["no"]}' })
    assert.is_true(journal_file.check_owner(dd, "a.journal", server.base_url))
  end)
end)
