/* One call in flight; see call.h. */
#include "call.h"
#include "answer.h"
#include "call_error.h"
#include "json.h"
#include "object.h"
#include "response.h"

typedef struct call_object {
    dk_object self;
    dk_session *session;
    dk_call *call;
} call_object;

/* Busy: its request is being written, or its result made. */
static const dk_type CALL = {"ddokta.call", "this call is over", "the result was already fetched"};
/* One that can be used again: its result was fetched. */
static bool is_used(const call_object *o, const dk_session *session)
{
    return o && o->self.lives && !o->self.busy && o->session == session && o->call->state == DK_NEW;
}

dk_call *dk_begincall(lua_State *L, int index, dk_session *session)
{
    call_object *o = dk_testudata(L, index, &CALL);
    if (is_used(o, session)) {
        lua_pushvalue(L, index);
    } else {
        o = dk_newobject(L, sizeof *o, &CALL);
        o->call = dk_call_new();
        if (!o->call)
            dk_no_memory(L);
        o->session = dk_session_share(session);
        o->self.lives = true;
    }
    o->self.busy = true;
    return o->call;
}

void dk_begancall(lua_State *L, int index)
{
    call_object *o = lua_touserdata(L, index);
    o->self.busy = false;
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

/* call:cancel(): its result is then an error of kind "cancelled", unless it was done before */
static int call_cancel(lua_State *L)
{
    call_object *o = dk_self(L, 1, &CALL);
    if (o)
        dk_engine_cancel(o->session->engine, o->call);
    return 0;
}

/* call:withdraw(): the same, unless it has left the machine: then its result is what comes of that,
 * and it is not tried again. */
static int call_withdraw(lua_State *L)
{
    call_object *o = dk_self(L, 1, &CALL);
    if (o)
        dk_engine_withdraw(o->session->engine, o->call);
    return 0;
}

/* --- results ---------------------------------------------------------------------------------- */

/* May a success have no body? Where the row says so, in any status; the content type is not looked
 * at, for a 204 may claim to be HTML. A SCIM server may answer any PATCH with 204 (RFC 7644,
 * 3.5.2). */
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

/* Why a 2xx answer cannot be one to this operation; NULL: it can. Gateways and mocks answer 202 or
 * 204 to everything: that must not pass for a list, or for a change that was made. */
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
    dk_push_response_body(L, response);
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
    dk_push_response(L, o->call);
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
    if (o->call->state != DK_DONE)
        return luaL_error(L, o->call->state == DK_NEW ? CALL.busy : "the call is not done");
    o->self.busy = true; /* to a finalizer that asks for it meanwhile it was fetched */
    lua_settop(L, 1);
    int n = o->call->kind == DK_OK ? push_success(L, o) : dk_fail_call(L, o->session, o->call);
    dk_engine_reset_call(o->session->engine, o->call);
    o->self.busy = false;
    return n;
}

void dk_open_call(lua_State *L)
{
    static const luaL_Reg methods[] = {{"done", call_done},
                                       {"cancel", call_cancel},
                                       {"withdraw", call_withdraw},
                                       {"result", call_result},
                                       {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", call_gc}, {"__tostring", call_tostring}, {NULL, NULL}};
    dk_newtype(L, &CALL, methods, metamethods);
}
