--- The part in C, ddokta.core, for all of ddokta's own files: what is wrong with it is said in one sentence.
local dependency = require "ddokta.dependency"
local plugin = require "ddokta.plugin"
local version = require "ddokta.version"

-- A core.so has this among its bytes (csrc/binding/module.c), to be read where it cannot be loaded.
local MARK = "ddokta core ([%w.+-]+) for Lua (%d%.%d)"

-- what brings a library that core.so is linked to, by the beginning of its name
local PACKAGES = {
  { "libcurl", "libcurl4-openssl-dev" },
  { "libssl", "libssl-dev" },
  { "libcrypto", "libssl-dev" },
  { "libutf8proc", "libutf8proc-dev" },
}

local RELEASE = _VERSION:match "%d%.%d"
local THIS = jit and "LuaJIT" or _VERSION
local INSTALL = plugin.build()
  or ("`make install LUA=%s` or `luarocks --lua-version=%s make`"):format(
    jit and "luajit" or "lua" .. RELEASE,
    RELEASE
  )

-- path -> the version of ddokta and the release of Lua that it was built for
local function built_for(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read "*a" or ""
  file:close()
  return bytes:match(MARK)
end

local function of_lua(release) return release == "5.1" and "Lua 5.1 and LuaJIT" or "Lua " .. release end

-- The words of glibc and of musl for a library that is not there. glibc's are in the host's language, and
-- begin with the name alone where they are about a library that was found nowhere.
local function missing_library(words)
  return words:match "^([%w_+.-]+%.so[%d.]*): " or words:match "^Error loading shared library ([%w_+.-]+): "
end

local function package_of(library)
  for _, row in ipairs(PACKAGES) do
    if library:find(row[1], 1, true) == 1 then return row[2] end
  end
end

-- What the loader said of a file, in a sentence that says what to do.
local function about_file(path, words)
  local _, release = built_for(path)
  if release and release ~= RELEASE then
    return ("%s was built for %s, and this is %s: install ddokta for it, with %s"):format(
      path,
      of_lua(release),
      THIS,
      INSTALL
    )
  end
  local library = missing_library(words)
  if library then
    local known = package_of(library)
    local hint = known and (", on Debian with `apt-get install %s`"):format(known) or ""
    return ("%s needs %s, which is not on this system: install it%s"):format(path, library, hint)
  end
  return ("%s cannot be loaded (%s): build it on this system, with %s"):format(path, words, INSTALL)
end

-- Where require finds core.so; nil: it does not. Lua 5.1 has no package.searchpath.
local function find()
  local found = plugin.core_file()
  if found then return found end
  for template in package.cpath:gmatch "[^;]+" do
    local path = template:gsub("%?", "ddokta/core")
    local file = io.open(path, "rb")
    if file then
      file:close()
      return path
    end
  end
end

-- message: what require raised. nil: it is none of what is known here.
local function explain(message)
  local path, words = message:match "^error loading module 'ddokta.core' from file '(.-)':%s*([^\n]*)"
  if path then return about_file(path, words) end
  if message:find("module 'ddokta.core' not found", 1, true) then
    if plugin.checkout() then return "the part in C, lua/ddokta/core.so, is not built: run " .. INSTALL end
    return ("the part in C, ddokta/core.so, is nowhere on package.cpath for %s: build and install it with %s, "):format(
      THIS,
      INSTALL
    ) .. 'or in a checkout `make` it and say where it is with `eval "$(make -s env)"`'
  end
  -- Neovim's own loader says no more than what the system's did, "vim/_init_packages.lua:41: libx.so: ..."
  path = plugin.core_file()
  words = message:match "^[^\n]-:%d+: ([^\n]*)"
  if path and words then return about_file(path, words) end
end

dependency("cjson", "lua-cjson") -- which the part in C requires
local ok, core = pcall(require, "ddokta.core")
if not ok then
  local sentence = type(core) == "string" and explain(core)
  error(sentence and "ddokta: " .. sentence or core, 0)
end

-- An upgrade that reached one of the two, or two copies on the paths.
if core.version ~= version then
  local files = debug.getinfo(1, "S").source:match "^@(.*)native%.lua$" or "package.path"
  error(
    ("ddokta: %s is of version %s, and the Lua files in %s of %s: install one version of both, with %s"):format(
      find() or "ddokta/core.so",
      core.version or "0.1",
      files,
      version,
      INSTALL
    ),
    0
  )
end

return core
