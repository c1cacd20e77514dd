/* Options read; see client_options.h. */
#include "client_options.h"

#include "base/ascii.h"
#include "http/proxy.h"
#include "http/site.h"

#include <stdio.h>
#include <stdlib.h>

/* The number options and their limits, as ddokta.options has them: nothing may wrap here. */
#define MAX_SECONDS        (86400.0 * 365)
#define MAX_RETRIES        1000
#define MAX_IN_FLIGHT      100000
#define MAX_RESPONSE_BYTES 2147483647.0 /* what 32 bits hold, and half of what they address */

/* A number option of the table at index 1, or `otherwise`. */
static double number_option(lua_State *L, const char *name, double least, double most,
                            double otherwise)
{
    double number = otherwise;
    lua_getfield(L, 1, name);
    if (!lua_isnil(L, -1)) {
        number = luaL_checknumber(L, -1);
        if (!(number >= least && number <= most)) {
            char limits[64]; /* lua_pushfstring writes whole numbers as 1.0, on some Luas */
            snprintf(limits, sizeof limits, "from %.0f to %.0f", least, most);
            luaL_error(L, "option %s: a number %s is needed", name, limits);
        }
    }
    lua_pop(L, 1);
    return number;
}

static void read_time(lua_State *L, const char *name, dk_time *time)
{
    double seconds = (double)*time / DK_SECOND;
    *time = (dk_time)(number_option(L, name, 0, MAX_SECONDS, seconds) * DK_SECOND);
}

void dk_read_call_options(lua_State *L, dk_call_options *options)
{
    read_time(L, "timeout", &options->timeout);
    read_time(L, "attempt_timeout", &options->attempt_timeout);
    read_time(L, "connect_timeout", &options->connect_timeout);
    options->max_retries =
        (int)number_option(L, "max_retries", 0, MAX_RETRIES, options->max_retries);
    options->max_response_bytes = (size_t)number_option(
        L, "max_response_bytes", 1, MAX_RESPONSE_BYTES, (double)options->max_response_bytes);
}

void dk_read_strictness(lua_State *L, bool *lenient)
{
    lua_getfield(L, 1, "strict_fields");
    if (lua_isboolean(L, -1))
        *lenient = !lua_toboolean(L, -1);
    lua_pop(L, 1);
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

/* All is read before anything is made: Lua may raise at each look, and would leave that behind. */
dk_session *dk_session_from_options(lua_State *L)
{
    int top = lua_gettop(L);
    bool failed = false;
    dk_service service = read_service(L);
    unsigned most = (unsigned)number_option(L, "max_in_flight", 1, MAX_IN_FLIGHT, 1);
    double capacity = number_option(L, "max_api_capacity", 0, 100, 100);
    const char *proxy = string_option(L, "proxy"), *ca_file = string_option(L, "ca_file");
    const char *cert = string_option(L, "client_cert"), *key = string_option(L, "client_key");
    const char *password = string_option(L, "client_key_password");
    const char *user_agent = string_option(L, "user_agent");
    dk_transport transport = {.proxy = copy(proxy, &failed),
                              .ca_file = copy(ca_file, &failed),
                              .client_cert = copy(cert, &failed),
                              .client_key = copy(key, &failed),
                              .client_key_password = copy(password, &failed)};
    dk_engine *engine = dk_engine_new(transport, most, capacity);
    dk_session *session = engine && !failed ? dk_session_new(service, engine, user_agent) : NULL;
    if (!session)
        dk_engine_release(engine);
    lua_settop(L, top);
    return session;
}

const char *dk_set_key(lua_State *L, dk_session *session, int key, int index)
{
    size_t n;
    const char *value = lua_tolstring(L, index, &n);
    const char *why = value ? dk_key_refusal(value, n) : "it is not a string";
    if (!why && !dk_session_set_key(session, (dk_key)key, value, n))
        why = "out of memory";
    return why;
}

/* Those that the table has as strings: a function is asked later. */
const char *dk_read_keys(lua_State *L, dk_session *session, const char **name)
{
    for (int key = 0; key < DK_KEYS; key++) {
        lua_getfield(L, 1, dk_key_names[key]);
        if (lua_type(L, -1) == LUA_TSTRING) {
            const char *why = dk_set_key(L, session, key, lua_gettop(L));
            if (why) {
                *name = dk_key_names[key];
                return why;
            }
        }
        lua_pop(L, 1);
    }
    return NULL;
}

/* C would see another one behind a NUL, and a line end in a header would begin the next. */
const char *dk_refused_option(lua_State *L, const char **name)
{
    static const char *const names[] = {"user_agent",  "proxy",      "ca_file",
                                        "client_cert", "client_key", "client_key_password"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = string_option(L, *name = names[i]);
        size_t n = text ? dk_rawlen(L, -1) : 0;
        if (n && memchr(text, '\0', n))
            return "it holds a NUL";
        if (i == 0 && dk_ascii_has_control(text, n))
            return "it holds a control character";
        lua_pop(L, 1);
    }
    return NULL;
}

const char *dk_read_base_url(lua_State *L, dk_session *session, const char **name)
{
    size_t n = 0;
    lua_getfield(L, 1, "base_url");
    const char *url = lua_tolstring(L, -1, &n), *from = string_option(L, "base_url_from");
    *name = from ? from : "base_url";
    if (!url)
        return "it is missing";
    if (strlen(url) != n)
        return "it holds a NUL";
    const char *why = dk_site_base_url(url, &session->base_url);
    if (why)
        return why;
    const char *base_url = dk_buffer_string(&session->base_url);
    if (!base_url)
        return "out of memory";
    dk_engine_on_loopback(session->engine, dk_site_on_loopback(base_url));
    dk_proxy proxy = dk_proxy_of(dk_engine_transport(session->engine));
    if (proxy.url && strstr(proxy.url, "%00")) { /* libcurl would go without, and not say so */
        *name = proxy.from;
        return "a NUL (%00) in a proxy's address cannot be sent";
    }
    if (!dk_site_is_plain(base_url) || !proxy.url)
        return NULL;
    *name = "the option proxy";
    return "plain http is for this machine alone, and a proxy would get the keys in the clear";
}
