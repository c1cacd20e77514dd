--- drift_page: what drift has found as a page, like a plan's.

local bulk = require "ddokta.bulk"
local compare = require "ddokta.recipes.drift_compare"

-- what is missing or was switched off, what has another value, what Okta itself has failed at
local tones = {
  mapping_error = "failed",
  push_failed = "failed",
  not_assigned = "create",
  not_pushed = "create",
  deactivated = "delete",
  no_mapping = "delete",
  no_assignment = "delete",
}

local function sections()
  local list = {}
  for i, cause in ipairs(compare.causes) do
    list[i] = { id = cause[1], words = cause[2], tone = tones[cause[1]] or "update", alike = "fields" }
  end
  return list
end

local function counts_of(differences)
  local counts = {}
  for _, row in ipairs(differences) do
    counts[row.cause] = (counts[row.cause] or 0) + 1
  end
  return counts
end

local function page_row(difference)
  return {
    section = difference.cause,
    action = difference.what,
    name = difference.name,
    place = difference.team and "team " .. difference.team,
    fields = { { label = difference.difference, old = difference.datadog, new = difference.okta } },
    said = { difference.explanation },
  }
end

local function facts_of(found)
  local facts = {
    { "Okta", found.okta.address },
    { "app", found.details.app },
    { "Datadog", found.datadog.address },
  }
  for _, row in ipairs(bulk.header.rows(found.datadog)) do
    if row[1] ~= "service" then facts[#facts + 1] = row end
  end
  return facts
end

---@class ddokta.recipes.drift_page
local drift_page = {}

--- Writes it piece by piece.
---@param put fun(text: string)
---@param found table {differences, details, warnings, command, datadog = header, okta = header}
---@param sentence string what was compared, and how many differences there are
function drift_page.write(put, found, sentence)
  local paragraphs, number = { { sentence } }, 0
  for _, warning in ipairs(found.warnings) do
    paragraphs[#paragraphs + 1] = { warning, "blocked" }
  end
  bulk.page.write(put, {
    what = "Drift",
    title = "Okta and Datadog",
    facts = facts_of(found),
    command = found.command,
    paragraphs = paragraphs,
    sections = sections(),
    counts = counts_of(found.differences),
    columns = {
      name = "Name",
      field = "Difference",
      old = "In Datadog",
      new = "In Okta",
      said = "Likely cause",
    },
    fields_title = "What differs",
    noun = "difference",
    plural = "differences",
  }, function()
    number = number + 1
    local difference = found.differences[number]
    return difference and page_row(difference)
  end)
end

return drift_page
