/* The client userdata: options in, calls out; see client.h. */
#include "client.h"
#include "arguments.h"
#include "call.h"
#include "error.h"

#include "core/site.h"

#include <stdlib.h>

typedef struct client_object {
    dk_session *session; /* shared with the views of this client */
    dk_limits limits;
} client_object;

static const char CLIENT[] = "ddokta.core.client";

static client_object *check_client(lua_State *L, int i)
{
    client_object *o = dk_checkself(L, i, CLIENT);
    if (!o->session)
        luaL_argerror(L, i, "the client is gone");
    return o;
}

static int client_gc(lua_State *L)
{
    client_object *o = lua_touserdata(L, 1);
    dk_session_release(o->session);
    o->session = NULL;
    return 0;
}

static int client_tostring(lua_State *L)
{
    client_object *o = check_client(L, 1);
    lua_pushfstring(L, "ddokta client of %s", dk_buffer_string(&o->session->base_url));
    return 1;
}

/* --- options ---------------------------------------------------------------------------------- */

/* A number option of the table at index 1, or what it was. Beyond a day's seconds is a day. */
static void read_time(lua_State *L, const char *name, dk_time *out)
{
    lua_getfield(L, 1, name);
    if (lua_isnumber(L, -1)) {
        double seconds = lua_tonumber(L, -1);
        if (!(seconds > 0))
            seconds = 0;
        *out = (dk_time)((seconds < 86400.0 * 365 ? seconds : 86400.0 * 365) * DK_SECOND);
    }
    lua_pop(L, 1);
}

static void read_limits(lua_State *L, dk_limits *limits)
{
    read_time(L, "timeout", &limits->timeout);
    read_time(L, "attempt_timeout", &limits->attempt_timeout);
    read_time(L, "connect_timeout", &limits->connect_timeout);
    lua_getfield(L, 1, "max_retries");
    if (lua_isnumber(L, -1))
        limits->max_retries = (int)lua_tointeger(L, -1);
    lua_getfield(L, 1, "max_response_bytes");
    if (lua_isnumber(L, -1))
        limits->max_response_bytes = (size_t)lua_tonumber(L, -1);
    lua_pop(L, 2);
}

