/* The client: calls in, results out, and what a loop must know to wait for them; see client.h. */
#include "client.h"
#include "arguments.h"
#include "buffer.h"
#include "call.h"
#include "clean.h"
#include "client_options.h"
#include "error.h"
#include "object.h"

#include <stdlib.h>

typedef struct client_object {
    dk_object self;
    dk_session *session; /* shared with the views of this client */
    dk_call_options options;
    bool lenient; /* fields that a row does not know are passed on */
} client_object;

static const dk_type CLIENT = {"ddokta.core.client", "the client is gone", NULL};

/* The engine of the client at index 1. */
static dk_engine *check_engine(lua_State *L)
{
    const client_object *o = dk_checkself(L, 1, &CLIENT);
    return o->session->engine;
}

/* When the last view of a client goes, its calls are cancelled: nothing could step them now. */
static int client_gc(lua_State *L)
{
    client_object *o = dk_endself(L, &CLIENT);
    if (!o)
        return 0;
    if (--o->session->clients == 0)
        dk_session_close(o->session);
    dk_session_release(o->session);
    o->session = NULL;
    return 0;
}

/* Pushes the URL that the session's calls begin with. */
static void push_base_url(lua_State *L, const dk_session *session, dk_buffer *copy)
{
    if (!dk_buffer_add(copy, session->base_url.data, session->base_url.length))
        dk_no_memory(L);
    dk_pushbuffer(L, copy);
}

/* client:address() -> where it calls, such as "https://api.datadoghq.com" */
static int client_address(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L);
    const client_object *o = dk_checkself(L, 1, &CLIENT);
    push_base_url(L, o->session, copy);
    return 1;
}

static int client_tostring(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L);
    lua_pushliteral(L, "ddokta client of ");
    const client_object *o = dk_self(L, 1, &CLIENT);
    if (!o) {
        lua_pushliteral(L, "ddokta client (gone)");
        return 1;
    }
    push_base_url(L, o->session, copy);
    lua_concat(L, 2);
    return 1;
}

static int refuse_base_url(lua_State *L, dk_session *session, const char *name, const char *why)
{
    const char *meant = session->base_url.length ? dk_buffer_string(&session->base_url) : NULL;
    if (!meant)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be used: %s", name, why);
    return dk_fail(L, DK_CONFIG, NULL, "%s cannot be used: %s (%s)", name, why, meant);
}

int dk_client(lua_State *L)
{
    const char *name = NULL;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    client_object *o = dk_newobject(L, sizeof *o, &CLIENT);
    const char *why = dk_refused_option(L, &name);
    if (why)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be used: %s", name, why);
    o->session = dk_session_from_options(L);
    if (!o->session)
        return dk_no_memory(L);
    o->self.lives = true;
    o->session->clients = 1;
    dk_read_call_options(L, &o->options);
    dk_read_strictness(L, &o->lenient);
    lua_getfield(L, 1, "on_event");
    dk_engine_watch(o->session->engine, lua_toboolean(L, -1));
    why = dk_read_base_url(L, o->session, &name);
    if (why)
        return refuse_base_url(L, o->session, name, why);
    why = dk_read_keys(L, o->session, &name);
    if (why)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be sent: %s", name, why);
    lua_pushvalue(L, 2);
    return 1;
}

/* client:with{timeout=...} -> another view of the same client */
static int client_with(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    client_object *view = dk_newobject(L, sizeof *view, &CLIENT);
    client_object *o = dk_checkself(L, 1, &CLIENT);
    view->session = dk_session_share(o->session);
    view->session->clients++;
    view->options = o->options;
    view->self.lives = true;
    view->lenient = o->lenient;
    lua_replace(L, 1); /* where the options are read from */
    lua_insert(L, 1);
    dk_read_call_options(L, &view->options);
    dk_read_strictness(L, &view->lenient);
    lua_settop(L, 2);
    return 1;
}

/* client:set_key(name, value) -> true | nil, error: from the next call on */
static int client_set_key(lua_State *L)
{
    int key = luaL_checkoption(L, 2, NULL, dk_key_names);
    lua_tostring(L, 3); /* a number becomes text before the client is looked at */
    client_object *o = dk_checkself(L, 1, &CLIENT);
    const char *why = dk_set_key(L, o->session, key, 3);
    if (why)
        return dk_fail(L, DK_CONFIG, NULL, "%s cannot be sent: %s", dk_key_names[key], why);
    lua_pushboolean(L, 1);
    return 1;
}

/* --- calls ------------------------------------------------------------------------------------ */

/* Where client:submit's own arguments end and the operation's begin. */
#define FIRST_ARGUMENT 4

/* client:submit(used call or nil, row, path parameters..., [body], [query])
 * -> call, its number (nil: it is done already) | nil, error | nil, the name of a field of the body
 * that the row does not know */
