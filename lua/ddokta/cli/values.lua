--- values: what the metavariables of the help stand for, as far as the completion can offer words for them.
--
-- A metavariable is the same for the same thing wherever it stands. Nothing here asks a service.

---@class ddokta.cli.Value
---@field files? boolean a path
---@field list? boolean several of the words, with commas
--- What can be offered; open: more is typed behind it, such as a number.
---@field words? fun(context: ddokta.cli.completion.Context): { [1]: string, [2]?: string, open?: boolean }[]

local function bulk() return require "ddokta.bulk" end

-- the kind that the command is about, or nil
local function kind_of(context)
  for _, row in ipairs(require "ddokta.cli.commands") do
    if row.name == context.path:match "^%S+" and row.kind then return bulk().kind(row.kind) end
  end
end

-- of a source, for column=...
local function columns(context)
  local kind, words = kind_of(context), {}
  for i, column in ipairs(kind and bulk().forms.describe(kind).columns or {}) do
    words[i] = { column.name .. "=", column.words, open = true }
  end
  return words
end

-- of a list
local function shown_columns(context)
  local kind, words = kind_of(context), {}
  local names = kind and require("ddokta.cli.views").names(kind)
  if context.path == "operations" then names = require("ddokta.cli.operations").columns end
  for i, name in ipairs(names or {}) do
    words[i] = { name }
  end
  return words
end

local function sites()
  local words = {}
  for i, site in ipairs(require("ddokta.native").sites) do
    words[i] = { site }
  end
  return words
end

-- how a source begins that is no file: "okta:group/"
local function sources(context)
  local kind, words = kind_of(context), {}
  for i, word in ipairs(bulk().sources.words(kind and kind.name or "scim_users")) do
    words[i] = { (word:gsub("<.*", "")), word, open = true }
  end
  return words
end

local function guards()
  local words = {}
  for i, guard in ipairs(bulk().guards.list) do
    words[i] = { guard.name, guard.measures }
  end
  return words
end

local function operations()
  local words = { { "datadog", "its operations" }, { "okta", "its operations" } }
  for _, row in ipairs(require("ddokta").operations) do
    words[#words + 1] = { row.name, ("%s %s"):format(row.method, row.path) }
  end
  return words
end

local function commands(context)
  local parser = require("ddokta.cli.help").find(context.root, context.arguments)
  local words = {}
  for i, command in ipairs(parser and parser._commands or {}) do
    words[i] = { command._name, command._summary }
  end
  return words
end

local function journal(context)
  if context.arguments[1] then return {} end
  local words = {}
  for i, action in ipairs(require("ddokta.cli.journal").actions) do
    words[i] = { action.name, action.words }
  end
  return words
end

local function fixed(...)
  local words = {}
  for i, word in ipairs { ... } do
    words[i] = { word }
  end
  return { words = function() return words end }
end

local nothing = {}

---@type table<string, ddokta.cli.Value>
return {
  ["<file>"] = { files = true },
  ["<source>"] = { files = true, words = sources },
  ["<journal>"] = { files = true, words = journal },
  ["<site>"] = { words = sites },
  ["<guard[=n]>"] = { words = guards },
  ["<column=...>"] = { words = columns },
  ["<columns>"] = { list = true, words = shown_columns },
  ["<operation>"] = { words = operations },
  ["<command>"] = { words = commands },
  ["<true|false>"] = fixed("true", "false"),
  ["<i/n>"] = fixed "auto",
  ["<character>"] = fixed("comma", "semicolon", "tab", "pipe"),
  ["<id or name>"] = nothing,
  ["<list>"] = nothing,
  ["<name>"] = nothing,
  ["<name=text>"] = nothing,
  ["<text>"] = nothing,
  ["<filter>"] = nothing,
  ["<url>"] = nothing,
  ["<domain>"] = nothing,
  ["<seconds>"] = nothing,
  ["<percent>"] = nothing,
  ["<port>"] = nothing,
  ["<n>"] = nothing,
}
