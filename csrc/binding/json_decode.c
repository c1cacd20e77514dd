/* JSON read: lua-cjson decodes, behind a scan that refuses what its versions wrongly accept, and
 * marks what they lose so that it can be restored; see json.h. */
#include "json.h"
#include "buffer.h"

#include "http/json_scan.h"

#include <errno.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* lua-cjson's decode; and whether it gives integers: Debian's 2.1.0 does not, OpenResty's since
 * 2.1.0.14 does. */
static const char decoder_key = 0, integers_key = 0;

typedef struct decoding {
    lua_State *L;
    const char *mark; /* as it is in the decoded strings; NULL: none was needed */
    size_t mark_n;
    bool integers; /* make floats with whole values integers */
    char why[96];  /* the text is refused after all; empty: it is not */
} decoding;

/* Pushes the whole number that the digits say: exact, or as a value that keeps the digits. */
static void push_whole(lua_State *L, const char *digits)
{
#if DK_HAS_INTEGERS
    errno = 0;
    long long whole = strtoll(digits, NULL, 10);
    if (errno == 0) {
        lua_pushinteger(L, (lua_Integer)whole);
        return;
    }
#else
    char again[64];
    double number = strtod(digits, NULL);
    if (strlen(digits) < sizeof again && snprintf(again, sizeof again, "%.0f", number) > 0 &&
        strcmp(again, digits) == 0) {
        lua_pushnumber(L, number);
        return;
    }
#endif
    dk_json_push_digits(L, digits);
}

/* Pushes the number that the text says, a fraction or one with an exponent. strtod wants the mark
 * of the locale that is set now: the host may have set it at any time. */
static void push_fraction(decoding *d, const char *text)
{
    lua_State *L = d->L;
    const char *mark = nl_langinfo(RADIXCHAR);
    const char *local = strcmp(mark, ".") == 0 ? text : luaL_gsub(L, text, ".", mark);
    double number = strtod(local, NULL);
    if (local != text)
        lua_pop(L, 1);
    bool vanished = number == 0 && strcspn(text, "123456789") < strcspn(text, "eE");
    if (!isfinite(number) || vanished)
        snprintf(d->why, sizeof d->why, "%.40s is too %s for a number", text,
                 vanished ? "small" : "large");
#if DK_HAS_INTEGERS
    if (fabs(number) < DK_MOST_EXACT && floor(number) == number) {
        lua_pushinteger(L, (lua_Integer)number);
        return;
    }
#endif
    lua_pushnumber(L, number);
}

static void push_number(decoding *d, const char *text)
{
    if (strpbrk(text, ".eE"))
        push_fraction(d, text);
    else
        push_whole(d->L, text);
}

/* Does the string at the index stand for something else? what: 'a' an empty array, 'n' a number,
 * see dk_json_mark. */
static bool is_marked(const decoding *d, int index, char what)
{
    size_t n;
    const char *s;
    if (!d->mark || lua_type(d->L, index) != LUA_TSTRING)
        return false;
    s = lua_tolstring(d->L, index, &n);
    return n > d->mark_n && memcmp(s, d->mark, d->mark_n) == 0 && s[d->mark_n] == what;
}

static bool is_empty_array(const decoding *d, int table)
{
    lua_rawgeti(d->L, table, 1);
    bool empty = is_marked(d, -1, 'a');
    lua_pop(d->L, 1);
    return empty;
}

/* Replaces the value on top of the stack, which is no table, if lua-cjson lost something of it;
 * true if it did. */
static bool restore_scalar(decoding *d)
{
    lua_State *L = d->L;
    if (is_marked(d, -1, 'n')) {
        push_number(d, lua_tostring(L, -1) + d->mark_n + 1);
        lua_remove(L, -2);
        return true;
    }
#if DK_HAS_INTEGERS
    if (d->integers && lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1)) {
        double number = lua_tonumber(L, -1);
        if (fabs(number) < DK_MOST_EXACT && floor(number) == number) {
            lua_pop(L, 1);
            lua_pushinteger(L, (lua_Integer)number);
            return true;
        }
    }
#endif
    return false;
}

/* Restores what lua-cjson lost in the table on top of the stack, and in all below it. lua-cjson
 * bounds the depth. */
static void restore_table(decoding *d)
{
    lua_State *L = d->L;
    int table = lua_gettop(L);
    dk_checkstack(L, 6, "JSON nested too deeply");
    for (lua_pushnil(L); lua_next(L, table);) {
        bool changed = false;
        if (lua_type(L, -1) == LUA_TTABLE) {
            if (is_empty_array(d, lua_gettop(L))) {
                lua_pop(L, 1);
                dk_json_push_array(L);
                changed = true;
            } else {
                restore_table(d);
            }
        } else if (lua_islightuserdata(L, -1) && lua_type(L, -2) == LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushnil(L);
            changed = true;
        } else {
            changed = restore_scalar(d);
        }
        if (changed) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, table);
        } else {
            lua_pop(L, 1);
        }
    }
}

