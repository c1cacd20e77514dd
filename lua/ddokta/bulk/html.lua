--- A plan, and what became of it, as one HTML page that needs no other file.
--
-- No script, style, font or picture comes from elsewhere, and a policy in the page lets none in. It can be
-- read without its script, which searches the rows; the address's part behind # is what is searched for. All
-- that comes from a source or a service is escaped; what a page may not have in it (control characters, bytes
-- that are not UTF-8) is shown as text.

local core = require "ddokta.core"
local header = require "ddokta.bulk.header"

local MOST_UNCHANGED = 5000 -- more of them are counted only

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function hex(c) return ("\\x%02X"):format(c:byte()) end

local function escape(value)
  local text = tostring(value)
  if not core.csv.is_utf8(text) then text = text:gsub("[\128-\255]", hex) end
  return (text:gsub("%c", hex):gsub("[&<>\"']", escapes))
end

-- --- values ---------------------------------------------------------------------------------------

local function show_items(list, names)
  local items = {}
  for i, item in ipairs(list) do
    items[i] = names and names[item] or tostring(item)
  end
  return items[1] and table.concat(items, ", ") or "(none)"
end

local function show(value, names)
  if value == nil then return "" end
  return type(value) == "table" and show_items(value, names) or tostring(value)
end

local function without(list, others)
  local there, items = {}, {}
  for _, item in ipairs(others) do
    there[item] = true
  end
  for _, item in ipairs(list) do
    if not there[item] then items[#items + 1] = item end
  end
  return items
end

--- Of a list that changes, what goes and what comes: a group may have thousands of members.
local function list_change(old, new, names)
  local gone, come = without(old, new), without(new, old)
  local kept = #old - #gone
  local still = kept > 0 and (" (%d stay)"):format(kept) or ""
  return show_items(gone, names) .. still, show_items(come, names) .. still
end

local function field_cells(field, names)
  local old, new = field.old, field.new
  if type(new) == "table" and type(old) == "table" then return field.field, list_change(old, new, names) end
  return field.field, show(old, names), show(new, names)
end

local function sorted_fields(values)
  local names = {}
  for name in pairs(values or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The lines of a change: {field, old, new} each.
local function lines_of(change)
  local lines = {}
  for _, field in ipairs(change.changes or {}) do
    -- a create's heading shows the key
    if change.action ~= "create" or field.new ~= change.key then
      lines[#lines + 1] = { field_cells(field, change.names) }
    end
  end
  if change.action == "delete" and not change.changes then
    for _, name in ipairs(sorted_fields(change.old)) do
      lines[#lines + 1] = { name, show(change.old[name], change.names), "" }
    end
  end
  for _, name in ipairs(change.secrets or {}) do
    lines[#lines + 1] = { name, "(not shown by the service)", "(secret)" }
  end
  if #lines == 0 then lines[1] = { "", "", "" } end
  return lines
end

-- --- rows -----------------------------------------------------------------------------------------

local function small(text) return text and "<small>" .. escape(text) .. "</small>" or "" end

local function outcome_cell(row, span)
  local text = ("<td%s class=out>%s"):format(span, escape(row.outcome))
  if (row.attempts or 0) > 1 then text = text .. (" (%d attempts)"):format(row.attempts) end
  if row.resumed then text = text .. small("by an earlier run") end
  if row.error and row.outcome ~= "unchanged" then text = text .. small(row.error.message) end
  return text .. small(row.note)
end

local function heading_cells(change, span)
  local place = change.position or change.id and "id " .. tostring(change.id)
  return ("<td%s>%d<td%s class=act>%s<th%s scope=row>%s%s%s"):format(
    span,
    change.number,
    span,
    change.action,
    span,
    escape(change.key),
    small(place),
    small(change.reason or change.note)
  )
end

--- A change is a <tbody> with a line for each field; row: of the report, or nil
local function put_change(put, change, row)
  local lines = lines_of(change)
  local span = #lines > 1 and " rowspan=" .. #lines or ""
  local class = change.action .. (row and row.outcome ~= change.action and " " .. row.outcome or "")
  local parts = { ('<tbody class="%s">'):format(class) }
  for i, line in ipairs(lines) do
    parts[#parts + 1] = "<tr>"
    if i == 1 then parts[#parts + 1] = heading_cells(change, span) end
    parts[#parts + 1] = ("<td>%s<td><del>%s</del><td><ins>%s</ins>"):format(
      escape(line[1]),
      escape(line[2]),
      escape(line[3])
    )
    if i == 1 and row then parts[#parts + 1] = outcome_cell(row, span) end
  end
  put(table.concat(parts) .. "\n")
end

local function put_rows(put, plan, report)
  local all = plan.counts.unchanged <= MOST_UNCHANGED
  for change in (all and plan:each() or plan:changes()) do
    put_change(put, change, report and report:row(change.number))
  end
end

-- --- the page -------------------------------------------------------------------------------------

-- What each page has in it: its style, its script, and their digests, by which its Content-Security-Policy
-- lets in these two and nothing else.
local page = {}

page.style = [[
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; max-width: 70rem; overflow-wrap: anywhere; }
.blocked { border-left: 4px solid #c33; padding-left: .7rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0 .8rem; margin: .3rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .8rem 0; list-style: none; }
li { border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .6rem; }
li b { font-size: 1.2rem; margin-right: .3rem; }
#tools { display: flex; flex-wrap: wrap; gap: .8rem; align-items: center; position: sticky; top: 0;
  padding: .6rem 0; background: Canvas; border-bottom: 1px solid var(--line); }
#tools[hidden] { display: none; }
#tools input { font: inherit; padding: .3rem .5rem; width: min(30rem, 100%); }
#tools button { font: inherit; padding: .2rem .6rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid var(--line); }
tbody { border-bottom: 1px solid var(--line); }
tbody[hidden] { display: none; }
.n { width: 4.5rem; } .a { width: 6.5rem; } .k { width: 24%; } .f { width: 8rem; } .o { width: 18%; }
small { opacity: .75; display: block; font-weight: normal; }
del, ins { text-decoration: none; }
del { color: light-dark(#a11, #f99); } ins { color: light-dark(#172, #8e9); }
.create th, .create .act { color: light-dark(#172, #8e9); }
.update .act { color: light-dark(#850, #fc6); }
.delete .act, .failed .out, .unknown .out { color: light-dark(#a11, #f99); }
.conflict .act { color: light-dark(#817, #f9f); }
.unchanged { color: GrayText; }
@media print { #tools { display: none; } }
]]

page.script = [[
"use strict";
const rows = Array.from(document.querySelectorAll("tbody")).map(
  (body) => ({ body, text: body.textContent.toLowerCase() + " " + body.className }));
const input = document.getElementById("search");
const count = document.getElementById("count");
function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
  let shown = 0;
  for (const row of rows) {
    const is = words.every((word) => row.text.includes(word));
    if (row.body.hidden === is) row.body.hidden = !is;
    if (is) shown++;
  }
  count.textContent = shown + " of " + rows.length + " shown";
}
function readAddress() {
  try { input.value = decodeURIComponent(location.hash.slice(1)); } catch (_) { input.value = ""; }
  filter();
}
let waiting = 0;
input.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    filter();
    try { history.replaceState(null, "", "#" + encodeURIComponent(input.value)); } catch (_) {}
  }, 80);
});
for (const button of document.querySelectorAll("#tools button")) {
  button.addEventListener("click", () => { location.hash = encodeURIComponent(button.value); });
}
addEventListener("hashchange", readAddress);
document.getElementById("tools").hidden = false;
readAddress();
]]

page.style_digest = "E5AXfJvA0MWqs0FY+aWEdE4yYftW9QiT7wgVqTy1T0A="
page.script_digest = "APs5SPTru/ebwE10VH183y/ncHkXhHbHnj7mj6MDYtU="

local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-%s';
 script-src 'sha256-%s'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
]]

local TOOLS = [[
<div id="tools" hidden><input id="search" type="search" autocomplete="off" spellcheck="false"
 aria-label="search" placeholder="search: a name, a field, an outcome">%s
<span id="count" role="status"></span></div>
]]

local planned = {
  { "create", "to create" },
  { "update", "to update" },
  { "delete", "to delete" },
  { "conflict", "in conflict" },
  { "unchanged", "unchanged" },
}
local happened = {
  { "done", "done" },
  { "failed", "failed" },
  { "unknown", "unknown" },
  { "not_run", "not sent" },
  { "skipped", "in conflict" },
  { "unchanged", "unchanged" },
}

--- what there is of each: an item of the list, and a button that searches for it
local function counts_of(counts, words)
  local items, buttons = {}, {}
  for _, word in ipairs(words) do
    local n = counts[word[1]] or 0
    if n > 0 then
      items[#items + 1] = ("<li><b>%d</b>%s"):format(n, word[2])
      buttons[#buttons + 1] = ('<button type="button" value="%s">%s</button>'):format(word[1], word[2])
    end
  end
  buttons[#buttons + 1] = '<button type="button" value="">all</button>'
  return table.concat(items), table.concat(buttons)
end

local function paragraph(text, class)
  return text and ("<p%s>%s</p>\n"):format(class and " class=" .. class or "", escape(text)) or ""
end

--- open(put, title), close(put): the beginning of a page and its end, for other pages too: of their table
-- each row is a <tbody>, and each value goes through escape.
local function open(put, title)
  local shown = escape(title)
  put(HEAD:format(page.style_digest, page.script_digest, shown, page.style))
  put("<h1>" .. shown .. "</h1>\n")
end

local function close(put) put("<script>" .. page.script .. "</script>\n</body>\n</html>\n") end

--- put_counts(put, counts, words): how many there are of each, and what searches for them
local function put_counts(put, counts, words)
  local items, buttons = counts_of(counts, words)
  put("<ul>" .. items .. "</ul>\n" .. TOOLS:format(buttons))
end

local function put_head(put, plan, report)
  local about = report or plan
  open(put, header.title(about))
  put("<dl>")
  for _, row in ipairs(header.rows(about)) do
    put(("<dt>%s<dd>%s"):format(row[1], escape(row[2])))
  end
  put("</dl>\n")
  if report then
    put(paragraph(report.sentence) .. paragraph(report.reason) .. paragraph(report.next))
  else
    put(paragraph("A plan: nothing was sent."))
  end
  local note = report and report.note or plan.note
  put(paragraph(note and "Note: " .. note .. "."))
  if plan.blocked then put(paragraph("Stopped: " .. plan.blocked .. ".", "blocked")) end
  put_counts(put, report and report.counts or plan.counts, report and happened or planned)
end

--- put(text) gets the page piece by piece; report: what bulk.apply answered, or nil for a plan alone.
local function write(put, plan, report)
  put_head(put, plan, report)
  put(
    "<table>\n<thead><tr><th class=n>step<th class=a>action<th class=k>name<th class=f>field<th>now<th>"
      .. (report and "asked for<th class=o>outcome" or "will be")
      .. "</thead>\n"
  )
  put_rows(put, plan, report)
  put("</table>\n")
  if plan.counts.unchanged > MOST_UNCHANGED then
    put(paragraph(("%d that are unchanged are not listed."):format(plan.counts.unchanged)))
  end
  close(put)
end

---@class ddokta.bulk.html
return {
  write = write,
  open = open,
  close = close,
  put_counts = put_counts,
  paragraph = paragraph,
  escape = escape,
  page = page,
}
