--- A page: rows of old and new values as one HTML file that needs no other, for plans, reports and drifts.
--
-- It has a summary, charts, and its rows twice: as data, from which its script (page/*.js) draws what is near
-- the screen, and the first few hundred as HTML, for whoever has no script. No script, style, font or picture
-- comes from elsewhere, and a policy in the page lets none in. All that comes from a source or a service is
-- made fit to be seen, and escaped.

local chart = require "ddokta.bulk.page_chart"
local file = require "ddokta.file"
local json = require("ddokta.native").json
local show = require("ddokta.text").show

local MOST_STATIC = 500 -- rows that a page has without its script

--- A part of a page's rows. All rows of one are beside each other, and can be folded away.
---@class ddokta.bulk.PageSection
---@field id string "failed"
---@field words string behind its number of rows: "failed"
---@field tone "create"|"update"|"delete"|"conflict"|"failed"|"unchanged" its colour
---@field alike? "fields"|"said" what rows have in common that are shown as one; nil: each is shown
---@field closed? boolean nobody wants to see its rows at first

--- nil is what is not there, a list what has many values.
---@alias ddokta.bulk.PageValue string|number|boolean|(string|number)[]|nil

---@class ddokta.bulk.PageField
---@field label string says all where there is neither an old nor a new value
---@field old ddokta.bulk.PageValue
---@field new ddokta.bulk.PageValue
---@field stay? integer how many items of a list do not change, and are not in old and new
---@field goes? boolean there is no new value: the whole thing goes

---@class ddokta.bulk.PageRow
---@field section string of a section: its id
---@field action string "create"; one whose name is the section's id is not shown
---@field name string
---@field place? string where it comes from
---@field remark? string
---@field fields ddokta.bulk.PageField[]
---@field said string[] what became of it, and what else there is to say

--- Old and new: how the columns of values are called. Said: the last column, nil where no row says anything.
---@class ddokta.bulk.Page
---@field title string
---@field what string above the title: "Plan"
---@field facts {[1]: string, [2]: string}[] of where and when it is: names and texts
---@field command? string that made it
---@field paragraphs {[1]: string, [2]: string?}[] texts; class: "next", "blocked"
---@field sections ddokta.bulk.PageSection[] in the order of what matters most
---@field counts table<string, integer> how many rows there are of each section
---@field columns {name: string, field?: string, old: string, new: string, said?: string}
---@field fields_title string above the chart of fields: "What changes"
---@field noun string
---@field plural string
---@field timeline? ddokta.bulk.Timeline
---@field unlisted? string a sentence: which rows it does not have

local page = {}

local function script()
  local parts = {}
  for i, name in ipairs { "values", "list", "filters" } do
    parts[i] = file.own("bulk/page/" .. name .. ".js")
  end
  return table.concat(parts, "\n")
end

-- What each page has in it, and its digests, by which the page's policy lets in these two and nothing else.
-- They are read at once: a report is written behind hours of work.
page.style, page.script = file.own "bulk/page/style.css", script()
page.style_digest = "UdDP2JxWx1siNaR4svOxlQBQQm0MXX5FJLsygnZaR4Y="
page.script_digest = "CM6PTYMYZxWlKtVANqp0wrdJ2mc8p9+bY7A2YbjYYu4="

-- --- texts ----------------------------------------------------------------------------------------

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(value) return (show(value):gsub("[&<>\"']", escapes)) end

local function paragraph(text, class)
  return ("<p%s>%s</p>\n"):format(class and ' class="' .. class .. '"' or "", escape(text))
end

--- 12345 -> "12,345"
local function number(count)
  local text = ("%d"):format(count)
  repeat
    local found
    text, found = text:gsub("^(%d+)(%d%d%d)", "%1,%2")
  until found == 0
  return text
end

-- --- rows as data ---------------------------------------------------------------------------------

local function value_as_data(value)
  if value == nil then return json.null end
  if type(value) ~= "table" then return show(value) end
  local items = json.array {}
  for i, item in ipairs(value) do
    items[i] = show(item)
  end
  return items
end

local function field_as_data(field)
  if field.goes then return { show(field.label), value_as_data(field.old) } end
  return { show(field.label), value_as_data(field.old), value_as_data(field.new), field.stay }
end

--- As page/values.js reads it. A "<" would end the script that it is in.
local function row_as_data(row, numbers)
  local fields, said = json.array {}, json.array {}
  for i, field in ipairs(row.fields) do
    fields[i] = field_as_data(field)
  end
  for i, words in ipairs(row.said) do
    said[i] = show(words)
  end
  local data = {
    numbers[row.section],
    row.action,
    show(row.name),
    show(row.place),
    show(row.remark),
    fields,
    said,
  }
  return (assert(json.encode(data)):gsub("<", "\\u003c"))
end

local function head_as_data(about)
  local sections = json.array {}
  for i, section in ipairs(about.sections) do
    sections[i] = {
      id = section.id,
      words = section.words,
      tone = section.tone,
      alike = section.alike or "",
      closed = section.closed or false,
    }
  end
  local data = {
    noun = about.noun,
    plural = about.plural,
    hasSaid = about.columns.said ~= nil,
    fieldsTitle = about.fields_title,
    sections = sections,
  }
  return (assert(json.encode(data)):gsub("<", "\\u003c"):gsub("}$", ""))
end

-- --- rows as HTML ---------------------------------------------------------------------------------

local function small(text)
  return text and text ~= "" and "<small><bdi>" .. escape(text) .. "</bdi></small>" or ""
end

local function value_as_html(tag, value, stay)
  if value == nil then return ('<%s class="quiet">(none)</%s>'):format(tag, tag) end
  if type(value) ~= "table" then return ('<%s dir="auto">%s</%s>'):format(tag, escape(value), tag) end
  local items = {}
  for i, item in ipairs(value) do
    items[i] = '<span class="item" dir="auto">' .. escape(item) .. "</span>"
  end
  if not items[1] then items[1] = '<span class="quiet">(none)</span>' end
  if stay and stay > 0 then items[#items + 1] = ('<span class="quiet">%d stay</span>'):format(stay) end
  return ('<%s class="items">%s</%s>'):format(tag, table.concat(items), tag)
end

local function field_as_html(field, is_new)
  local label = '<span class="label"><bdi>' .. escape(field.label) .. "</bdi></span>"
  if field.old == nil and field.new == nil then return '<div class="field bare">' .. label .. "</div>" end
  if is_new or field.goes then
    local value = is_new and value_as_html("ins", field.new) or value_as_html("del", field.old)
    return '<div class="field whole">' .. label .. value .. "</div>"
  end
  return ('<div class="field">%s%s%s</div>'):format(
    label,
    value_as_html("del", field.old, field.stay),
    value_as_html("ins", field.new)
  )
end

local function said_as_html(said)
  local parts = {}
  for i, words in ipairs(said) do
    parts[i] = ('<span class="%s"><bdi>%s</bdi></span>'):format(i == 1 and "first" or "quiet", escape(words))
  end
  return '<div role="cell" class="said">' .. table.concat(parts) .. "</div>"
end

local function row_as_html(row, section, has_said)
  local fields, origin = {}, {}
  for i, field in ipairs(row.fields) do
    fields[i] = field_as_html(field, row.action == "create")
  end
  if row.action ~= section.id then origin[1] = row.action end
  origin[#origin + 1] = row.place
  return ('<div role="row" class="row %s"><div role="rowheader" class="name"><bdi>%s</bdi>%s%s</div>'):format(
    section.tone,
    escape(row.name),
    small(table.concat(origin, " · ")),
    small(row.remark)
  ) .. '<div role="cell" class="fields">' .. table.concat(fields) .. "</div>" .. (has_said and said_as_html(
    row.said
  ) or "") .. "</div>\n"
end

local COLUMNS = [[
<div role="rowgroup" class="columns"><div role="row" class="row" aria-rowindex="1">
<div role="columnheader">%s</div>
<div role="columnheader" class="fields"><div class="field"><span>%s</span><span>%s</span><span>%s</span></div></div>
%s</div></div>
]]

local function columns_of(columns)
  local said = columns.said and ('<div role="columnheader">%s</div>\n'):format(columns.said) or ""
  return COLUMNS:format(columns.name, columns.field or "Field", columns.old, columns.new, said)
end

--- Some rows of each section, those of the first sections first.
local function put_static_rows(put, about, static)
  local left = MOST_STATIC
  for _, section in ipairs(about.sections) do
    local lines, count = static[section.id] or {}, about.counts[section.id] or 0
    if lines[1] and left > 0 then
      put(
        ('<div role="rowgroup"><div role="row" class="section %s"><div role="cell" aria-colspan="%d">'):format(
          section.tone,
          about.columns.said and 3 or 2
        ) .. ("<b>%s</b> %s</div></div>\n"):format(number(count), section.words)
      )
      put(table.concat(lines, "", 1, math.min(#lines, left)))
      put "</div>\n"
      left = left - #lines
    end
  end
end

-- --- the page -------------------------------------------------------------------------------------

local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-%s';
 script-src 'sha256-%s'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>%s</style>
</head>
<body>
]]

local TOOLS = [[
<section id="fields" class="chart" aria-label="%s" hidden></section>
<div id="tools" role="search" aria-label="the list below" hidden>
<input id="search" type="search" autocomplete="off" spellcheck="false" aria-label="search" aria-keyshortcuts="/"
 placeholder="Search">
<button type="button" id="reset" hidden>Show all</button>
<p id="count" role="status"></p>
</div>
]]

local function put_head(put, about)
  local title = escape(about.what .. ": " .. about.title)
  put(HEAD:format(page.style_digest, page.script_digest, title, page.style))
  put(
    ('<header>\n<p class="what">%s</p>\n<h1 dir="auto">%s</h1>\n<dl>\n'):format(
      escape(about.what),
      escape(about.title)
    )
  )
  for _, fact in ipairs(about.facts) do
    put(('<div><dt>%s</dt><dd dir="auto">%s</dd></div>\n'):format(fact[1], escape(fact[2])))
  end
  if about.command then
    put(('<div class="wide"><dt>command</dt><dd><code>%s</code></dd></div>\n'):format(escape(about.command)))
  end
  put "</dl>\n</header>\n<main>\n"
end

local function put_summary(put, about)
  for _, text in ipairs(about.paragraphs) do
    put(paragraph(text[1], text[2]))
  end
  put(chart.shares(about.sections, about.counts))
  put '<ul id="sections" class="chips">\n'
  for _, section in ipairs(about.sections) do
    local count = about.counts[section.id] or 0
    if count > 0 then
      put(
        ('<li class="%s" data-section="%s"><b>%s</b> %s</li>\n'):format(
          section.tone,
          section.id,
          number(count),
          section.words
        )
      )
    end
  end
  put "</ul>\n"
  if about.timeline then put(chart.timeline(about.timeline)) end
end

local function put_notice(put, about, listed)
  if listed > MOST_STATIC then
    put(
      ('<noscript><p class="quiet">Without its script the page shows the first %d of %s.</p></noscript>\n'):format(
        MOST_STATIC,
        number(listed) .. " " .. about.plural
      )
    )
  end
  if about.unlisted then put(paragraph(about.unlisted, "quiet")) end
end

--- Puts the rows as data -> {section id = {HTML of the first few}}, and how many have HTML, or could
local function put_data(put, about, rows)
  local numbers, by_id, static, listed = {}, {}, {}, 0
  for i, section in ipairs(about.sections) do
    numbers[section.id], by_id[section.id], static[section.id] = i - 1, section, {}
  end
  put('<script type="application/json" id="data">' .. head_as_data(about) .. ',"rows":[')
  local separator = "\n"
  for row in rows do
    put(separator .. row_as_data(row, numbers))
    separator = ",\n"
    local section, lines = by_id[row.section], static[row.section]
    if not section.closed then
      listed = listed + 1
      if #lines < MOST_STATIC then
        lines[#lines + 1] = row_as_html(row, section, about.columns.said ~= nil)
      end
    end
  end
  put "\n]}</script>\n"
  return static, listed
end

--- Writes a page, piece by piece: of a long one no more than a few hundred rows are in memory.
---@param put fun(text: string)
---@param about ddokta.bulk.Page
---@param rows fun(): ddokta.bulk.PageRow?
function page.write(put, about, rows)
  put_head(put, about)
  put_summary(put, about)
  local static, listed = put_data(put, about, rows)
  put(TOOLS:format(escape(about.fields_title)))
  put_notice(put, about, listed)
  put(('<div id="list" role="table" aria-label="%s">\n'):format(escape(about.plural)))
  put(columns_of(about.columns))
  put_static_rows(put, about, static)
  put '</div>\n<div id="printed" role="table" aria-label="printed"></div>\n</main>\n'
  put("<script>" .. page.script .. "</script>\n</body>\n</html>\n")
end

return page
