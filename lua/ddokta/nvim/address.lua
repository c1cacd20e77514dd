--- The names of Neovim's buffers, such as ddokta://drift?app=Datadog: which view, with which arguments.
local text = require "ddokta.text"
local views = require "ddokta.nvim.views"

local address = {}

local function names_of(list)
  local names = {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function unknown(what, name, known)
  return ("there is no %s '%s'%s"):format(what, name, text.did_you_mean(name, known, { or_list = true }))
end

--- The arguments of a command.
---@param view_name string
---@param words string[] each "name=value"
---@return table<string, string>? arguments
---@return string? message what is wrong with them
function address.arguments(view_name, words)
  local arguments, known = {}, {}
  for _, name in ipairs(views[view_name].arguments) do
    known[#known + 1] = name .. "="
  end
  for _, word in ipairs(words) do
    local name, value = word:match "^([^=]*=)(.*)$"
    name = name or word
    if not vim.tbl_contains(known, name) then return nil, unknown("argument", name, known) end
    if value == "" then return nil, ("%s has no value"):format(name) end
    arguments[name:sub(1, -2)] = value
  end
  return arguments
end

local function encode(value)
  return (value:gsub("[%%&]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function decode(value)
  return (value:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

--- The name of the buffer of a view.
---@param view_name string
---@param arguments table<string, string>
---@return string
function address.format(view_name, arguments)
  local parts = {}
  for _, name in ipairs(names_of(arguments)) do
    parts[#parts + 1] = name .. "=" .. encode(arguments[name])
  end
  return "ddokta://" .. view_name .. (#parts > 0 and "?" .. table.concat(parts, "&") or "")
end

--- What a buffer's name means.
---@param name string
---@return string? view_name
---@return table<string, string>|string arguments or, without a view, what is wrong
function address.parse(name)
  local view_name, query = name:match "^ddokta://([^?]*)%??(.*)$"
  if not views[view_name or ""] then return nil, unknown("view", view_name or name, names_of(views)) end
  local words = {}
  for word in query:gmatch "[^&]+" do
    words[#words + 1] = decode(word)
  end
  local arguments, message = address.arguments(view_name, words)
  if not arguments then return nil, message end
  return view_name, arguments
end

--- What may be written next on a command's line.
---@param view_name string
---@param beginning string of the word that is being written
---@param line string
---@return string[]
function address.complete(view_name, beginning, line)
  local all = {}
  if beginning:find "^site=" then
    for _, site in ipairs(require("ddokta").sites) do
      all[#all + 1] = "site=" .. site
    end
  else
    for _, name in ipairs(views[view_name].arguments) do
      if not line:find(" " .. name .. "=", 1, true) then all[#all + 1] = name .. "=" end
    end
  end
  return vim.tbl_filter(function(word) return vim.startswith(word, beginning) end, all)
end

return address