/* A string option, NULL where it is not given; it stays on the stack as long as it is read. */
static const char *string_option(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

/* NULL for NULL. *failed: memory ran out. */
static char *copy(const char *text, bool *failed)
{
    char *copied = text ? strdup(text) : NULL;
    *failed |= text && !copied;
    return copied;
}

static dk_service read_service(lua_State *L)
{
    const char *name = string_option(L, "service");
    return name && strcmp(name, dk_service_names[DK_OKTA]) == 0 ? DK_OKTA : DK_DATADOG;
}

/* A session with its engine, NULL where memory ran out. All is read before anything is made: Lua
 * may raise at each look, and would leave that behind. */
static dk_session *new_session(lua_State *L)
{
    int top = lua_gettop(L);
    bool failed = false;
    dk_service service = read_service(L);
    lua_getfield(L, 1, "max_in_flight");
    unsigned most = (unsigned)lua_tointeger(L, -1);
    lua_getfield(L, 1, "max_api_capacity");
    double capacity = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : 100;
    const char *proxy = string_option(L, "proxy"), *ca_file = string_option(L, "ca_file");
    const char *cert = string_option(L, "client_cert"), *key = string_option(L, "client_key");
    const char *user_agent = string_option(L, "user_agent");
    dk_transport transport = {copy(proxy, &failed), copy(ca_file, &failed), copy(cert, &failed),
                              copy(key, &failed)};
    dk_engine *engine = dk_engine_new(transport, most ? most : 1, capacity);
    dk_session *session = engine && !failed ? dk_session_new(service, engine, user_agent) : NULL;
    if (!session)
        dk_engine_release(engine);
    lua_settop(L, top);
    return session;
}

/* Sets one key from the value at index i. Answers why it cannot be (a static string), or NULL. */
static const char *set_key(lua_State *L, dk_session *session, int key, int i)
{
    size_t n;
    const char *value = lua_tolstring(L, i, &n);
    const char *why = value ? dk_key_refusal(value, n) : "it is not a string";
    if (!why && !dk_session_set_key(session, (dk_key)key, value, n))
        why = "out of memory";
    return why;
}

/* The keys that the table at index 1 has as strings. */
static const char *read_keys(lua_State *L, dk_session *session, const char **name)
{
    for (int key = 0; key < DK_KEYS; key++) {
        lua_getfield(L, 1, dk_key_names[key]);
        if (lua_type(L, -1) == LUA_TSTRING) {
            const char *why = set_key(L, session, key, lua_gettop(L));
            if (why) {
                *name = dk_key_names[key];
                return why;
            }
        }
        lua_pop(L, 1);
    }
    return NULL;
}

int dk_client(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    client_object *o = dk_newobject(L, sizeof *o, CLIENT);
    o->session = new_session(L);
    if (!o->session)
        return luaL_error(L, "not enough memory");
    read_limits(L, &o->limits);
    lua_getfield(L, 1, "on_event");
    dk_engine_watch(o->session->engine, lua_toboolean(L, -1));
    lua_getfield(L, 1, "base_url");
    size_t n = 0;
    const char *url = lua_tolstring(L, -1, &n);
    const char *why = !url               ? "it is missing"
                      : strlen(url) != n ? "it holds a NUL"
                                         : dk_site_base_url(url, &o->session->base_url);
    if (why) /* what stands before an @ may be a password */
        return dk_fail(L, DK_CONFIG, NULL, "base_url \"%s\": %s",
                       !url || strchr(url, '@') ? "..." : url, why);
    const char *name = NULL;
    why = read_keys(L, o->session, &name);
    if (why)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be sent: %s", name, why);
    lua_pushvalue(L, 2);
    return 1;
}

/* client:with{timeout=...} -> another view of the same client */
static int client_with(lua_State *L)
{
    client_object *o = check_client(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    client_object *view = dk_newobject(L, sizeof *view, CLIENT);
    view->session = dk_session_share(o->session);
    view->limits = o->limits;
    lua_replace(L, 1); /* where the options are read from */
    lua_insert(L, 1);
    read_limits(L, &view->limits);
    lua_settop(L, 2);
    return 1;
}

/* client:set_key(name, value) -> true | nil, error: from the next call on */
static int client_set_key(lua_State *L)
{
    client_object *o = check_client(L, 1);
    int key = luaL_checkoption(L, 2, NULL, dk_key_names);
    const char *why = set_key(L, o->session, key, 3);
    if (why)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be sent: %s", dk_key_names[key], why);
    lua_pushboolean(L, 1);
    return 1;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Where client:submit's own arguments end and the operation's begin. */
#define FIRST_ARGUMENT 4

/* The call that is used: the one at index 2, or a new one; left on top of the stack. */
static dk_call *push_call(lua_State *L, dk_session *session)
{
    dk_call *call = dk_usedcall(L, 2, session);
    if (!call)
        return dk_newcall(L, session);
    lua_pushvalue(L, 2);
    return call;
}

/* client:submit(used call or nil, row, path parameters..., [body], [query])
 * -> call, its number (nil: it is done already) | nil, error */
static int client_submit(lua_State *L)
{
    client_object *o = check_client(L, 1);
    lua_Integer row = luaL_checkinteger(L, 3);
    luaL_argcheck(L, row >= 1 && (size_t)row <= dk_operations_count, 3, "no such operation");
    const dk_operation *operation = &dk_operations[row - 1];
    int failed, most = dk_arguments(operation);
    if (lua_gettop(L) > FIRST_ARGUMENT + most - 1)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "too many arguments: it takes %d", most);
    lua_settop(L, FIRST_ARGUMENT + most - 1);
    dk_call *call = push_call(L, o->session);
    int object = lua_gettop(L);
    call->limits = o->limits;
    failed = dk_request_from(L, FIRST_ARGUMENT, dk_buffer_string(&o->session->base_url), operation,
                             &call->request);
    if (failed) {
        dk_call_reset(o->session->engine, call);
        return failed;
    }
    call->request.headers = dk_session_headers(o->session, operation, call->request.content);
    if (!call->request.headers)
        return luaL_error(L, "not enough memory");
    const char *why;
    if (!dk_engine_submit(o->session->engine, call, &why)) {
        dk_call_reset(o->session->engine, call);
        return dk_fail(L, DK_CANCELLED, operation, "%s", why);
    }
    lua_pushvalue(L, object);
    if (call->state == DK_DONE)
        return 1;
    dk_pushwhole(L, call->id);
    return 2;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static dk_time time_argument(lua_State *L, int i)
{
    double seconds = luaL_optnumber(L, i, 86400);
    return seconds > 0 ? (dk_time)((seconds < 86400 ? seconds : 86400) * DK_SECOND) : 0;
}

/* client:step([seconds]): waits as long at most, does what can be done -> calls not yet done */
static int client_step(lua_State *L)
{
    client_object *o = check_client(L, 1);
    dk_engine_step(o->session->engine, time_argument(L, 2));
    dk_pushwhole(L, (double)dk_engine_pending(o->session->engine));
    return 1;
}

/* client:pending() -> calls not yet done */
static int client_pending(lua_State *L)
{
    dk_pushwhole(L, (double)dk_engine_pending(check_client(L, 1)->session->engine));
    return 1;
}

/* client:timeout() -> seconds until the next step is due whatever the sockets do; nil: never */
static int client_timeout(lua_State *L)
{
    dk_time wait = dk_engine_timeout(check_client(L, 1)->session->engine);
    if (wait == DK_NEVER)
        lua_pushnil(L);
    else
        lua_pushnumber(L, (double)wait / DK_SECOND);
    return 1;
}

/* client:pollfds() -> {{fd = 7, events = "r", serial = 1}, ...}; events: "r", "w" or "rw"; a closed
 * socket whose fd comes again has another serial */
static int client_pollfds(lua_State *L)
{
    size_t n;
    const double *serials;
    const dk_engine *e = check_client(L, 1)->session->engine;
    const struct pollfd *sockets = dk_engine_sockets(e, &serials, &n);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        bool in = sockets[i].events & POLLIN, out = sockets[i].events & POLLOUT;
        lua_createtable(L, 0, 3);
        dk_pushwhole(L, sockets[i].fd);
        lua_setfield(L, -2, "fd");
        dk_pushwhole(L, serials[i]);
        lua_setfield(L, -2, "serial");
        dk_setstring(L, "events", in && out ? "rw" : out ? "w" : "r");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* client:finished() -> the id of a call that became done and was not yet told; nil: none */
static int client_finished(lua_State *L)
{
    dk_call *call = dk_engine_finished(check_client(L, 1)->session->engine);
    if (!call)
        return 0;
    dk_pushwhole(L, call->id);
    return 1;
}

/* client:event() -> the oldest event not yet told, a table without any secret; nil: none */
static int client_event(lua_State *L)
{
    static const char *const types[] = {"attempt", "answer", "wait", "limit"};
    dk_event event;
    if (!dk_engine_event(check_client(L, 1)->session->engine, &event))
        return 0;
    lua_createtable(L, 0, 8);
    dk_setstring(L, "type", types[event.type]);
    dk_setstring(L, "operation", event.operation->name);
    dk_setstring(L, "method", event.operation->method);
    dk_pushwhole(L, event.call);
    lua_setfield(L, -2, "call");
    dk_pushwhole(L, event.attempt);
    lua_setfield(L, -2, "attempt");
    if (event.type != DK_EVENT_ATTEMPT) {
        lua_pushnumber(L, event.seconds);
        lua_setfield(L, -2, "seconds");
    }
    if (event.type == DK_EVENT_ANSWER || event.type == DK_EVENT_WAIT) {
        dk_setstring(L, "kind", dk_kind_names[event.kind]);
        if (event.status) {
            dk_pushwhole(L, (double)event.status);
            lua_setfield(L, -2, "status");
        }
    }
    if (event.limit[0])
        dk_setstring(L, "limit", event.limit);
    return 1;
}

/* What is known of one rate limit. */
static void push_limit(lua_State *L, const dk_lane *lane, dk_time now)
{
    const dk_bucket *b = &lane->bucket;
    lua_createtable(L, 0, 6);
    dk_setstring(L, lane->name ? "name" : "operation",
                 lane->name ? lane->name : lane->operation->name);
    dk_setwhole(L, "in_flight", b->in_flight);
    if (b->limit >= 0)
        dk_setwhole(L, "limit", b->limit);
    if (b->period >= 0)
        dk_setwhole(L, "period", b->period);
    if (b->remaining >= 0 && b->resets > now) {
        dk_setwhole(L, "remaining", b->remaining);
        dk_setnumber(L, "reset", (double)(b->resets - now) / DK_SECOND);
    }
}

/* client:stats() -> {calls, attempts, retries, waited, bytes_sent, bytes_received, connections,
 * http = {["1.1"], ["2"], ["3"]}, in_flight, limits = {...}}: since the client was made */
static int client_stats(lua_State *L)
{
    dk_engine *e = check_client(L, 1)->session->engine;
    const dk_stats *stats = dk_engine_stats(e);
    const dk_queue *queue = dk_engine_queue(e);
    dk_time now = dk_clock_now();
    lua_createtable(L, 0, 10);
    dk_setwhole(L, "calls", stats->calls);
    dk_setwhole(L, "attempts", stats->attempts);
    dk_setwhole(L, "retries", stats->retries);
    dk_setnumber(L, "waited", stats->waited);
    dk_setwhole(L, "bytes_sent", stats->bytes_sent);
    dk_setwhole(L, "bytes_received", stats->bytes_received);
    dk_setwhole(L, "connections", stats->connections);
    dk_setwhole(L, "in_flight", (double)dk_engine_pending(e));
    lua_createtable(L, 0, 3);
    dk_setwhole(L, "1.1", stats->http_1);
    dk_setwhole(L, "2", stats->http_2);
    dk_setwhole(L, "3", stats->http_3);
    lua_setfield(L, -2, "http");
    lua_newtable(L);
    int n = 0;
    for (size_t i = 0; i < queue->count; i++) {
        if (queue->lanes[i]->merged)
            continue;
        push_limit(L, queue->lanes[i], now);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "limits");
    return 1;
}

/* client:close(): ends what is in flight as cancelled; also for its views */
static int client_close(lua_State *L)
{
    dk_engine_close(check_client(L, 1)->session->engine);
    return 0;
}

int dk_clients_wait(lua_State *L)
{
    dk_time most = time_argument(L, 1);
    int n = lua_gettop(L) - 1;
    if (n < 1)
        return 0;
    dk_engine **engines = lua_newuserdata(L, (size_t)n * sizeof *engines);
    for (int i = 0; i < n; i++)
        engines[i] = check_client(L, 2 + i)->session->engine;
    dk_engines_wait(engines, (size_t)n, most);
    return 0;
}

void dk_open_client(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"submit", client_submit},   {"with", client_with},         {"set_key", client_set_key},
        {"step", client_step},       {"pending", client_pending},   {"timeout", client_timeout},
        {"pollfds", client_pollfds}, {"finished", client_finished}, {"event", client_event},
        {"stats", client_stats},     {"close", client_close},       {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", client_gc}, {"__tostring", client_tostring}, {NULL, NULL}};
    dk_newtype(L, CLIENT, methods, metamethods);
}
