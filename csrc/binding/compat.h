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

/* The userdata at index i, of the type whose method runs; raises where it is another. */
static inline void *dk_checkself(lua_State *L, int i, const char *type)
{
    void *memory = lua_touserdata(L, i);
    if (memory && lua_getmetatable(L, i)) {
        bool same = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
        if (same)
            return memory;
    }
    return luaL_checkudata(L, i, type); /* has the words for it */
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

/* Registers a type: methods, and what __gc and the rest of the metamethods do. Leaves nothing. All
 * of them find the type's metatable as their upvalue: see dk_checkself. */
static inline void dk_newtype(lua_State *L, const char *type, const luaL_Reg *methods,
                              const luaL_Reg *metamethods)
{
    luaL_newmetatable(L, type);
    lua_pushvalue(L, -1);
    dk_setclosures(L, metamethods, 1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    dk_setclosures(L, methods, 1);
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
