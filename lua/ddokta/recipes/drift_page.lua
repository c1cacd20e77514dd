--- drift_page: what differs between Okta and Datadog as text, as one HTML page, as JSON.

local causes = require("ddokta.recipes.drift_compare").causes
local core = require "ddokta.core"
local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local html = require "ddokta.bulk.html"
local text = require "ddokta.text"
local new_report = require "ddokta.recipes.report"
local output = require "ddokta.output"

local page, words = {}, {}
for _, row in ipairs(causes) do
  words[row[1]] = row[2]
end

-- --- text -----------------------------------------------------------------------------------------

local function values_of(row)
  if not row.okta then return row.difference end
  return ("%s: '%s' in Okta, '%s' in Datadog"):format(row.difference, row.okta, row.datadog)
end

local function subject_of(row) return row.team and ("%s of %s"):format(row.name, row.team) or row.name end

local function table_of(differences)
  local rows = {}
  for i, row in ipairs(differences) do
    rows[i] = { row.what, subject_of(row), values_of(row), words[row.cause], row.explanation }
  end
  return text.table({ "what", "name", "difference", "likely cause", "that is" }, rows, {})
end

local function amount(count) return count == 1 and "1 difference" or count .. " differences" end

--- sentence(differences, details) -> what was compared and how many differences there are
function page.sentence(differences, details)
  return ("%s between Okta's app %s and Datadog (%d users, %d pushed groups compared)"):format(
    #differences == 0 and "no difference" or amount(#differences),
    details.app,
    details.users,
    details.groups
  )
end

local function to_text(self)
  local lines = { ("drift: %s."):format(page.sentence(self.differences, self.details)) }
  if #self.differences > 0 then lines[2] = table_of(self.differences) end
  for _, warning in ipairs(self.warnings) do
    lines[#lines + 1] = "Warning: " .. text.show(warning)
  end
  return table.concat(lines, "\n")
end

--- new_report(fields) -> a recipe's report that is shown as a table
function page.new_report(fields)
  local report = new_report(fields)
  local meta = getmetatable(report)
  local own = { __index = meta.__index }
  function own.__tostring(self)
    return self.differences and to_text(self) or meta.__tostring(self) -- it may fail before it compares
  end
  return setmetatable(report, own)
end

-- --- files ----------------------------------------------------------------------------------------

local function put_row(put, number, row)
  put(
    (
      '<tbody class="update %s"><tr><td>%d<td class=act>%s<th scope=row>%s%s<td>%s<td><del>%s</del>'
      .. "<td><ins>%s</ins><td class=out>%s<small>%s</small>\n"
    ):format(
      row.cause,
      number,
      row.what,
      html.escape(row.name),
      row.team and "<small>team " .. html.escape(row.team) .. "</small>" or "",
      html.escape(row.difference),
      html.escape(row.datadog or ""),
      html.escape(row.okta or ""),
      html.escape(words[row.cause]),
      html.escape(row.explanation)
    )
  )
end

local COLUMNS = "<table>\n<thead><tr><th class=n>number<th class=a>what<th class=k>name<th class=k>difference"
  .. "<th>in Datadog<th>in Okta<th class=o>likely cause</thead>\n"

local function put_html(put, found)
  html.open(put, "Drift between Okta and Datadog")
  put(html.paragraph(page.sentence(found.differences, found.details) .. "."))
  put(html.paragraph("Compared at " .. found.time .. "."))
  for _, warning in ipairs(found.warnings) do
    put(html.paragraph(warning, "blocked"))
  end
  local counts = {}
  for _, row in ipairs(found.differences) do
    counts[row.cause] = (counts[row.cause] or 0) + 1
  end
  html.put_counts(put, counts, causes)
  put(COLUMNS)
  for i, row in ipairs(found.differences) do
    put_row(put, i, row)
  end
  put("</table>\n")
  html.close(put)
end

local function put_json(put, found)
  local document, err = core.json.encode {
    differences = find.array(found.differences),
    details = found.details,
    warnings = find.array(found.warnings),
    time = found.time,
  }
  if not document then return err end
  put(document .. "\n")
end

local function put_text(put, found)
  put(page.sentence(found.differences, found.details) .. ".\n")
  if #found.differences > 0 then put(table_of(found.differences) .. "\n") end
end

local writers = { html = put_html, json = put_json, txt = put_text }

--- open(path) -> write(found) -> true | nil, err; nil, err where the name's ending is none of .html, .json
--- and .txt. The file is written beside its place and moved there: whoever reads it never sees a half.
function page.open(path)
  local put_all = writers[path:lower():match("%.(%w+)$") or ""]
  if not put_all then
    return nil,
      failure.new {
        kind = "config",
        code = "argument",
        message = "report: a name that ends in .html, .json or .txt is wanted, got " .. path,
      }
  end
  return function(found)
    return output.write(path, function(put)
      local err = put_all(put, found)
      if err then return nil, err end
      return true
    end)
  end
end

return page
