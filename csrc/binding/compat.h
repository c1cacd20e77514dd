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

static inline void dk_setfuncs(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

/* The userdata of that type, or NULL; raises nothing. */
static inline void *dk_testudata(lua_State *L, int i, const char *type)
{
    void *memory = lua_touserdata(L, i);
    if (!memory || !lua_getmetatable(L, i))
        return NULL;
    luaL_getmetatable(L, type);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? memory : NULL;
}

/* A new userdata of a registered type, all zero. */
static inline void *dk_newobject(lua_State *L, size_t size, const char *type)
{
#if LUA_VERSION_NUM >= 504
    void *memory = lua_newuserdatauv(L, size, 0);
#else
    void *memory = lua_newuserdata(L, size);
#endif
    memset(memory, 0, size);
    luaL_getmetatable(L, type);
    lua_setmetatable(L, -2);
    return memory;
}

/* Registers a type: methods, and what __gc and the rest of the metamethods do. Leaves nothing. */
static inline void dk_newtype(lua_State *L, const char *type, const luaL_Reg *methods,
                              const luaL_Reg *metamethods)
{
    luaL_newmetatable(L, type);
    dk_setfuncs(L, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
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

static inline void dk_setstring(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

#endif
