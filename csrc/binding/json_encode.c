/* JSON written; see json.h.
 *
 * Not by lua-cjson: Debian's version rounds numbers to 14 digits, writes an empty array as {}, and
 * orders members by chance, so that no two requests could be compared. */
#include "json.h"
#include "buffer.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "base/words.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_DEPTH 200 /* of a value that is sent; also ends a table that holds itself */

/* Where the encoder is, for messages: a chain of frames on the C stack. */
typedef struct position {
    const struct position *above;
    const char *name; /* NULL: an element */
    size_t index;
    int depth;
} position;

/* Of a path that is deeper than anyone reads (a table that holds itself) the middle is left out. */
#define SHOWN_DEPTH 8

static void write_path(dk_buffer *out, const position *at, int deepest)
{
    if (!at->above)
        return;
    write_path(out, at->above, deepest);
    if (at->depth == SHOWN_DEPTH && deepest > SHOWN_DEPTH)
        dk_buffer_adds(out, "...");
    else if (at->depth >= SHOWN_DEPTH && at->depth < deepest)
        return;
    else if (at->name)
        dk_buffer_addf(out, at->above->above ? ".%s" : "%s", at->name);
    else
        dk_buffer_addf(out, "[%lu]", (unsigned long)at->index);
}

static bool refuse(lua_State *L, const position *at, const char *why)
{
    dk_buffer *path = dk_newbuffer(L);
    write_path(path, at, at->depth);
    const char *text = dk_buffer_string(path);
    lua_pushfstring(L, "%s%s%s", text && *text ? text : "", text && *text ? ": " : "", why);
    dk_buffer_free(path);
    lua_remove(L, -2);
    return false;
}

static void encode_string(dk_buffer *out, const char *s, size_t n)
{
    size_t copied = 0;
    dk_buffer_addc(out, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f)
            continue;
        dk_buffer_add(out, s + copied, i - copied);
        copied = i + 1;
        if (c == '"' || c == '\\')
            dk_buffer_addf(out, "\\%c", c);
        else if (c == '\n')
            dk_buffer_adds(out, "\\n");
        else if (c == '\r')
            dk_buffer_adds(out, "\\r");
        else if (c == '\t')
            dk_buffer_adds(out, "\\t");
        else
            dk_buffer_addf(out, "\\u%04x", c);
    }
    dk_buffer_add(out, s + copied, n - copied);
    dk_buffer_addc(out, '"');
}

/* The longest is "-1.7976931348623157e+308", and no whole number below 1e21 is longer. */
typedef char digits[32];

/* The shortest digits that read back as the same number, with a point whatever the locale has. */
static void write_double(digits out, double number)
{
    if (floor(number) == number && fabs(number) < 1e21) {
        snprintf(out, sizeof(digits), "%.0f", number);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(out, sizeof(digits), "%.*g", precision, number);
        if (strtod(out, NULL) == number)
            break;
    }
    const char *point = localeconv()->decimal_point;
    char *found = strcmp(point, ".") != 0 ? strstr(out, point) : NULL;
    if (found) {
        *found = '.';
        memmove(found + 1, found + strlen(point), strlen(found + strlen(point)) + 1);
    }
}

/* False: JSON cannot hold it (NaN, infinity). */
static bool write_number(lua_State *L, int index, digits out)
{
#if DK_HAS_INTEGERS
    if (lua_isinteger(L, index)) {
        snprintf(out, sizeof(digits), "%lld", (long long)lua_tointeger(L, index));
        return true;
    }
#endif
    double number = lua_tonumber(L, index);
    if (!isfinite(number))
        return false;
    write_double(out, number);
    return true;
}

bool dk_json_push_number(lua_State *L, int index)
{
    digits text;
    if (!write_number(L, index, text))
        return false;
    lua_pushstring(L, text);
    return true;
}

static bool encode_number(lua_State *L, int index, dk_buffer *out)
{
    digits text;
    return write_number(L, index, text) && (dk_buffer_adds(out, text), true);
}

/* The digits of a number that Lua cannot hold (dk_json_push_digits): a table, which its owner may
 * have changed. */
static bool encode_digits(lua_State *L, int table, dk_buffer *out)
{
    size_t n = 0;
    lua_rawgeti(L, table, 1);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";
    size_t sign = n > 0 && text[0] == '-', i = sign;
    while (i < n && dk_ascii_is_digit(text[i]))
        i++;
    bool whole = i == n && n > sign && (text[sign] != '0' || n == sign + 1);
    if (whole)
        dk_buffer_add(out, text, n);
    lua_pop(L, 1);
    return whole;
}

/* Counts a table's named members and its elements. Why it is neither an object nor an array (a
 * static string), or NULL. */
static const char *count_table(lua_State *L, int table, size_t *names, size_t *elements)
{
    *names = *elements = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        *(lua_type(L, -2) == LUA_TSTRING ? names : elements) += 1;
    if (*names && *elements)
        return "a table with both named members and elements";
    return !*names && *elements != dk_rawlen(L, table) ? "an array with holes" : NULL;
}

const char *dk_json_no_list(lua_State *L, int index, bool *object)
{
    size_t names = 0, elements;
    const char *why =
        lua_istable(L, index) ? count_table(L, dk_absindex(L, index), &names, &elements) : NULL;
    *object = names && !why;
    return why ? why : names || !lua_istable(L, index) ? "a list is needed" : NULL;
}

