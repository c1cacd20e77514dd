/* The error table: made, and told in one line; see error.h. */
#include "error.h"
#include "buffer.h"
#include "clean.h"

#include "base/visible.h"

#include <stdarg.h>

static const char error_key = 0;

static void set_operation(lua_State *L, const dk_operation *operation)
{
    if (!operation)
        return;
    dk_setstring(L, "operation", operation->name);
    dk_setstring(L, "method", operation->method);
    if (operation->permission)
        dk_setstring(L, "permission", operation->permission);
}

void dk_push_error(lua_State *L, dk_kind kind, const dk_operation *operation)
{
    lua_createtable(L, 0, 16);
    dk_pushregistry(L, &error_key);
    lua_setmetatable(L, -2);
    dk_setstring(L, "kind", dk_kind_names[kind]);
    set_operation(L, operation);
    lua_newtable(L);
    lua_setfield(L, -2, "errors");
}

int dk_fail(lua_State *L, dk_kind kind, const dk_operation *operation, const char *format, ...)
{
    va_list arguments;
    lua_pushnil(L);
    dk_push_error(L, kind, operation);
    va_start(arguments, format);
    const char *message = lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    if (!message) /* 5.5 pushes nothing where its allocator fails, and raises nothing: va_end comes
                     first */
        return dk_no_memory(L);
    lua_setfield(L, -2, "message");
    dk_setboolean(L, "retryable", false);
    dk_setboolean(L, "ambiguous", false);
    dk_setwhole(L, "attempts", 0);
    dk_clean_error(L, NULL, NULL);
    return 2;
}

/* A field of the error at index 1; data is NULL where it is no string. It stays on the stack, so
 * that the text lives as long. */
static dk_text text_field(lua_State *L, const char *name)
{
    dk_text text = {NULL, 0};
    lua_getfield(L, 1, name);
    if (lua_type(L, -1) == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    return text;
}

static void add_text(dk_buffer *out, const char *before, dk_text text)
{
    if (!text.data)
        return;
    dk_buffer_adds(out, before);
    dk_buffer_add(out, text.data, text.length);
}

static void add_hints(lua_State *L, dk_buffer *out, dk_text kind)
{
    const char *forbidden = dk_kind_names[DK_FORBIDDEN];
    if (kind.length == strlen(forbidden) && memcmp(kind.data, forbidden, kind.length) == 0)
        add_text(out, "; the key needs the permission ", text_field(L, "permission"));
    add_text(out, "; ", text_field(L, "hint"));
    lua_getfield(L, 1, "retry_after");
    if (lua_isnumber(L, -1))
        dk_buffer_addf(out, "; try again in %.0f s", lua_tonumber(L, -1));
    if (dk_flag(L, 1, "ambiguous"))
        dk_buffer_adds(out, "; it may have taken effect: look before you try again");
}

/* "create_okta_account: forbidden (403): Forbidden; the key needs the permission ..." */
static int error_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    dk_buffer *out = dk_newbuffer(L), *shown = dk_newbuffer(L);
    dk_text operation = text_field(L, "operation"), kind = text_field(L, "kind");
    if (!kind.data)
        kind = (dk_text){"error", 5};
    if (operation.data) {
        add_text(out, "", operation);
        dk_buffer_adds(out, ": ");
    }
    add_text(out, "", kind);
    lua_getfield(L, 1, "status");
    if (lua_isnumber(L, -1))
        dk_buffer_addf(out, " (%d)", (int)lua_tonumber(L, -1));
    add_text(out, ": ", text_field(L, "message"));
    add_hints(L, out, kind);
    dk_text id = text_field(L, "id");
    if (id.data) {
        add_text(out, " [id ", id);
        dk_buffer_addc(out, ']');
    }
    /* the error may be Lua's, and its words anybody's */
    if (out->failed || !dk_show(shown, out->data, out->length))
        return dk_no_memory(L);
    lua_pushlstring(L, shown->data, shown->length);
    dk_buffer_free(out);
    dk_buffer_free(shown);
    return 1;
}

int dk_open_error(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
    dk_setstring(L, "__name", "ddokta.error");
    lua_pushvalue(L, -1);
    dk_setregistry(L, &error_key);
    return 1;
}
