/* The userdata that Lua holds, and their one check of self.
 *
 * A finalizer may run at any allocation of Lua, a metamethod wherever a table is read or a value
 * made text, and either may call any method of any object: of one that has ended, or of the one
 * whose method is at work. So a method goes in this order:
 *   1. arguments: whatever may run Lua's code. Buffers of its own (dk_newbuffer), where it needs
 * them.
 *   2. dk_checkself
 *   3. what C does. Lua is handed nothing that C may free or move: it is copied to such a buffer
 * first, for Lua 5.1 and LuaJIT collect before they copy. Behind a call that allocates, self is
 * checked again before it is looked at.
 */
#ifndef DK_BINDING_OBJECT_H
#define DK_BINDING_OBJECT_H

#include "compat.h"

/* What each begins with. */
typedef struct dk_object {
    bool lives; /* set by who makes it, once it is whole */
} dk_object;

typedef struct dk_type {
    const char *name;  /* its metatable's in the registry */
    const char *ended; /* what a method says of an object that has ended: "this reader is closed" */
} dk_type;

/* The userdata of that type, or NULL; raises nothing. */
static inline void *dk_testudata(lua_State *L, int i, const dk_type *type)
{
    void *memory = lua_touserdata(L, i);
    if (!memory || !lua_getmetatable(L, i))
        return NULL;
    luaL_getmetatable(L, type->name);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? memory : NULL;
}

/* The object at index i, NULL: it has ended. Raises where it is of another type. */
static inline void *dk_self(lua_State *L, int i, const dk_type *type)
{
    dk_object *o = lua_touserdata(L, i);
    bool same = false;
    if (o && lua_getmetatable(L, i)) { /* nearly always of the type whose method runs */
        same = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
    }
    if (!same)
        o = luaL_checkudata(L, i, type->name);
    return o->lives ? o : NULL;
}

/* The same; raises where it has ended, too. */
static inline void *dk_checkself(lua_State *L, int i, const dk_type *type)
{
    void *o = dk_self(L, i, type);
    if (!o)
        luaL_argerror(L, i, type->ended);
    return o;
}

/* For __gc and close(): the object, which has ended from now on; NULL: it had. */
static inline void *dk_endself(lua_State *L, const dk_type *type)
{
    dk_object *o = dk_self(L, 1, type);
    if (o)
        o->lives = false;
    return o;
}

/* A new userdata of a registered type, all zero: not yet alive. */
static inline void *dk_newobject(lua_State *L, size_t size, const dk_type *type)
{
#if LUA_VERSION_NUM >= 504
    void *memory = lua_newuserdatauv(L, size, 0);
#else
    void *memory = lua_newuserdata(L, size);
#endif
    memset(memory, 0, size);
    luaL_getmetatable(L, type->name);
    lua_setmetatable(L, -2);
    return memory;
}

/* Registers a type: methods, and what __gc and the rest of the metamethods do. Leaves nothing. All
 * of them find the type's metatable as their upvalue: see dk_self. */
static inline void dk_newtype(lua_State *L, const dk_type *type, const luaL_Reg *methods,
                              const luaL_Reg *metamethods)
{
    luaL_newmetatable(L, type->name);
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

#endif
