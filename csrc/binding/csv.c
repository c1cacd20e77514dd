/* ddokta.core.csv: the CSV reader for Lua.
 *
 *   csv.reader{delimiter = ",", dialect = true, max_field = bytes, max_record = bytes} -> reader
 *                             dialect: the first line may be Excel's "sep=;", and where no
 *                             delimiter is given, it shows what it is
 *   csv.is_utf8(text)         -> true, or false and the offset (from 1) of the first bad byte
 *
 *   reader:feed(bytes)        takes a chunk, cut anywhere
 *   reader:finish()           no more will come
 *   reader:columns{"a", "b"}  from now on a row is a table by column; the record that was read last
 *                             is the header, which must not come again
 *   reader:next()             -> row, line     a record and the line it starts on
 *                             -> nil           feed more, or (after finish) the end
 *                             -> nil, problem  {code, message, line, column, field}; the next
 *                                              call goes on
 *   reader:delimiter()        what separates the columns; nil: only one is there, or it is not
 *                             known
 *   reader:close()            frees the memory now
 *
 * Without columns a row is a list of all its fields. With columns an empty field is absent, a
 * record of nothing but spaces is skipped, and one with too few fields, or with more that have
 * something in them, is a problem.
 */
#include "csv.h"
#include "buffer.h"

#include "base/utf8.h"

const dk_type DK_READER = {"ddokta.csv.reader", "this reader is closed",
                           "a record of this reader was taken and not told"};

static size_t size_option(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    lua_Number value = luaL_optnumber(L, -1, 0);
    luaL_argcheck(L, value >= 0 && value <= (lua_Number)(SIZE_MAX / 4), index,
                  "a size in bytes is wanted");
    lua_pop(L, 1);
    return (size_t)value;
}

/* '\0': none is given */
static char delimiter_option(lua_State *L, int index)
{
    size_t length;
    lua_getfield(L, index, "delimiter");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return '\0';
    }
    const char *value = luaL_checklstring(L, -1, &length);
    char delimiter = value[0];
    luaL_argcheck(L,
                  length == 1 && !memchr("\"\r\n", delimiter, 4) && (unsigned char)delimiter < 0x80,
                  index, "the delimiter is one character, such as , or ;");
    lua_pop(L, 1);
    return delimiter;
}

static int new_reader(lua_State *L)
{
    dk_csv_options options = {0};
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        options.delimiter = delimiter_option(L, 1);
        options.dialect = dk_flag(L, 1, "dialect");
        options.max_field = size_option(L, 1, "max_field");
        options.max_record = size_option(L, 1, "max_record");
    }
    dk_reader *r = dk_newobject(L, sizeof *r, &DK_READER);
    r->columns = LUA_NOREF;
    r->csv = dk_csv_new(&options);
    r->self.lives = r->csv != NULL;
    return r->csv ? 1 : dk_no_memory(L);
}

static int reader_feed(lua_State *L)
{
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);
    dk_reader *r = dk_checkself(L, 1, &DK_READER);
    return dk_csv_feed(r->csv, bytes, length) ? 0 : dk_no_memory(L);
}

static int reader_finish(lua_State *L)
{
    dk_reader *r = dk_checkself(L, 1, &DK_READER);
    dk_csv_finish(r->csv);
    return 0;
}

static int reader_columns(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L); /* a copy: the caller may change the list later */
    size_t count = 0;
    for (;; count++) {
        lua_rawgeti(L, 2, (int)count + 1);
        if (lua_isnil(L, -1))
            break;
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "a list of column names is wanted");
        lua_rawseti(L, 3, (int)count + 1);
    }
    lua_pop(L, 1);
    int columns = luaL_ref(L, LUA_REGISTRYINDEX);
    dk_reader *r = dk_self(L, 1, &DK_READER);
    if (!r) {
        luaL_unref(L, LUA_REGISTRYINDEX, columns);
        return luaL_argerror(L, 1, DK_READER.ended);
    }
    luaL_unref(L, LUA_REGISTRYINDEX, r->columns);
    r->columns = columns;
    r->expected = count;
    return dk_csv_keep_header(r->csv) ? 0 : dk_no_memory(L);
}

static int reader_delimiter(lua_State *L)
{
    const dk_reader *r = dk_checkself(L, 1, &DK_READER);
    char delimiter = dk_csv_delimiter(r->csv);
    if (delimiter)
        lua_pushlstring(L, &delimiter, 1);
    else
        lua_pushnil(L);
    return 1;
}

