/* How rows come in: from a CSV reader, or one by one.
 *
 *   rows:take(reader)       takes records until it cannot
 *     -> nil                the reader wants more bytes, or there is no more
 *     -> row, line          a record that cannot be taken: as the reader gives it
 *     -> nil, problem       as the reader gives it
 *     -> false, duplicate   {line, key, first_line, first_key (where values are kept), exact}
 *   rows:add(values, line)  one row, by column: true, nil (it cannot be taken) or false, duplicate
 *   rows:claim(key, line)   a key alone: true, or false, duplicate
 */
#include "rows.h"
#include "buffer.h"
#include "csv.h"
#include "json.h"

#include "base/utf8.h"

/* What rows:take and rows:add say about a key that is there already; the key is on top. */
static int push_duplicate(lua_State *L, const dk_rows_first *first, size_t line)
{
    dk_buffer *first_key = NULL;
    if (first->row != DK_ROWS_NONE) {
        first_key = dk_newbuffer(L);
        const dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
        if (!dk_copy_value(first_key, r->rows, first->row, dk_rows_options_of(r->rows)->key))
            return dk_no_memory(L);
        lua_insert(L, -2);
    }
    lua_pushboolean(L, 0);
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "key");
    dk_setwhole(L, "line", (double)line);
    dk_setwhole(L, "first_line", (double)first->line);
    dk_setboolean(L, "exact", first->exact);
    if (first_key) {
        dk_pushbuffer(L, first_key);
        lua_setfield(L, -2, "first_key");
    }
    return 2;
}

static int push_full(lua_State *L, size_t line)
{
    lua_pushnil(L);
    lua_createtable(L, 0, 2);
    dk_setstring(L, "message", "more lines than can be counted");
    dk_setwhole(L, "line", (double)line);
    return 2;
}

/* The record that the reader has, field by field. */
static dk_rows_code take_record(dk_rows_object *r, const dk_csv *csv, dk_rows_first *first)
{
    dk_rows_code code = DK_ROWS_OK;
    for (size_t i = 0; i < r->field_count && code == DK_ROWS_OK; i++) {
        size_t n;
        const char *text = dk_csv_field(csv, i, &n);
        if (r->fields[i] >= 0)
            code = dk_rows_set(r->rows, (size_t)r->fields[i], text, n);
        else if (r->fields[i] == DK_NAMELESS && n > 0)
            code = DK_ROWS_REFUSED;
    }
    if (code == DK_ROWS_OK)
        return dk_rows_end(r->rows, dk_csv_line(csv), first);
    dk_rows_drop(r->rows);
    return code;
}

static bool copy_key_field(dk_buffer *copy, const dk_rows_object *r, const dk_csv *csv)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (r->fields[i] == (int)dk_rows_options_of(r->rows)->key) {
            size_t n;
            const char *text = dk_csv_field(csv, i, &n);
            return dk_buffer_add(copy, text, n);
        }
    return true;
}

/* What rows:take answers for the record that the reader has, and was not taken. */
static int push_untaken(lua_State *L, const dk_rows_object *r, dk_reader *reader, dk_rows_code code,
                        const dk_rows_first *first, dk_buffer *copy)
{
    size_t line = dk_csv_line(reader->csv);
    switch (code) {
    case DK_ROWS_REFUSED:
        return dk_push_row(L, reader, copy);
    case DK_ROWS_TWICE:
        if (!copy_key_field(copy, r, reader->csv))
            return dk_no_memory(L);
        dk_pushbuffer(L, copy);
        return push_duplicate(L, first, line);
    case DK_ROWS_FULL:
        return push_full(L, line);
    default:
        return dk_no_memory(L);
    }
}

int dk_rows_take(lua_State *L)
{
    dk_buffer *copy = dk_newsecretbuffer(L);
    dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
    dk_reader *reader = dk_checkself(L, 2, &DK_READER);
    luaL_argcheck(L, r->fields && r->field_count == reader->expected, 2, "other columns");
    dk_rows_first first;
    dk_rows_code code = DK_ROWS_OK;
    int results = 0;
    while (code == DK_ROWS_OK && results == 0) {
        reader->self.busy = false;
        dk_csv_step step = dk_csv_next(reader->csv);
        if (step == DK_CSV_MORE || step == DK_CSV_END)
            return 0;
        reader->self.busy = true;
        if (step == DK_CSV_ERROR)
            results = dk_push_fault(L, reader);
        else if (dk_csv_is_blank(reader->csv))
            continue;
        else if (!dk_record_fits(reader))
            results = dk_push_wrong_count(L, reader);
        else
            code = take_record(r, reader->csv, &first);
    }
    if (code != DK_ROWS_OK)
        results = push_untaken(L, r, reader, code, &first, copy);
    reader->self.busy = false;
    return results;
}

