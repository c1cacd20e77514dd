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

__attribute__((visibility("default"))) int luaopen_ddokta_core(lua_State *L);

int luaopen_ddokta_core(lua_State *L)
{
    static const luaL_Reg functions[] = {{"client", dk_client},
                                         {"wait", dk_clients_wait},
                                         {"find_site", find_site},
                                         {"show", dk_shown},
                                         {NULL, NULL}};
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
    dk_setstring(L, "curl_version", curl_version_info(CURLVERSION_NOW)->version);
    return 1;
}
