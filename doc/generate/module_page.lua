--- The pages of doc/reference, in Markdown: a module's functions and types, from the annotations beside the
--- code.
local api = require "doc.generate.api"

local M = {}

-- module: whose head opens the page, and whose functions have a heading each; files: whose types are on it
local PAGES = {
  {
    name = "client",
    title = 'require "ddokta": clients, answers and errors',
    module = "ddokta",
    files = "^lua/ddokta/[%w_]+%.lua$",
  },
  { name = "tasks", title = "ddokta.parallel, ddokta.spawn and ddokta.await", module = "ddokta.task" },
  {
    name = "scim",
    title = 'require "ddokta.scim"',
    module = "ddokta.scim",
    files = "^lua/ddokta/scim%.lua$",
  },
  { name = "bulk", title = 'require "ddokta.bulk"', module = "ddokta.bulk", files = "^lua/ddokta/bulk/" },
  {
    name = "recipes",
    title = 'require "ddokta.recipes"',
    module = "ddokta.recipes",
    files = "^lua/ddokta/recipes/",
  },
}

-- what lua/ddokta/types.lua has of the operations stands on other pages
local ELSEWHERE = { ["ddokta.Datadog"] = "../datadog.md", ["ddokta.Okta"] = "../okta.md" }

local function add(lines, text, ...) lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text end

-- "ddokta.bulk.Plan" -> "Plan", "ddokta.recipe.report.step" -> "report.step", "ddokta.Error" -> "Error"
local function short(name) return name:match "^ddokta%.%l+%.(.+)$" or name:match "^ddokta%.(.+)$" or name end

local function anchor(heading) return (heading:lower():gsub(" ", "-"):gsub("[^%w_-]", "")) end

-- The page that a type stands on; the first of PAGES that has its file is not always the narrowest.
local function page_of(type)
  local found
  for _, page in ipairs(PAGES) do
    if page.files and type.path:find(page.files) then found = page end
  end
  return found
end

-- Words as Markdown: a < outside of code would begin HTML.
local function escaped(words)
  return (words .. "`")
    :gsub("([^`]*)`([^`]*`?)", function(text, code) return text:gsub("<", "&lt;") .. "`" .. code end)
    :sub(1, -2)
end

-- Words of an annotation in a table's cell or in a sentence: in one line.
local function cell(words) return words and escaped(words:gsub("%s*\n%s*", " ")):gsub("|", "\\|") or "" end

-- A type in a table's cell or in a sentence, its classes as links.
local function type_words(site, page, type)
  local shown = type:gsub("|", "\\|"):gsub("<", "&lt;"):gsub("%f[%w]ddokta%.[%w_.]*[%w_]", function(name)
    if ELSEWHERE[name] then return ("[%s](%s)"):format(short(name), ELSEWHERE[name]) end
    local there = site.types[name] and page_of(site.types[name])
    if site.is_shown[name] then return "table" end
    if not there then return short(name) end
    local file = there ~= page and there.name .. ".md" or ""
    return ("[%s](%s#%s)"):format(short(name), file, anchor(short(name)))
  end)
  return api.may_be_nil { type = type } and shown:gsub("%?$", " or nil") or shown
end

-- Words of several lines. What is indented, behind an empty line, is an example in Lua.
local function add_prose(lines, text)
  local indentation, before = nil, ""
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local spaces = line:match "^  +"
    if not indentation and spaces and before == "" then
      indentation = #spaces
      add(lines, "```lua")
    elseif indentation and not spaces then
      indentation = nil
      add(lines, "```")
    end
    before = line
    add(lines, "%s", indentation and line:sub(indentation + 1) or escaped(line))
  end
  if indentation then add(lines, "```") end
  add(lines, "")
end

local function signature(variable, code)
  local names = {}
  for i, row in ipairs(code.params) do
    names[i] = api.may_be_nil(row) and "[" .. row.name .. "]" or row.name
  end
  return ("%s%s%s(%s)"):format(variable, code.method and ":" or ".", code.name, table.concat(names, ", "))
end

local function add_rows(lines, site, page, title, list)
  if not list[1] then return end
  add(lines, "| %s | type | |\n|---|---|---|", title)
  for _, row in ipairs(list) do
    local type, words = type_words(site, page, row.type), cell(row.words)
    if title == "field" then
      type = type .. (row.optional and " or nil" or "")
    elseif row.name ~= "..." and not api.may_be_nil(row) then
      words = words == "" and "required" or "required; " .. words
    else
      type = type:gsub(" or nil$", "")
    end
    add(lines, "| `%s` | %s | %s |", row.name, type, words)
  end
  add(lines, "")
end

local function answer(site, page, code)
  local words = {}
  for i, row in ipairs(code.returns) do
    local type = type_words(site, page, row.type)
    if row.type == "nil" then return nil end
    words[i] = (row.name and ("`%s`: "):format(row.name) or "")
      .. type
      .. (row.words and " (" .. cell(row.words):gsub("\\|", "|") .. ")" or "")
  end
  return words[1] and table.concat(words, "; ") or nil
