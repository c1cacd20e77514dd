--- Holds the source to the plan of the house: which folder may use which, no circle, no file that is too
-- long, no write past ddokta.stream, a spec for each file, nothing new at the top. Prints what breaks it;
-- status 1 then.
-- usage: lua5.4 .ci/house.lua [FOLDER]   (the checkout; the working folder unless given)

local root = arg[1] or "."
local LONGEST = 500 -- lines of a file

-- What each folder may use besides itself; of a file the longest of these decides.
local MAY_USE = {
  ["csrc/base"] = {},
  ["csrc/http"] = { "csrc/base" },
  ["csrc/rows"] = { "csrc/base" },
  ["csrc/journal"] = { "csrc/base" },
  ["csrc/binding"] = { "csrc/base", "csrc/http", "csrc/rows", "csrc/journal" },
  ["lua/ddokta"] = { "lua/ddokta/loop" },
  ["lua/ddokta/loop"] = { "lua/ddokta" },
  ["lua/ddokta/bulk"] = { "lua/ddokta" },
  ["lua/ddokta/recipes"] = { "lua/ddokta/bulk", "lua/ddokta" },
  ["lua/ddokta/sandbox"] = { "lua/ddokta" },
  ["lua/ddokta/nvim"] = { "lua/ddokta/recipes", "lua/ddokta/bulk", "lua/ddokta" },
  ["lua/ddokta/cli"] = { "lua/ddokta/recipes", "lua/ddokta/sandbox", "lua/ddokta/bulk", "lua/ddokta" },
}

-- Folders that others use through their init.lua alone.
local HAS_A_DOOR = {
  ["lua/ddokta/loop"] = true,
  ["lua/ddokta/bulk"] = true,
  ["lua/ddokta/recipes"] = true,
  ["lua/ddokta/sandbox"] = true,
  ["lua/ddokta/nvim"] = true,
  ["lua/ddokta/cli"] = true,
}

-- long because they are data, or written by a program
local MAY_BE_LONG = {
  ["lua/ddokta/types.lua"] = true,
  ["csrc/base/confusables.inc"] = true,
}

-- What may stand at the top. A spec once left a file there, which went into a commit.
local AT_THE_TOP = {}
for name in
  ([[
  .busted .ci .clang-format .editorconfig .gitignore .luacheckrc .stylua.toml CHANGELOG.md CONTRIBUTING.md LICENSE
  Makefile README.md SECURITY.md bench bin csrc ddokta-scm-1.rockspec doc examples fuzz lazy.lua lua plugin rockspecs
  spec
]]):gmatch "%S+"
do
  AT_THE_TOP[name] = true
end

local failed = false
local function say(...)
  print("house: " .. string.format(...))
  failed = true
end

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

local function read(file)
  local handle = assert(io.open(root .. "/" .. file, "rb"))
  local text = handle:read "*a"
  handle:close()
  return text
end

