--- What a release says of itself, of lua/ddokta/version.lua, rockspecs/addresses.lua and CHANGELOG.md.
-- usage, in a checkout: lua .ci/release.lua write         rockspecs, and addresses in pages
--                       lua .ci/release.lua check         is all known? else one sentence, and status 1
--                       lua .ci/release.lua changes       this version's part of CHANGELOG.md
--                       lua .ci/release.lua rockspec 5.4  that of a binary rock, which is for one Lua

local M = {}

-- Names that never are anybody's: RFC 2606 and 6761.
local NOBODYS =
  { "example%.com$", "example%.net$", "example%.org$", "example$", "invalid$", "test$", "localhost$" }

local function is_host(host)
  for _, pattern in ipairs(NOBODYS) do
    if ("." .. host):find("%." .. pattern) then return false end
  end
  return host:find "^%w[%w.-]*%.%a%a+$" ~= nil
end

local function is_page(text)
  local host = text:match '^https://([^/%s"\\]+)[^%s"\\]*$'
  return host ~= nil and is_host(host)
end

local function is_mail(text)
  local host = text:match "^[%w._+-]+@([%w.-]+)$"
  return host ~= nil and is_host(host)
end

-- name, what it must be, whether it is that
local ADDRESSES = {
  {
    "repository",
    "a page of https without .git at its end",
    function(text) return is_page(text) and text:find "^https://[^/]+/.*[^/]$" and not text:find "%.git$" end,
  },
  { "homepage", "a page of https", is_page },
  { "issues", "a page of https", is_page },
  {
    "maintainer",
    "NAME <MAIL>",
    function(text)
      local mail = text:match '^[^<>"\\]*[^<>"\\%s] <([^<>]+)>$'
      return mail and is_mail(mail)
    end,
  },
  {
    "security",
    "a mail address or a page of https",
    function(text) return is_mail(text) or is_page(text) end,
  },
}

