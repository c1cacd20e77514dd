-- One page of the reference, in Markdown: a service's operations by family, then its resources.
local notes = require "doc.notes"
local reference = require "ddokta.reference"
local rows = require "doc.generate.rows"

local M = {}

local SERVICES = {
  datadog = {
    title = "Datadog",
    permission = "Permission",
    opening = [[
The methods of `ddokta.client()`, here `dd`. A key needs the permission that is named; where two are joined
by "or", one of them. SCIM is asked with the application key alone, as a bearer token.]],
  },
  okta = {
    title = "Okta",
    permission = "Scope",
    opening = [[
The methods of `ddokta.okta()`, here `okta`. An access token needs the scope that is named; an API token
has the rights of the administrator who made it.]],
  },
}

local CALLS = [[
Arguments come in the order shown: what is in the path, the body (a table), the query (a table, whose names
are as the service writes them or in snake case: `["page[size]"]` is `page_size`). What is in brackets may be
left out. A method returns what it is said to answer, and a response; or `nil` and an error. An `each_...`
method walks every page of a list, and raises the error of a page that cannot be had.]]

local JSON_API = [[
Resources are flat tables: `id`, `type`, attributes and relationships side by side. A body may be the
service's own envelope, `{data = {...}}`, as well. What is related is `{data = {id =, type =}}` in an answer;
a body may have the id, or a list of ids, in its place.]]

local function link(name) return ("[%s](#%s)"):format(name, name:lower():gsub("[^%w_-]", "")) end

-- Team[] -> "list of [Team](#team)"; string[] -> "list of string"
local function type_words(service, word)
  local item, many = rows.item(word)
  local shown = rows.is_resource(service, item) and link(item) or item
  return many and "list of " .. shown or shown
end

local function sent_type_words(service, word)
  if word == "Reference" then return "id, or a " .. link(word) end
  if word == "References" then return "list of ids, or " .. link(word) end
  return type_words(service, word)
end

local function add(lines, text, ...) lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text end

-- Required ones first, then by name.
local function in_order(list)
  local sorted = {}
  for i, item in ipairs(list) do
    sorted[i] = item
  end
  table.sort(sorted, function(a, b)
    if (a.required or false) ~= (b.required or false) then return a.required or false end
    return a.name < b.name
  end)
  return sorted
end

local function query_rows(row)
  local required, list = rows.set(row.required_query), {}
  for i, name in ipairs(row.query) do
    list[i] = { name = name, required = required[name], type = rows.query_type(row, name) }
  end
  return in_order(list)
end

