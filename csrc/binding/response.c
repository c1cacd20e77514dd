/* Responses; see response.h. */
#include "response.h"
#include "buffer.h"
#include "call_error.h"
#include "json.h"

#include "base/ascii.h"

static const char response_key = 0; /* the metatable of responses */

/* Where a response keeps what its fields are made of when they are asked for: two strings, the body
 * and the headers with these numbers behind them. */
static const char head_key = 0, body_key = 0;

typedef struct response_numbers {
    int status, attempts;
    double seconds;
} response_numbers;

static void set_private(lua_State *L, const void *key, const dk_buffer *text)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    dk_pushbuffer(L, text);
    lua_rawset(L, -3);
}

/* Sets `warnings`, a list of sentences: what was sent without a field that may be needed. */
static void set_warnings(lua_State *L, const dk_request *request)
{
    const dk_operation *operation = request->operation;
    const char *list = operation->wanted;
    size_t n;
    int count = 0;
    lua_newtable(L);
    for (unsigned bits = request->lacks; bits; bits >>= 1) {
        const char *word = dk_words_next(&list, &n);
        if (!(bits & 1))
            continue;
        lua_pushlstring(L, word, n);
        lua_pushfstring(L, "sent without %s, which the service may need: %s", lua_tostring(L, -1),
                        operation->doc);
        lua_remove(L, -2);
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, "warnings");
}

void dk_push_response(lua_State *L, dk_call *call)
{
    response_numbers numbers = {(int)call->status, call->attempts,
                                (double)(call->ended - call->started) / DK_SECOND};
    size_t length = call->head.length;
    if (!dk_buffer_add(&call->head, &numbers, sizeof numbers))
        dk_no_memory(L);
    lua_createtable(L, 0, 4); /* its two, and what the page of a list has */
    dk_pushregistry(L, &response_key);
    lua_setmetatable(L, -2);
    set_private(L, &head_key, &call->head);
    set_private(L, &body_key, &call->body);
    call->head.length = length;
    if (call->request.lacks)
        set_warnings(L, &call->request);
}

/* Pushes what the response on index 1 keeps under the key. */
static dk_text private_text(lua_State *L, const void *key)
{
    dk_text text = {"", 0};
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_rawget(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    return text;
}

/* Takes the numbers off the text that the response on index 1 keeps its headers in. */
static dk_text private_head(lua_State *L, response_numbers *numbers)
{
    dk_text head = private_text(L, &head_key);
    *numbers = (response_numbers){0, 0, 0};
    if (head.length < sizeof *numbers)
        return (dk_text){"", 0};
    head.length -= sizeof *numbers;
    memcpy(numbers, head.data + head.length, sizeof *numbers);
    return head;
}

/* Lower-case names; values of a name that comes again are joined by ", " (RFC 9110, 5.2). */
static void push_headers(lua_State *L, dk_text head)
{
    dk_text name, value;
    const char *cursor = head.data, *end = head.data + head.length;
    lua_newtable(L);
    int headers = lua_gettop(L);
    while (dk_header_next(&cursor, end, &name, &value)) {
        luaL_Buffer b;
        luaL_buffinit(L, &b);
        for (size_t i = 0; i < name.length; i++)
            luaL_addchar(&b, dk_ascii_lower(name.data[i]));
        luaL_pushresult(&b);
        lua_pushvalue(L, -1);
        lua_rawget(L, headers);
        bool again = !lua_isnil(L, -1);
        if (again)
            lua_pushliteral(L, ", ");
        lua_pushlstring(L, value.data, value.length);
        if (again)
            lua_concat(L, 3);
        else
            lua_remove(L, -2);
        lua_rawset(L, headers);
    }
}

static void push_body(lua_State *L)
{
    dk_text body = private_text(L, &body_key);
    if (!body.length || !dk_json_decode(L, lua_gettop(L)))
        lua_pushnil(L);
}

/* response.status, .headers, .body ...: made at the first look, then kept */
static int response_index(lua_State *L)
{
    response_numbers numbers;
    luaL_checktype(L, 1, LUA_TTABLE);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    lua_settop(L, 2);
    dk_text head = private_head(L, &numbers);
    if (strcmp(name, "status") == 0) {
        dk_pushwhole(L, numbers.status);
    } else if (strcmp(name, "attempts") == 0) {
        dk_pushwhole(L, numbers.attempts);
    } else if (strcmp(name, "seconds") == 0) {
        lua_pushnumber(L, numbers.seconds);
    } else if (strcmp(name, "headers") == 0) {
        push_headers(L, head);
    } else if (strcmp(name, "body") == 0) {
        push_body(L);
    } else if (strcmp(name, "rate_limit") == 0) {
        lua_newtable(L);
        dk_set_rate_limit(L, head);
        lua_getfield(L, -1, "rate_limit");
    } else {
        return 0;
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

void dk_push_response_body(lua_State *L, int response)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)&body_key);
    lua_rawget(L, response);
}

void dk_open_response(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, response_index);
    lua_setfield(L, -2, "__index");
    dk_setstring(L, "__name", "ddokta.response");
    dk_setregistry(L, &response_key);
}
