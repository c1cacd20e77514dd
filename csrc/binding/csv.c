/*
 * ddokta.core.csv: the CSV reader for Lua.
 *
 *   reader = csv.reader{delimiter = ",", dialect = true, max_field = bytes, max_record = bytes}
 *                             dialect: the first line may be Excel's "sep=;", and where no
 *                             delimiter is given, it shows what it is
 *   reader:feed(bytes)        takes a chunk, cut anywhere
 *   reader:finish()           no more will come
 *   reader:columns{"a", "b"}  from now on a row is a table by column; the record that was read last
 *                             is the header, which must not come again
 *   reader:delimiter()        what separates the columns; nil: only one is there, or it is not
 * known reader:close()            frees the memory now reader:next()             -> row, line     a
 * record and the line it starts on
 *                             -> nil           feed more, or (after finish) the end
 *                             -> nil, problem  {code, message, line, column, field}; go on with
 * next
 *
 *   csv.is_utf8(text)         -> true, or false and the offset (from 1) of the first bad byte
 *
 * Without columns a row is a list of all its fields. With columns an empty field is absent, a
 * record of nothing but spaces is skipped, and one with too few fields, or with more that have
 * something in them, is a problem.
 */
#include "csv.h"
#include "json.h"

#include "rows/csv.h"
#include "base/utf8.h"

#include <string.h>

static const dk_type READER = {"ddokta.csv.reader", "this reader is closed"};

dk_reader *dk_check_reader(lua_State *L, int index)
{
    dk_reader *r = dk_checkself(L, index, &READER);
    luaL_argcheck(L, !r->telling, index, "a record of this reader was taken and not told");
    return r;
}

static dk_reader *check_reader(lua_State *L)
{
    return dk_check_reader(L, 1);
}

static int no_memory(lua_State *L)
{
    return luaL_error(L, "not enough memory");
}

static size_t size_option(lua_State *L, int index, const char *name)
{
    lua_Number value;

    lua_getfield(L, index, name);
    value = luaL_optnumber(L, -1, 0);
    luaL_argcheck(L, value >= 0 && value <= (lua_Number)(SIZE_MAX / 4), index,
                  "a size in bytes is wanted");
    lua_pop(L, 1);
    return (size_t)value;
}

/* '\0': none is given */
static char delimiter_option(lua_State *L, int index)
{
    const char *value;
    size_t length;
    char delimiter;

    lua_getfield(L, index, "delimiter");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return '\0';
    }
    value = luaL_checklstring(L, -1, &length);
    delimiter = value[0];
    luaL_argcheck(L,
                  length == 1 && !memchr("\"\r\n", delimiter, 4) && (unsigned char)delimiter < 0x80,
                  index, "the delimiter is one character, such as , or ;");
    lua_pop(L, 1);
    return delimiter;
}

static int new_reader(lua_State *L)
{
    dk_csv_options options = {0};
    dk_reader *r;

    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        options.delimiter = delimiter_option(L, 1);
        lua_getfield(L, 1, "dialect");
        options.dialect = lua_toboolean(L, -1);
        lua_pop(L, 1);
        options.max_field = size_option(L, 1, "max_field");
        options.max_record = size_option(L, 1, "max_record");
    }
    r = dk_newobject(L, sizeof *r, &READER);
    r->columns = LUA_NOREF;
    r->csv = dk_csv_new(&options);
    r->self.lives = r->csv != NULL;
    return r->csv ? 1 : no_memory(L);
}

static int reader_feed(lua_State *L)
{
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);

    if (!dk_csv_feed(check_reader(L)->csv, bytes, length))
        return no_memory(L);
    return 0;
}

static int reader_finish(lua_State *L)
{
    dk_csv_finish(check_reader(L)->csv);
    return 0;
}

static int reader_columns(lua_State *L)
{
    dk_reader *r;
    size_t i;

    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L); /* a copy: what the caller does to his list later is his own affair */
    for (i = 0;; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        if (lua_isnil(L, -1))
            break;
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "a list of column names is wanted");
        lua_rawseti(L, 3, (int)i + 1);
    }
    lua_pop(L, 1);
    int columns = luaL_ref(L, LUA_REGISTRYINDEX);
    r = dk_self(L, 1, &READER);
    if (!r) {
        luaL_unref(L, LUA_REGISTRYINDEX, columns);
        return luaL_argerror(L, 1, READER.ended);
    }
    luaL_unref(L, LUA_REGISTRYINDEX, r->columns);
    r->columns = columns;
    r->expected = i;
    return dk_csv_keep_header(r->csv) ? 0 : no_memory(L);
}

static int reader_delimiter(lua_State *L)
{
    char delimiter = dk_csv_delimiter(check_reader(L)->csv);

    if (delimiter)
        lua_pushlstring(L, &delimiter, 1);
    else
        lua_pushnil(L);
    return 1;
}

