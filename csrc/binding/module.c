/* What require "ddokta.core" returns. The public module is lua/ddokta/init.lua. */
#include "buffer.h"
#include "call.h"
#include "clean.h"
#include "client.h"
#include "csv.h"
#include "error.h"
#include "fingerprint.h"
#include "interrupt.h"
#include "journal.h"
#include "json.h"
#include "match.h"
#include "operations.h"
#include "response.h"
#include "rows.h"
#include "system.h"
#include "text.h"

#include "base/text.h"
#include "http/site.h"

#include <curl/curl.h>

static void push_sites(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; dk_sites[i]; i++) {
        lua_pushstring(L, dk_sites[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

/* find_site(name) -> the site's own name | nil */
static int find_site(lua_State *L)
{
    size_t n;
    const char *given = luaL_checklstring(L, 1, &n);
    lua_pushstring(L, strlen(given) == n ? dk_site_find(given) : NULL);
    return 1;
}

/* lua/ddokta/native.lua reads this out of a file that cannot be loaded: keep its pattern and this alike. */
static const char mark[] = "ddokta core " DK_VERSION " for " LUA_VERSION;

/* Most modules built for another Lua are not loaded: a function of the API is missing. What is left are
 * neighbours: one of 5.2 finds all it calls in 5.3, and 5.4 and 5.5 may find all in each other, where
 * LUA_REGISTRYINDEX is another number. lua_version is the same in those that can meet here. The words are in
 * the form in which require says that a file cannot be loaded. */
static void check_lua(lua_State *L)
{
#if LUA_VERSION_NUM >= 504
    lua_Number running = lua_version(L);
#elif LUA_VERSION_NUM >= 502
    lua_Number running = *lua_version(L);
#else
    lua_Number running =
        LUA_VERSION_NUM; /* 5.1 and LuaJIT: lua_tonumber and more are functions there alone */
#endif
    if (running == LUA_VERSION_NUM)
        return;
    const char *path = lua_isstring(L, 2) ? lua_tostring(L, 2) : "ddokta/core.so";
    luaL_error(L, "error loading module 'ddokta.core' from file '%s':\n\t%s", path, mark);
}

/* libraries() -> {curl, tls, http2, utf8proc}: the libraries that this process runs with, which need not
 * be those of the headers. tls is nil where libcurl has none. */
static int libraries(lua_State *L)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    lua_newtable(L);
    dk_setstring(L, "curl", curl->version);
    dk_setstring(L, "tls", curl->ssl_version);
    dk_setboolean(L, "http2", curl->features & CURL_VERSION_HTTP2);
    dk_setstring(L, "utf8proc", dk_text_library());
    return 1;
}

__attribute__((visibility("default"))) int luaopen_ddokta_core(lua_State *L);

int luaopen_ddokta_core(lua_State *L)
{
    static const luaL_Reg functions[] = {{"client", dk_client},    {"wait", dk_clients_wait},
                                         {"find_site", find_site}, {"libraries", libraries},
                                         {"show", dk_shown},       {NULL, NULL}};
    check_lua(L);
    dk_open_buffer(L);
    dk_open_client(L);
    dk_open_call(L);
    dk_open_response(L);
    dk_open_match(L);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    dk_open_json(L);
    lua_setfield(L, -2, "json");
    dk_open_error(L);
    lua_setfield(L, -2, "error");
    dk_open_system(L);
    lua_setfield(L, -2, "system");
    dk_open_interrupt(L);
    lua_setfield(L, -2, "interrupt");
    dk_open_csv(L);
    lua_setfield(L, -2, "csv");
    dk_open_rows(L);
    lua_setfield(L, -2, "rows");
    dk_open_text(L);
    lua_setfield(L, -2, "text");
    dk_open_journal(L);
    lua_setfield(L, -2, "journal");
    dk_open_fingerprint(L);
    lua_setfield(L, -2, "fingerprint");
    dk_push_operations(L);
    lua_setfield(L, -2, "operations");
    push_sites(L);
    lua_setfield(L, -2, "sites");
    dk_setstring(L, "version", DK_VERSION);
    dk_setstring(L, "mark", mark);
    dk_setstring(L, "curl_version", curl_version_info(CURLVERSION_NOW)->version);
    return 1;
}
