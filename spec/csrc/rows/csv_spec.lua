-- ddokta.core.csv: the state machine in C, through its binding.
local csv = require("ddokta.core").csv

-- Everything a reader says about `text` fed in pieces of `size` bytes, as a list of lines of text.
local function read(text, size, options, columns)
  local reader = csv.reader(options)
  local said = {}
  if columns then reader:columns(columns) end
  local function drain()
    while true do
      local row, detail = reader:next()
      if row then
        local fields = {}
        if columns then
          for i, name in ipairs(columns) do
            fields[i] = row[name] or "<absent>"
          end
        else
          for i, field in ipairs(row) do
            fields[i] = "[" .. field .. "]"
          end
        end
        said[#said + 1] = detail .. ":" .. table.concat(fields)
      elseif detail then
        said[#said + 1] = ("%s@%d:%s"):format(detail.code, detail.line, tostring(detail.column))
      else
        return
      end
    end
  end
  for i = 1, #text, size do
    reader:feed(text:sub(i, i + size - 1))
    drain()
  end
  reader:finish()
  drain()
  return said
end

local function whole(text, ...) return read(text, #text + 1, ...) end

describe("core.csv", function()
  local cases = {
    { "plain fields", "a,b\n1,2\n", { "1:[a][b]", "2:[1][2]" } },
    { "no line end at the end", "a,b", { "1:[a][b]" } },
    { "an empty last field", "a,", { "1:[a][]" } },
    { "LF, CR and CRLF", "a\nb\rc\r\nd", { "1:[a]", "2:[b]", "3:[c]", "4:[d]" } },
    { "blank lines", "\n\r\na\n\n\r\n\rb\n", { "3:[a]", "7:[b]" } },
    { "quotes", '"a","b,c"\n', { "1:[a][b,c]" } },
    { "doubled quotes", '"a""b",""""\n', { '1:[a"b]["]' } },
    { "an empty quoted field is no blank line", '""\nx', { "1:[]", "2:[x]" } },
    { "line ends in quotes", '"a\nb\r\nc\rd",e\nf', { "1:[a\nb\r\nc\rd][e]", "5:[f]" } },
    { "a byte order mark", "\239\187\191a,b\n", { "1:[a][b]" } },
    { "a byte order mark before a quote", '\239\187\191"a"', { "1:[a]" } },
    { "a mark later is text", "a\n\239\187\191b", { "1:[a]", "2:[\239\187\191b]" } },
    { "spaces are text", " a , b ", { "1:[ a ][ b ]" } },
    { "nothing", "", {} },
    { "nothing but a mark", "\239\187\191", {} },
    { "text after a closing quote", '"a"b,c\nd', { "text_after_quote@1:4", "2:[d]" } },
    { "a quote inside text", 'a,b"c\nd', { "quote_in_text@1:4", "2:[d]" } },
    { "a space before a quote", 'a, "b"\nd', { "quote_in_text@1:4", "2:[d]" } },
    { "columns are characters", 'é,ü"\n', { "quote_in_text@1:4" } },
    { "an unterminated quote", 'a\nb,"c\nd\n', { "1:[a]", "unterminated_quote@2:3" } },
    { "a quote alone at the end", 'a\n"', { "1:[a]", "unterminated_quote@2:1" } },
    { "a NUL", "a\0b\nc", { "nul@1:2", "2:[c]" } },
    { "a NUL in quotes", '"a\0b"\nc', { "nul@1:3", "2:[c]" } },
    { "a NUL after quotes", '"a"\0\nc', { "nul@1:4", "2:[c]" } },
    { "Latin-1", "a\nb,\233\nc", { "1:[a]", "not_utf8@2:nil", "3:[c]" } },
    { "Latin-1 in the second line of a field", '"a\n\233",b\nc', { "not_utf8@2:nil", "3:[c]" } },
    { "a sequence over two fields", "\195,\169\nc", { "not_utf8@1:nil", "2:[c]" } },
    { "UTF-16, little", "\255\254a\0,\0\233\0\n\0x\0", { "1:[a][é]", "2:[x]" } },
    { "UTF-16, big", "\254\255\0a\0\r\0\n\32\172\0\r", { "1:[a]", "2:[€]" } },
    { "a pair of UTF-16", "\255\254\61\216\0\222", { "1:[😀]" } },
    { "UTF-16 of nothing", "\255\254", {} },
    { "half a pair of UTF-16", "\255\254a\0,\0\61\216b\0\n\0c\0", { "not_utf16@1:nil", "2:[c]" } },
    { "the wrong half of a pair", "\254\255\222\0\0\n\0c", { "not_utf16@1:nil", "2:[c]" } },
    { "two first halves", "\254\255\216\61\216\61\222\0", { "not_utf16@1:nil" } },
    { "UTF-16 that ends in a character", "\255\254a\0\n\0b", { "1:[a]", "cut_utf16@2:1" } },
    { "UTF-16 that ends in a pair", "\255\254\61\216", { "cut_utf16@1:1" } },
    { "a NUL in UTF-16, which UTF-32 has", "\255\254\0\0a\0\0\0", { "nul@1:1" } },
    { "UTF-16 without a mark", "a\0\n\0", { "nul@1:2", "nul@2:1" } },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1] .. ", however it is cut", function()
      assert.same(case[3], whole(case[2]))
      for size = 1, #case[2] do
        assert.same(case[3], read(case[2], size), "pieces of " .. size)
      end
    end)
  end

  local dialects = {
    { "commas", "a,b\n1;2,3", { "1:[a][b]", "2:[1;2][3]" }, "," },
    { "semicolons", "a;b\n1,2;3", { "1:[a][b]", "2:[1,2][3]" }, ";" },
    { "tabs", "a\tb\n1,2\t3", { "1:[a][b]", "2:[1,2][3]" }, "\t" },
    { "bars", "a|b\n1|2", { "1:[a][b]", "2:[1][2]" }, "|" },
    { "the more frequent one", "a, b;c, d;e;f\n", { "1:[a, b][c, d][e][f]" }, ";" },
    { "one that quotes hide", '"a;b;c",d\n', { "1:[a;b;c][d]" }, "," },
    { "a line end between quotes", '"a\nb;";c\n1;2', { "1:[a\nb;][c]", "3:[1][2]" }, ";" },
    { "blank lines before it", "\r\n\na;b\n", { "3:[a][b]" }, ";" },
    { "a mark before it", "\239\187\191a;b\n", { "1:[a][b]" }, ";" },
    { "UTF-16", "\255\254a\0\t\0b\0\n\0", { "1:[a][b]" }, "\t" },
    { "no line end", "a;b", { "1:[a][b]" }, ";" },
    { "nothing", "", {}, "," },
    { "one column", "a\nb\nc d", { "1:[a]", "2:[b]", "3:[c d]" }, nil },
    { "one column of quoted text", 'a\n"b;c"\n"d,e"', { "1:[a]", "2:[b;c]", "3:[d,e]" }, nil },
    { "one column, then others", "a\nb;c\nd", { "1:[a]", "delimiter_late@2:1", "3:[d]" }, nil },
    { "two that come equally often", "a,b;c\n1", { "delimiter_open@1:1" }, nil },
    { "sep=;", "sep=;\na,b;c\n", { "2:[a,b][c]" }, ";" },
    { "SEP= and CRLF", "SEP=|\r\na|b\r\n", { "2:[a][b]" }, "|" },
    { "sep= and a tab in UTF-16", "\254\255\0s\0e\0p\0=\0\t\0\r\0\n\0a\0\t\0b", { "2:[a][b]" }, "\t" },
    { "sep= and no more", "sep=;", {}, ";" },
    { "sep= that names nothing", "sep=\na\n", { "1:[sep=]", "2:[a]" }, nil },
    { "sep= that names too much", "sep=;;\na;b;c\n", { "1:[sep=][][]", "2:[a][b][c]" }, ";" },
  }
  for _, case in ipairs(dialects) do
    it("finds the delimiter: " .. case[1] .. ", however it is cut", function()
      local options = { dialect = true }
      assert.same(case[3], whole(case[2], options))
      for size = 1, #case[2] do
        assert.same(case[3], read(case[2], size, options), "pieces of " .. size)
      end
      local reader = csv.reader(options)
      reader:feed(case[2])
      reader:finish()
      reader:next()
      assert.equal(case[4], reader:delimiter())
    end)
  end

  it("takes a given delimiter before the one that it would find", function()
    assert.same({ "1:[a;b][c]" }, whole("a;b|c\n", { delimiter = "|", dialect = true }))
    assert.same({ "2:[a;b]" }, whole("sep=;\na;b\n", { delimiter = "|", dialect = true }))
    assert.same({ "1:[a]", "2:[b;c]" }, whole("a\nb;c\n", { delimiter = ",", dialect = true }))
  end)

  it("reads a first line that does not end as far as it must", function()
    local text = ("a;"):rep(40000)
    assert.same(1, #read(text, 1000, { dialect = true }))
    local reader = csv.reader { dialect = true }
    reader:feed(text:sub(1, 65535))
    reader:next()
    assert.is_nil(reader:delimiter())
    reader:feed(text:sub(65536))
    reader:next()
    assert.equal(";", reader:delimiter())
  end)

  it("tells a header that comes again, in any case and behind a mark", function()
    local function again(line)
      local reader = csv.reader {}
      reader:feed("a,bc\n" .. line .. "\n1,2\n")
      reader:columns(reader:next())
      local row, problem = reader:next()
      return row and "row" or problem.code, row and 2 or problem.line, reader:next().a
    end
    for _, line in ipairs { "a,bc", "A,Bc", "\239\187\191a,bc", '"a","bc"' } do
      assert.same({ "header_again", 2, "1" }, { again(line) }, line)
    end
    for _, line in ipairs { "ab,c", "a,bd", "xyza,bc", "a,b" } do
      assert.same({ "row", 2, "1" }, { again(line) }, line)
    end
  end)

  it("gives the same rows at every split into two", function()
    local text = '\239\187\191a,"b ""q""\r\nx",é\r\n\r\n"","",\n1"2\n"3"4\n\200\n5,6,"7\r'
    local expected = whole(text)
    assert.same(6, #expected)
    for cut = 0, #text do
      local reader, said = csv.reader {}, 0
      reader:feed(text:sub(1, cut))
      for _, part in ipairs { text:sub(cut + 1), false } do
        while true do
          local row, detail = reader:next()
          if not row and not detail then break end
          said = said + 1
          local place = row and tostring(detail) .. ":" or detail.code
          assert.same(place, expected[said]:sub(1, #place))
        end
        if part then reader:feed(part) end
      end
      reader:finish()
      while true do
        local row, detail = reader:next()
        if not row and not detail then break end
        said = said + 1
      end
      assert.same(#expected, said, "cut at " .. cut)
    end
  end)

  it("gives the same rows of any text, cut at any places", function()
    local pieces = {
      "a",
      "bc",
      ",",
      ",",
      '"',
      '"',
      "\n",
      "\n",
      "\r\n",
      "\r",
      "é",
      "\233",
      "\0",
      "\239\187\191",
      '""',
      ";",
    }
    math.randomseed(20260822)
    for _ = 1, 400 do
      local text = {}
      for i = 1, math.random(0, 25) do
        text[i] = pieces[math.random(#pieces)]
      end
      text = table.concat(text)
      local expected = whole(text)
      for size = 1, math.min(#text, 3) do
        assert.same(expected, read(text, size), ("%q"):format(text))
      end
      local reader, said, at = csv.reader {}, 0, 1
      while at <= #text do
        local size = math.random(0, 6)
        reader:feed(text:sub(at, at + size - 1))
        at = at + size
        while select("#", reader:next()) == 2 do
          said = said + 1
        end
      end
      reader:finish()
      while select("#", reader:next()) == 2 do
        said = said + 1
      end
      assert.same(#expected, said, ("%q"):format(text))
    end
  end)

  it(
    "gives rows by column, empty fields absent, empty records skipped",
    function() assert.same({ "1:1<absent>", "4:<absent>2" }, whole("1,\n,\n\n,2\n", {}, { "a", "b" })) end
  )

  it("refuses a record with too few or too many fields and goes on", function()
    local expected = { "field_count@1:nil", "field_count@2:nil", "3:12" }
    assert.same(expected, whole("1\n1,2,3\n1,2\n", {}, { "a", "b" }))
  end)

  it("does not mind empty fields behind the last column, lines of spaces and the end mark of DOS", function()
    assert.same({ "1:12", "3:34" }, whole("1,2,,\n  , \n3,4,\n \n\26", {}, { "a", "b" }))
    assert.same({ "field_count@1:nil" }, whole("1,2,,x\n", {}, { "a", "b" }))
  end)

  it("says how many fields there are", function()
    local reader = csv.reader {}
    reader:columns { "a", "b" }
    reader:feed("1,2,3\n")
    local row, problem = reader:next()
    assert.is_nil(row)
    assert.same("3 fields, but the header has 2", problem.message)
  end)

  it("stops at a field above the cap, at the quote that opened it", function()
    local text = 'a\nb,"' .. ("x\n"):rep(100) .. '"\nc'
    local expected = { "1:[a]", "field_too_large@2:3" }
    for _, size in ipairs { 1, 7, 1000 } do
      assert.same(expected, read(text, size, { max_field = 100 }))
    end
    assert.same({ "1:[" .. ("x"):rep(100) .. "]" }, whole(("x"):rep(100), { max_field = 100 }))
    for size = 1, 101 do
      assert.same({ "field_too_large@1:3" }, read("a," .. ("x"):rep(101), size, { max_field = 100 }))
      assert.same({ "record_too_large@1:3" }, read("a," .. ("x"):rep(101), size, { max_record = 100 }))
    end
  end)

  it("has a cap of 1 MiB for a field, 16 MiB for a record", function()
    assert.same({ "field_too_large@1:1" }, whole(("x"):rep(1048577)))
    assert.same(1, #whole(("x"):rep(1048576)))
    assert.same({ "record_too_large@1:16777217" }, whole((("x"):rep(1048575) .. ","):rep(18)))
    assert.same(1, #read((","):rep(20000000), 1000000))
  end)

  it("takes another delimiter", function()
    assert.same({ "1:[a,b][c]" }, whole("a,b;c\n", { delimiter = ";" }))
    assert.has_error(function() csv.reader { delimiter = '"' } end)
    assert.has_error(function() csv.reader { delimiter = ",," } end)
  end)

  it("tells a record as soon as it is complete", function()
    for _, text in ipairs { "1\n", "\239\n", "\239\187\n" } do
      local reader = csv.reader {}
      reader:feed(text)
      assert.same(2, select("#", reader:next()))
    end
  end)

  it("refuses bytes after finish, and any use after close", function()
    local reader = csv.reader()
    reader:feed("a")
    reader:finish()
    assert.has_error(function() reader:feed("b") end)
    assert.same({ "a" }, (reader:next()))
    reader:close()
    reader:close()
    assert.has_error(function() reader:next() end)
  end)

  it("is not upset by a changed list of columns", function()
    local columns = { "a" }
    local reader = csv.reader {}
    reader:columns(columns)
    columns[1] = nil
    reader:feed("1\n")
    collectgarbage()
    assert.same({ a = "1" }, (reader:next()))
    assert.has_error(function() reader:columns { 1 } end)
  end)

  it("takes constant memory", function()
    local reader = csv.reader {}
    reader:columns { "a", "b" }
    local chunk = ("some text,more text\n"):rep(1000)
    local function run(times)
      for _ = 1, times do
        reader:feed(chunk)
        while reader:next() do
        end -- luacheck: ignore 542
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    local before = run(2)
    assert.is_true(run(50) < before + 100)
  end)

  it("gives back random rows that write wrote", function()
    local format = require "ddokta.bulk.formats.csv"
    local pieces = {
      "a",
      "b",
      " ",
      ",",
      '"',
      "\n",
      "\r",
      "\r\n",
      "é",
      "€",
      "\240\159\152\128",
      "",
      "=",
      "\239\187\191",
    }
    math.randomseed(20260821)
    for _ = 1, 300 do
      local columns, rows = {}, {}
      for i = 1, math.random(1, 4) do
        columns[i] = "c" .. i
      end
      for r = 1, math.random(0, 5) do
        rows[r] = {}
        for i = 1, #columns do
          local field = {}
          for k = 1, math.random(0, 4) do
            field[k] = pieces[math.random(#pieces)]
          end
          rows[r][columns[i]] = table.concat(field)
        end
      end
      local text = {}
      format.write(rows, columns, function(piece) text[#text + 1] = piece end)
      local reader, got = csv.reader {}, {}
      reader:feed(table.concat(text))
      reader:finish()
      assert.same(columns, (reader:next()))
      for row in function() return (reader:next()) end do
        local by_name = {}
        for i, name in ipairs(columns) do
          by_name[name] = row[i]
        end
        got[#got + 1] = by_name
      end
      assert.same(rows, got)
    end
  end)
end)

describe("core.csv.is_utf8", function()
  local good = {
    "",
    "plain",
    ("a"):rep(100),
    "é",
    "€",
    "\240\159\152\128",
    "\194\128",
    "\223\191",
    "\224\160\128",
    "\237\159\191",
    "\238\128\128",
    "\239\191\191",
    "\240\144\128\128",
    "\244\143\191\191",
    "1234567é",
    "a\0b",
  }
  local bad = {
    { "\128", 1 },
    { "abc\191", 4 },
    { "\192\128", 1 },
    { "\193\191", 1 },
    { "\224\159\191", 1 },
    { "\237\160\128", 1 },
    { "\237\191\191", 1 },
    { "\240\143\191\191", 1 },
    { "\244\144\128\128", 1 },
    { "\245\128\128\128", 1 },
    { "\255", 1 },
    { "é\195", 3 },
    { "12345678\226\130", 9 },
    { "\226\130a", 1 },
    { "1234567890123456\233 text", 17 },
    { "\240\159\152", 1 },
    { "\195\169\169", 3 },
  }
  it("takes what is UTF-8", function()
    for _, text in ipairs(good) do
      assert.is_true(csv.is_utf8(text))
    end
  end)

  it("names the first byte that is not", function()
    for _, case in ipairs(bad) do
      local ok, offset = csv.is_utf8(case[1])
      assert.is_false(ok)
      assert.same(case[2], offset)
    end
  end)

  it("agrees with a plain reading of RFC 3629 on random bytes", function()
    local function is_valid(s) -- the grammar of section 4, as patterns, longest first
      local tail = "[\128-\191]"
      local forms = {
        "^[\1-\127]",
        "^%z",
        "^[\194-\223]" .. tail,
        "^\224[\160-\191]" .. tail,
        "^[\225-\236\238\239]" .. tail .. tail,
        "^\237[\128-\159]" .. tail,
        "^\240[\144-\191]" .. tail .. tail,
        "^[\241-\243]" .. tail .. tail .. tail,
        "^\244[\128-\143]" .. tail .. tail,
      }
      local at = 1
      while at <= #s do
        local stop
        for _, form in ipairs(forms) do
          local _, last = s:sub(at, at + 3):find(form)
          stop = stop or last
        end
        if not stop then return false, at end
        at = at + stop
      end
      return true
    end
    local bytes = {
      65,
      0,
      127,
      128,
      143,
      144,
      159,
      160,
      191,
      194,
      223,
      224,
      225,
      237,
      239,
      240,
      243,
      244,
      245,
    }
    math.randomseed(7)
    for _ = 1, 20000 do
      local s = {}
      for i = 1, math.random(1, 12) do
        s[i] = string.char(bytes[math.random(#bytes)])
      end
      s = table.concat(s)
      local ok, at = csv.is_utf8(s)
      local wanted, wanted_at = is_valid(s)
      assert.same({ wanted, wanted_at }, { ok, at })
    end
  end)
end)