static void set_field(lua_State *L, const char *name, size_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static const char *code_name(dk_csv_code code)
{
    switch (code) {
    case DK_CSV_TEXT_AFTER_QUOTE:
        return "text_after_quote";
    case DK_CSV_QUOTE_IN_TEXT:
        return "quote_in_text";
    case DK_CSV_UNTERMINATED_QUOTE:
        return "unterminated_quote";
    case DK_CSV_NUL:
        return "nul";
    case DK_CSV_FIELD_TOO_LARGE:
        return "field_too_large";
    case DK_CSV_RECORD_TOO_LARGE:
        return "record_too_large";
    case DK_CSV_NOT_UTF8:
        return "not_utf8";
    case DK_CSV_NOT_UTF16:
        return "not_utf16";
    case DK_CSV_CUT_UTF16:
        return "cut_utf16";
    case DK_CSV_DELIMITER_OPEN:
        return "delimiter_open";
    case DK_CSV_DELIMITER_LATE:
        return "delimiter_late";
    case DK_CSV_HEADER_AGAIN:
        return "header_again";
    case DK_CSV_NO_MEMORY:
        return "no_memory";
    case DK_CSV_OK:
        break;
    }
    return "ok";
}

int dk_push_fault(lua_State *L, const dk_reader *r)
{
    dk_csv_place fault = *dk_csv_fault(r->csv);

    lua_pushnil(L);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, code_name(fault.code));
    lua_setfield(L, -2, "code");
    lua_pushstring(L, dk_csv_message(fault.code));
    lua_setfield(L, -2, "message");
    set_field(L, "line", fault.line);
    if (fault.column)
        set_field(L, "column", fault.column);
    set_field(L, "field", fault.field);
    return 2;
}

int dk_push_wrong_count(lua_State *L, const dk_reader *r)
{
    size_t count = dk_csv_count(r->csv), expected = r->expected, line = dk_csv_line(r->csv);

    lua_pushnil(L);
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "field_count");
    lua_setfield(L, -2, "code");
    lua_pushfstring(L, "%d field%s, but the header has %d", (int)count, count == 1 ? "" : "s",
                    (int)expected);
    lua_setfield(L, -2, "message");
    set_field(L, "line", line);
    return 2;
}

/* The record that the reader has, each field with its length before it: the collector may close the
 * reader before Lua has them all. */
static void copy_record(lua_State *L, const dk_csv *csv, dk_buffer *copy)
{
    size_t i, length, count = dk_csv_count(csv);

    dk_buffer_clear(copy);
    for (i = 0; i < count; i++) {
        const char *field = dk_csv_field(csv, i, &length);

        dk_buffer_add(copy, &length, sizeof length);
        dk_buffer_add(copy, field, length);
    }
    if (copy->failed)
        no_memory(L);
}

/* The next field of a copy. */
static const char *next_field(const dk_buffer *copy, size_t *at, size_t *length)
{
    const char *field;

    memcpy(length, copy->data + *at, sizeof *length);
    field = copy->data + *at + sizeof *length;
    *at += sizeof *length + *length;
    return field;
}

static int push_list(lua_State *L, const dk_csv *csv, dk_buffer *copy)
{
    size_t i, length, at = 0, count = dk_csv_count(csv), line = dk_csv_line(csv);

    copy_record(L, csv, copy);
    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        const char *field = next_field(copy, &at, &length);

        lua_pushlstring(L, field, length);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)line);
    return 2;
}

bool dk_record_fits(const dk_reader *r)
{
    size_t length, count = dk_csv_count(r->csv);

    if (count < r->expected)
        return false;
    for (size_t i = r->expected; i < count; i++) {
        dk_csv_field(r->csv, i, &length);
        if (length > 0)
            return false;
    }
    return true;
}

int dk_push_row(lua_State *L, const dk_reader *r, dk_buffer *copy)
{
    size_t i, length, at = 0, count = dk_csv_count(r->csv), line = dk_csv_line(r->csv);

    if (count > r->expected) /* what is behind the last column is empty */
        count = r->expected;

    copy_record(L, r->csv, copy);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->columns);
    lua_createtable(L, 0, (int)count);
    for (i = 0; i < count; i++) {
        const char *field = next_field(copy, &at, &length);

        if (length == 0)
            continue;
        lua_rawgeti(L, -2, (int)i + 1);
        lua_pushlstring(L, field, length);
        lua_rawset(L, -3);
    }
    lua_pushinteger(L, (lua_Integer)line);
    return 2;
}

static int push_record(lua_State *L, const dk_reader *r, dk_buffer *copy)
{
    if (r->columns == LUA_NOREF)
        return push_list(L, r->csv, copy);
    return dk_record_fits(r) ? dk_push_row(L, r, copy) : dk_push_wrong_count(L, r);
}

static int reader_next(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L, true);
    dk_reader *r = check_reader(L);
    dk_csv_step step;
    int results;

    do
        step = dk_csv_next(r->csv);
    while (step == DK_CSV_ROW && r->columns != LUA_NOREF && dk_csv_is_blank(r->csv));
    if (step == DK_CSV_MORE || step == DK_CSV_END) {
        lua_pushnil(L);
        return 1;
    }
    r->telling = true;
    results = step == DK_CSV_ERROR ? dk_push_fault(L, r) : push_record(L, r, copy);
    r->telling = false;
    return results;
}

static int reader_gc(lua_State *L)
{
    dk_reader *r = dk_endself(L, &READER);

    if (!r)
        return 0;
    dk_csv_free(r->csv);
    r->csv = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, r->columns);
    r->columns = LUA_NOREF;
    return 0;
}

static int is_utf8(lua_State *L)
{
    size_t length, bad;
    const char *text = luaL_checklstring(L, 1, &length);

    bad = dk_utf8_check(text, length);
    lua_pushboolean(L, bad == length);
    if (bad == length)
        return 1;
    lua_pushinteger(L, (lua_Integer)bad + 1);
    return 2;
}

int dk_open_csv(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"feed", reader_feed}, {"finish", reader_finish}, {"columns", reader_columns},
        {"next", reader_next}, {"close", reader_gc},      {"delimiter", reader_delimiter},
        {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", reader_gc}, {"__close", reader_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"reader", new_reader}, {"is_utf8", is_utf8}, {NULL, NULL}};

    dk_newtype(L, &READER, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
