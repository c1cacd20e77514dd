--- What an operation's row says, in words: how its method is called, what comes back, what can go wrong.
--- For `ddokta operations NAME` and for the pages that doc/generate.lua writes.

local reference = {}

-- how examples name the client of each service
local CLIENTS = { datadog = "dd", okta = "okta" }

-- a status, the error's kind, and what it mostly means
local STATUSES = {
  [400] = { "invalid_request", "the service refuses the request as it is" },
  [401] = { "unauthorized", "the keys or the token are wrong" },
  [403] = { "forbidden", "the permission is missing; Datadog says so of wrong keys too" },
  [404] = { "not_found", "there is no such thing" },
  [409] = { "conflict", "it is there already, or has changed meanwhile" },
  [415] = { "invalid_request", "the service takes no file of this sort" },
  [422] = { "invalid_request", "the service understands the request and refuses it" },
  [429] = { "rate_limited", "too many calls; waited for and tried again until the call's timeout" },
  [500] = { "server", "the service failed" },
}

--- {kind, meaning} of a documented status
function reference.status(status) return STATUSES[status] end

--- The permission that an operation needs; nil: not known, or none.
---@param name string the operation's
---@param service? "datadog"|"okta" whose, where both have one of that name
---@return string?
function reference.permission(name, service)
  for _, row in ipairs(require("ddokta").operations) do
    if row.name == name and (not service or row.service == service) then return row.permission end
  end
end

--- startIndex -> start_index, filter[created_at][start] -> filter_created_at_start: how a query
--- parameter may be written as well, and how a path parameter is called.
function reference.snake(name)
  return (name:gsub("%]", ""):gsub("%[", "_"):gsub("%u", function(c) return "_" .. c:lower() end))
end

--- The path's parameters in their order, in snake case.
function reference.parameters(row)
  local names = {}
  for name in row.path:gmatch "{(.-)}" do
    names[#names + 1] = reference.snake(name)
  end
  return names
end

local function body_name(row)
  return row.shape == "scim_patch" and "operations" or row.form and "files" or "body"
end

--- The arguments in their order: {name, optional, is = "path" | "body" | "query"}
function reference.arguments(row)
  local list = {}
  for _, name in ipairs(reference.parameters(row)) do
    list[#list + 1] = { name = name, is = "path" }
  end
  if row.body then
    list[#list + 1] = { name = body_name(row), is = "body", optional = row.optional_body or false }
  end
  if row.query[1] then
    list[#list + 1] = { name = "query", is = "query", optional = row.required_query[1] == nil }
  end
  return list
end

local function argument_list(row, kept)
  local words = {}
  for _, argument in ipairs(reference.arguments(row)) do
    if kept[argument.is] then
      words[#words + 1] = argument.optional and "[" .. argument.name .. "]" or argument.name
    end
  end
  return table.concat(words, ", ")
end

--- "dd:update_team(team_id, body)"; what may be left out is in brackets
function reference.call(row)
  return ("%s:%s(%s)"):format(
    CLIENTS[row.service],
    row.name,
    argument_list(row, { path = true, body = true, query = true })
  )
end

--- "dd:each_team([query])", nil where there is no such iterator
function reference.each(row)
  return row.each
    and ("%s:each_%s(%s)"):format(
      CLIENTS[row.service],
      row.each,
      argument_list(row, { path = true, query = true })
    )
end

--- Does a success say nothing, so that the method answers true?
function reference.is_silent(row)
  if row.empty then return true end
  for _, status in ipairs(row.success) do
    if status ~= 204 then return false end
  end
  return true
end

--- What somebody should know who passes a body: a list of sentences.
function reference.body_notes(row)
  local notes = {}
  if row.bare and row.required[1] == "id" then notes[#notes + 1] = "An id alone will do as the body." end
  if row.shape == "json_api_list" then
    notes[#notes + 1] = "The body is one, or a list of them; ddokta.array{} is a list of none."
  end
  if row.shape == "scim_patch" then
    notes[#notes + 1] = "The operations are made with ddokta.scim: scim.replace, scim.add, scim.remove."
  end
  if row.form then notes[#notes + 1] = "A file is its content, as a string." end
  if row.path_id then notes[#notes + 1] = "The body's id is that of the path, and may be left out." end
  if row.wanted then
    notes[#notes + 1] = ("Without %s it is sent, and the response has a warning."):format(
      table.concat(row.wanted, ", ")
    )
  end
  return notes
end

--- unstable, to be removed: a list of sentences
function reference.warnings(row)
  local notes = {}
  if row.unstable then notes[#notes + 1] = "Unstable: the service may change it." end
  if row.sunset then notes[#notes + 1] = ("The service may have removed it after %s."):format(row.sunset) end
  return notes
end

--- The same in a word or two, for a table.
function reference.mark(row) return row.sunset and "until " .. row.sunset or row.unstable and "unstable" or "" end

return reference
