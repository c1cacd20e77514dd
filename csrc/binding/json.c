/* ddokta.core.json for Lua, and the two values that stand for what Lua lacks: an empty array and a
 * number too large.
 *
 *   decode(text)  -> value | nil, message
 *   encode(value) -> text | nil, message
 *   array{...}    -> the same table, which is sent as an array even when it is empty
 *   null             a field that is sent as null
 */
#include "json.h"
#include "buffer.h"

static const char array_key = 0, digits_key = 0; /* their metatables */

void dk_json_push_array(lua_State *L)
{
    lua_newtable(L);
    dk_pushregistry(L, &array_key);
    lua_setmetatable(L, -2);
}

bool dk_json_is_array(lua_State *L, int index)
{
    return lua_istable(L, index) &&
           (dk_rawlen(L, index) > 0 || dk_has_metatable(L, index, &array_key));
}

void dk_json_push_digits(lua_State *L, const char *digits)
{
    lua_createtable(L, 1, 0);
    lua_pushstring(L, digits);
    lua_rawseti(L, -2, 1);
    dk_pushregistry(L, &digits_key);
    lua_setmetatable(L, -2);
}

bool dk_json_is_digits(lua_State *L, int index)
{
    return dk_has_metatable(L, index, &digits_key);
}

static int json_decode(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    if (dk_json_decode(L, 1))
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    dk_buffer *out = dk_newsecretbuffer(L);
    if (!dk_json_encode(L, 1, NULL, out)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    dk_pushbuffer(L, out);
    dk_buffer_free(out);
    return 1;
}

static int json_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    dk_pushregistry(L, &array_key);
    lua_setmetatable(L, 1);
    return 1;
}

static int digits_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_rawgeti(L, 1, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
        lua_pushliteral(L, "a number without its digits");
    return 1;
}

static int digits_equal(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_rawgeti(L, 1, 1);
    lua_rawgeti(L, 2, 1);
    lua_pushboolean(L, lua_rawequal(L, -1, -2));
    return 1;
}

int dk_open_json(lua_State *L)
{
    static const luaL_Reg digits_metamethods[] = {
        {"__tostring", digits_tostring}, {"__eq", digits_equal}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"decode", json_decode}, {"encode", json_encode}, {"array", json_array}, {NULL, NULL}};
    dk_open_json_decode(L);
    lua_newtable(L);
    dk_setstring(L, "__name", "ddokta.array");
    dk_setregistry(L, &array_key);
    lua_newtable(L);
    dk_setfuncs(L, digits_metamethods);
    dk_setstring(L, "__name", "ddokta.number");
    dk_setstring(L, "__metatable", "locked");
    dk_setregistry(L, &digits_key);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
