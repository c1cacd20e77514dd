-- Written by `make doc` (.ci/release.lua).
rockspec_format = "3.0"
package = "ddokta"
version = "scm-1"
source = {
  -- `luarocks make` builds this checkout and does not look here
  url = ".",
}
description = {
  summary = "Scripts Okta and Datadog: the Okta integration's accounts, imported, compared, kept in step",
  detailed = [[
A C module on libcurl with a Lua layer on top: one method per operation of the services, errors as
values, many calls at once, bulk import with a plan first, a sandbox to try it on, and a command.]],
  labels = { "okta", "datadog", "scim", "identity", "http" },
  license = "Apache-2.0",
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.1, < 5.6",
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
