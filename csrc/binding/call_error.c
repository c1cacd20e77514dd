/* The error of a call: what the service said, or what went wrong on the way; see call_error.h. */
#include "call_error.h"
#include "buffer.h"
#include "clean.h"
#include "error.h"
#include "json.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "http/proxy.h"
#include "http/secret.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN_BODY_BYTES ((size_t)4096)
/* An answer that is no success and longer than this has no words of its service in it. */
#define READ_BODY_BYTES ((size_t)64 * 1024)

/* Headers in which services give a request an id to quote to support. */
static const char *const id_headers[] = {"x-okta-request-id", "x-request-id", "dd-request-id"};

/* What to do next, where that is known: the field `hint`, and the end of tostring's line. */
static const char *const hints[DK_KINDS] = {
    [DK_UNAUTHORIZED] = "check the keys and that they belong to this site",
    [DK_FORBIDDEN] = "wrong keys, or those of another site, may be answered so too",
    [DK_TLS] = "check the host's certificate; ca_file names a certificate authority of your own",
};

/* Answers that say less than is known. */
static const struct {
    const char *path;
    long status;
    const char *words, *hint;
} known_answers[] = {
    /* recorded: the account was updated, and had another id then */
    {"/api/v2/integrations/okta/accounts/{account_id}", 400, "Unknown error occurred",
     "no account has this id; an update gives an account a new one: find it by its name"},
};

/* --- what the service says -------------------------------------------------------------------- */

/* A table's field, pushed if it is a non-empty string, else nothing. */
static bool push_text(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    if (lua_type(L, -1) == LUA_TSTRING && dk_rawlen(L, -1) > 0)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Takes the string on top of the stack as one more message. */
static void add_message(lua_State *L, int messages)
{
    lua_rawseti(L, messages, (int)dk_rawlen(L, messages) + 1);
}

/* The words of one element of "errors", or of the body itself: JSON:API, SCIM (RFC 7644, 3.12),
 * Okta, and others that are seen. The table is on top of the stack. */
static void add_words(lua_State *L, int messages)
{
    static const char *const names[][2] = {
        {"title", "detail"},
        {"errorSummary", ""},
        {"message", ""},
        {"error_description", ""},
    };
    int table = lua_gettop(L);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool title = push_text(L, table, names[i][0]);
        bool detail = push_text(L, table, names[i][1]);
        if (title && detail) {
            lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
            add_message(L, messages);
        } else if (title || detail) {
            add_message(L, messages);
        }
        lua_settop(L, table);
        if (title || detail)
            return;
    }
}

