/* Requests made of arguments; see arguments.h. */
#include "arguments.h"
#include "answer.h"
#include "body.h"
#include "error.h"
#include "json.h"

#include "http/url.h"

#include <stdlib.h>

#define MAX_PARAMETERS 8

int dk_arguments(const dk_operation *operation)
{
    return dk_url_parameters(operation->path) + (operation->body != DK_NO_BODY) + 1;
}

/* --- the path --------------------------------------------------------------------------------- */

/* An argument as text: a string or a whole number. */
static const char *text_argument(lua_State *L, int argument, size_t *n)
{
    if (lua_type(L, argument) == LUA_TNUMBER)
        dk_whole_to_text(L, argument);
    return lua_type(L, argument) == LUA_TSTRING ? lua_tolstring(L, argument, n) : NULL;
}

static int add_path(lua_State *L, int first, const char *base_url, const dk_operation *operation,
                    dk_request *request)
{
    const char *values[MAX_PARAMETERS];
    size_t lengths[MAX_PARAMETERS], n;
    const char *name;
    for (int p = 0; p < MAX_PARAMETERS && (name = dk_url_parameter(operation->path, p, &n)); p++) {
        values[p] = text_argument(L, first + p, &lengths[p]);
        const char *why =
            values[p] ? dk_url_bad_parameter(values[p], lengths[p]) : "a string is needed";
        if (why) {
            lua_pushlstring(L, name, n);
            return dk_fail(L, DK_INVALID_REQUEST, operation, "%s: %s", lua_tostring(L, -1), why);
        }
    }
    if (!dk_request_begin(request, operation, base_url, values, lengths))
        return dk_no_memory(L);
    return 0;
}

/* --- the query -------------------------------------------------------------------------------- */

/* May the value at that index have a metamethod? */
static bool is_object(lua_State *L, int value)
{
    int type = lua_type(L, value);
    return type != LUA_TNIL && type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN;
}

/* Pushes what is sent of the value at that index: itself, or what it says of itself (a filter). */
static void push_settled(lua_State *L, int value)
{
    if (is_object(L, value) && luaL_callmeta(L, value, "__tostring")) {
        if (lua_isstring(L, -1))
            return;
        lua_pop(L, 1);
    }
    lua_pushvalue(L, value);
}

/* Replaces the list on top of the stack by one of what is sent of its values. Its keys stay as they
 * are: a hole is found where lists are checked. */
static void settle_list(lua_State *L)
{
    int list = lua_gettop(L);
    lua_createtable(L, (int)dk_rawlen(L, list), 0);
    for (lua_pushnil(L); lua_next(L, list); lua_settop(L, list + 2)) {
        lua_pushvalue(L, list + 2);
        push_settled(L, list + 3);
        lua_rawset(L, list + 1);
    }
    lua_replace(L, list);
}

static bool is_settled(lua_State *L, int query)
{
    for (lua_pushnil(L); lua_next(L, query); lua_pop(L, 1))
        if (is_object(L, -1)) {
            lua_pop(L, 2);
            return false;
        }
    return true;
}

void dk_settle_query(lua_State *L, int query)
{
    if (!lua_istable(L, query) || is_settled(L, query))
        return;
    lua_newtable(L);
    int settled = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, query); lua_settop(L, settled + 1)) {
        lua_pushvalue(L, settled + 1);
        push_settled(L, settled + 2);
        if (lua_istable(L, -1))
            settle_list(L);
        lua_rawset(L, settled);
    }
    lua_replace(L, query);
}

/* Pushes one query value as text: a string, a boolean, a number. NULL, nothing pushed: it is
 * something else. */
static const char *push_query_text(lua_State *L, int value, size_t *n)
{
    switch (lua_type(L, value)) {
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, value) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        if (!dk_json_push_number(L, value))
            return NULL;
        break;
    case LUA_TSTRING:
        lua_pushvalue(L, value);
        break;
    default:
        return NULL;
    }
    return lua_tolstring(L, -1, n);
}

/* Pushes a value's text: a list is its values with commas between them. NULL: it has none, or is
 * something else; what is left of it on the stack is the caller's to take away. */
static const char *push_query_value(lua_State *L, int value, size_t *n)
{
    const char *text = push_query_text(L, value, n);
    size_t count = text || !lua_istable(L, value) ? 0 : dk_rawlen(L, value);
    for (size_t k = 1; k <= count; k++) {
        lua_rawgeti(L, value, (int)k);
        if (!push_query_text(L, lua_gettop(L), n))
            return NULL;
        lua_remove(L, -2);
        if (k > 1) {
            lua_pushliteral(L, ",");
            lua_insert(L, -2);
            lua_concat(L, 3);
        }
        text = lua_tolstring(L, -1, n);
    }
    return text;
}

/* Pushes the names that a row's query has, without their marks. */
static const char *push_query_names(lua_State *L, const dk_operation *operation)
{
    const char *list = operation->query, *name;
    size_t n;
    int count = 0;
    lua_pushliteral(L, "");
    while ((name = dk_words_next(&list, &n))) {
        dk_words_marks(name, &n);
        lua_pushstring(L, count++ ? ", " : "");
        lua_pushlstring(L, name, n);
        lua_concat(L, 3);
    }
    if (!count)
        lua_pushliteral(L, "none");
    return lua_tostring(L, -1);
}

static bool has_raw(lua_State *L, int table, const char *name, size_t n)
{
    lua_pushlstring(L, name, n);
    lua_rawget(L, table);
    bool has = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return has;
}