end

-- The class of options that nothing but this function takes: its fields stand with it.
local function own_options(site, code)
  local list = {}
  for _, row in ipairs(code.params) do
    local class = site.types[(row.type:gsub("%?$", ""))]
    if class and site.uses[class.name] == 1 and class.fields and not class.functions[1] then
      list[#list + 1] = { row = row, class = class }
    end
  end
  return list
end

local function add_function(lines, site, page, variable, code)
  add(lines, "### %s.%s\n\n`%s`\n", variable, code.name, signature(variable, code))
  if code.words then add_prose(lines, code.words) end
  add_rows(lines, site, page, "argument", code.params)
  for _, own in ipairs(own_options(site, code)) do
    add(lines, "`%s` is a table:\n", own.row.name)
    if own.class.words then add_prose(lines, own.class.words) end
    add_rows(lines, site, page, "in " .. own.row.name, own.class.fields)
    local parent = own.class.parent and site.types[own.class.parent]
    if parent then add(lines, "and what is in %s.\n", type_words(site, page, parent.name)) end
  end
  local given = answer(site, page, code)
  if given then add(lines, "Answers %s.\n", given) end
end

local function add_class(lines, site, page, class)
  if class.words then add_prose(lines, class.words) end
  if class.parent and site.types[class.parent] then
    add(lines, "It has what %s has, and:\n", type_words(site, page, class.parent))
  end
  add_rows(lines, site, page, "field", class.fields)
  for _, code in ipairs(class.functions) do
    local words = code.words and ". " .. cell(code.words):gsub("\\|", "|") or ""
    local given = answer(site, page, code)
    local variable = short(class.name):match("[%w_]+$"):lower()
    add(lines, "- `%s`%s%s", signature(variable, code), given and " -> " .. given or "", words)
  end
  if class.functions[1] then add(lines, "") end
end

local function add_alias(lines, site, page, alias)
  if alias.words then add_prose(lines, alias.words) end
  if alias.type then add(lines, "%s\n", type_words(site, page, alias.type):gsub("\\|", " or ")) end
  for _, row in ipairs(alias.values) do
    add(lines, "- `%s`%s", row.value, row.words and ": " .. cell(row.words):gsub("\\|", "|") or "")
  end
  if alias.values[1] then add(lines, "") end
end

-- How often each class is named, by whatever.
local function count_uses(site)
  site.uses = {}
  for _, type in ipairs(site.public) do
    api.each_type(type, function(text)
      for name in api.names_in(text) do
        site.uses[name] = (site.uses[name] or 0) + 1
      end
    end)
  end
end

-- The classes whose fields stand with the one function that takes them, by name.
local function shown_with_functions(site)
  local shown = {}
  for _, type in ipairs(site.public) do
    for _, code in ipairs(type.functions or {}) do
      for _, own in ipairs(own_options(site, code)) do
        shown[own.class.name] = true
      end
    end
  end
  return shown
end

local function functions_of(site, page)
  local list = {}
  for _, code in ipairs(site.types[page.module] and site.types[page.module].functions or {}) do
    local is_task = code.path == "lua/ddokta/task.lua"
    if not (page.name == "client" and is_task) then list[#list + 1] = code end
  end
  for _, code in ipairs(page.name == "tasks" and site.types.ddokta.functions or {}) do
    if code.path == "lua/ddokta/task.lua" then list[#list + 1] = code end
  end
  return list
end

local function types_of(site, page)
  local list = {}
  for _, type in ipairs(site.public) do
    if page_of(type) == page and type.name ~= page.module and not site.is_shown[type.name] then
      list[#list + 1] = type
    end
  end
  return list
end

local function write(site, page)
  local lines = {}
  add(lines, "# %s\n", page.title)
  add(lines, "<!-- written by `make doc` from the annotations in lua/ddokta: change those -->\n")
  add_prose(lines, site.heads[page.module]:gsub("\n+$", ""))
  local variable = page.name == "tasks" and "ddokta" or page.module:match "[%w_]+$"
  add_rows(lines, site, page, "field", page.files and site.types[page.module].fields or {})
  add(lines, "## Functions\n")
  for _, code in ipairs(functions_of(site, page)) do
    add_function(lines, site, page, variable, code)
  end
  local types = types_of(site, page)
  if types[1] then add(lines, "## Types\n") end
  for _, type in ipairs(types) do
    add(lines, "### %s\n", short(type.name))
    local add_type = type.fields and add_class or add_alias
    add_type(lines, site, page, type)
  end
  return (table.concat(lines, "\n"):gsub("\n\n\n+", "\n\n"):gsub("\n+$", "") .. "\n")
end

--- write() -> {path = text} of all pages
function M.write()
  local public, types, heads = api.collect()
  local site = { public = public, types = types, heads = heads }
  count_uses(site)
  site.is_shown = shown_with_functions(site)
  local files = {}
  for _, page in ipairs(PAGES) do
    files[("doc/reference/%s.md"):format(page.name)] = write(site, page)
  end
  return files
end

return M
