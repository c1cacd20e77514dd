/* The bridge to lua-cjson; see json.h.
 *
 * lua-cjson decodes, behind a scan that refuses what its versions wrongly accept and marks what
 * they lose. It does not encode: Debian's version rounds numbers to 14 digits, writes an empty
 * array as {}, and orders members by chance, so that no two requests could be compared. */
#include "json.h"
#include "object.h"

#include "base/ascii.h"
#include "http/json_scan.h"
#include "base/words.h"
#include "base/utf8.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_DEPTH 200 /* of a value that is sent; also ends a table that holds itself */

static const char decoder_key = 0, array_key = 0, number_key = 0;
static const dk_type BUFFER = {"ddokta.buffer", "this buffer is gone"};

typedef struct buffer_object {
    dk_object self;
    dk_buffer buffer;
} buffer_object;

/* Does this lua-cjson give integers? Debian's 2.1.0 does not, OpenResty's since 2.1.0.14. */
static const char integers_key = 0;

static int buffer_gc(lua_State *L)
{
    buffer_object *o = dk_endself(L, &BUFFER);
    if (o)
        dk_buffer_free(&o->buffer);
    return 0;
}

dk_buffer *dk_newbuffer(lua_State *L, bool secret)
{
    buffer_object *o = dk_newobject(L, sizeof *o, &BUFFER);
    o->buffer.secret = secret;
    o->self.lives = true;
    return &o->buffer;
}

/* --- decoding --------------------------------------------------------------------------------- */

typedef struct fixing {
    lua_State *L;
    const char *mark; /* as it is in the decoded strings; NULL: none was needed */
    size_t mark_n;
    bool integers; /* make floats with whole values integers */
    char why[96];  /* the text is refused after all; empty: it is not */
} fixing;

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
    lua_createtable(L, 1, 0);
    lua_pushstring(L, digits);
    lua_rawseti(L, -2, 1);
    dk_pushregistry(L, &number_key);
    lua_setmetatable(L, -2);
}

/* Pushes the number that the text says, a fraction or one with an exponent. strtod wants the mark
 * of the locale that is set now: the host may have set it at any time. */
static void push_fraction(fixing *f, const char *text)
{
    lua_State *L = f->L;
    const char *mark = nl_langinfo(RADIXCHAR);
    const char *local = strcmp(mark, ".") == 0 ? text : luaL_gsub(L, text, ".", mark);
    double number = strtod(local, NULL);
    if (local != text)
        lua_pop(L, 1);
    bool vanished = number == 0 && strcspn(text, "123456789") < strcspn(text, "eE");
    if (!isfinite(number) || vanished)
        snprintf(f->why, sizeof f->why, "%.40s is too %s for a number", text,
                 vanished ? "small" : "large");
#if DK_HAS_INTEGERS
    if (fabs(number) < 9007199254740992.0 && floor(number) == number) {
        lua_pushinteger(L, (lua_Integer)number);
        return;
    }
#endif
    lua_pushnumber(L, number);
}

static void push_number(fixing *f, const char *text)
{
    if (strpbrk(text, ".eE"))
        push_fraction(f, text);
    else
        push_whole(f->L, text);
}

static bool is_marked(const fixing *f, int i, char what)
{
    size_t n;
    const char *s;
    if (!f->mark || lua_type(f->L, i) != LUA_TSTRING)
        return false;
    s = lua_tolstring(f->L, i, &n);
    return n > f->mark_n && memcmp(s, f->mark, f->mark_n) == 0 && s[f->mark_n] == what;
}

static bool is_empty_array(const fixing *f, int table)
{
    lua_rawgeti(f->L, table, 1);
    bool empty = is_marked(f, -1, 'a');
    lua_pop(f->L, 1);
    return empty;
}

/* Leaves on the stack, in place of the value on top, what the value should have been. Answers
 * whether it is another one. */
static bool fixed_scalar(fixing *f)
{
    lua_State *L = f->L;
    if (is_marked(f, -1, 'n')) {
        push_number(f, lua_tostring(L, -1) + f->mark_n + 1);
        lua_remove(L, -2);
        return true;
    }
#if DK_HAS_INTEGERS
    if (f->integers && lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1)) {
        double number = lua_tonumber(L, -1);
        if (fabs(number) < 9007199254740992.0 && floor(number) == number) {
            lua_pop(L, 1);
            lua_pushinteger(L, (lua_Integer)number);
            return true;
        }
    }
#endif
    return false;
}

void dk_json_push_array(lua_State *L)
{
    lua_newtable(L);
    dk_pushregistry(L, &array_key);
    lua_setmetatable(L, -2);
}

