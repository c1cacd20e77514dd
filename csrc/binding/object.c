/* Userdata made, checked and ended; see object.h. */
#include "object.h"

void *dk_testudata(lua_State *L, int index, const dk_type *type)
{
    void *memory = lua_touserdata(L, index);
    if (!memory || !lua_getmetatable(L, index))
        return NULL;
    luaL_getmetatable(L, type->name);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? memory : NULL;
}

void *dk_self(lua_State *L, int index, const dk_type *type)
{
    dk_object *o = lua_touserdata(L, index);
    bool same = false;
    if (o && lua_getmetatable(L, index)) { /* nearly always of the type whose method runs */
        same = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
    }
    if (!same)
        o = luaL_checkudata(L, index, type->name);
    return o->lives ? o : NULL;
}

void *dk_checkself(lua_State *L, int index, const dk_type *type)
{
    dk_object *o = dk_self(L, index, type);
    if (!o)
        luaL_argerror(L, index, type->ended);
    else if (o->busy)
        luaL_argerror(L, index, type->busy);
    return o;
}

void *dk_endself(lua_State *L, const dk_type *type)
{
    dk_object *o = dk_self(L, 1, type);
    if (o)
        o->lives = false;
    return o;
}

void *dk_newobject(lua_State *L, size_t size, const dk_type *type)
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

void dk_newtype(lua_State *L, const dk_type *type, const luaL_Reg *methods,
                const luaL_Reg *metamethods)
{
    luaL_newmetatable(L, type->name);
    lua_pushvalue(L, -1);
    dk_setclosures(L, metamethods, 1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    dk_setclosures(L, methods, 1);
    lua_setfield(L, -2, "__index");
    dk_setstring(L, "__metatable", "locked");
    lua_pop(L, 1);
}
