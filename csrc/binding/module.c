/* What require "ddokta.core" returns. The public module is lua/ddokta/init.lua. */
#include "client.h"
#include "call.h"
#include "csv.h"
#include "error.h"
#include "json.h"
#include "system.h"

#include "core/operation.h"
#include "core/site.h"

#include <curl/curl.h>
#include <stdlib.h>

/* A list of words as an array, of numbers where they are numbers. */
static void push_list(lua_State *L, const char *list)
{
    const char *word;
    size_t n;
    lua_newtable(L);
    for (int i = 1; (word = dk_list_next(&list, &n)); i++) {
        if (word[0] >= '0' && word[0] <= '9')
            dk_pushwhole(L, strtod(word, NULL));
        else
            lua_pushlstring(L, word, n);
        lua_rawseti(L, -2, i);
    }
}

static void push_operations(lua_State *L)
{
    lua_createtable(L, (int)dk_operations_count, 0);
    for (size_t i = 0; i < dk_operations_count; i++) {
        const dk_operation *o = &dk_operations[i];
        lua_createtable(L, 0, 10);
        dk_setstring(L, "name", o->name);
        dk_setstring(L, "service", dk_service_names[o->service]);
        dk_setstring(L, "method", o->method);
        dk_setstring(L, "path", o->path);
        if (o->permission)
            dk_setstring(L, "permission", o->permission);
        push_list(L, o->success);
        lua_setfield(L, -2, "success");
        push_list(L, o->required);
        lua_setfield(L, -2, "required");
        lua_pushboolean(L, o->paging != DK_WHOLE);
        lua_setfield(L, -2, "paged");
        lua_pushboolean(L, o->body);
        lua_setfield(L, -2, "body");
        dk_setstring(L, "doc", o->doc);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

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
    static const luaL_Reg functions[] = {
        {"client", dk_client}, {"wait", dk_clients_wait}, {"find_site", find_site}, {NULL, NULL}};
    dk_open_client(L);
    dk_open_call(L);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    dk_open_json(L);
    lua_setfield(L, -2, "json");
    dk_open_error(L);
    lua_setfield(L, -2, "error");
    dk_open_system(L);
    lua_setfield(L, -2, "system");
    dk_open_csv(L);
    lua_setfield(L, -2, "csv");
    push_operations(L);
    lua_setfield(L, -2, "operations");
    push_sites(L);
    lua_setfield(L, -2, "sites");
    dk_setstring(L, "curl_version", curl_version_info(CURLVERSION_NOW)->version);
    return 1;
}
