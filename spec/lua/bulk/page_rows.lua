-- Rows of pages, also such that nobody hopes for, for spec/lua/bulk/page_spec.lua. As a program it writes a
-- page of them all, so that those of two Luas can be compared.
local page = require "ddokta.bulk.page"

local M = {}

M.EVIL = "<script>document.title='taken'</script><img src=http://elsewhere.example/x>'\"&"

local sections = {
  { id = "failed", words = "failed", tone = "failed", alike = "said" },
  { id = "update", words = "updated", tone = "update", alike = "fields" },
  { id = "create", words = "created", tone = "create" },
  { id = "unchanged", words = "unchanged", tone = "unchanged", closed = true },
}

function M.about_of(rows, more)
  local counts = {}
  for _, row in ipairs(rows) do
    counts[row.section] = (counts[row.section] or 0) + 1
  end
  local about = {
    what = "Report",
    title = "users from people.csv",
    facts = { { "service", "https://api.datadoghq.eu" }, { "organisation", "Example" } },
    command = "ddokta users import people.csv",
    paragraphs = { { "What happened." }, { "Run it again to try the rest.", "next" } },
    sections = sections,
    counts = counts,
    columns = { name = "Name", old = "Before", new = "Asked for", said = "Outcome" },
    fields_title = "What changes",
    noun = "user",
    plural = "users",
  }
  for name, value in pairs(more or {}) do
    about[name] = value
  end
  return about
end

function M.write(rows, more)
  local parts, i = {}, 0
  page.write(function(text) parts[#parts + 1] = text end, M.about_of(rows, more), function()
    i = i + 1
    return rows[i]
  end)
  return table.concat(parts)
end

function M.update(i, old, new, more)
  local row = {
    section = "update",
    action = "update",
    name = ("user%05d@example.com"):format(i),
    place = "people.csv:" .. i + 1,
    fields = { { label = "title", old = old, new = new } },
    said = { "updated" },
  }
  for name, value in pairs(more or {}) do
    row[name] = value
  end
  return row
end

function M.create(i, more)
  local row = M.update(i, nil, "Name " .. i)
  row.section, row.action, row.said = "create", "create", { "created" }
  row.fields[2] = { label = "client_secret", new = "(secret)" }
  for name, value in pairs(more or {}) do
    row[name] = value
  end
  return row
end

function M.failed(i, message)
  return M.update(i, "Engineer", "Boss " .. i, { section = "failed", said = { message, "3 attempts" } })
end

function M.unchanged(i) return M.update(i, nil, nil, { section = "unchanged", fields = {}, said = {} }) end

-- what nobody hopes for
M.LONG = ("Ærøskøbing-"):rep(910)
M.hostile = {
  M.failed(1, M.EVIL .. ("no spaces "):rep(3) .. ("W"):rep(300)),
  M.update(2, M.LONG .. "old" .. M.LONG, M.LONG .. "new" .. M.LONG),
  M.update(3, ("x"):rep(10000), "y"),
  M.update(4, M.EVIL, "</script><!--<script>", { name = M.EVIL, place = M.EVIL, remark = M.EVIL }),
  M.update(5, "\226\128\174gnp.exe", "\226\128\168\226\128\169\0\27]0;x\7\r\n\255\254"),
  M.update(6, "شارع الملك فهد، الرياض", "שדרות רוטשילד, תל אביב"),
  M.update(7, "", nil, { fields = {} }),
  M.update(8, "渋谷区神宮前一丁目", "👩‍👩‍👧‍👦 e\204\129\204\129\204\129\204\129"),
  M.update(9, nil, nil, {
    fields = {
      { label = ("a_field_of_a_very_long_name_"):rep(6), old = { "a", M.EVIL }, new = {}, stay = 12345 },
      { label = "members", old = {}, new = { "one@example.com", ("W"):rep(300) } },
      { label = "nothing of both" },
      { label = "goes", old = "all of it", goes = true },
    },
  }),
  M.create(10, { name = ("very.long.name."):rep(20) .. "@example.com" }),
  M.unchanged(11),
}

--- A page of the hostile rows, and of more than it has as HTML.
function M.write_all()
  local rows = {}
  for i, row in ipairs(M.hostile) do
    rows[i] = row
  end
  for i = 1, 700 do
    rows[#rows + 1] = i % 7 == 0 and M.failed(i, "no") or i % 7 == 1 and M.unchanged(i) or M.create(i)
  end
  return M.write(rows, { title = M.EVIL, facts = { { "source", M.EVIL } }, paragraphs = { { M.EVIL } } })
end

if arg and arg[0] and arg[0]:find "page_rows%.lua$" then io.write(M.write_all()) end

return M
