/* Texts without secrets that can be shown; see clean.h. */
#include "clean.h"
#include "buffer.h"

#include "base/visible.h"
#include "http/secret.h"

dk_cleaner dk_push_cleaner(lua_State *L, const dk_session *session, const dk_call *call)
{
    dk_buffer *secrets = dk_newsecretbuffer(L);
    if (session)
        dk_session_secrets(session, secrets);
    if (call) {
        /* the session's keys may be others by now than those that this call was sent with */
        dk_headers_secrets(call->request.headers, secrets);
        dk_secrets_add_members(secrets, call->request.body.data, call->request.body.length);
    }
    dk_buffer *text = dk_newsecretbuffer(L);
    return (dk_cleaner){secrets, text, dk_newsecretbuffer(L)};
}

void dk_end_cleaner(const dk_cleaner *c)
{
    dk_buffer_free(c->secrets);
    dk_buffer_free(c->text);
    dk_buffer_free(c->shown);
}

/* Pushes the text without secrets, and without characters that control a terminal or cannot be
 * seen; nothing of it where memory ran out. */
static void push_clean(lua_State *L, const dk_cleaner *c, const char *text, size_t n)
{
    dk_buffer_clear(c->text);
    dk_buffer_clear(c->shown);
    dk_buffer_add(c->text, text, n);
    if (!dk_secrets_redact(c->secrets, c->text) ||
        !dk_show_lines(c->shown, c->text->data, c->text->length))
        lua_pushliteral(L, "(out of memory)");
    else
        lua_pushlstring(L, c->shown->data ? c->shown->data : "", c->shown->length);
}

/* Is it a field whose words are ours, none of the service's? */
static bool is_own_field(lua_State *L, int name)
{
    static const char *const own[] = {"kind", "operation", "method", "permission", "hint"};
    for (size_t i = 0; lua_type(L, name) == LUA_TSTRING && i < sizeof own / sizeof *own; i++)
        if (strcmp(lua_tostring(L, name), own[i]) == 0)
            return true;
    return false;
}

/* Cleans every text of the table on top of the stack, and of the tables in it. */
static void clean_table(lua_State *L, const dk_cleaner *c)
{
    int table = lua_gettop(L), name = table + 1, value = table + 2;
    for (lua_pushnil(L); lua_next(L, table); lua_settop(L, name)) {
        if (lua_istable(L, value))
            clean_table(L, c);
        if (lua_type(L, value) != LUA_TSTRING || is_own_field(L, name))
            continue;
        size_t n;
        const char *text = lua_tolstring(L, value, &n);
        lua_pushvalue(L, name);
        push_clean(L, c, text, n);
        lua_rawset(L, table);
    }
}

void dk_clean_error(lua_State *L, const dk_session *session, const dk_call *call)
{
    int error = lua_gettop(L);
    luaL_checkstack(L, 20, NULL);
    dk_cleaner c = dk_push_cleaner(L, session, call);
    lua_pushvalue(L, error);
    clean_table(L, &c);
    dk_end_cleaner(&c);
    lua_settop(L, error);
}

void dk_push_clean(lua_State *L, dk_buffer *secrets, const char *text)
{
    int top = lua_gettop(L);
    dk_buffer *copy = dk_newsecretbuffer(L);
    dk_cleaner c = {secrets, copy, dk_newsecretbuffer(L)};
    push_clean(L, &c, text, strlen(text));
    dk_buffer_free(c.text);
    dk_buffer_free(c.shown);
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
}

int dk_shown(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    dk_buffer *shown = dk_newbuffer(L);
    if (!dk_show_lines(shown, text, n))
        return dk_no_memory(L);
    dk_pushbuffer(L, shown);
    dk_buffer_free(shown);
    return 1;
}