static const char *const code_names[] = {
    [DK_CSV_OK] = "ok",
    [DK_CSV_TEXT_AFTER_QUOTE] = "text_after_quote",
    [DK_CSV_QUOTE_IN_TEXT] = "quote_in_text",
    [DK_CSV_UNTERMINATED_QUOTE] = "unterminated_quote",
    [DK_CSV_NUL] = "nul",
    [DK_CSV_FIELD_TOO_LARGE] = "field_too_large",
    [DK_CSV_RECORD_TOO_LARGE] = "record_too_large",
    [DK_CSV_NOT_UTF8] = "not_utf8",
    [DK_CSV_NOT_UTF16] = "not_utf16",
    [DK_CSV_CUT_UTF16] = "cut_utf16",
    [DK_CSV_DELIMITER_OPEN] = "delimiter_open",
    [DK_CSV_DELIMITER_LATE] = "delimiter_late",
    [DK_CSV_HEADER_AGAIN] = "header_again",
    [DK_CSV_NO_MEMORY] = "no_memory",
};

int dk_push_fault(lua_State *L, const dk_reader *r)
{
    dk_csv_place fault = *dk_csv_fault(r->csv);
    lua_pushnil(L);
    lua_createtable(L, 0, 5);
    dk_setstring(L, "code", code_names[fault.code]);
    dk_setstring(L, "message", dk_csv_message(fault.code));
    dk_setwhole(L, "line", (double)fault.line);
    if (fault.column)
        dk_setwhole(L, "column", (double)fault.column);
    dk_setwhole(L, "field", (double)fault.field);
    return 2;
}

int dk_push_wrong_count(lua_State *L, const dk_reader *r)
{
    size_t count = dk_csv_count(r->csv), expected = r->expected, line = dk_csv_line(r->csv);
    lua_pushnil(L);
    lua_createtable(L, 0, 3);
    dk_setstring(L, "code", "field_count");
    lua_pushfstring(L, "%d field%s, but the header has %d", (int)count, count == 1 ? "" : "s",
                    (int)expected);
    lua_setfield(L, -2, "message");
    dk_setwhole(L, "line", (double)line);
    return 2;
}

/* The record that the reader has, each field with its length before it: the collector may close the
 * reader before Lua has them all. */
static void copy_record(lua_State *L, const dk_csv *csv, dk_buffer *copy)
{
    size_t count = dk_csv_count(csv);
    dk_buffer_clear(copy);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *field = dk_csv_field(csv, i, &length);
        dk_buffer_add(copy, &length, sizeof length);
        dk_buffer_add(copy, field, length);
    }
    if (copy->failed)
        dk_no_memory(L);
}

/* The next field of a copy. */
static const char *next_field(const dk_buffer *copy, size_t *at, size_t *length)
{
    memcpy(length, copy->data + *at, sizeof *length);
    const char *field = copy->data + *at + sizeof *length;
    *at += sizeof *length + *length;
    return field;
}

static int push_list(lua_State *L, const dk_csv *csv, dk_buffer *copy)
{
    size_t at = 0, count = dk_csv_count(csv), line = dk_csv_line(csv);
    copy_record(L, csv, copy);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *field = next_field(copy, &at, &length);
        lua_pushlstring(L, field, length);
        lua_rawseti(L, -2, (int)i + 1);
    }
    dk_pushwhole(L, (double)line);
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
    size_t at = 0, count = dk_csv_count(r->csv), line = dk_csv_line(r->csv);
    if (count > r->expected) /* what is behind the last column is empty */
        count = r->expected;
    copy_record(L, r->csv, copy);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->columns);
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *field = next_field(copy, &at, &length);
        if (length == 0)
            continue;
        lua_rawgeti(L, -2, (int)i + 1);
        lua_pushlstring(L, field, length);
        lua_rawset(L, -3);
    }
    dk_pushwhole(L, (double)line);
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
    dk_buffer *copy = dk_newsecretbuffer(L);
    dk_reader *r = dk_checkself(L, 1, &DK_READER);
    dk_csv_step step;
    do
        step = dk_csv_next(r->csv);
    while (step == DK_CSV_ROW && r->columns != LUA_NOREF && dk_csv_is_blank(r->csv));
    if (step == DK_CSV_MORE || step == DK_CSV_END) {
        lua_pushnil(L);
        return 1;
    }
    r->self.busy = true;
    int results = step == DK_CSV_ERROR ? dk_push_fault(L, r) : push_record(L, r, copy);
    r->self.busy = false;
    return results;
}

static int reader_gc(lua_State *L)
{
    dk_reader *r = dk_endself(L, &DK_READER);
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
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    size_t bad = dk_utf8_check(text, length);
    lua_pushboolean(L, bad == length);
    if (bad == length)
        return 1;
    dk_pushwhole(L, (double)bad + 1);
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
    dk_newtype(L, &DK_READER, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
