/* What differs between the Luas, and the few calls that every file of the binding makes; see
 * compat.h. */
#include "compat.h"

#include <math.h>
#include <stdio.h>

size_t dk_rawlen(lua_State *L, int index)
{
#if LUA_VERSION_NUM >= 502
    return (size_t)lua_rawlen(L, index);
#else
    return lua_objlen(L, index);
#endif
}

int dk_absindex(lua_State *L, int index)
{
    return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}

void dk_setclosures(lua_State *L, const luaL_Reg *functions, int upvalues)
{
    for (; functions->name; functions++) {
        for (int i = 0; i < upvalues; i++)
            lua_pushvalue(L, -upvalues);
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}

void dk_setfuncs(lua_State *L, const luaL_Reg *functions)
{
    dk_setclosures(L, functions, 0);
}

/* From 5.2 on lua_checkstack says no to a full stack (of a million values) and to a failed
 * allocation alike, and collects nothing before. */
void dk_checkstack(lua_State *L, int n, const char *why)
{
    if (lua_checkstack(L, n))
        return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (lua_checkstack(L, n))
        return;
    if (LUA_VERSION_NUM >= 502 && lua_gettop(L) + n < 500000)
        dk_no_memory(L);
    luaL_error(L, "stack overflow (%s)", why);
}

int dk_no_memory(lua_State *L)
{
    return luaL_error(L, "not enough memory");
}

const char *dk_checkpath(lua_State *L, int index)
{
    size_t n;
    const char *path = luaL_checklstring(L, index, &n);
    luaL_argcheck(L, strlen(path) == n, index, "a path without NUL is wanted");
    return path;
}

void dk_pushregistry(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

void dk_setregistry(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

bool dk_has_metatable(lua_State *L, int index, const void *key)
{
    if (!lua_getmetatable(L, index))
        return false;
    dk_pushregistry(L, key);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

void dk_pushwhole(lua_State *L, double number)
{
#if DK_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)number);
#else
    lua_pushnumber(L, number);
#endif
}

void dk_whole_to_text(lua_State *L, int index)
{
    double number = lua_tonumber(L, index);
    char digits[32];
#if DK_HAS_INTEGERS
    if (lua_isinteger(L, index)) {
        lua_tostring(L, index);
        return;
    }
#endif
    if (!(number >= -DK_MOST_EXACT && number <= DK_MOST_EXACT && number == floor(number)))
        return;
    snprintf(digits, sizeof digits, "%.0f", number);
    lua_pushstring(L, digits);
    lua_replace(L, index);
}

void dk_pushraw(lua_State *L, int table, const char *name)
{
    table = dk_absindex(L, table);
    lua_pushstring(L, name);
    lua_rawget(L, table);
}

bool dk_hasraw(lua_State *L, int table, const char *name)
{
    dk_pushraw(L, table, name);
    bool has = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return has;
}

bool dk_flag(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

void dk_setnumber(lua_State *L, const char *name, double number)
{
    lua_pushnumber(L, number);
    lua_setfield(L, -2, name);
}

void dk_setwhole(lua_State *L, const char *name, double number)
{
    dk_pushwhole(L, number);
    lua_setfield(L, -2, name);
}

void dk_setstring(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

void dk_setboolean(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}
