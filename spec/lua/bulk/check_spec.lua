-- Every bad input is found before anything is sent, all of it at once, each with its place.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local check = require "ddokta.bulk.check"
local kind = require "ddokta.bulk.kinds.okta_accounts"

local KNOWN = "(known: name, domain, auth_method, client_id, client_secret, api_key)"
local HEADER = "name,domain,auth_method\n"

local function check_text(text, strict, name)
  local path = box.write(name or "accounts.csv", text)
  local source = assert(bulk.read(path, { name = name or "accounts.csv" }))
  return check.rows(kind, source, { strict = strict })
end

local function problems(text, strict, name)
  local rows, err = check_text(text, strict, name)
  assert.is_nil(rows)
  assert.same("invalid_request", err.kind)
  return err.errors, err
end

describe("bulk.check", function()
  teardown(box.remove)

  local cases = {
    { "a missing column", "name,domain\na,a.okta.com\n", { ":1: the column 'auth_method' is missing" } },
    {
      "an unknown column",
      "name,domain,auth_method,clientid\n",
      { ":1: unknown column 'clientid', did you mean 'client_id'?" },
    },
    {
      "a column that is there twice",
      "name,domain,auth_method,name\n",
      { ":1: the column 'name' is there twice" },
    },
    {
      "a delimiter that comes late",
      "name\na\nb;c\n",
      {
        ":1: the column 'domain' is missing",
        ":1: the column 'auth_method' is missing",
        ":3:1: a comma, semicolon, tab or | outside of quotes, and the first line has none: say "
          .. "what separates the columns (delimiter)",
      },
    },
    {
      "a header that comes again",
      HEADER .. "a,a.okta.com,oauth\nName,Domain,Auth_Method\nb,b.okta.com,oauth\n",
      { ":3:1: the header comes here once more (are these several files in one?)" },
    },
    {
      "something under no name",
      "name,domain,auth_method,,\na,a.okta.com,oauth,,\nb,b.okta.com,oauth,,x\n",
      { ":3: 5 fields, but the header has 3" },
    },
    {
      "something under no name between others",
      "name,,domain,auth_method\na,,a.okta.com,oauth\n" .. "b,x,b.okta.com,oauth\n",
      { ":3: there is something in a column that has no name" },
    },
    {
      "no known column, and only one",
      "name:domain\n",
      {
        ":1: the first line must name the columns; it names one column (no comma, semicolon, tab or | is "
          .. "in it), none of which is known "
          .. KNOWN,
      },
    },
    {
      "two cells that mean one column",
      "name,Domain, domain ,auth_method\n",
      { ":1: the column 'domain' is there twice" },
    },
    {
      "a name that is there twice",
      HEADER .. "a,a.okta.com,oauth\nb,b.okta.com,oauth\na,c.okta.com,oauth\n",
      { ":4: name: 'a' is already at accounts.csv:2" },
    },
    {
      "a space at the end of a name",
      HEADER .. "Acme ,a.okta.com,oauth\n",
      { ":2: name: has U+0020, a space, at the end" },
    },
    {
      "what nobody sees in a name",
      HEADER .. "Ac\226\128\139me,a.okta.com,oauth\n",
      { ":2: name: has U+200B, which nobody can see, as character 3" },
    },
    {
      "what cannot be cleared",
      HEADER .. "Acme,a.okta.com,(none)\n",
      { ":2: auth_method: cannot be cleared by '(none)'" },
    },
    {
      "http",
      HEADER .. "a,http://a.okta.com,oauth\n",
      { ":2: domain: 'http://a.okta.com' must start with https://" },
    },
    {
      "a bad URL",
      HEADER .. "a,not a url,oauth\n",
      { ":2: domain: 'not a url' is not a URL such as https://example.okta.com/" },
    },
    { "an empty required value", HEADER .. "a,,oauth\n", { ":2: domain: is empty, and is required" } },
    {
      "a control character",
      HEADER .. '"a\nb",a.okta.com,oauth\n',
      { ":2: name: has a control character in it (a line break, a tab?)" },
    },
    { "invalid UTF-8", HEADER .. "a\233,a.okta.com,oauth\n", { ":2: not UTF-8 (save the file as UTF-8)" } },
    { "an unterminated quote", HEADER .. 'a,"a.okta.com,oauth\n', { ":2:3: this quote is never closed" } },
    {
      "text after a quote",
      HEADER .. '"a"b,a.okta.com,oauth\n',
      { ":2:4: text after a closing quote (a quote inside quotes is written twice)" },
    },
    {
      "a quote in text",
      HEADER .. 'a"b",a.okta.com,oauth\n',
      { ":2:2: a quote inside a field that does not start with one" },
    },
    {
      "a NUL",
      HEADER .. "a\0,a.okta.com,oauth\n",
      { ":2:2: a NUL character (is the file UTF-16 or UTF-32? save it as UTF-8)" },
    },
    { "too few fields", HEADER .. "a,a.okta.com\n", { ":2: 2 fields, but the header has 3" } },
    {
      "a huge field",
      HEADER .. ("x"):rep(1048577) .. ",a.okta.com,oauth\n",
      { ":2:1: the field is too large (is a quote not closed?)" },
    },
  }
  for _, case in ipairs(cases) do
    it("finds " .. case[1], function()
      local expected = {}
      for i, text in ipairs(case[3]) do
        expected[i] = "accounts.csv" .. text
      end
      local errors, err = problems(case[2])
      assert.same(expected, errors)
      assert.same(#expected, err.problem_count)
      assert.same("accounts.csv", err.problems[1].file)
      assert.is_number(err.problems[1].line)
      assert.truthy(tostring(err):find(expected[1], 1, true))
    end)
  end

  it("collects all there is", function()
    local errors, err = problems('name,domain,foo\na,http://x.okta.com,\na,,\n"b"c,,\n')
    assert.same({
      "accounts.csv:1: unknown column 'foo' " .. KNOWN,
      "accounts.csv:1: the column 'auth_method' is missing",
      "accounts.csv:2: domain: 'http://x.okta.com' must start with https://",
      "accounts.csv:3: domain: is empty, and is required",
      "accounts.csv:3: name: 'a' is already at accounts.csv:2",
      "accounts.csv:4:4: text after a closing quote (a quote inside quotes is written twice)",
    }, errors)
    local first = "6 problems in accounts.csv, the first: accounts.csv:1: unknown"
    assert.truthy(tostring(err):find(first, 1, true))
    local last = err.problems[6]
    assert.same({
      file = "accounts.csv",
      line = 4,
      column = 4,
      message = last.message,
      code = "text_after_quote",
    }, last)
    assert.same("unknown_column", err.problems[1].code)
    assert.same("domain", err.problems[3].column)
  end)

  it("does not repeat a first line that is no header: it may hold secrets", function()
    local errors, err =
      problems("Acme,https://acme.okta.com,oauth,id,hunter2\n" .. "B,b.okta.com,oauth,id,hunter3\n")
    local text = "the first line must name the columns; it has 5, separated by commas, none of which is "
      .. "known "
      .. KNOWN
    assert.same({ "accounts.csv:1: " .. text }, errors)
    assert.is_nil(tostring(err):find("hunter", 1, true))
  end)

  it("keeps a hundred problems and counts all", function()
    local errors, err = problems(HEADER .. ("a,,\n"):rep(500))
    assert.same(101, #errors)
    assert.same(100, #err.problems)
    assert.same(500 + 500 + 499, err.problem_count)
    assert.same("... and 1399 more", errors[101])
  end)

  it("does not mind unknown columns when told so", function()
    local rows = assert(check_text("name,foo,domain,auth_method\na,1,a.okta.com,oauth\n", false))
    assert.same({ name = "a", domain = "https://a.okta.com/", auth_method = "oauth" }, (rows:get(1)))
  end)

  it("takes what an export of the service has and import does not need", function()
    local text = '{"type":"okta-accounts","id":"1","attributes":'
      .. '{"name":"a","domain":"a.okta.com","auth_method":"oauth"}}\n'
    local rows = assert(check_text(text, true, "a.jsonl"))
    assert.same({ name = "a", domain = "https://a.okta.com/", auth_method = "oauth" }, (rows:get(1)))
  end)

  it("finds wrong types, unknown fields and bad text in rows of JSON", function()
    local errors = problems('[{"name":1,"domain":"a.okta.com","auth_method":true,"x":1}]', true, "a.json")
    assert.same({
      "a.json item 1: unknown column 'x' " .. KNOWN,
      "a.json item 1: name: a string is wanted, got number",
      "a.json item 1: auth_method: a string is wanted, got boolean",
    }, errors)
  end)

  it("finds bad UTF-8 in a Lua table, which no reader has looked at", function()
    local row = { name = "\233", domain = "a.okta.com", auth_method = "oauth" }
    local rows, err = check.rows(kind, bulk.read { row })
    assert.is_nil(rows)
    assert.same({ "table row 1: name: not UTF-8" }, err.errors)
  end)

  it("says the same of a row, whether it comes as CSV, as JSON or as a table", function()
    local json = require("ddokta.core").json
    local values = {
      name = { "a", "A", "b", "", "x\ty", "é", "=1" },
      auth_method = { "oauth" }, -- never empty: CSV skips a row of nothing
      domain = {
        "a.okta.com",
        "https://a.okta.com/",
        "HTTPS://B.okta.com",
        "http://x",
        "x",
        "a b.c",
        "",
        "u@h.x",
      },
      client_secret = { "", "s3cret", "\127" },
      api_key = { "" },
    }
    local columns = { "name", "domain", "auth_method", "client_secret", "api_key" }
    math.randomseed(11)
    for _ = 1, 200 do
      local rows, lines, texts = {}, {}, {}
      for i = 1, math.random(1, 4) do
        local row, fields = {}, {}
        for k, column in ipairs(columns) do
          local list = values[column]
          row[column] = list[math.random(#list)]
          fields[k] = '"' .. row[column] .. '"'
        end
        rows[i], lines[i], texts[i] = row, table.concat(fields, ","), assert(json.encode(row))
      end
      local csv_path = box.write("f.csv", table.concat(columns, ",") .. "\n" .. table.concat(lines, "\n"))
      local json_path = box.write("f.jsonl", table.concat(texts, "\n"))
      local sources = {}
      for i, from in ipairs { rows, json_path, csv_path } do
        sources[i] = bulk.read(from, { name = "f" })
      end
      local said, lengths = {}, {}
      for i, source in ipairs(sources) do
        local taken, err = check.rows(kind, source)
        said[i] = taken and "" or table.concat(err.errors, "\n")
        said[i] = said[i]
          :gsub("f row (%d+)", "f:%1")
          :gsub("f:(%d+)", function(line) return ("f:%d"):format(i == 3 and line - 1 or line) end)
        lengths[i] = taken and taken:count() or 0
        if taken then
          for k = 1, taken:count() do
            local public, hidden, key = taken:get(k)
            said[i] = said[i] .. key .. public.domain .. tostring(hidden and hidden.client_secret)
          end
        end
      end
      assert.same({ said[1], said[1] }, { said[2], said[3] })
      assert.same({ lengths[1], lengths[1] }, { lengths[2], lengths[3] })
    end
  end)

  it("reads alone: the same problems, but that it has forgotten how the first was spelled", function()
    local text = HEADER .. "Acme,a.okta.com,oauth\nACME,b.okta.com,oauth\nAcme,x,oauth\n"
    local path = box.write("accounts.csv", text)
    local result, err = bulk.check("okta_accounts", bulk.read(path, { name = "f" }))
    assert.is_nil(result)
    assert.same({
      "f:3: name: 'ACME' reads like the name at f:2: letter case, accents, spaces or letters that look alike "
        .. "differ",
      "f:4: domain: 'x' is not a URL such as https://example.okta.com/",
      "f:4: name: 'Acme' is already at f:2",
    }, err.errors)
    local good = box.write("accounts.csv", HEADER .. "a,a.okta.com,oauth\n\nb,b.okta.com,oauth\n")
    assert.same({ rows = 2 }, bulk.check("okta_accounts", bulk.read(good)))
    result, err = bulk.check("okta_accounts", bulk.read("no/such.csv"))
    assert.is_nil(result)
    assert.truthy(tostring(err):find("no/such.csv", 1, true))
    result, err = bulk.check("nonsense", bulk.read(good))
    assert.is_nil(result)
    assert.same("config", err.kind)
    assert.has_error(function() bulk.check("okta_accounts", bulk.read(good), { prune = true }) end)
  end)

  it("keeps secrets apart from the values, and leaves the caller's table alone", function()
    local row = { name = "a", domain = "A.okta.com", auth_method = "oauth", client_secret = "s" }
    row.api_key = "" -- not specified
    local rows = assert(check.rows(kind, bulk.read { row }))
    local values, hidden, key, line = rows:get(1)
    assert.same({ name = "a", domain = "https://a.okta.com/", auth_method = "oauth" }, values)
    assert.same({ { client_secret = "s" }, "a", 1 }, { hidden, key, line })
    assert.same("A.okta.com", row.domain)
    assert.same("s", row.client_secret)
  end)

  it("names no secret in a problem", function()
    local errors = problems(
      "name,domain,auth_method,client_secret\n" .. "a,https://u:hunter2@a.okta.com,oauth,top\tsecret\n"
    )
    assert.same(2, #errors)
    for _, text in ipairs(errors) do
      assert.is_nil(text:find("hunter2", 1, true))
      assert.is_nil(text:find("secret\t", 1, true) or text:find("top", 1, true))
    end
  end)
end)
