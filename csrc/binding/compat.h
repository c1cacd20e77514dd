/* Lua 5.1 to 5.4 and LuaJIT under one set of names, all our own: lua* names are the VM's, and some
 * of the VMs export more of them than others. Every file of this room includes it first. */
#ifndef DK_COMPAT_H
#define DK_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if LUA_VERSION_NUM >= 503
#define DK_HAS_INTEGERS 1
#else
#define DK_HAS_INTEGERS 0
#endif

static inline size_t dk_rawlen(lua_State *L, int i)
{
#if LUA_VERSION_NUM >= 502
    return (size_t)lua_rawlen(L, i);
#else
    return lua_objlen(L, i);
#endif
}

static inline int dk_absindex(lua_State *L, int i)
{
    return i > 0 || i <= LUA_REGISTRYINDEX ? i : lua_gettop(L) + i + 1;
}

/* Sets functions in the table on top of the stack; each has the `upvalues` values above it. */
static inline void dk_setclosures(lua_State *L, const luaL_Reg *functions, int upvalues)
{
    for (; functions->name; functions++) {
        for (int i = 0; i < upvalues; i++)
            lua_pushvalue(L, -upvalues);
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}

static inline void dk_setfuncs(lua_State *L, const luaL_Reg *functions)
{
    dk_setclosures(L, functions, 0);
}

/* Room for n more values; raises where there is none. From 5.2 on lua_checkstack says no to a full
 * stack (of a million values) and to a failed allocation alike, and collects nothing before. */
static inline void dk_checkstack(lua_State *L, int n, const char *why)
{
    if (lua_checkstack(L, n))
        return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    if (lua_checkstack(L, n))
        return;
    if (LUA_VERSION_NUM >= 502 && lua_gettop(L) + n < 500000)
        luaL_error(L, "not enough memory");
    luaL_error(L, "stack overflow (%s)", why);
}

/* Registry entries are found by the address of a static variable. */
static inline void dk_pushregistry(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

/* Takes the value off the stack. */
static inline void dk_setregistry(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* A whole number: an integer where Lua has them. */
static inline void dk_pushwhole(lua_State *L, double number)
{
#if DK_HAS_INTEGERS
    lua_pushinteger(L, (lua_Integer)number);
#else
    lua_pushnumber(L, number);
#endif
}

static inline void dk_setnumber(lua_State *L, const char *name, double number)
{
    lua_pushnumber(L, number);
    lua_setfield(L, -2, name);
}

static inline void dk_setwhole(lua_State *L, const char *name, double number)
{
    dk_pushwhole(L, number);
    lua_setfield(L, -2, name);
}

static inline void dk_setstring(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

#endif