static void restore_value(decoding *d)
{
    if (lua_type(d->L, -1) != LUA_TTABLE) {
        restore_scalar(d);
    } else if (is_empty_array(d, lua_gettop(d->L))) {
        lua_pop(d->L, 1);
        dk_json_push_array(d->L);
    } else {
        restore_table(d);
    }
}

/* What lua-cjson would lose or get wrong is carried through it, see dk_json_mark. It reads
 * fractions with the decimal point that the locale had when some program last made an instance of
 * it; where that is a comma now it takes [1,2] for 1.2, so there it may read no number at all. */
static int carried_kinds(int found)
{
    int kinds =
        DK_JSON_EMPTY_ARRAY | DK_JSON_BIG_INTEGER | DK_JSON_OTHER_NUMBER | DK_JSON_HALF_CHARACTER;
    if (strcmp(nl_langinfo(RADIXCHAR), ".") != 0)
        kinds |= DK_JSON_INTEGER;
    return kinds & found;
}

/* Must whole numbers that lua-cjson gives as floats become integers? */
static bool needs_integers(lua_State *L, int found)
{
#if DK_HAS_INTEGERS
    if (!(found & DK_JSON_INTEGER))
        return false;
    dk_pushregistry(L, &integers_key);
    bool native = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return !native;
#else
    (void)L;
    (void)found;
    return false;
#endif
}

/* Pushes the text with what is carried through marked, and says by what mark. */
static void push_marked(lua_State *L, const char *text, size_t n, dk_json_scan scan, int carried,
                        char mark[DK_JSON_MARK])
{
    char escaped[DK_JSON_MARK] = "\\u00000";
    if (scan.found & DK_JSON_NUL)
        dk_json_choose_mark(text, n, escaped);
    mark[0] = '\0'; /* what "\u0000" decodes to */
    strcpy(mark + 1, escaped + 6);
    dk_buffer *marked = dk_newsecretbuffer(L);
    if (!dk_json_mark(text, n, carried, escaped, marked))
        dk_no_memory(L);
    dk_pushbuffer(L, marked);
    dk_buffer_free(marked);
    lua_remove(L, -2);
}

/* Calls lua-cjson on the string on top of the stack. */
static bool call_decoder(lua_State *L)
{
    dk_pushregistry(L, &decoder_key);
    lua_insert(L, -2);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_ERRMEM)
        lua_error(L); /* no fault of the text's */
    return status == 0;
}

/* The text at the index; a byte order mark before it is no part of it (RFC 8259, 8.1). */
static const char *text_at(lua_State *L, int index, size_t *n)
{
    static const char order_mark[] = "\xef\xbb\xbf";
    const char *text = lua_tolstring(L, index, n);
    bool marked = *n >= 3 && memcmp(text, order_mark, 3) == 0;
    *n -= marked ? 3 : 0;
    return marked ? text + 3 : text;
}

bool dk_json_decode(lua_State *L, int index)
{
    size_t n, whole;
    const char *start = lua_tolstring(L, index, &whole), *text = text_at(L, index, &n);
    dk_json_scan scan = dk_json_look(text, n);
    if (scan.why) {
        lua_pushfstring(L, "%s at byte %d", scan.why, (int)(text - start + (ptrdiff_t)scan.at) + 1);
        return false;
    }
    decoding d = {L, NULL, 0, needs_integers(L, scan.found), ""};
    int carried = carried_kinds(scan.found);
    char mark[DK_JSON_MARK];
    if (carried) {
        push_marked(L, text, n, scan, carried, mark);
        d.mark = mark;
        d.mark_n = 1 + strlen(mark + 1);
    } else if (n != whole) {
        lua_pushlstring(L, text, n);
    } else {
        lua_pushvalue(L, index);
    }
    if (!call_decoder(L))
        return false;
    if (carried || d.integers || (scan.found & DK_JSON_NULL))
        restore_value(&d);
    if (*d.why)
        lua_pushstring(L, d.why);
    return !*d.why;
}

void dk_open_json_decode(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new"); /* settings of our own: the module's are everybody's */
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "decode_invalid_numbers");
    lua_pushboolean(L, 0);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_pushvalue(L, -1);
    lua_pushliteral(L, "[1]");
    lua_call(L, 1, 1);
    lua_rawgeti(L, -1, 1);
#if DK_HAS_INTEGERS
    lua_pushboolean(L, lua_isinteger(L, -1));
#else
    lua_pushboolean(L, 0);
#endif
    dk_setregistry(L, &integers_key);
    lua_pop(L, 2);
    dk_setregistry(L, &decoder_key);
    lua_pop(L, 2);
}
