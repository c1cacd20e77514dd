-- lua/ddokta/bulk/mapping.lua: columns that are made of others, and what a header of another program means.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local check = require "ddokta.bulk.check"
local core = require "ddokta.core"
local kinds = require "ddokta.bulk.kinds"
local mapping = require "ddokta.bulk.mapping"

local columns = { "First Name", "Middle", "Last Name", "login", "E-Mail", "A+B", "#Nr", 'say "x"' }

local function find(name)
  for _, column in ipairs(columns) do
    if column == name then return column end
  end
end

-- made(text, row) -> the value, or what is wrong
local function made(text, row)
  local map, message = mapping.read { x = text }
  if not map then return message end
  local resolved, _, wrong = mapping.resolve(map, columns, find)
  if wrong[1] then return wrong[1] end
  return mapping.value(resolved.x, row)
end

local ada = {
  ["First Name"] = "Ada",
  ["Last Name"] = "Byron",
  login = "ada",
  ["E-Mail"] = "a@b.c",
  ["A+B"] = "ab",
  ["#Nr"] = 7,
  ['say "x"'] = "said",
  Middle = "",
}

describe("bulk.mapping", function()
  local cases = {
    { "E-Mail", "a@b.c" },
    { '"E-Mail"', "a@b.c" },
    { ' "First Name" + " " + "Last Name" ', "Ada Byron" },
    { "First Name+ +Last Name", "Ada Byron" }, -- as a shell leaves it
    { "First Name+Last Name", "Ada Byron" },
    { '"First Name"+""+"Last Name"', "AdaByron" },
    { '"Last Name"+", "+"First Name"', "Byron, Ada" },
    { 'login+"@example.com"', "ada@example.com" },
    { "login+@example.com", "ada@example.com" },
    { '"A+B"', "ab" },
    { '"say ""x"""', "said" },
    { "#Nr", 7 },
    { '"("+"#Nr"+")"', "(7)" },
    { '"First Name"+" "+Middle+" "+"Last Name"', "Ada Byron" },
    { 'Middle+" "+"Last Name"', "Byron" },
    { '"Last Name"+", "+Middle', "Byron" },
    { 'Middle+"@x"', nil },
    { '"First Name"+" "+Middle', "Ada" },
    { "Middle+Middle", nil },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1], function() assert.equal(case[2], made(case[1], ada)) end)
  end

  local refused = {
    { "Fist Name", "the source has no column 'Fist Name', did you mean 'First Name'?" },
    { '"Fist Name"+" "+login', "the source has no column 'Fist Name', did you mean 'First Name'?" },
    { '"#Nrr"+login', "the source has no column '#Nrr', did you mean '#Nr'?" },
    { "@x", "the source has no column '@x'" },
    { "a++b", "'a++b': nothing is beside a +" },
    { "+a", "'+a': nothing is beside a +" },
    { "a+", "'a+': nothing is beside a +" },
    { '"a', "'\"a': a quote is not closed" },
    { '"a"b', "'\"a\"b': text follows a closing quote" },
    { '" "', "'x' is made of no column" },
    { '" "+", "', "'x' is made of no column" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function() assert.equal(case[2], made(case[1], ada)) end)
  end

  it("takes a list of attributes, and what it has read already", function()
    local map = assert(mapping.read { name = { "First Name", "Last Name" } })
    assert.same(map, mapping.read(map))
    assert.equal("Ada Byron", made({ "First Name", "Last Name" }, ada))
  end)

  it("leaves a list a list, and writes its items where it is joined", function()
    local row = { login = { "a", "b" }, ["E-Mail"] = "x" }
    assert.same({ "a", "b" }, made("login", row))
    assert.equal("a, b x", made('login+" "+E-Mail', row))
  end)

  it("reads the command line's column=... once each", function()
    local map = assert(mapping.add({}, 'name="First Name"+" "+"Last Name"'))
    assert(mapping.add(map, "email=E-Mail"))
    assert.same({ name = '"First Name"+" "+"Last Name"', email = "E-Mail" }, map)
    assert.same({ nil, "'email' is made twice" }, { mapping.add(map, "email=login") })
    for _, text in ipairs { "email", "=x", "email=" } do
      assert.same(
        { nil, ("'%s' is not column=\"Column of the source\""):format(text) },
        { mapping.add({}, text) }
      )
    end
    assert.same({ nil, "'a+': nothing is beside a +" }, { mapping.add({}, "x=a+") })
  end)
end)

-- --- a source's columns ---------------------------------------------------------------------------

local users, groups = kinds.get "scim_users", kinds.get "scim_groups"