/* Mends the table on top of the stack, and all below it. lua-cjson bounds the depth. */
static void fix_table(fixing *f)
{
    lua_State *L = f->L;
    int table = lua_gettop(L);
    dk_checkstack(L, 6, "JSON nested too deeply");
    for (lua_pushnil(L); lua_next(L, table);) {
        bool changed = false;
        if (lua_type(L, -1) == LUA_TTABLE) {
            if (is_empty_array(f, lua_gettop(L))) {
                lua_pop(L, 1);
                dk_json_push_array(L);
                changed = true;
            } else {
                fix_table(f);
            }
        } else if (lua_islightuserdata(L, -1) && lua_type(L, -2) == LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushnil(L);
            changed = true;
        } else {
            changed = fixed_scalar(f);
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

static void fix_value(fixing *f)
{
    if (lua_type(f->L, -1) != LUA_TTABLE) {
        fixed_scalar(f);
    } else if (is_empty_array(f, lua_gettop(f->L))) {
        lua_pop(f->L, 1);
        dk_json_push_array(f->L);
    } else {
        fix_table(f);
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
    dk_buffer *marked = dk_newbuffer(L, true);
    if (!dk_json_mark(text, n, carried, escaped, marked))
        luaL_error(L, "not enough memory");
    lua_pushlstring(L, marked->data, marked->length);
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

/* The text at index i; a byte order mark before it is no part of it (RFC 8259, 8.1). */
static const char *text_at(lua_State *L, int i, size_t *n)
{
    static const char order_mark[] = "\xef\xbb\xbf";
    const char *text = lua_tolstring(L, i, n);
    bool marked = *n >= 3 && memcmp(text, order_mark, 3) == 0;
    *n -= marked ? 3 : 0;
    return marked ? text + 3 : text;
}

bool dk_json_decode(lua_State *L, int i)
{
    size_t n, whole;
    const char *start = lua_tolstring(L, i, &whole), *text = text_at(L, i, &n);
    dk_json_scan scan = dk_json_look(text, n);
    if (scan.why) {
        lua_pushfstring(L, "%s at byte %d", scan.why, (int)(text - start + (ptrdiff_t)scan.at) + 1);
        return false;
    }
    fixing f = {L, NULL, 0, needs_integers(L, scan.found), ""};
    int carried = carried_kinds(scan.found);
    char mark[DK_JSON_MARK];
    if (carried) {
        push_marked(L, text, n, scan, carried, mark);
        f.mark = mark;
        f.mark_n = 1 + strlen(mark + 1);
    } else if (n != whole) {
        lua_pushlstring(L, text, n);
    } else {
        lua_pushvalue(L, i);
    }
    if (!call_decoder(L))
        return false;
    if (carried || f.integers || (scan.found & DK_JSON_NULL))
        fix_value(&f);
    if (*f.why)
        lua_pushstring(L, f.why);
    return !*f.why;
}

/* --- encoding --------------------------------------------------------------------------------- */

/* Where the encoder is, for messages: a chain of frames on the C stack. */
typedef struct place {
    const struct place *above;
    const char *name; /* NULL: an element */
    size_t index;
    int depth;
} place;

/* Of a path that is deeper than anyone reads (a table that holds itself) the middle is left out. */
#define SHOWN_DEPTH 8

static void write_path(dk_buffer *out, const place *at, int deepest)
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

static bool refuse(lua_State *L, const place *at, const char *why)
{
    dk_buffer *path = dk_newbuffer(L, false);
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

/* False: it is none that JSON can hold. */
static bool write_number(lua_State *L, int i, digits out)
{
#if DK_HAS_INTEGERS
    if (lua_isinteger(L, i)) {
        snprintf(out, sizeof(digits), "%lld", (long long)lua_tointeger(L, i));
        return true;
    }
#endif
    double number = lua_tonumber(L, i);
    if (!isfinite(number))
        return false;
    write_double(out, number);
    return true;
}

bool dk_json_push_number(lua_State *L, int i)
{
    digits text;
    if (!write_number(L, i, text))
        return false;
    lua_pushstring(L, text);
    return true;
}

static bool encode_number(lua_State *L, int i, dk_buffer *out)
{
    digits text;
    return write_number(L, i, text) && (dk_buffer_adds(out, text), true);
}

/* The digits of a number that Lua cannot hold (push_big): a table, which its owner may have
 * changed. */
static bool encode_big(lua_State *L, int table, dk_buffer *out)
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

static bool has_metatable(lua_State *L, int i, const void *key)
{
    if (!lua_getmetatable(L, i))
        return false;
    dk_pushregistry(L, key);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

bool dk_json_is_array(lua_State *L, int i)
{
    return lua_istable(L, i) && (dk_rawlen(L, i) > 0 || has_metatable(L, i, &array_key));
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

const char *dk_json_no_list(lua_State *L, int i, bool *object)
{
    size_t names = 0, elements;
    const char *why =
        lua_istable(L, i) ? count_table(L, dk_absindex(L, i), &names, &elements) : NULL;
    *object = names && !why;
    return why ? why : names || !lua_istable(L, i) ? "a list is needed" : NULL;
}

static bool encode_value(lua_State *L, int i, const char *const *skip, const place *at,
                         dk_buffer *out);

static bool encode_array(lua_State *L, int table, size_t length, const place *at, dk_buffer *out)
{
    dk_buffer_addc(out, '[');
    for (size_t i = 1; i <= length; i++) {
        place inside = {at, NULL, i, at->depth + 1};
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
                          const place *at, dk_buffer *out)
{
    size_t count;
    member *members = push_members(L, table, skip, most, &count);
    if (!members)
        return refuse(L, at, "a table that changes while it is written");
    int keys = lua_gettop(L) - 1;
    dk_buffer_addc(out, '{');
    for (size_t i = 0; i < count; i++) {
        place inside = {at, members[i].name, 0, at->depth + 1};
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

static bool encode_table(lua_State *L, int table, const char *const *skip, const place *at,
                         dk_buffer *out)
{
    size_t names, elements;
    if (at->depth > MAX_DEPTH)
        return refuse(L, at, "nested too deeply, or a table that holds itself");
    dk_checkstack(L, 8, "value nested too deeply");
    if (has_metatable(L, table, &number_key))
        return encode_big(L, table, out) || refuse(L, at, "a number without its digits");
    const char *why = count_table(L, table, &names, &elements);
    if (why)
        return refuse(L, at, why);
    if (elements || (!names && has_metatable(L, table, &array_key)))
        return encode_array(L, table, elements, at, out);
    return encode_object(L, table, skip, names, at, out);
}

static bool encode_value(lua_State *L, int i, const char *const *skip, const place *at,
                         dk_buffer *out)
{
    size_t n;
    const char *s;
    switch (lua_type(L, i)) {
    case LUA_TSTRING:
        s = lua_tolstring(L, i, &n);
        if (dk_utf8_check(s, n) < n)
            return refuse(L, at, "a string that is not UTF-8");
        encode_string(out, s, n);
        return true;
    case LUA_TNUMBER:
        return encode_number(L, i, out) || refuse(L, at, "not a number that JSON can hold");
    case LUA_TBOOLEAN:
        return dk_buffer_adds(out, lua_toboolean(L, i) ? "true" : "false");
    case LUA_TTABLE:
        return encode_table(L, i, skip, at, out);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, i) == NULL)
            return dk_buffer_adds(out, "null");
        /* fallthrough */
    default:
        lua_pushfstring(L, "a %s cannot be sent", luaL_typename(L, i));
        return refuse(L, at, lua_tostring(L, -1));
    }
}

bool dk_json_encode(lua_State *L, int i, const char *const *skip, dk_buffer *out)
{
    place top = {NULL, NULL, 0, 0};
    int before = lua_gettop(L);
    bool done = encode_value(L, dk_absindex(L, i), skip, &top, out);
    if (out->failed)
        return luaL_error(L, "not enough memory");
    if (done) {
        lua_settop(L, before);
    } else {
        lua_insert(L, before + 1);
        lua_settop(L, before + 1);
    }
    return done;
}

/* --- what Lua sees ---------------------------------------------------------------------------- */

/* decode(text) -> value | nil, message */
static int json_decode(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    if (dk_json_decode(L, 1))
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

/* encode(value) -> text | nil, message */
static int json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    dk_buffer *out = dk_newbuffer(L, true);
    if (!dk_json_encode(L, 1, NULL, out)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushlstring(L, out->data, out->length);
    dk_buffer_free(out);
    return 1;
}

/* array{...} -> the same table, which is sent as an array even when it is empty */
static int json_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    dk_pushregistry(L, &array_key);
    lua_setmetatable(L, 1);
    return 1;
}

static int number_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_rawgeti(L, 1, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
        lua_pushliteral(L, "a number without its digits");
    return 1;
}

static int number_equal(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_rawgeti(L, 1, 1);
    lua_rawgeti(L, 2, 1);
    lua_pushboolean(L, lua_rawequal(L, -1, -2));
    return 1;
}

static void load_decoder(lua_State *L)
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

int dk_open_json(lua_State *L)
{
    static const luaL_Reg buffer_meta[] = {{"__gc", buffer_gc}, {NULL, NULL}};
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg number_meta[] = {
        {"__tostring", number_tostring}, {"__eq", number_equal}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"decode", json_decode}, {"encode", json_encode}, {"array", json_array}, {NULL, NULL}};
    dk_newtype(L, &BUFFER, none, buffer_meta);
    load_decoder(L);
    lua_newtable(L);
    dk_setstring(L, "__name", "ddokta.array");
    dk_setregistry(L, &array_key);
    lua_newtable(L);
    dk_setfuncs(L, number_meta);
    dk_setstring(L, "__name", "ddokta.number");
    dk_setstring(L, "__metatable", "locked");
    dk_setregistry(L, &number_key);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
