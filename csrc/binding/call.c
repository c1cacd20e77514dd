/* One call in flight; see call.h. */
#include "call.h"
#include "answer.h"
#include "error.h"
#include "json.h"
#include "object.h"

#include "base/ascii.h"

typedef struct call_object {
    dk_object self;
    bool busy; /* its request is being written, or its result made: it is nobody else's then */
    dk_session *session;
    dk_call *call;
} call_object;

static const dk_type CALL = {"ddokta.call", "this call is over"};
static const char response_key = 0; /* the metatable of responses */

/* Where a response keeps what its fields are made of when they are asked for: two strings, the body
 * and the headers with these numbers behind them. */
static const char head_key = 0, body_key = 0;

typedef struct response_numbers {
    int status, attempts;
    double seconds;
} response_numbers;

/* One that can be used again: its result was fetched. */
static bool is_used(const call_object *o, const dk_session *session)
{
    return o && o->self.lives && !o->busy && o->session == session && o->call->state == DK_NEW;
}

dk_call *dk_begincall(lua_State *L, int i, dk_session *session)
{
    call_object *o = dk_testudata(L, i, &CALL);
    if (is_used(o, session)) {
        lua_pushvalue(L, i);
    } else {
        o = dk_newobject(L, sizeof *o, &CALL);
        o->call = dk_call_new();
        if (!o->call)
            luaL_error(L, "not enough memory");
        o->session = dk_session_share(session);
        o->self.lives = true;
    }
    o->busy = true;
    return o->call;
}

void dk_begancall(lua_State *L, int i)
{
    call_object *o = lua_touserdata(L, i);
    o->busy = false;
}

static int call_gc(lua_State *L)
{
    call_object *o = dk_endself(L, &CALL);
    if (!o)
        return 0;
    dk_engine_free_call(o->session->engine, o->call);
    dk_session_release(o->session);
    o->call = NULL;
    o->session = NULL;
    return 0;
}

static int call_tostring(lua_State *L)
{
    const call_object *o = dk_self(L, 1, &CALL);
    bool over = !o || o->call->state == DK_NEW;
    lua_pushfstring(L, "ddokta call %s", over ? "(over)" : o->call->request.operation->name);
    return 1;
}

/* call:done() -> true when result() has one, or had; nil: the collector has ended the call */
static int call_done(lua_State *L)
{
    const call_object *o = dk_self(L, 1, &CALL);
    if (o)
        lua_pushboolean(L, o->call->state == DK_DONE || o->call->state == DK_NEW);
    else
        lua_pushnil(L);
    return 1;
}

/* call:sent() -> was it given to the network, once or more? */
static int call_sent(lua_State *L)
{
    const call_object *o = dk_self(L, 1, &CALL);
    if (o)
        lua_pushboolean(L, o->call->attempts > 0);
    else
        lua_pushnil(L);
    return 1;
}

/* call:cancel(): its result is then an error of kind "cancelled", unless it was done before */
static int call_cancel(lua_State *L)
{
    call_object *o = dk_self(L, 1, &CALL);
    if (o)
        dk_engine_cancel(o->session->engine, o->call);
    return 0;
}

/* --- results ---------------------------------------------------------------------------------- */

static void set_private(lua_State *L, const void *key, const dk_buffer *text)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_pushlstring(L, text->data ? text->data : "", text->length);
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

/* Pushes the response. Most of it is seldom asked for, and made when it is: see response_index. */
static void push_response(lua_State *L, dk_call *call)
{
    response_numbers numbers = {(int)call->status, call->attempts,
                                (double)(call->ended - call->started) / DK_SECOND};
    size_t length = call->head.length;
    if (!dk_buffer_add(&call->head, &numbers, sizeof numbers))
        luaL_error(L, "not enough memory");
    lua_createtable(L, 0, 4); /* its two, and what the page of a list has */
    dk_pushregistry(L, &response_key);
    lua_setmetatable(L, -2);
    set_private(L, &head_key, &call->head);
    set_private(L, &body_key, &call->body);
    call->head.length = length;
    if (call->request.lacks)
        set_warnings(L, &call->request);
}

