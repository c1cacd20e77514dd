/* ddokta.core.text: text as people read it, for Lua.
 *
 *   text.skeleton(name)     -> a text that is the same for all names that look alike
 *   text.flaw(name)         -> nil, or flaw, code point, which character it is (from 1), whether it
 *                              is the last. flaw: "not_utf8" (its code point is the byte),
 *                              "surrogate", "space" (at an end), "control", "invisible", "private",
 *                              "unassigned"
 *   text.width(text)        -> columns of a terminal
 *   text.start(text, columns, from) -> as much of its start as fits into so many columns of a
 *                              terminal; from: the byte that it begins at (nil: 1)
 *   text.code_points(text)  -> "U+0041 U+00E9"
 */
#include "text.h"
#include "buffer.h"

#include "base/text.h"

static int push_made(lua_State *L, bool (*make)(const char *, size_t, dk_buffer *))
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    dk_buffer *out = dk_newbuffer(L);
    if (!make(text, n, out))
        return dk_no_memory(L);
    dk_pushbuffer(L, out);
    return 1;
}

static int skeleton(lua_State *L)
{
    return push_made(L, dk_text_skeleton);
}

static int code_points(lua_State *L)
{
    return push_made(L, dk_text_code_points);
}

static int width(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    dk_pushwhole(L, (double)dk_text_width(text, n));
    return 1;
}

static int start(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    lua_Number columns = luaL_checknumber(L, 2), from = luaL_optnumber(L, 3, 1);
    luaL_argcheck(L, columns >= 0, 2, "a number of columns is wanted"); /* NaN is refused too */
    luaL_argcheck(L, from >= 1 && from <= (lua_Number)n + 1, 3, "a byte of the text is wanted");
    text += (size_t)from - 1;
    n -= (size_t)from - 1;
    size_t most = columns < (lua_Number)n * 2 ? (size_t)columns : n * 2;
    lua_pushlstring(L, text, dk_text_fitting(text, n, most));
    return 1;
}

static int flaw(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    dk_text_place place;
    dk_text_flaw found = dk_text_check_name(text, n, &place);
    if (found == DK_TEXT_FINE)
        return 0;
    lua_pushstring(L, dk_text_flaw_names[found]);
    dk_pushwhole(L, (double)place.code_point);
    dk_pushwhole(L, (double)place.character);
    lua_pushboolean(L, place.last);
    return 4;
}

int dk_open_text(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"skeleton", skeleton},       {"flaw", flaw}, {"width", width}, {"start", start},
        {"code_points", code_points}, {NULL, NULL}};
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
