--- Every entry of the binding at work: what ddokta.core has, and the methods and metamethods of all that it
--- hands out. alloc_test.c plays these scenes with each allocation failing in turn, hostile.lua with a
--- collector that runs at each allocation; entries_spec.lua sees to it that no entry is left out.
---
--- scenes(world) -> a list of {name, run}: run() answers true, or nil and an error. world:
---   core              the module
---   serving, refusing base URLs; serve() gives the server its turn
---   dir               a folder of our own
---   search()          raises where memory of C has a secret in it; nil: nobody can tell
---   watch(object, ...)  told of what a scene holds; answers it
---   change(list)      told of a table that is handed to the binding; answers it

local function account(world)
  return world.change {
    name = "a",
    domain = "a.okta.com",
    auth_method = "oauth",
    client_secret = "swordfish",
  }
end

local columns = {
  { name = "name", form = "text", required = true },
  { name = "domain", form = "okta_domain" },
  { name = "active", form = "boolean" },
  { name = "tags", form = "list" },
  { name = "secret", form = "text", secret = true },
}

-- What a finalizer may give to a method that wants arguments: by type and method, function(world) -> ...
local arguments = {
  ["ddokta.core.client"] = {
    submit = function(world) return nil, world.row "list_okta_accounts" end,
    with = function() return { timeout = 1 } end,
    set_key = function() return "api_key", "api-key-three" end,
    step = function() return 0 end,
  },
  ["ddokta.csv.reader"] = {
    feed = function() return "z,z\n" end,
    columns = function() return { "name", "domain" } end,
  },
  ["ddokta.rows"] = {
    fields = function() return { "name", "domain" } end,
    take = function(world) return world.reader end,
    add = function() return { name = "from a finalizer", tags = { "x" }, secret = "s" }, 9 end,
    claim = function() return "claimed", 8 end,
    get = function() return 1 end,
    find = function() return "A" end,
    match = function(world) return world.rows, {} end,
  },
  ["ddokta.match"] = {
    at = function() return 1 end,
    set = function() return 1, "refused" end,
    next = function() return 0 end,
    digest = function(world) return world.rows, world.rows, "more" end,
  },
  ["ddokta.journal"] = {
    start = function() return { a = 1 } end,
    load = function() return 4 end,
    step = function() return 2, "begin", { key = ("k"):rep(3000) } end,
    line = function() return { a = ("l"):rep(3000) } end,
    state = function() return 1 end,
    may = function() return 1, "done" end,
    next = function() return 0, "begin" end,
    last = function() return 1 end,
    move = function(world) return world.dir .. "/moved" end,
  },
  ["ddokta.fingerprint.key"] = { of = function() return "a", "b" end },
}