static int client_submit(lua_State *L)
{
    lua_Integer row = luaL_checkinteger(L, 3);
    luaL_argcheck(L, row >= 1 && (size_t)row <= dk_operations_count, 3, "no such operation");
    const dk_operation *operation = &dk_operations[row - 1];
    int failed, most = dk_arguments(operation);
    if (lua_gettop(L) > FIRST_ARGUMENT + most - 1)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "too many arguments: it takes %d", most);
    lua_settop(L, FIRST_ARGUMENT + most - 1);
    dk_settle_query(L, FIRST_ARGUMENT + most - 1);
    client_object *o = dk_checkself(L, 1, &CLIENT);
    dk_session *session = o->session; /* the call shares it */
    dk_call_options options = o->options;
    bool strict = !o->lenient;
    dk_call *call = dk_begincall(L, 2, session);
    int object = lua_gettop(L);
    call->options = options;
    failed = dk_request_from(L, FIRST_ARGUMENT, dk_buffer_string(&session->base_url), strict,
                             operation, &call->request);
    if (failed) {
        dk_engine_reset_call(session->engine, call);
        dk_begancall(L, object);
        return failed;
    }
    if (call->request.url.length > DK_MOST_URL_BYTES) {
        int length = (int)call->request.url.length;
        dk_engine_reset_call(session->engine, call);
        dk_begancall(L, object);
        return dk_fail(L, DK_INVALID_REQUEST, operation,
                       "the URL would be %d bytes long, of which no more than %d can be sent",
                       length, DK_MOST_URL_BYTES);
    }
    call->request.headers = dk_session_headers(session, operation, call->request.content);
    if (!call->request.headers)
        return dk_no_memory(L);
    const char *why;
    bool submitted = dk_engine_submit(session->engine, call, &why);
    dk_begancall(L, object);
    if (!submitted) {
        dk_engine_reset_call(session->engine, call);
        return dk_fail(L, DK_CANCELLED, operation, "%s", why);
    }
    lua_pushvalue(L, object);
    if (call->state == DK_DONE)
        return 1;
    dk_pushwhole(L, call->id);
    return 2;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static dk_time time_argument(lua_State *L, int index)
{
    double seconds = luaL_optnumber(L, index, 86400);
    return seconds > 0 ? (dk_time)((seconds < 86400 ? seconds : 86400) * DK_SECOND) : 0;
}

/* client:step([seconds]): waits as long at most, does what can be done -> calls not yet done */
static int client_step(lua_State *L)
{
    dk_time most = time_argument(L, 2);
    dk_engine *e = check_engine(L);
    dk_engine_step(e, most);
    dk_pushwhole(L, (double)dk_engine_pending(e));
    return 1;
}

/* client:pending() -> calls not yet done */
static int client_pending(lua_State *L)
{
    dk_pushwhole(L, (double)dk_engine_pending(check_engine(L)));
    return 1;
}

/* client:timeout() -> seconds until the next step is due whatever the sockets do; nil: never */
static int client_timeout(lua_State *L)
{
    dk_time wait = dk_engine_timeout(check_engine(L));
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
    lua_newtable(L);
    for (size_t i = 0;; i++) {
        size_t n;
        const double *serials;
        const struct pollfd *sockets = dk_engine_sockets(check_engine(L), &serials, &n);
        if (i >= n)
            return 1;
        double serial = serials[i];
        int fd = sockets[i].fd;
        bool in = sockets[i].events & POLLIN, out = sockets[i].events & POLLOUT;
        lua_createtable(L, 0, 3);
        dk_setwhole(L, "fd", fd);
        dk_setwhole(L, "serial", serial);
        dk_setstring(L, "events", in && out ? "rw" : out ? "w" : "r");
        lua_rawseti(L, -2, (int)i + 1);
    }
}

/* client:pollset() -> one descriptor that is readable when one of the sockets is ready, the
 * client's own until it is closed; nil: this system has none, or the client is closed */
static int client_pollset(lua_State *L)
{
    int fd = dk_engine_pollset(check_engine(L));
    if (fd < 0)
        return 0;
    dk_pushwhole(L, fd);
    return 1;
}

/* client:finished() -> the id of a call that became done and was not yet told; nil: none */
static int client_finished(lua_State *L)
{
    dk_call *call = dk_engine_finished(check_engine(L));
    if (!call)
        return 0;
    dk_pushwhole(L, call->id);
    return 1;
}

/* Pushes the keys of the client at index 1, as a list of secrets. */
static dk_buffer *push_secrets(lua_State *L)
{
    dk_buffer *secrets = dk_newsecretbuffer(L);
    const client_object *o = dk_checkself(L, 1, &CLIENT);
    dk_session_secrets(o->session, secrets);
    return secrets;
}