/* Are all names the row's, and no parameter given in two spellings? */
static int check_query_names(lua_State *L, int query, const dk_operation *operation)
{
    size_t n, given_n;
    for (lua_pushnil(L); lua_next(L, query); lua_pop(L, 1)) {
        const char *given = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &given_n) : NULL;
        const char *name = given ? dk_request_query_name(operation, given, given_n, &n) : NULL;
        if (name && (n != given_n || memcmp(name, given, n) != 0) && has_raw(L, query, name, n))
            return dk_fail(L, DK_INVALID_REQUEST, operation,
                           "query parameter \"%s\" is given twice", given);
        if (!name)
            return dk_fail(L, DK_INVALID_REQUEST, operation,
                           "unknown query parameter \"%s\"; it takes: %s", given ? given : "?",
                           push_query_names(L, operation));
    }
    return 0;
}

/* Pushes what the query at that index has for a name of the row, in either spelling, or nil. */
static void push_query_field(lua_State *L, int query, const dk_operation *operation,
                             const char *name)
{
    size_t n, given_n;
    for (lua_pushnil(L); lua_next(L, query); lua_pop(L, 1)) {
        const char *given = lua_tolstring(L, -2, &given_n);
        if (dk_request_query_name(operation, given, given_n, &n) == name) {
            lua_remove(L, -2);
            return;
        }
    }
    lua_pushnil(L);
}

/* Which page is asked for is needed to say where the list goes on. */
static void note_page(dk_request *request, const char *name, size_t n, const char *value)
{
    static const char size[] = "page[size]";
    const char *place = dk_page_places[request->operation->paging];
    if (place && strlen(place) == n && memcmp(name, place, n) == 0)
        request->place = strtod(value, NULL);
    if (n == sizeof size - 1 && memcmp(name, size, n) == 0)
        request->page_size = strtod(value, NULL);
    if (!(request->place >= 0 && request->place < DK_MOST_EXACT))
        request->place = -1;
    request->by_cursor |= n == strlen("cursor") && memcmp(name, "cursor", n) == 0;
}

/* Appends name=value for the value on top of the stack, once or for each of its own. */
static int add_query_field(lua_State *L, dk_request *request, const char *name, size_t n,
                           unsigned marks)
{
    int field = lua_gettop(L);
    bool list = lua_istable(L, field) && dk_rawlen(L, field) > 0, object;
    bool each = (marks & DK_REPEATED) && list;
    size_t count = each ? dk_rawlen(L, field) : 1, value_n;
    const char *why = list ? dk_json_no_list(L, field, &object) : NULL;
    if (why) {
        lua_pushlstring(L, name, n);
        return dk_fail(L, DK_INVALID_REQUEST, request->operation, "query parameter \"%s\": %s",
                       lua_tostring(L, -1), why);
    }
    for (size_t k = 1; k <= count; k++) {
        if (each)
            lua_rawgeti(L, field, (int)k);
        const char *value = each ? push_query_text(L, lua_gettop(L), &value_n)
                                 : push_query_value(L, field, &value_n);
        if (!value) {
            lua_pushlstring(L, name, n);
            return dk_fail(L, DK_INVALID_REQUEST, request->operation,
                           "query parameter \"%s\": text, a number, a boolean or a list of them "
                           "is needed",
                           lua_tostring(L, -1));
        }
        if (!dk_request_query(request, name, n, value, value_n))
            return dk_no_memory(L);
        note_page(request, name, n, value);
        lua_settop(L, field);
    }
    return 0;
}

/* Appends the query table at that index, names in the row's order so that the same call is the same
 * URL. */
static int add_query(lua_State *L, int query, const dk_operation *operation, dk_request *request)
{
    int failed;
    bool given = !lua_isnoneornil(L, query);
    if (given && !lua_istable(L, query))
        return dk_fail(L, DK_INVALID_REQUEST, operation, "the query must be a table, not a %s",
                       luaL_typename(L, query));
    if (given && (failed = check_query_names(L, query, operation)))
        return failed;
    const char *list = operation->query;
    size_t n;
    for (const char *name; (name = dk_words_next(&list, &n));) {
        unsigned marks = dk_words_marks(name, &n);
        int top = lua_gettop(L);
        if (given)
            push_query_field(L, query, operation, name);
        else
            lua_pushnil(L);
        if (!lua_isnil(L, -1)) {
            if ((failed = add_query_field(L, request, name, n, marks)))
                return failed;
        } else if (marks & DK_REQUIRED) {
            lua_pushlstring(L, name, n);
            return dk_fail(L, DK_INVALID_REQUEST, operation, "missing query parameter: %s",
                           lua_tostring(L, -1));
        }
        lua_settop(L, top);
    }
    return 0;
}

int dk_request_from(lua_State *L, int first, const char *base_url, bool strict,
                    const dk_operation *operation, dk_request *request)
{
    int parameters = dk_url_parameters(operation->path), body = first + parameters, failed;
    bool takes_body = operation->body != DK_NO_BODY;
    dk_checkstack(L, 40, "too many values");
    if ((failed = add_path(L, first, base_url, operation, request)))
        return failed;
    if (takes_body &&
        (failed = dk_body_from(L, body, parameters ? body - 1 : 0, strict, operation, request)))
        return failed;
    return add_query(L, takes_body ? body + 1 : body, operation, request);
}
