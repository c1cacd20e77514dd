-- doc/json/README.md: which command writes which document, of what the schemas beside it say.
local files = require "spec.support.files"
local json = require("ddokta.core").json
local rows = require "ddokta.cli.commands"
local system = require("ddokta.core").system

local FOLDER = "doc/json"

local HEAD = [[
# What programs read

`ddokta --json` makes one JSON document of every answer, and of every failure. `--jsonl` makes a line of each
row, in memory that does not grow with them. Standard output has nothing else; progress, questions and
sentences go to standard error. Each document has a JSON Schema (2020-12) here, and the specs hold every
answer against it.

```sh
ddokta --json users plan people.csv | jq '.rows[] | select(.action == "create") | .key'
ddokta --jsonl users list | jq -r 'select(.active) | .userName'
ddokta --json users import people.csv --yes | jq '.error // .report.counts'
```

- A failure is `{"error": {"kind": ..., "message": ...}}` ([error.json](error.json)), and says as much as is
  known: `status`, `code`, `operation`, `permission`, and for a source `problems`, a list of lines. Where the
  plan of an import, or the report of a recipe, is known by then, it stands beside the error.
- With `--jsonl` a list's lines are its things. A plan's are its changes, an import's the changes and what
  became of them, a recipe's its steps, checks or differences; then comes `{"summary": {...}}`, which is the
  same documents without those rows. A failure's line `{"error": {...}}` is the last. An answer without rows
  is one line.
- Objects that are ddokta's own have no members that their schema does not name; what a service answers
  (users, teams, ...) is passed on whole, and may have more.

Members, their types and meanings are kept within a major version; new members, new kinds of errors and new
commands may come with a minor one, and the schemas with them. Texts for people (`message`, `detail`,
`sentence`, ...) may change with any.

## By command

| command | document | schema |
|---|---|---|
]]

local function each_schema(visit)
  for _, file in ipairs(assert(system.list(FOLDER))) do
    local name = file:match "^(.*)%.json$"
    if name then visit(name, assert(json.decode(files.read(FOLDER .. "/" .. file)), file)) end
  end
end

local function place_of(command)
  for i, row in ipairs(rows) do
    if command:match "^%S+" == row.name then return i end
  end
  return 0
end

-- {"users get", "users create"} -> "`users get`, `create`"
local function shown(commands)
  local texts, last = {}, nil
  for i, command in ipairs(commands) do
    local first, rest = command:match "^(%S+)%s*(.*)$"
    texts[i] = ("`%s`"):format(first == last and rest ~= "" and rest or command)
    last = first
  end
  return table.concat(texts, ", ")
end

local function sorted(found)
  table.sort(found, function(a, b)
    local first, second = place_of(a.commands[1] or ""), place_of(b.commands[1] or "")
    if first ~= second then return first < second end
    return a.name < b.name
  end)
  return found
end

local function row_of(one)
  local command = one.commands[1] == "*" and "any that fails" or shown(one.commands)
  return ("| %s | %s | [%s](%s) |"):format(command, one.title, one.name, one.file)
end

local M = {}

--- write() -> the page
function M.write()
  local with, without = {}, {}
  each_schema(function(name, schema)
    local function add(title, part, commands)
      local list = commands and with or without
      list[#list + 1] = {
        name = name .. part,
        file = name .. ".json",
        title = title,
        commands = commands or {},
        about = schema,
      }
    end
    local parts = {}
    for part, inner in pairs(schema["$defs"] or {}) do
      if inner["x-commands"] then parts[#parts + 1] = part end
    end
    table.sort(parts)
    if schema["x-commands"] or not parts[1] then add(schema.title, "", schema["x-commands"]) end
    for _, part in ipairs(parts) do
      local inner = schema["$defs"][part]
      add(inner.title, "#/$defs/" .. part, inner["x-commands"])
    end
  end)
  local lines = {}
  for i, one in ipairs(sorted(with)) do
    lines[i] = row_of(one)
  end
  lines[#lines + 1] = "\n## Files and lines\n\n| what | schema |\n|---|---|"
  for _, one in ipairs(sorted(without)) do
    lines[#lines + 1] = ("| %s | [%s](%s) |"):format(one.title, one.name, one.file)
  end
  return HEAD .. table.concat(lines, "\n") .. "\n"
end

return M