-- rows(text, options, kind, name) -> the rows | nil, list of problems
local function read(text, options, kind, strict)
  options = options or {}
  local path = box.write(options.file or "people.csv", text)
  options.file, options.name = nil, options.name or "f"
  local source, err = bulk.read(path, options)
  if not source then return nil, err.errors end
  local taken
  taken, err = check.rows(kind or users, source, { strict = strict })
  if not taken then return nil, err.errors end
  local list = {}
  for i = 1, taken:count() do
    list[i] = (taken:get(i))
  end
  return list
end

local function utf16(text, big)
  return (big and "\254\255" or "\255\254") .. text:gsub(".", big and "\0%0" or "%0\0")
end

local ADA = { { userName = "ada@example.com", name = "Ada, Byron", active = true } }

describe("a CSV of another program", function()
  teardown(box.remove)

  -- by what each is known to write
  local dialects = {
    ["Excel, English"] = '\239\187\191userName,name,active\r\nada@example.com,"Ada, Byron",TRUE\r\n',
    ["Excel, German"] = "userName;name;active\r\nada@example.com;Ada, Byron;WAHR\r\n",
    ["Excel, French"] = "userName;name;active\r\nada@example.com;Ada, Byron;VRAI\r\n",
    ["Excel, Unicode text"] = utf16('userName\tname\tactive\r\nada@example.com\t"Ada, Byron"\tTRUE\r\n'),
    ["UTF-16, big"] = utf16('userName,name,active\nada@example.com,"Ada, Byron",yes', true),
    ["with Excel's sep="] = "sep=;\r\nuserName;name;active\r\nada@example.com;Ada, Byron;TRUE\r\n",
    ["LibreOffice, all quoted"] = '"userName","name","active"\n"ada@example.com","Ada, Byron","TRUE"\n',
    ["LibreOffice, tabs"] = "userName\tname\tactive\nada@example.com\tAda, Byron\tTRUE\n",
    ["Python, excel"] = 'userName,name,active\r\nada@example.com,"Ada, Byron",True\r\n',
    ["Python, excel-tab"] = "userName\tname\tactive\r\nada@example.com\tAda, Byron\tTrue\r\n",
    ["Python, unix"] = '"userName","name","active"\n"ada@example.com","Ada, Byron","True"\n',
    ["an old Macintosh"] = 'userName,name,active\rada@example.com,"Ada, Byron",yes\r',
    ["DOS"] = 'userName,name,active\r\nada@example.com,"Ada, Byron",Y\r\n\26',
    ["PowerShell"] = '"userName"|"name"|"active"\r\n"ada@example.com"|"Ada, Byron"|"True"\r\n',
    ["a sheet with cleared columns"] = 'userName,name,active,,\nada@example.com,"Ada, Byron",1,,\n,,,,\n',
    ["a header in any case"] = 'USERNAME,Name,Active\nada@example.com,"Ada, Byron",yes\n',
    ["a header with spaces"] = '\194\160userName , name\t, active\194\160\nada@example.com,"Ada, Byron",yes\n',
    ["rows of spaces"] = 'userName,name,active\n  , \nada@example.com,"Ada, Byron",yes\n \n',
    ["an empty column between"] = 'userName,,name,active\nada@example.com,,"Ada, Byron",on\n',
  }
  for program, text in pairs(dialects) do
    it("is read: " .. program, function() assert.same({ ADA }, { read(text) }) end)
  end

  -- rows of texts that need quotes, in every way in which Python's csv writes them; the rows as JSON
  it("is read as Python's csv module wrote it, in 50 dialects and encodings", function()
    local folder = box.write("x", ""):match "^(.*)/"
    local script = box.write(
      "write.py",
      [==[
import csv, io, itertools, json, random, sys
random.seed(11)
pieces = ['a', 'B', ' b ', ',', ';', '\t', '|', '"', '\n', 'é', '€', '😀', "'", '-', '#']
def text():
    return 'x' + ''.join(random.choice(pieces) for _ in range(random.randint(0, 6))) + 'x'
number = 0
for delimiter, quoting, end, encoding in itertools.product(',;\t|', (csv.QUOTE_ALL, csv.QUOTE_MINIMAL,
        csv.QUOTE_NONNUMERIC), ('\r\n', '\n', '\r'), ('utf-8', 'utf-8-sig', 'utf-16', 'utf-16-be')):
    # Python leaves a line feed without quotes where lines end otherwise
    if random.random() > 0.6 or end == '\r' and quoting == csv.QUOTE_MINIMAL: continue
    rows = [[text() for _ in range(3)] for _ in range(20)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(['one', 'two', 'three'])
    writer.writerows(rows)
    data = out.getvalue().encode(encoding)
    if encoding == 'utf-16-be': data = b'\xfe\xff' + data
    number += 1
    open('%s/%d.csv' % (sys.argv[1], number), 'wb').write(data)
    json.dump(rows, open('%s/%d.json' % (sys.argv[1], number), 'w'))
print(number)
]==]
    )
    local pipe = io.popen(("python3 '%s' '%s'"):format(script, folder))
    local count = tonumber(pipe:read "*a")
    pipe:close()
    assert.is_true(count > 50)
    for number = 1, count do
      local file = assert(io.open(("%s/%d.json"):format(folder, number)))
      local rows = assert(core.json.decode((file:read "*a")))
      file:close()
      local source = assert(bulk.read(("%s/%d.csv"):format(folder, number)))
      for i, row in ipairs(rows) do
        local found = assert(source:next())
        assert.same(row, { found.one, found.two, found.three }, number .. " row " .. i)
      end
      assert.is_nil((source:next()))
      source:close()
    end
  end)

  it(
    "is read by the name .tsv",
    function()
      assert.same(
        { ADA },
        { read("userName\tname\tactive\nada@example.com\tAda, Byron\tyes\n", { file = "people.tsv" }) }
      )
    end
  )

  it("is read by the delimiter that is given, in words too", function()
    for _, delimiter in ipairs { ",", "comma" } do
      assert.same(
        { ADA },
        { read('sep=;\nuserName,name,active\nada@example.com,"Ada, Byron",yes\n', { delimiter = delimiter }) }
      )
    end
    assert.same(
      { ADA },
      { read("userName\tname\tactive\nada@example.com\tAda, Byron\tyes\n", { delimiter = "tab" }) }
    )
  end)

  it("never becomes one column without a word", function()
    local cases = {
      {
        "userName;name\nada@example.com;Ada\n",
        { delimiter = "," },
        "f:1: the columns are separated by semicolons, not by commas",
      },
      {
        "userName,name\nada@example.com,Ada\n",
        { delimiter = "^" },
        "f:1: the columns are separated by commas, not by '^'",
      },
      {
        "userName:name\nada@example.com:Ada\n",
        nil,
        "f:1: the first line must name the columns; it names one column (no comma, semicolon, tab or | is "
          .. "in it), none of which is known (known: userName, name, email, title, active, roles)",
      },
      {
        "userName\nada@example.com;Ada\n",
        nil,
        "f:2:1: a comma, semicolon, tab or | outside of quotes, and the first line has none: say "
          .. "what separates the columns (delimiter)",
      },
    }
    for _, case in ipairs(cases) do
      local rows, errors = read(case[1], case[2])
      assert.is_nil(rows)
      assert.same({ case[3] }, errors)
    end
  end)

  it("says what it found in a first line that is a title", function()
    local _, errors = read("Users of 2026-11-29,\nuserName,name\n")
    assert.same({
      "f:1: the first line must name the columns; it has 1, separated by commas, none of which "
        .. "is known (known: userName, name, email, title, active, roles)",
    }, errors)
  end)

  it("is refused where its header comes again, with the line", function()
    local rows, errors =
      read("userName,name\nada@example.com,Ada\n" .. "\239\187\191UserName,Name\nbob@example.com,Bob\n")
    assert.is_nil(rows)
    assert.same({ "f:3:1: the header comes here once more (are these several files in one?)" }, errors)
  end)

  it("is refused where something stands under no name, unless that is to be left alone", function()
    local text = "userName,,name\nada@example.com,x,Ada\n"
    assert.same({ nil, { "f:2: there is something in a column that has no name" } }, { read(text) })
    assert.same({ { userName = "ada@example.com", name = "Ada" } }, (read(text, {}, users, false)))
  end)

  it("is refused where a formula has failed", function()
    local _, errors = read("userName,title\nada@example.com,#N/A\nbob@example.com,#Nice\n")
    assert.same({ "f:2: title: '#N/A' is what a spreadsheet shows where a formula has failed" }, errors)
  end)

  it("has lists by another separator", function()
    for cell, separator in pairs {
      ["a@x.org; b@x.org"] = false,
      ["a@x.org,b@x.org"] = ",",
      ["a@x.org|b@x.org"] = "pipe",
      ["a@x.org b@x.org"] = "space",
      ["a@x.org\nb@x.org"] = "newline",
      ["a@x.org%b@x.org"] = "%",
    } do
      local rows, errors =
        read('displayName,members\nTeam,"' .. cell .. '"\n', { list_separator = separator or nil }, groups)
      assert.same(
        { { displayName = "Team", members = { "a@x.org", "b@x.org" } } },
        rows,
        tostring(errors and errors[1])
      )
    end
    local _, errors = read('displayName,members\n"Team ","a,b"\n', { list_separator = "," }, groups)
    assert.same({ "f:2: displayName: has U+0020, a space, at the end" }, errors)
  end)
end)

describe("a source with a mapping", function()
  teardown(box.remove)

  local HR = "Employee ID;First Name;Last Name;E-Mail;Active;Roles\n1;Ada;Byron;ada@example.com;yes;Admin\n"
    .. "2;;Babbage;charles@example.com;no;\n"
  local map = { userName = "e-mail", name = '"First Name"+" "+"Last Name"', title = '"#"+"Employee ID"' }

  it(
    "has the columns that are made, and not those that they are made of",
    function()
      assert.same({
        {
          {
            userName = "ada@example.com",
            name = "Ada Byron",
            title = "#1",
            active = true,
            roles = { "Admin" },
          },
          { userName = "charles@example.com", name = "Babbage", title = "#2", active = false },
        },
      }, { read(HR, { map = map }) })
    end
  )

  it("says of the rest what it says without one", function()
    local _, errors = read(HR, { map = { userName = "E-Mail" } })
    assert.same({
      "f:1: unknown column 'Employee ID' (known: userName, name, email, title, active, roles)",
      "f:1: unknown column 'First Name', did you mean 'userName'?",
      "f:1: unknown column 'Last Name', did you mean 'userName'?",
    }, errors)
    assert.same(
      { userName = "ada@example.com", active = true, roles = { "Admin" } },
      read(HR, { map = { userName = "E-Mail" } }, users, false)[1]
    )
  end)

  it("names the column that is not there, and reads no row", function()
    local _, errors = read(HR, { map = { userName = "E-Mial", name = '"Fist Name"+" "+"Last Name"' } })
    assert.same({
      "f:1: the source has no column 'E-Mial', did you mean 'E-Mail'?",
      "f:1: the source has no column 'Fist Name', did you mean 'First Name'?",
    }, errors)
    _, errors = read(HR, { map = { usrName = "E-Mail" } }, users, false)
    assert.same({ "f:1: the column 'userName' is missing" }, errors)
  end)

  it(
    "goes before a column of that name",
    function()
      assert.same(
        { { userName = "ada@example.com", email = "work@example.com" } },
        (
          read(
            "userName,email,Work\nada@example.com,home@example.com,work@example.com\n",
            { map = { email = "Work" } }
          )
        )
      )
    end
  )

  it("will not choose between two columns of one name", function()
    local _, errors = read("Mail,Mail\na@x.org,b@x.org\n", { map = { userName = "Mail" } })
    assert.same({ "f:1: the column 'Mail' is there twice" }, errors)
  end)

  it("finds a header that comes again, and other problems, in their lines", function()
    local _, errors =
      read(HR .. "Employee ID;First Name;Last Name;E-Mail;Active;Roles\n3;x\n;;;;yes;\n", { map = map })
    assert.same({
      "f:4:1: the header comes here once more (are these several files in one?)",
      "f:5: 2 fields, but the header has 6",
      "f:6: userName: is empty, and is required",
    }, errors)
  end)

  it("maps JSON and tables too", function()
    local rows = '[{"first":"Ada","last":"Byron","mail":"ada@example.com","ddRoles":["a","b"]}]'
    local json_map = { name = "first+last", userName = "mail", roles = "ddRoles" }
    local wanted = { { userName = "ada@example.com", name = "Ada Byron", roles = { "a", "b" } } }
    assert.same({ wanted }, { read(rows, { map = json_map, file = "people.json" }) })
    local taken = assert(
      check.rows(
        users,
        bulk.read(
          { { first = "Ada", last = "Byron", mail = "ada@example.com", ddRoles = { "a", "b" } } },
          { map = json_map }
        )
      )
    )
    assert.same(wanted[1], (taken:get(1)))
    json_map.title = "jobTitel"
    local _, errors = read(rows, { map = json_map, file = "people.json" })
    assert.same({ "f: no row of the source has 'jobTitel'" }, errors)
  end)

  it("gives its rows to who reads them without a plan", function()
    local source = assert(bulk.read(box.write("hr.csv", HR), { map = map }))
    local row, line = source:next()
    assert.same(
      { userName = "ada@example.com", name = "Ada Byron", title = "#1", Active = "yes", Roles = "Admin" },
      row
    )
    assert.equal(2, line)
    source:close()
  end)
end)
