--- operations: what the clients can call; with a name, how that is called.

local did_you_mean = require("ddokta.text").did_you_mean
local output = require "ddokta.cli.output"
local reference = require "ddokta.reference"
local status = require "ddokta.cli.status"

-- what a word is looked for in
local SEARCHED = { "name", "service", "family", "path" }

local function has_word(row, word)
  for _, field in ipairs(SEARCHED) do
    if row[field]:lower():find(word:lower(), 1, true) then return true end
  end
  return word == "unstable" and row.unstable
end

-- A service's name means that service, any other word is looked for; all must be there.
local function is_meant(row, words)
  for _, word in ipairs(words) do
    local service = word == "datadog" or word == "okta"
    if service and row.service ~= word or not service and not has_word(row, word) then return false end
  end
  return true
end

local function select_rows(operations, words)
  local rows = {}
  for _, row in ipairs(operations) do
    if is_meant(row, words) then rows[#rows + 1] = row end
  end
  return rows
end

-- Those that are called as the one word says: both services have a get_user.
local function named(operations, words)
  local rows = {}
  for _, row in ipairs(operations) do
    if words[2] == nil and row.name == words[1] then rows[#rows + 1] = row end
  end
  return rows[1] and rows or nil
end

local function fail_as_unknown(app, operations, words)
  local names = {}
  for i, row in ipairs(operations) do
    names[i] = row.name
  end
  local meant = words[2] == nil and did_you_mean(words[1], names) or ""
  app:fail(status.USAGE, ("no operation has '%s'%s"):format(table.concat(words, " "), meant))
end

local COLUMNS = { "name", "service", "method", "path", "permission", "note" }

local function columns()
  local list = {}
  for i, name in ipairs(COLUMNS) do
    list[i] = { name = name, whole = name == "name" }
  end
  return list
end

local function row_of(operation)
  local row = { note = reference.mark(operation) }
  return setmetatable(row, { __index = operation })
end

local function show_list(app, operations)
  return output.list(app, {
    columns = columns(),
    none = "no operations",
    each = function(visit)
      for _, operation in ipairs(operations) do
        visit(operation)
      end
    end,
    rows = function(items)
      local rows = {}
      for i, operation in ipairs(items) do
        rows[i] = row_of(operation)
      end
      return rows
    end,
  })
end

-- --- one of them ---------------------------------------------------------------------------------

local function show_body(app, row)
  if not row.body then return end
  local words = row.required[1] and ("needs " .. table.concat(row.required, ", ")) or "a table"
  app:print("  body        " .. words)
  if row.read_only then app:print("  not sent    " .. table.concat(row.read_only, ", ")) end
end

local function show_query(app, row)
  if not row.query[1] then return end
  app:print("  query       " .. table.concat(row.query, ", "))
  if row.required_query[1] then
    app:print("              needs " .. table.concat(row.required_query, ", "))
  end
end

local function show_answer(app, row)
  local answer = reference.is_silent(row) and "true" or row.list and "a list" or "a table"
  app:print(("  answers     %s (%s)"):format(answer, table.concat(row.success, ", ")))
  if row.each then app:print(("  all pages   for item in %s do"):format(reference.each(row))) end
  for _, code in ipairs(row.errors) do
    local meaning = reference.status(code)
    app:print(("  error %d   %s: %s"):format(code, meaning[1], meaning[2]))
  end
end

local function show_one(app, row)
  app:print(reference.call(row))
  app:print(("  %s %s (%s, %s)"):format(row.method, row.path, row.service, row.family))
  for _, note in ipairs(reference.warnings(row)) do
    app:print("  " .. note)
  end
  for _, note in ipairs(reference.body_notes(row)) do
    app:print("  " .. note)
  end
  show_body(app, row)
  show_query(app, row)
  show_answer(app, row)
  if row.permission then app:print("  permission  " .. row.permission) end
  app:print("  page        " .. row.doc)
end

local function run(app, args)
  local operations, words = require("ddokta").operations, args.word
  local one = named(operations, words)
  local rows = one or select_rows(operations, words)
  if not rows[1] then fail_as_unknown(app, operations, words) end
  if not one or output.is_data(app) then return show_list(app, rows) end
  for i, row in ipairs(rows) do
    if i > 1 then app:print("") end
    show_one(app, row)
  end
  return status.DONE
end

return {
  configure = function(parser)
    parser
      :argument("word", "datadog or okta, a part of a name, an operation's name; none: all of them")
      :argname("<operation>")
      :args("*")
    output.configure(parser)
  end,
  run = run,
  columns = COLUMNS,
}