local sources, is_file, top = {}, {}, {}
for _, file in ipairs(lines_of(("cd '%s' && git ls-files -co --exclude-standard"):format(root))) do
  local there = io.open(root .. "/" .. file)
  if there then
    there:close()
    top[file:match "^[^/]+"] = true
    is_file[file] = true
    if file:find("^csrc/.*%.[ch]$") or file:find("^lua/.*%.lua$") then sources[#sources + 1] = file end
  end
end
table.sort(sources)

local function folder_of(file) return (file:match("^(.*)/[^/]*$")) end

-- --- who uses whom -------------------------------------------------------------------------------

-- a header as a file includes it -> its path; nil: it is none of ours
local function included(file, name)
  for _, path in ipairs { folder_of(file) .. "/" .. name, "csrc/" .. name } do
    if is_file[path] then return path end
  end
end

local function required(name)
  local path = "lua/" .. name:gsub("%.", "/")
  return is_file[path .. ".lua"] and path .. ".lua"
    or is_file[path .. "/init.lua"] and path .. "/init.lua"
    or nil
end

-- file -> what it uses, in the order of its text. A require within a function is none of its circles: it is
-- there to be late.
local function uses_of(file)
  local uses, text = {}, read(file)
  if file:find("^csrc/") then
    for name in text:gmatch '#include "([^"]+)"' do
      uses[#uses + 1] = { file = included(file, name), at_once = true }
    end
    return uses
  end
  for line in text:gmatch "[^\n]+" do
    if not line:find "^%s*%-%-" then
      for name in line:gmatch 'require%s*%(?%s*"(ddokta[%w_.]*)"' do
        uses[#uses + 1] = { file = required(name), at_once = not line:find "^%s" }
      end
    end
  end
  return uses
end

local used = {}
for _, file in ipairs(sources) do
  used[file] = {}
  for _, use in ipairs(uses_of(file)) do
    if use.file and use.file ~= file then table.insert(used[file], use) end
  end
end

-- the longest folder with a rule that the file is in
local function ruled_folder_of(file)
  local folder = folder_of(file)
  while folder do
    if MAY_USE[folder] then return folder end
    folder = folder_of(folder)
  end
end

local function may_use(folder, other)
  if folder == other then return true end
  for _, allowed in ipairs(MAY_USE[folder]) do
    if allowed == other then return true end
  end
  return false
end

for _, file in ipairs(sources) do
  local folder = ruled_folder_of(file)
  for _, use in ipairs(used[file]) do
    local other = ruled_folder_of(use.file)
    if folder and other and not may_use(folder, other) then
      say("%s must not use %s: %s is not below %s", file, use.file, other, folder)
    elseif folder ~= other and HAS_A_DOOR[other] and use.file ~= other .. "/init.lua" then
      say("%s must use %s/init.lua, not %s", file, other, use.file)
    end
  end
end

-- what is wrong with the part in C is said by native.lua, so all go through it
for _, file in ipairs(sources) do
  local is_lua = file:find "%.lua$" and file ~= "lua/ddokta/native.lua"
  if is_lua and read(file):find 'require%s*%(?%s*"ddokta%.core"' then
    say("%s must require ddokta.native, not ddokta.core", file)
  end
end

-- --- circles: a header belongs to its source file -------------------------------------------------

local function unit_of(file) return (file:gsub("^(csrc/.*)%.[ch]$", "%1")) end

local next_of, units = {}, {}
for _, file in ipairs(sources) do
  local unit = unit_of(file)
  if not next_of[unit] then
    next_of[unit] = {}
    units[#units + 1] = unit
  end
  for _, use in ipairs(used[file]) do
    if use.at_once and unit_of(use.file) ~= unit then table.insert(next_of[unit], unit_of(use.file)) end
  end
end

local state, path = {}, {}
local function walk(unit)
  if state[unit] == "done" then return end
  if state[unit] == "open" then
    local first = 1
    while path[first] ~= unit do
      first = first + 1
    end
    return say("a circle: %s", table.concat(path, " -> ", first) .. " -> " .. unit)
  end
  state[unit] = "open"
  path[#path + 1] = unit
  for _, other in ipairs(next_of[unit] or {}) do
    walk(other)
  end
  path[#path] = nil
  state[unit] = "done"
end
for _, unit in ipairs(units) do
  walk(unit)
end

-- --- lengths --------------------------------------------------------------------------------------

for _, file in ipairs(sources) do
  local _, lines = read(file):gsub("\n", "")
  if lines > LONGEST and not MAY_BE_LONG[file] then say("%s has %d lines of %d", file, lines, LONGEST) end
end

-- --- writing whose failure would be lost ----------------------------------------------------------

-- What LuaJIT makes of these forgets that a disk is full: see lua/ddokta/stream.lua, which alone may.
local WRITES = { "io%.write", "io%.stdout", '%f[%w_.:]print%s*[("]', "file:write", "handle:write" }
local MAY_WRITE = { ["lua/ddokta/stream.lua"] = true, ["lua/ddokta/cli/stdout.lua"] = true }

for _, file in ipairs(sources) do
  local may = not file:find "%.lua$" or MAY_WRITE[file]
  for line in (may and "" or read(file)):gmatch "[^\n]+" do
    for _, pattern in ipairs(WRITES) do
      if not line:find "^%s*%-%-" and line:find(pattern) then
        say("%s writes without ddokta.stream: %s", file, (line:gsub("^%s+", "")))
      end
    end
  end
end

-- --- the top --------------------------------------------------------------------------------------

for name in pairs(top) do
  if not AT_THE_TOP[name] then say("%s may not stand at the top: see .ci/house.lua", name) end
end

-- --- a spec for each file -------------------------------------------------------------------------

-- the path of a file's spec: that of the file, without what is the same for all of Lua
local function spec_of(file)
  local name = "spec/" .. file:gsub("^lua/ddokta/", "lua/")
  return (name:gsub("%.c$", "_test.c"):gsub("%.lua$", "_spec.lua"))
end

for _, file in ipairs(sources) do
  -- a header is tested with its .c; what a program writes is tested with that program
  local is_tested_here = not file:find "%.h$" and file ~= "lua/ddokta/types.lua"
  local spec = spec_of(file)
  -- what is in C may be tested from Lua
  if is_tested_here and not is_file[spec] and not is_file[(spec:gsub("_test%.c$", "_spec.lua"))] then
    say("%s has no spec: %s", file, spec)
  end
end

os.exit(failed and 1 or 0)