/* Does the row say that a success may say nothing? Then it may in any status; a 204 may claim to be
 * HTML, there is none to look at. Of SCIM any server may answer a PATCH with 204 (RFC 7644, 3.5.2).
 */
static bool may_be_empty(const dk_operation *operation, long status)
{
    return operation->empty || dk_words_have(operation->success, "204", 3) ||
           (operation->shape == DK_SCIM_PATCH && status == 204);
}

/* "Accepted, not done" and "begin anew" are answers where the row says so. */
static bool may_have_status(const dk_operation *operation, long status)
{
    if (status != 202 && status != 205)
        return true;
    return dk_words_have(operation->success, status == 202 ? "202" : "205", 3);
}

/* Why a 2xx answer is not one to this operation; NULL: it may be. Gateways and mocks say 202 or 204
 * to whatever is asked: that must not pass for a list, nor for a change that was made. */
static const char *not_an_answer(const dk_call *call)
{
    const dk_operation *operation = call->request.operation;
    if (operation->empty)
        return NULL;
    if (!may_have_status(operation, call->status))
        return "this operation is not answered so";
    return call->body.length == 0 && !may_be_empty(operation, call->status) ? "it is empty" : NULL;
}

/* Pushes true, or the resource; else a reason, and answers false. The response is at `response`. */
static bool push_resource(lua_State *L, const call_object *o, int response)
{
    const dk_call *call = o->call;
    const char *why = not_an_answer(call);
    if (why) {
        lua_pushstring(L, why);
        return false;
    }
    if (call->body.length == 0 || call->request.operation->empty) {
        lua_pushboolean(L, 1);
        return true;
    }
    lua_pushlightuserdata(L, (void *)(uintptr_t)&body_key);
    lua_rawget(L, response);
    if (!dk_json_decode(L, lua_gettop(L)))
        return false;
    if (!lua_istable(L, -1)) {
        lua_pushliteral(L, "it is neither an object nor an array");
        return false;
    }
    return dk_answer(L, call, dk_buffer_string(&o->session->base_url), response);
}

static int push_success(lua_State *L, call_object *o)
{
    push_response(L, o->call);
    int response = lua_gettop(L);
    if (!push_resource(L, o, response))
        return dk_fail_answer(L, o->session, o->call);
    lua_pushvalue(L, response);
    return 2;
}

/* call:result() -> resource, response | nil, error; once, when it is done. Then the object may be
 * given to client:submit for another call. */
static int call_result(lua_State *L)
{
    call_object *o = dk_checkself(L, 1, &CALL);
    if (o->busy || o->call->state != DK_DONE)
        return luaL_error(L, o->busy || o->call->state == DK_NEW ? "the result was already fetched"
                                                                 : "the call is not done");
    o->busy = true; /* to a finalizer that asks for it meanwhile it was fetched */
    lua_settop(L, 1);
    int n = o->call->kind == DK_OK ? push_success(L, o) : dk_fail_call(L, o->session, o->call);
    dk_engine_reset_call(o->session->engine, o->call);
    o->busy = false;
    return n;
}

/* --- responses -------------------------------------------------------------------------------- */

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

void dk_open_call(lua_State *L)
{
    static const luaL_Reg methods[] = {{"done", call_done},
                                       {"sent", call_sent},
                                       {"cancel", call_cancel},
                                       {"result", call_result},
                                       {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", call_gc}, {"__tostring", call_tostring}, {NULL, NULL}};
    dk_newtype(L, &CALL, methods, metamethods);
    lua_newtable(L);
    lua_pushcfunction(L, response_index);
    lua_setfield(L, -2, "__index");
    dk_setstring(L, "__name", "ddokta.response");
    dk_setregistry(L, &response_key);
}