/* The list at the index as items; false: an element is not text that can be one. */
static bool to_items(lua_State *L, int index, dk_buffer *items)
{
    size_t count = dk_rawlen(L, index);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, index, (int)i);
        size_t n;
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
        bool ok = text && !memchr(text, '\0', n) && dk_utf8_check(text, n) == n &&
                  dk_buffer_add(items, text, n) && dk_buffer_addc(items, '\0');
        lua_pop(L, 1);
        if (!ok)
            return false;
    }
    return true;
}

static dk_rows_code set_list(lua_State *L, dk_rows_object *r, size_t column, int index)
{
    dk_buffer items = {.secret = true};
    dk_rows_code code = DK_ROWS_REFUSED;
    if (to_items(L, index, &items))
        code = dk_rows_set_items(r->rows, column, items.data ? items.data : "", items.length);
    else if (items.failed)
        code = DK_ROWS_NO_MEMORY;
    dk_buffer_free(&items);
    return code;
}

static dk_rows_code set_text(lua_State *L, dk_rows_object *r, size_t column, int index)
{
    size_t n;
    const char *text = lua_tolstring(L, index, &n);
    if (!dk_rows_options_of(r->rows)->foreign && dk_utf8_check(text, n) != n)
        return DK_ROWS_REFUSED;
    return dk_rows_set(r->rows, column, text, n);
}

/* The value at the index, which stays on the stack until the row is ended; numbers are text. What a
 * service sends in another type than it says counts as absent. */
static dk_rows_code set_value(lua_State *L, dk_rows_object *r, size_t column, int index)
{
    const dk_rows_options *o = dk_rows_options_of(r->rows);
    dk_form form = o->columns[column].form;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return DK_ROWS_OK;
    case LUA_TSTRING:
        return set_text(L, r, column, index);
    case LUA_TBOOLEAN:
        if (form == DK_FORM_BOOLEAN)
            return lua_toboolean(L, index) ? dk_rows_set(r->rows, column, "true", 4)
                                           : dk_rows_set(r->rows, column, "false", 5);
        break;
    case LUA_TTABLE:
        if (form == DK_FORM_LIST)
            return set_list(L, r, column, index);
        break;
    default:
        break;
    }
    return o->foreign ? DK_ROWS_OK : DK_ROWS_REFUSED;
}

/* What rows:add and rows:claim say; key: the index of the row's. */
static int push_outcome(lua_State *L, dk_rows_code code, const dk_rows_first *first, size_t line,
                        int key)
{
    switch (code) {
    case DK_ROWS_OK:
        lua_pushboolean(L, 1);
        return 1;
    case DK_ROWS_TWICE:
        lua_pushvalue(L, key);
        return push_duplicate(L, first, line);
    case DK_ROWS_FULL:
        return luaL_error(L, "more rows than can be counted");
    case DK_ROWS_NO_MEMORY:
        return dk_no_memory(L);
    case DK_ROWS_REFUSED:
        break;
    }
    lua_pushnil(L);
    return 1;
}

static size_t check_line(lua_State *L, int index)
{
    lua_Number line = luaL_checknumber(L, index);
    luaL_argcheck(L, line >= 1, index, "lines count from 1");
    return line < (lua_Number)UINT32_MAX ? (size_t)line : UINT32_MAX; /* more than can be counted */
}

int dk_rows_add(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t line = check_line(L, 3);
    lua_settop(L, 3);
    dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
    size_t count = dk_rows_options_of(r->rows)->count;
    bool foreign = dk_rows_options_of(r->rows)->foreign;
    dk_checkstack(L, (int)count + 8, "too many columns");
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 4, (int)i + 1);
        lua_gettable(L, 2);
        if (foreign && lua_type(L, -1) == LUA_TNUMBER && dk_json_push_number(L, -1))
            lua_replace(L, -2);
    }
    r = dk_checkself(L, 1, &DK_ROWS); /* whatever the table's __index did */
    dk_rows_first first;
    dk_rows_code code = DK_ROWS_OK;
    for (size_t i = 0; i < count && code == DK_ROWS_OK; i++)
        code = set_value(L, r, i, (int)i + 5);
    if (code != DK_ROWS_OK)
        dk_rows_drop(r->rows);
    else if (dk_rows_options_of(r->rows)->foreign)
        code = dk_rows_end_partial(r->rows, line, &first);
    else
        code = dk_rows_end(r->rows, line, &first);
    return push_outcome(L, code, &first, line, (int)dk_rows_options_of(r->rows)->key + 5);
}

int dk_rows_claim(lua_State *L)
{
    size_t n, line = check_line(L, 3);
    const char *key = luaL_checklstring(L, 2, &n);
    dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
    dk_rows_first first;
    dk_rows_code code = dk_rows_set(r->rows, dk_rows_options_of(r->rows)->key, key, n);
    if (code == DK_ROWS_OK)
        code = dk_rows_end_partial(r->rows, line, &first);
    else
        dk_rows_drop(r->rows);
    return push_outcome(L, code, &first, line, 2);
}