/* Every element of a list field: strings as they are, tables by their words. */
static void add_list(lua_State *L, const char *name, int messages)
{
    lua_getfield(L, -1, name);
    if (lua_istable(L, -1)) {
        size_t n = dk_rawlen(L, -1);
        for (size_t i = 1; i <= n && i <= 100; i++) {
            lua_rawgeti(L, -1, (int)i);
            if (lua_type(L, -1) == LUA_TSTRING) {
                add_message(L, messages);
                continue;
            }
            if (lua_istable(L, -1))
                add_words(L, messages);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* Copies a string field of the answer (on top) to a field of the error. */
static void copy_text(lua_State *L, const char *from, int error, const char *to)
{
    if (push_text(L, lua_gettop(L), from))
        lua_setfield(L, error, to);
}

/* What an HTML page calls itself: "502 Bad Gateway". */
static bool push_title(lua_State *L, const dk_buffer *body)
{
    static const char open[] = "<title>";
    for (size_t at = 0; at + sizeof open < body->length && at < 2000; at++) {
        if (!dk_ascii_same(body->data + at, open, sizeof open - 1))
            continue;
        const char *title = body->data + at + sizeof open - 1;
        const char *end = memchr(title, '<', (size_t)(body->data + body->length - title));
        if (!end || end == title || end - title > 200)
            return false;
        lua_pushlstring(L, title, (size_t)(end - title));
        return true;
    }
    return false;
}

/* Sets `errors`, code, id and scim_type from the body. The error is at index `error`. */
static void set_words(lua_State *L, int error, dk_buffer *body)
{
    lua_newtable(L);
    int messages = lua_gettop(L);
    dk_pushbuffer(L, body);
    bool decoded = body->length && dk_json_decode(L, lua_gettop(L)) && lua_istable(L, -1);
    if (decoded) {
        add_words(L, messages);
        add_list(L, "errors", messages);
        add_list(L, "errorCauses", messages);
        copy_text(L, "errorCode", error, "code");
        copy_text(L, "errorId", error, "id");
        copy_text(L, "scimType", error, "scim_type");
    } else if (push_title(L, body)) {
        add_message(L, messages);
    }
    lua_settop(L, messages);
    lua_setfield(L, error, "errors");
}

/* --- a call's end ----------------------------------------------------------------------------- */

void dk_set_rate_limit(lua_State *L, dk_text head)
{
    dk_rate_limit rate; /* as it was when the answer was made, whenever it is looked at */
    if (!head.length || !dk_header_rate_limit(head, dk_clock_wall(), &rate))
        return;
    lua_createtable(L, 0, 5);
    if (rate.limit >= 0)
        dk_setwhole(L, "limit", rate.limit);
    if (rate.period >= 0)
        dk_setwhole(L, "period", rate.period);
    if (rate.remaining >= 0)
        dk_setwhole(L, "remaining", rate.remaining);
    if (rate.reset >= 0)
        dk_setnumber(L, "reset", rate.reset);
    if (rate.name.length) {
        lua_pushlstring(L, rate.name.data, rate.name.length);
        lua_setfield(L, -2, "name");
    }
    lua_setfield(L, -2, "rate_limit");
}

static void set_id(lua_State *L, dk_text head)
{
    dk_text value;
    for (size_t i = 0; i < sizeof id_headers / sizeof *id_headers; i++)
        if (dk_header_find(head, id_headers[i], &value) && value.length) {
            lua_pushlstring(L, value.data, value.length);
            lua_setfield(L, -2, "id");
            return;
        }
}

/* What a failure is called where no answer says: ours, or libcurl's words. */
static const char *own_words(const dk_call *call)
{
    if (call->detail)
        return call->detail;
    if (call->words[0])
        return call->words;
    return curl_easy_strerror(call->code);
}

static bool is_final_answer(const dk_call *call)
{
    return call->status != 0 && call->code == CURLE_OK && !call->detail;
}

/* Pushes what went wrong, with the proxy that may have to do with it: the user who set its variable
 * may be another than the one who reads this. */
static void push_own_words(lua_State *L, const dk_session *session, const dk_call *call)
{
    dk_proxy proxy = dk_proxy_of(dk_engine_transport(session->engine));
    lua_pushstring(L, own_words(call));
    if (!proxy.url || !call->attempts || call->kind == DK_CANCELLED ||
        call->kind == DK_RATE_LIMITED)
        return;
    dk_buffer *name = dk_newbuffer(L);
    bool known = dk_proxy_name(proxy.url, name);
    const char *text = known ? dk_buffer_string(name) : NULL;
    bool past = getenv("no_proxy") || getenv("NO_PROXY");
    lua_pushfstring(L, "%s (%s names the proxy%s%s%s)", lua_tostring(L, -2), proxy.from,
                    text ? " " : ", in a way that cannot be read", text ? text : "",
                    past ? ", and NO_PROXY what goes past it" : "");
    dk_buffer_free(name);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Sets `message`: the service's words, else what went wrong in ours. */
static void set_message(lua_State *L, const dk_session *session, const dk_call *call)
{
    int error = lua_gettop(L);
    lua_getfield(L, error, "errors");
    size_t n = lua_istable(L, -1) ? dk_rawlen(L, -1) : 0;
    if (n && is_final_answer(call)) {
        luaL_Buffer b;
        int errors = lua_gettop(L);
        luaL_buffinit(L, &b);
        for (size_t i = 1; i <= n; i++) {
            if (i > 1)
                luaL_addlstring(&b, "; ", 2);
            lua_rawgeti(L, errors, (int)i);
            luaL_addvalue(&b);
        }
        luaL_pushresult(&b);
    } else if (is_final_answer(call) && call->status >= 300 && call->status < 400) {
        lua_pushfstring(L,
                        "redirected (status %d): redirects are not followed, keys would go along",
                        (int)call->status);
    } else if (is_final_answer(call)) {
        lua_pushfstring(L, "status %d", (int)call->status);
    } else {
        push_own_words(L, session, call);
    }
    lua_setfield(L, error, "message");
    lua_settop(L, error);
}

/* Sets `hint`, by the answer's words or else by the kind. */
static void set_hint(lua_State *L, const dk_call *call)
{
    const char *hint = hints[call->kind];
    if (call->status == 407)
        hint = "the option proxy takes them: http://user:password@host:port";
    lua_getfield(L, -1, "message");
    const char *message = lua_tostring(L, -1);
    for (size_t i = 0; i < sizeof known_answers / sizeof *known_answers; i++)
        if (call->status == known_answers[i].status && message &&
            strcmp(call->request.operation->path, known_answers[i].path) == 0 &&
            strncmp(message, known_answers[i].words, strlen(known_answers[i].words)) == 0)
            hint = known_answers[i].hint;
    lua_pop(L, 1);
    if (hint)
        dk_setstring(L, "hint", hint);
}

/* The body's beginning, as programs read it: what is cut is no character. */
static void set_body(lua_State *L, int error, const dk_buffer *text)
{
    size_t n = text->length < SHOWN_BODY_BYTES ? text->length : SHOWN_BODY_BYTES;
    size_t whole = n ? dk_utf8_check(text->data, n) : 0;
    if (n - whole < 4)
        n = whole;
    lua_pushlstring(L, n ? text->data : "", n);
    lua_setfield(L, error, "body");
}

/* What the answer tells. It is redacted as a whole first: the decoder and Lua need never
 * have seen what it echoes. */
static void set_answer(lua_State *L, const dk_session *session, const dk_call *call)
{
    int error = lua_gettop(L);
    dk_setwhole(L, "status", (double)call->status);
    if (call->head.length) {
        dk_text head = {call->head.data, call->head.length};
        dk_set_rate_limit(L, head);
        set_id(L, head);
    }
    dk_cleaner c = dk_push_cleaner(L, session, call);
    size_t n = call->body.length < READ_BODY_BYTES ? call->body.length : READ_BODY_BYTES;
    dk_buffer_add(c.text, call->body.data, n);
    if (!dk_secrets_redact(c.secrets, c.text))
        dk_buffer_free(c.text); /* better nothing than half redacted */
    set_words(L, error, c.text);
    set_body(L, error, c.text);
    dk_end_cleaner(&c);
    lua_settop(L, error);
}

/* libcurl's name of what went wrong, or the number of a code that is newer than our names. */
static void set_code(lua_State *L, CURLcode code)
{
    char number[16];
    const char *name = dk_curl_name(code);
    if (!name)
        snprintf(number, sizeof number, "%d", (int)code);
    dk_setstring(L, "code", name ? name : number);
}

/* Pushes the error with all that is known of the call, but its message. */
static void push_call_error(lua_State *L, const dk_session *session, const dk_call *call)
{
    dk_push_error(L, call->kind, call->request.operation);
    if (call->code != CURLE_OK)
        set_code(L, call->code);
    lua_pushlstring(L, call->request.url.data, call->request.url.length);
    lua_setfield(L, -2, "url");
    dk_setwhole(L, "attempts", call->attempts);
    dk_setnumber(L, "seconds", (double)(call->ended - call->started) / DK_SECOND);
    dk_setboolean(L, "retryable", call->retryable);
    dk_setboolean(L, "ambiguous", call->ambiguous);
    if (call->retry_after >= 0)
        dk_setnumber(L, "retry_after", call->retry_after);
    if (call->status)
        set_answer(L, session, call);
}

int dk_fail_call(lua_State *L, const dk_session *session, const dk_call *call)
{
    lua_pushnil(L);
    push_call_error(L, session, call);
    set_message(L, session, call);
    set_hint(L, call);
    dk_clean_error(L, session, call);
    return 2;
}

int dk_fail_answer(lua_State *L, const dk_session *session, dk_call *call)
{
    int reason = lua_gettop(L);
    dk_verdict verdict = dk_retry_verdict(DK_UNREADABLE, call->request.operation);
    call->kind = DK_PROTOCOL;
    call->retryable = verdict.again;
    call->ambiguous = verdict.ambiguous;
    lua_pushnil(L);
    push_call_error(L, session, call);
    lua_pushfstring(L, "the answer (status %d) cannot be read: %s", (int)call->status,
                    lua_tostring(L, reason));
    lua_setfield(L, -2, "message");
    dk_clean_error(L, session, call);
    return 2;
}