local function sent_fields(row)
  local takes, list = rows.takes(row), {}
  local unsent = rows.set(row.read_only)
  for _, field in ipairs(takes and rows.fields(row.service, (rows.item(takes))) or {}) do
    if not (field.read_only or unsent[field.name]) then list[#list + 1] = field end
  end
  return in_order(list)
end

local function marks(field, wanted)
  local words = {}
  words[#words + 1] = field.required and "required" or wanted and "wanted" or nil
  words[#words + 1] = field.secret and "secret" or nil
  return table.concat(words, ", ")
end

local function add_arguments(lines, row)
  local before = #lines
  local wanted = rows.set(row.wanted)
  for _, name in ipairs(reference.parameters(row)) do
    add(lines, "| `%s` | path | string | required |", name)
  end
  for _, field in ipairs(sent_fields(row)) do
    add(
      lines,
      "| `%s` | body | %s | %s |",
      field.name,
      sent_type_words(row.service, field.type),
      marks(field, wanted[field.name])
    )
  end
  for _, query in ipairs(query_rows(row)) do
    add(lines, "| `%s` | query | %s | %s |", query.name, type_words(row.service, query.type), marks(query))
  end
  if #lines > before then
    table.insert(lines, before + 1, "| argument | in | type | |")
    table.insert(lines, before + 2, "|---|---|---|---|")
    add(lines, "")
  end
end

local function numbers(list) return table.concat(list, ", ") end

local function add_answer(lines, row)
  local gives = rows.gives(row)
  local answer = reference.is_silent(row) and "`true`"
    or gives and type_words(row.service, gives)
    or "a table"
  add(
    lines,
    "Answers %s%s (%s). Errors: %s.",
    row.list and "a " or "",
    answer,
    numbers(row.success),
    numbers(row.errors)
  )
  if row.permission then
    add(
      lines,
      "%s: %s.",
      SERVICES[row.service].permission,
      (
        row.permission:gsub(
          "[%w_.]+",
          function(word) return word ~= "and" and word ~= "or" and "`" .. word .. "`" or nil end
        )
      )
    )
  end
  if row.each then add(lines, "In pages: `for item in %s do` has them all.", reference.each(row)) end
end

local function add_operation(lines, row)
  add(lines, "### %s\n", row.name)
  add(lines, "`%s`: %s `%s`\n", reference.call(row), row.method, row.path)
  for _, note in ipairs(reference.warnings(row)) do
    add(lines, "**%s**\n", note)
  end
  if notes[row.service][row.name] then add(lines, "%s\n", notes[row.service][row.name]) end
  add_arguments(lines, row)
  for _, note in ipairs(reference.body_notes(row)) do
    add(lines, note)
  end
  local takes = rows.takes(row)
  if takes and row.shape == "plain" and select(2, rows.item(takes)) then
    add(lines, "The body is a list of these.")
  end
  add_answer(lines, row)
  add(lines, "[%s's page](%s).\n", SERVICES[row.service].title, row.doc)
end

local function add_resource(lines, service, name)
  add(lines, "### %s\n\n| field | type | |\n|---|---|---|", name)
  for _, field in ipairs(rows.fields(service, name)) do
    add(
      lines,
      "| `%s` | %s | %s |",
      field.name,
      type_words(service, field.type),
      field.secret and "secret" or ""
    )
  end
  add(lines, "")
end

-- What the documented statuses of a service mean.
local function add_statuses(lines, service)
  local seen, list = {}, {}
  for _, row in ipairs(rows.of(service)) do
    for _, status in ipairs(row.errors) do
      if not seen[status] then list[#list + 1] = status end
      seen[status] = true
    end
  end
  table.sort(list)
  add(lines, "| status | `err.kind` | mostly |\n|---|---|---|")
  for _, status in ipairs(list) do
    local meaning = assert(reference.status(status), status)
    add(lines, "| %d | `%s` | %s |", status, meaning[1], meaning[2])
  end
  add(lines, "")
end

-- a heading's anchor has hyphens for its spaces
local function family_link(name) return ("[%s](#%s)"):format(name, name:lower():gsub(" ", "-")) end

local function add_contents(lines, service)
  for _, family in ipairs(rows.families(service)) do
    local links = {}
    for i, row in ipairs(family.rows) do
      links[i] = link(row.name)
    end
    add(lines, "- **%s**: %s", family_link(family.name), table.concat(links, ", "))
  end
  add(lines, "- **[Resources](#resources)**: what is in what is sent and answered\n")
end

-- What is answered, and what is within a body; a body's own fields are with its operation.
local function add_resources(lines, service)
  local shown = rows.directions(service)
  add(lines, "## Resources\n")
  for _, name in ipairs(rows.resources(service)) do
    if shown.given[name] or shown.within[name] then add_resource(lines, service, name) end
  end
end

--- write(service) -> the page
function M.write(service)
  local words, lines = SERVICES[service], {}
  add(lines, "# %s: operations\n", words.title)
  add(lines, "<!-- written by `make doc` from the operation map and doc/resources.lua: change those -->\n")
  add(lines, words.opening .. "\n")
  add(lines, CALLS .. "\n")
  if service == "datadog" then add(lines, JSON_API .. "\n") end
  add_statuses(lines, service)
  add_contents(lines, service)
  for _, family in ipairs(rows.families(service)) do
    add(lines, "## %s\n", family.name)
    for _, row in ipairs(family.rows) do
      add_operation(lines, row)
    end
  end
  add_resources(lines, service)
  return (table.concat(lines, "\n"):gsub("\n+$", "") .. "\n")
end

return M