local function scenes(world)
  local core, watch = world.core, world.watch

  function world.row(name)
    world.operations = world.operations or {}
    if not world.operations[name] then
      for i, operation in ipairs(core.operations) do
        if operation.name == name then world.operations[name] = i end
      end
    end
    return world.operations[name]
  end
  local row = world.row

  local function new_client(url, options)
    local all = {
      service = "datadog",
      base_url = url,
      api_key = "api-key-one",
      app_key = "app-key-one",
      user_agent = "spec",
      proxy = "",
      ca_file = "/ca",
      client_cert = "/cert",
      client_key = "/key",
      client_key_password = "k3y-passw0rd",
      timeout = 5,
      attempt_timeout = 5,
      connect_timeout = 5,
      max_retries = 0,
      max_in_flight = 4,
      max_api_capacity = 100,
      max_response_bytes = 100000,
      on_event = true,
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    local client, err = core.client(all)
    return client and watch(client), err
  end

  local function finish(client, call)
    while not call:done() do
      client:step(0.001)
      world.serve()
    end
    call:withdraw()
    return call:result()
  end

  local function send(client, name, ...)
    local call, id = client:submit(nil, row(name), ...)
    if not call then return nil, id end
    return finish(client, watch(call))
  end

  local function path(name)
    local full = world.dir .. "/" .. name
    os.remove(full)
    return full
  end

  -- raises is for what a script does wrong: the message must say it
  local function raises(words, fn, ...)
    local ok, message = pcall(fn, ...)
    assert(not ok)
    if tostring(message):find("memory", 1, true) then error(message, 0) end
    assert(tostring(message):find(words, 1, true), message)
  end

  local list = {}
  local function scene(name, run) list[#list + 1] = { name = name, run = run } end

  scene("a client", function()
    local client, err = new_client(world.refusing)
    if not client then return nil, err end
    local ok
    ok, err = client:set_key("api_key", "api-key-two")
    if not ok then return nil, err end
    local view = watch(client:with { timeout = 1 })
    view:stats()
    assert(view:address():find("^http"))
    client:timeout()
    client:finished()
    client:pollset()
    core.wait(0, client, view)
    assert(client:pending() == 0 and core.find_site "app.datadoghq.eu" == "datadoghq.eu")
    assert(core.libraries().curl == core.curl_version)
    return tostring(view) ~= nil
  end)

  scene("a refused client", function()
    local client, err = core.client { service = "datadog", base_url = "https://u:p@x/" }
    assert(not client)
    return tostring(err):find("user or password", 1, true) ~= nil, err
  end)

  scene("a call that is refused", function()
    local client, err = new_client(world.refusing)
    if not client then return nil, err end
    local result
    result, err = send(client, "create_okta_account", account(world))
    assert(not result)
    return err.code == "COULDNT_CONNECT" and #tostring(err) > 0, err
  end)

  scene("a call that is answered", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local accounts, response = send(client, "list_okta_accounts")
    if not accounts then return nil, response end
    assert(accounts[1].name == "one" and accounts[2].id == "2")
    assert(response.status == 200 and response.headers["x-ratelimit-name"] == "a")
    assert(response.body.data[1].id == "1" and response.rate_limit.limit == 5)
    while client:event() do
    end -- luacheck: ignore 542
    client:pollfds()
    client:stats()
    client:close()
    return true
  end)

  scene("a call whose object is used again", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local call
    call, err = client:submit(nil, row "list_okta_accounts")
    if not call then return nil, err end
    local accounts
    accounts, err = finish(client, watch(call))
    if not accounts then return nil, err end
    local again
    again, err = client:submit(call, row "list_okta_accounts")
    if not again then return nil, err end
    assert(#tostring(again) > 0)
    accounts, err = finish(client, watch(again))
    return accounts and #accounts == 2, err
  end)

  scene("a call that is cancelled", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local call
    call, err = client:submit(nil, row "list_okta_accounts")
    if not call then return nil, err end
    watch(call)
    client:step(0)
    client:pollfds()
    call:cancel()
    local result
    result, err = call:result()
    assert(not result)
    return err.kind == "cancelled", err
  end)

  scene("a call that is answered with an error", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local result
    result, err = send(client, "create_okta_account", account(world))
    assert(not result)
    local text = tostring(err)
    assert(not text:find "swordfish" and not (err.body or ""):find "swordfish")
    return err.kind == "forbidden" and err.errors[2] ~= nil, err
  end)

  local function search()
    if world.search then world.search() end
  end

  scene(
    "words that are shown",
    function()
      return core.show "plain" == "plain" and core.show "a\27[2Jb\226\128\174c" ~= "a\27[2Jb\226\128\174c"
    end
  )

  scene("a call whose answer has a new key", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local made, response = send(client, "create_service_account_application_key", "an-id", { name = "n" })
    if not made then return nil, response end
    client:close()
    search()
    return made.key == "N3WLY-M4DE-KEY"
  end)

  scene("a call through a proxy with a password", function()
    local client, err = new_client(world.refusing:gsub("http", "https"), {
      proxy = "http://u:pr0xy-w0rd@" .. world.refusing:match "//(.*)",
    })
    if not client then return nil, err end
    local result
    result, err = send(client, "list_okta_accounts")
    assert(not result and not tostring(err):find("pr0xy", 1, true))
    client:close()
    search()
    return err.code == "COULDNT_CONNECT", err
  end)

  scene("a client that is closed with a call in flight", function()
    local client, err = new_client(world.serving)
    if not client then return nil, err end
    local call
    call, err = client:submit(nil, row "create_okta_account", account(world))
    if not call then return nil, err end
    watch(call)
    client:step(0)
    client:close()
    local set, result
    set, err = client:set_key("api_key", "api-key-two")
    if not set then return nil, err end
    result, err = call:result()
    assert(not result)
    search()
    return err.kind == "cancelled", err
  end)

  scene("a query with what tells its text itself", function()
    local client, err = new_client(world.refusing)
    if not client then return nil, err end
    local function text() return 'userName eq "' .. ("x"):rep(40) .. '"' end
    local filter = setmetatable({}, { __tostring = text })
    local result
    result, err = send(client, "list_scim_users", world.change { filter = filter, count = 1.5 })
    assert(not result)
    assert(not err.url or err.url:find("count=1.5", 1, true) or err.url == "(out of memory)")
    return err.code == "COULDNT_CONNECT", err
  end)

  scene("what must not be sent", function()
    local client, err = new_client(world.refusing)
    if not client then return nil, err end
    local call
    call, err = client:submit(nil, row "create_okta_account", { name = "a" })
    assert(not call)
    return err.message:find "domain" ~= nil, err
  end)

  scene("JSON", function()
    local text = '{"a":[],"b":[1,2.5,123456789012345678901234567890,null],"c":{"d":"\\u0000","e":false}}'
    local value, err = core.json.decode(text)
    if not value then return nil, err end
    local big = value.b[3]
    assert(#tostring(big) == 30 and big == core.json.decode(text).b[3])
    for name, member in pairs { zero = 0, list = core.json.array { "x" }, none = core.json.null } do
      value[name] = member
    end
    for i = 1, 20 do
      value["member" .. i] = { i }
    end
    world.change(value)
    text, err = core.json.encode(value)
    if not text then return nil, err end
    assert(not core.json.decode "[NaN]" and not core.json.encode { print })
    return text:find("123456789012345678901234567890", 1, true) ~= nil
  end)

  scene("CSV", function()
    local reader = watch(core.csv.reader {})
    world.reader = reader
    reader:feed('name,note\na,"x\n""y"""\n' .. ("z"):rep(2000) .. ',\nb"c\nd')
    reader:finish()
    local header, fault = reader:next()
    if not header then return nil, fault end
    reader:columns(header)
    local values, line = reader:next()
    if not values then return nil, line end
    assert(values.note == 'x\n"y"')
    values, line = reader:next()
    if not values then return nil, line end
    assert(#values.name == 2000)
    local nothing, problem = reader:next()
    assert(not nothing)
    if problem.code ~= "quote_in_text" then return nil, problem end
    nothing, problem = reader:next()
    assert(not nothing)
    if problem.code ~= "field_count" then return nil, problem end
    reader:close()
    assert(core.csv.is_utf8 "a" and not core.csv.is_utf8 "\255")
    return true
  end)

  scene("CSV that says how it is written", function()
    local reader = watch(core.csv.reader { dialect = true })
    world.reader = reader
    local text = "sep=;\na;b\n1;2\nA;B\n3;4;;\n"
    reader:feed("\255\254" .. text:gsub(".", "%0\0"))
    reader:finish()
    local header, fault = reader:next()
    if not header then return nil, fault end
    assert(reader:delimiter() == ";")
    reader:columns(header)
    local values, line = reader:next()
    if not values then return nil, line end
    assert(values.a == "1" and values.b == "2" and line == 3)
    local nothing, problem = reader:next()
    assert(not nothing)
    if problem.code ~= "header_again" then return nil, problem end
    values, line = reader:next()
    if not values then return nil, line end
    assert(values.a == "3" and line == 5)
    return true
  end)

  scene("rows of a source", function()
    local reader = watch(core.csv.reader {})
    local source = watch(core.rows.new { columns = columns, key = "name", keep = true, fold_keys = true })
    world.reader, world.rows = reader, source
    reader:columns { "name", "domain", "active", "tags", "secret" }
    source:fields { "name", "domain", "active", "tags", "secret" }
    reader:feed("a,A.okta.com,TRUE,x;y,s1\nb,no host,,,\nA,,,,\n\nc,,false,," .. ("s"):rep(600) .. "\nd,e\n")
    reader:finish()
    local values, line = source:take(reader)
    if not values then return nil, line end
    assert(values.name == "b" and line == 2)
    local no, twice = source:take(reader)
    assert(no == false)
    assert(twice.key == "A" and twice.first_key == "a" and twice.line == 3 and not twice.exact)
    local nothing, problem = source:take(reader)
    assert(nothing == nil)
    if not problem or problem.code ~= "field_count" then return nil, problem end
    assert(source:take(reader) == nil and source:count() == 2)
    local secrets, key
    values, secrets, key, line = source:get(1)
    assert(values.domain == "https://a.okta.com/" and values.active == true and values.tags[2] == "y")
    assert(secrets.secret == "s1" and key == "a" and line == 1)
    assert(source:find("C")[1] == 2 and not source:find "x"[1])
    raises("is no such row", source.get, source, 3)
    source:close()
    raises("these rows are closed", source.count, source)
    return true
  end)

  scene("rows of a table", function()
    local source = watch(core.rows.new { columns = columns, key = "name", keep = true })
    world.rows = source
    local index = { tags = { "b", "a" }, secret = "s" }
    assert(source:add(setmetatable({ name = "one" }, { __index = index }), 1))
    local no, twice = source:add({ name = "one" }, 2)
    assert(no == false and twice.first_line == 1)
    assert(source:add({ name = "\208\158NE" }, 2) and #source:find "one" == 2)
    assert(source:add({ domain = "x" }, 3) == nil)
    local keys = watch(core.rows.new { columns = columns, key = "name", keep = false })
    assert(keys:claim("one", 1))
    assert(keys:claim("One", 2) == false)
    assert(core.rows.normal("okta_domain", "B.okta.com") == "https://b.okta.com/")
    return core.rows.part("key", 8) <= 8
  end)

  scene("text", function()
    local text = core.text
    assert(text.skeleton "\208\144DA \195\169" == "adae" and text.code_points "a\194\160" == "U+0061 U+00A0")
    local flaw, point, character, is_last = text.flaw "ada\194\160"
    assert(flaw == "space" and point == 160 and character == 4 and is_last)
    return text.flaw "ada" == nil and text.width "\230\151\165a" == 3 and text.start("abc", 2) == "ab"
  end)

  scene("a match", function()
    local source = watch(core.rows.new { columns = columns, key = "name", keep = true })
    local service = watch(core.rows.new { columns = columns, key = "name", keep = true, foreign = true })
    world.rows = service
    for i, name in ipairs { "same", "changed", "new" } do
      assert(source:add({ name = name, domain = "a.okta.com", tags = { "t" }, secret = "s" }, i))
    end
    service:add({ name = "same", domain = "https://A.okta.com", tags = { "t" } }, 1)
    service:add({ name = "changed", domain = 12.5, tags = { "u" } }, 2)
    service:add({ name = "old" }, 3)
    local match = watch(source:match(service, { prune = true, inactive = "active" }))
    assert(match:steps() == 4 and match:counts().delete == 1 and match:counts().update == 1)
    local action, mine, theirs = match:at(2)
    assert(action == "update" and mine == 2 and theirs == 2)
    assert(match:at(4) == "delete" and match:next(0) == 2)
    match:set(3, "refused")
    assert(#match:digest(source, service, "more") == 64)
    raises("a row of the source cannot be deleted", match.set, match, 1, "delete")
    return true
  end)

  scene("a journal that is moved and given up", function()
    local name, moved = path "lines", path "moved"
    local journal, err = core.journal.open(name, "journal")
    if not journal then return nil, err end
    watch(journal)
    local ok
    ok, err = journal:start { kind = "k" }
    if not ok then return nil, err end
    ok, err = journal:load(1)
    if not ok then return nil, err end
    assert(journal:cut() == nil)
    ok, err = journal:commit()
    if not ok then return nil, err end
    ok, err = journal:move(moved)
    if not ok then return nil, err end
    ok, err = journal:step(1, "begin", { key = "k" })
    if not ok then return nil, err end
    ok, err = journal:commit()
    if not ok then return nil, err end
    local text, next_offset = journal:whole()
    if not text then return nil, next_offset end
    assert(text:find('"key":"k"', 1, true) and journal:whole(next_offset) == nil)
    journal:share()
    journal:abandon()
    local gone, why = core.system.stat(name)
    assert(not gone and why)
    return true
  end)

  scene("paths", function()
    local name, draft = path "there", path "draft"
    for _, one in ipairs { name, draft } do
      local fd, err = core.system.create(one)
      if not fd then return nil, err end
      core.system.close(fd)
    end
    local stat, err = core.system.stat(name)
    if not stat then return nil, err end
    assert(stat.type == "file" and stat.id and stat.modified > 1e9 and core.system.time() > 1e9)
    local full
    full, err = core.system.resolve(name)
    if not full then return nil, err end
    local ok
    ok, err = core.system.replace(draft, name)
    if not ok then return nil, err end
    assert(not core.system.resolve(draft))
    local names
    names, err = core.system.list(world.dir)
    if not names then return nil, err end
    local seen = {}
    for _, one in ipairs(names) do
      seen[one] = true
    end
    assert(seen.there and seen["."] and not seen.draft)
    assert(not core.system.list(draft))
    return true
  end)

  scene("a journal", function()
    local name = path "journal"
    local journal, err = core.journal.open(name, "journal")
    if not journal then return nil, err end
    watch(journal)
    assert(journal:header() == nil)
    local steps = {
      function() return journal:start { kind = "k" } end,
      function() return journal:load(4) end,
      function() return journal:step(1, "begin", world.change { key = ("x"):rep(300), c = 1 }) end,
      function() return journal:commit() end,
      function() return journal:step(1, "done") end,
      function() return journal:line { note = "n" } end,
    }
    for _, step in ipairs(steps) do
      local ok
      ok, err = step()
      if not ok then return nil, err end
    end
    assert(journal:pending() > 0 and journal:may(2, "begin") and journal:state(1) == "done")
    assert(journal:next(0, "done") == 1 and journal:counts().done == 1)
    local text
    text, err = journal:last(1)
    if not text then return nil, err end
    local line, offset, number = journal:read()
    if not line then return nil, offset end
    assert(line:find("begin", 1, true) and number == 3)
    text, err = journal:header()
    if not text then return nil, err end
    raises("step 1 cannot be", journal.step, journal, 1, "begin")
    local other, why = core.journal.open(name, "journal")
    assert(not other)
    if why.code ~= "in_use" then return nil, why end
    return journal:close()
  end)

  scene("fingerprints", function()
    local key, err = core.fingerprint.key(path "key")
    if not key then return nil, err end
    watch(key)
    assert(#key:of("a", "bc") == 64)
    local digest = core.fingerprint.digest
    assert(#digest("a", "bc") == 64 and digest("a", "bc") ~= digest("ab", "c"))
    assert(#core.fingerprint.salt() == 32)
    key:close()
    raises("this key is closed", key.of, key, "a")
    return true
  end)

  scene("an interrupt", function()
    local interrupt = core.interrupt
    interrupt.catch("first", "second")
    local caught = interrupt.caught()
    interrupt.release()
    return not caught
  end)

  scene("the libraries", function()
    local libraries = core.libraries()
    return libraries.curl ~= nil and libraries.utf8proc ~= nil and libraries.http2 ~= nil
  end)

  scene("the system", function()
    local system = core.system
    local name = path "file"
    local fd, err = system.create(name)
    if not fd then return nil, err end
    local ok
    ok, err = system.write(fd, "text")
    system.close(fd)
    if not ok then return nil, err end
    local dir
    dir, err = system.mkdtemp "ddokta-spec-"
    if not dir then return nil, err end
    os.remove(dir)
    local copy
    copy, err = system.dup(1)
    if not copy then return nil, err end
    system.close(copy)
    system.sleep(0.00001)
    system.isatty(1)
    system.columns()
    assert(system.kill(system.pid(), 0) and system.now() > 0 and system.free_port() > 0)
    return true
  end)

  return list
end

return { scenes = scenes, arguments = arguments }