static bool encode_value(lua_State *L, int index, const char *const *skip, const position *at,
                         dk_buffer *out);

static bool encode_array(lua_State *L, int table, size_t length, const position *at, dk_buffer *out)
{
    dk_buffer_addc(out, '[');
    for (size_t i = 1; i <= length; i++) {
        position inside = {at, NULL, i, at->depth + 1};
        if (i > 1)
            dk_buffer_addc(out, ',');
        lua_rawgeti(L, table, (int)i);
        if (!encode_value(L, lua_gettop(L), NULL, &inside, out))
            return false;
        lua_pop(L, 1);
    }
    return dk_buffer_addc(out, ']');
}

typedef struct member {
    const char *name;
    size_t n;
    int key; /* where the list of keys has it */
} member;

static int by_name(const void *a, const void *b)
{
    const member *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->name, y->name, n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static bool is_skipped(const char *const *skip, const char *name, size_t n)
{
    for (; skip && *skip; skip++)
        if (dk_words_have(*skip, name, n))
            return true;
    return false;
}

/* Pushes a list of the table's keys, which keeps their texts, and a userdata with the members in
 * the order of their names; counts them. NULL: the table has changed since its `most` members were
 * counted (a finalizer can do that), or has a key that is no name. */
static member *push_members(lua_State *L, int table, const char *const *skip, size_t most,
                            size_t *count)
{
    lua_createtable(L, (int)most, 0);
    member *members = lua_newuserdata(L, (most ? most : 1) * sizeof *members);
    int keys = lua_gettop(L) - 1;
    size_t found = 0;
    *count = 0;
    /* from here on nothing is allocated */
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || found == most)
            return NULL;
        member m = {.key = (int)++found};
        m.name = lua_tolstring(L, -2, &m.n);
        lua_pushvalue(L, -2);
        lua_rawseti(L, keys, m.key);
        if (!is_skipped(skip, m.name, m.n))
            members[(*count)++] = m;
    }
    qsort(members, *count, sizeof *members, by_name);
    return members;
}

static bool encode_object(lua_State *L, int table, const char *const *skip, size_t most,
                          const position *at, dk_buffer *out)
{
    size_t count;
    member *members = push_members(L, table, skip, most, &count);
    if (!members)
        return refuse(L, at, "a table that changes while it is written");
    int keys = lua_gettop(L) - 1;
    dk_buffer_addc(out, '{');
    for (size_t i = 0; i < count; i++) {
        position inside = {at, members[i].name, 0, at->depth + 1};
        if (dk_utf8_check(members[i].name, members[i].n) < members[i].n)
            return refuse(L, at, "a member's name is not UTF-8");
        if (i)
            dk_buffer_addc(out, ',');
        encode_string(out, members[i].name, members[i].n);
        dk_buffer_addc(out, ':');
        lua_rawgeti(L, keys, members[i].key);
        lua_rawget(L, table);
        if (!encode_value(L, lua_gettop(L), NULL, &inside, out))
            return false;
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    return dk_buffer_addc(out, '}');
}

static bool encode_table(lua_State *L, int table, const char *const *skip, const position *at,
                         dk_buffer *out)
{
    size_t names, elements;
    if (at->depth > MAX_DEPTH)
        return refuse(L, at, "nested too deeply, or a table that holds itself");
    dk_checkstack(L, 8, "value nested too deeply");
    if (dk_json_is_digits(L, table))
        return encode_digits(L, table, out) || refuse(L, at, "a number without its digits");
    const char *why = count_table(L, table, &names, &elements);
    if (why)
        return refuse(L, at, why);
    if (elements || (!names && dk_json_is_array(L, table)))
        return encode_array(L, table, elements, at, out);
    return encode_object(L, table, skip, names, at, out);
}

static bool encode_value(lua_State *L, int index, const char *const *skip, const position *at,
                         dk_buffer *out)
{
    size_t n;
    const char *s;
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, index, &n);
        if (dk_utf8_check(s, n) < n)
            return refuse(L, at, "a string that is not UTF-8");
        encode_string(out, s, n);
        return true;
    case LUA_TNUMBER:
        return encode_number(L, index, out) || refuse(L, at, "not a number that JSON can hold");
    case LUA_TBOOLEAN:
        return dk_buffer_adds(out, lua_toboolean(L, index) ? "true" : "false");
    case LUA_TTABLE:
        return encode_table(L, index, skip, at, out);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index) == NULL)
            return dk_buffer_adds(out, "null");
        /* fallthrough */
    default:
        lua_pushfstring(L, "a %s cannot be sent", luaL_typename(L, index));
        return refuse(L, at, lua_tostring(L, -1));
    }
}

bool dk_json_encode(lua_State *L, int index, const char *const *skip, dk_buffer *out)
{
    position top = {NULL, NULL, 0, 0};
    int before = lua_gettop(L);
    bool done = encode_value(L, dk_absindex(L, index), skip, &top, out);
    if (out->failed)
        return dk_no_memory(L);
    if (done) {
        lua_settop(L, before);
    } else {
        lua_insert(L, before + 1);
        lua_settop(L, before + 1);
    }
    return done;
}