--- What is missing in the addresses or no address, in one sentence; nil: nothing.
function M.complaint(addresses)
  local missing = {}
  for _, row in ipairs(ADDRESSES) do
    local name, form, is_right = row[1], row[2], row[3]
    local text = addresses[name]
    if type(text) ~= "string" or text == "" then
      missing[#missing + 1] = name
    elseif not is_right(text) then
      return ('%s is "%s" in rockspecs/addresses.lua, and must be %s that exists'):format(name, text, form)
    end
  end
  if #missing > 0 then
    return "rockspecs/addresses.lua does not say " .. table.concat(missing, ", ") .. " yet"
  end
end

--- The part of a changelog that is a version's, without its heading; nil and a sentence.
function M.changes(changelog, version)
  local heading = "## [" .. version .. "]"
  local start, stop = ("\n" .. changelog):find("\n" .. heading .. " - ", 1, true)
  if not start then return nil, ("CHANGELOG.md has no part %s - DATE"):format(heading) end
  local date, part = changelog:match("^(%d%d%d%d%-%d%d%-%d%d)\n(.*)", stop)
  if not date then return nil, ("CHANGELOG.md names no day behind %s"):format(heading) end
  part = (part .. "\n## "):match "^(.-)\n## "
  part = part:gsub("^%s+", ""):gsub("%s+$", "")
  if part == "" then return nil, ("CHANGELOG.md says nothing below %s"):format(heading) end
  return part .. "\n"
end

-- --- rockspecs -----------------------------------------------------------------------------------

-- A line that ends in a field that is empty is left out.
local TEXT = [==[
-- Written by `make doc` (.ci/release.lua).
rockspec_format = "3.0"
package = "ddokta"
version = "$version"
source = {
  -- $source
  url = "$url",
  tag = "$tag",
}
description = {
  summary = "Scripts Okta and Datadog: the Okta integration's accounts, imported, compared, kept in step",
  detailed = [[
A C module on libcurl with a Lua layer on top: one method per operation of the services, errors as
values, many calls at once, bulk import with a plan first, a sandbox to try it on, and a command.]],
  homepage = "$homepage",
  issues_url = "$issues",
  maintainer = "$maintainer",
  labels = { "okta", "datadog", "scim", "identity", "http" },
  license = "Apache-2.0",
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= $least, < $below",
  "lua-cjson >= 2.1.0",
  "argparse >= 0.7.1",
}
external_dependencies = {
  -- no header: Debian keeps libcurl's where the compiler looks and LuaRocks does not
  CURL = { library = "curl" },
  CRYPTO = { library = "crypto" },
  UTF8PROC = { library = "utf8proc" },
}
build = {
  -- make, for what LuaRocks' own builder cannot say: -fvisibility=hidden. What it installs is found, not
  -- listed, so that no file can be forgotten.
  type = "make",
  build_target = "rock",
  install_target = "rock-install",
  variables = {
    CC = "$(CC)",
    CFLAGS = "$(CFLAGS)",
    LIBFLAG = "$(LIBFLAG)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    CURL_INCDIR = "$(CURL_INCDIR)",
    CURL_LIBDIR = "$(CURL_LIBDIR)",
    CRYPTO_INCDIR = "$(CRYPTO_INCDIR)",
    CRYPTO_LIBDIR = "$(CRYPTO_LIBDIR)",
    UTF8PROC_INCDIR = "$(UTF8PROC_INCDIR)",
    UTF8PROC_LIBDIR = "$(UTF8PROC_LIBDIR)",
    ROCK_LUA = "$(LUA)",
    INST_LUADIR = "$(LUADIR)",
    INST_LIBDIR = "$(LIBDIR)",
    INST_BINDIR = "$(BINDIR)",
  },
  copy_directories = { "doc", "examples", "plugin" },
}
test = {
  type = "command",
  script = "spec/luarocks.lua",
}
]==]

-- fields: by the names that TEXT has behind a $
local function fill(fields)
  local lines = {}
  for line in TEXT:gmatch "([^\n]*)\n" do
    local name = line:match "%$(%l+)"
    if not name or fields[name] ~= "" then lines[#lines + 1] = line:gsub("%$(%l+)", fields) .. "\n" end
  end
  return table.concat(lines)
end

--- The text of a rockspec.
---@param version string of ddokta, or "scm"
---@param addresses table
---@param release? string the one Lua of a binary rock: "5.4"
function M.rockspec(version, addresses, release)
  local major, minor = (release or "5.5"):match "(%d)%.(%d)"
  local is_scm, repository = version == "scm", addresses.repository
  local fields = {
    version = version .. "-1",
    source = is_scm and "`luarocks make` builds this checkout and does not look here"
      or "the tag of this version",
    url = is_scm and "." or ("ddokta-%s.tar.gz"):format(version),
    tag = "",
    homepage = addresses.homepage,
    issues = addresses.issues,
    maintainer = addresses.maintainer,
    least = release or "5.1",
    below = ("%s.%d"):format(major, minor + 1),
  }
  if repository ~= "" then
    fields.url = "git+" .. repository .. ".git"
    fields.tag = is_scm and "" or "v" .. version
  elseif not is_scm then
    fields.source = "what `make dist` makes, beside this file"
  end
  return fill(fields)
end

--- SECURITY.md with the address to write to.
function M.security(page, addresses)
  local address = addresses.security
  local words = "The address is not known yet: it will stand in\n[rockspecs/addresses.lua](rockspecs/addresses.lua), "
    .. "without which there is no release."
  if address:find "^https://" then
    words = ("Report it on <%s>, where nobody else can read it."):format(address)
  elseif address ~= "" then
    words = ("Write to <%s>."):format(address)
  end
  local before, after = page:match "^(.*<!%-%- contact: `make doc` %-%->\n).-(\n<!%-%- end %-%->.*)$"
  return before .. words .. after
end

--- A page that says where ddokta is cloned from, with that address.
function M.clones(page, addresses)
  if addresses.repository == "" then return page end
  return (page:gsub("https://example%.com/ddokta", (addresses.repository:gsub("%%", "%%%%"))))
end

-- --- as a program ---------------------------------------------------------------------------------

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- {path = text} of all that `write` writes in the checkout that is the working folder.
function M.files()
  local version, addresses = dofile "lua/ddokta/version.lua", dofile "rockspecs/addresses.lua"
  return {
    ["ddokta-scm-1.rockspec"] = M.rockspec("scm", addresses),
    [("rockspecs/ddokta-%s-1.rockspec"):format(version)] = M.rockspec(version, addresses),
    ["SECURITY.md"] = M.security(read "SECURITY.md", addresses),
    ["doc/neovim.md"] = M.clones(read "doc/neovim.md", addresses),
    ["doc/ddokta.txt"] = M.clones(read "doc/ddokta.txt", addresses),
  }
end

local function stop(sentence)
  io.stderr:write("dist: ", sentence, "\n")
  os.exit(1)
end

local commands = {
  write = function()
    for path, text in pairs(M.files()) do
      local file = assert(io.open(path, "wb"))
      assert(file:write(text))
      assert(file:close())
    end
  end,
  check = function()
    local sentence = M.complaint(dofile "rockspecs/addresses.lua")
    if sentence then stop(sentence) end
  end,
  changes = function()
    local part, sentence = M.changes(read "CHANGELOG.md", dofile "lua/ddokta/version.lua")
    if not part then stop(sentence) end
    io.write(part)
  end,
  rockspec = function(release)
    io.write(M.rockspec(dofile "lua/ddokta/version.lua", dofile "rockspecs/addresses.lua", release))
  end,
}

-- run, and not required
if arg and arg[0] and arg[0]:find "release%.lua$" then commands[arg[1]](arg[2]) end

return M