/* client:event() -> the oldest event not yet told, a table without any secret; nil: none */
static int client_event(lua_State *L)
{
    static const char *const types[] = {"attempt", "answer", "wait", "limit"};
    dk_event event;
    lua_settop(L, 1);
    if (!dk_engine_event(check_engine(L), &event))
        return 0;
    lua_createtable(L, 0, 8);
    dk_setstring(L, "type", types[event.type]);
    dk_setstring(L, "operation", event.operation->name);
    dk_setstring(L, "method", event.operation->method);
    dk_setwhole(L, "call", event.call);
    dk_setwhole(L, "attempt", event.attempt);
    if (event.type != DK_EVENT_ATTEMPT)
        dk_setnumber(L, "seconds", event.seconds);
    if (event.type == DK_EVENT_ANSWER || event.type == DK_EVENT_WAIT) {
        dk_setstring(L, "kind", dk_kind_names[event.kind]);
        if (event.status)
            dk_setwhole(L, "status", (double)event.status);
    }
    if (event.limit[0]) {
        dk_buffer *secrets = push_secrets(L);
        dk_push_clean(L, secrets, event.limit);
        lua_setfield(L, 2, "limit");
        dk_buffer_free(secrets);
    }
    lua_settop(L, 2);
    return 1;
}

/* What is known of one rate limit. */
static void push_limit(lua_State *L, const dk_lane *lane, dk_buffer *copy, dk_buffer *secrets,
                       dk_time now)
{
    const dk_bucket b = lane->bucket;
    const char *what = lane->name ? "name" : "operation";
    dk_buffer_clear(copy);
    dk_buffer_adds(copy, lane->name ? lane->name : lane->operation->name);
    const char *name = dk_buffer_string(copy);
    if (!name)
        dk_no_memory(L);
    lua_createtable(L, 0, 6);
    dk_push_clean(L, secrets, name);
    lua_setfield(L, -2, what);
    dk_setwhole(L, "in_flight", b.in_flight);
    if (b.limit >= 0)
        dk_setwhole(L, "limit", b.limit);
    if (b.period >= 0)
        dk_setwhole(L, "period", b.period);
    if (b.remaining >= 0 && b.resets > now) {
        dk_setwhole(L, "remaining", b.remaining);
        dk_setnumber(L, "reset", (double)(b.resets - now) / DK_SECOND);
    }
}

/* client:stats() -> {calls, attempts, retries, waited, bytes_sent, bytes_received, connections,
 * http = {["1.1"], ["2"], ["3"]}, in_flight, limits = {...}}: since the client was made */
static int client_stats(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L);
    dk_buffer *secrets = push_secrets(L);
    const dk_stats stats = *dk_engine_stats(check_engine(L));
    double in_flight = (double)dk_engine_pending(check_engine(L));
    dk_time now = dk_clock_now();
    lua_createtable(L, 0, 10);
    dk_setwhole(L, "calls", stats.calls);
    dk_setwhole(L, "attempts", stats.attempts);
    dk_setwhole(L, "retries", stats.retries);
    dk_setnumber(L, "waited", stats.waited);
    dk_setwhole(L, "bytes_sent", stats.bytes_sent);
    dk_setwhole(L, "bytes_received", stats.bytes_received);
    dk_setwhole(L, "connections", stats.connections);
    dk_setwhole(L, "in_flight", in_flight);
    lua_createtable(L, 0, 3);
    dk_setwhole(L, "1.1", stats.http_1);
    dk_setwhole(L, "2", stats.http_2);
    dk_setwhole(L, "3", stats.http_3);
    lua_setfield(L, -2, "http");
    lua_newtable(L);
    int n = 0;
    for (size_t i = 0;; i++) {
        const dk_queue *queue = dk_engine_queue(check_engine(L));
        if (i >= queue->count)
            break;
        if (queue->lanes[i]->merged)
            continue;
        push_limit(L, queue->lanes[i], copy, secrets, now);
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "limits");
    dk_buffer_free(secrets);
    return 1;
}

/* client:close(): ends what is in flight as cancelled; also for its views */
static int client_close(lua_State *L)
{
    client_object *o = dk_self(L, 1, &CLIENT);
    if (o)
        dk_session_close(o->session);
    return 0;
}

int dk_clients_wait(lua_State *L)
{
    dk_time most = time_argument(L, 1);
    int n = lua_gettop(L) - 1;
    if (n < 1)
        return 0;
    dk_engine **engines = lua_newuserdata(L, (size_t)n * sizeof *engines);
    for (int i = 0; i < n; i++) {
        const client_object *o = dk_checkself(L, 2 + i, &CLIENT);
        engines[i] = o->session->engine;
    }
    dk_engines_wait(engines, (size_t)n, most);
    return 0;
}

void dk_open_client(lua_State *L)
{
    static const luaL_Reg methods[] = {{"submit", client_submit},   {"with", client_with},
                                       {"set_key", client_set_key}, {"address", client_address},
                                       {"step", client_step},       {"pending", client_pending},
                                       {"timeout", client_timeout}, {"pollfds", client_pollfds},
                                       {"pollset", client_pollset}, {"finished", client_finished},
                                       {"event", client_event},     {"stats", client_stats},
                                       {"close", client_close},     {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__gc", client_gc},
                                           {"__close", client_close},
                                           {"__tostring", client_tostring},
                                           {NULL, NULL}};
    dk_newtype(L, &CLIENT, methods, metamethods);
}
