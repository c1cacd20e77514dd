/*
 * ddokta.core.rows: packed rows and their comparison for Lua.
 *
 *   rows = rows.new{columns =, key =, within =, keep =, foreign =, fold_keys =}
 *     columns           a list of {name =, form =, required =, secret =, immutable =, fold =,
 *                       separator =, max =}; what these mean is said in bulk/kinds/init.lua
 *     key               the name of the column by which rows are found
 *     within            the column within whose value a key names one row; nil: everywhere
 *     keep              values too (false: only which keys there are)
 *     foreign           a service's rows, taken as they are
 *     fold_keys         to the service a key's letter case means nothing
 *   rows:fields(names, strict)  which columns the fields of a CSV reader are; unknown names are
 * left out. strict: a record with something under the name "" is not as it should be
 *   rows:take(reader)   takes records until it cannot
 *     -> nil            the reader wants more bytes, or there is no more
 *     -> row, line      a record that is not as it should be: as the reader gives it
 *     -> nil, problem   as the reader gives it
 *     -> false, twice   {line, key, first_line, first_key (where values are kept), exact}
 *   rows:add(values, line)  one row, by column: true, nil (not as it should be) or false, twice
 *   rows:claim(key, line)   a key alone: true, or false, twice
 *   rows:count()
 *   rows:get(i)         -> values, secrets or nil, key, line
 *   rows:find(key[, within]) -> a list of the rows whose keys read like it (text.skeleton)
 *   rows:match(service, {prune =, rotate =, reactivate =, inactive = column, id = column}) -> match
 *   rows:close()
 *
 *   match:counts()      -> {create =, ..., deactivations =, reactivations =, spared =, active =,
 *                          met =}
 *   match:steps()       -> how many
 *   match:at(step)      -> action, row of the source or nil, row of the service or nil
 *   match:set(step, action)
 *   match:digest(source, service, steps, more) -> SHA-256 in hexadecimal of what the steps do
 * (steps true) or of what the source asks for, and of the text `more`; of secrets only whether they
 * are there match:next(step)    -> the next step after it in which something is to be done, or nil
 *
 *   rows.normal(form, text) -> the text in its form, or nil
 *   rows.part(key, count)   -> 1 to count: the part of a whole that a key belongs to, the same on
 * every machine, and for all keys that read alike
 */
#include "rows.h"
#include "csv.h"
#include "json.h"
#include "object.h"

#include "base/ascii.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "rows/match.h"
#include "base/text.h"
#include "base/utf8.h"

#include <stdlib.h>

static const dk_type ROWS = {"ddokta.rows", "these rows are closed"};
static const dk_type MATCH = {"ddokta.match", "this match is gone"};

enum { NO_COLUMN = -1, NAMELESS = -2 }; /* it means nothing; it must be empty */

typedef struct rows {
    dk_object self;
    dk_rows *rows;
    int names;   /* a registry reference to the list of column names */
    int *fields; /* for each field of a CSV record its column, NO_COLUMN or NAMELESS */
    size_t field_count;
} rows;

static const char *const action_names[DK_ACTIONS + 1] = {
    [DK_CREATE] = "create",     [DK_UPDATE] = "update",         [DK_UNCHANGED] = "unchanged",
    [DK_DELETE] = "delete",     [DK_KEY_TWICE] = "key_twice",   [DK_KEY_VARIANT] = "key_variant",
    [DK_FIXED] = "fixed",       [DK_REFUSED] = "refused",       [DK_ROW_VARIANT] = "row_variant",
    [DK_OTHER_ID] = "other_id", [DK_SAME_THING] = "same_thing",
};

static int no_memory(lua_State *L)
{
    return luaL_error(L, "not enough memory");
}

typedef struct match_object {
    dk_object self;
    dk_match match;
} match_object;

static rows *check_rows(lua_State *L, int index)
{
    return dk_checkself(L, index, &ROWS);
}

/* Rows whose values were kept. */
static rows *check_kept(lua_State *L, int index)
{
    rows *r = check_rows(L, index);
    luaL_argcheck(L, dk_rows_options_of(r->rows)->keep, index, "the values were not kept");
    return r;
}

static size_t check_index(lua_State *L, int index, size_t count)
{
    lua_Number number = luaL_checknumber(L, index);
    luaL_argcheck(L, number >= 1 && number <= (lua_Number)count, index, "there is no such row");
    return (size_t)number - 1;
}

static bool flag(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static dk_form form_named(lua_State *L, const char *name)
{
    for (int i = 0; i < DK_FORMS; i++)
        if (strcmp(dk_form_names[i], name) == 0)
            return (dk_form)i;
    luaL_error(L, "unknown form '%s'", name);
    return DK_FORM_TEXT;
}

/* The column that is the table on top of the stack. */
static dk_column to_column(lua_State *L)
{
    dk_column column = {DK_FORM_TEXT, false, false, false, false, ';', 0};
    int table = lua_gettop(L);
    luaL_checktype(L, table, LUA_TTABLE);
    column.required = flag(L, table, "required");
    column.secret = flag(L, table, "secret");
    column.fixed = flag(L, table, "immutable");
    column.fold = flag(L, table, "fold");
    lua_getfield(L, table, "form");
    column.form = form_named(L, luaL_optstring(L, -1, "text"));
    lua_getfield(L, table, "separator");
    column.separator = *luaL_optstring(L, -1, ";");
    lua_getfield(L, table, "max");
    lua_Number max = luaL_optnumber(L, -1, 0);
    luaL_argcheck(L, max >= 0 && max <= (lua_Number)UINT32_MAX, 1, "a column's max is wanted");
    column.max = (size_t)max;
    lua_settop(L, table);
    return column;
}

/* The names of the columns as a list at the top of the stack; which of them is the key. */
static size_t push_names(lua_State *L, int columns, size_t count, int key)
{
    size_t found = count;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, columns, (int)i + 1);
        lua_getfield(L, -1, "name");
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a column without a name");
        if (lua_rawequal(L, -1, key))
            found = i;
        lua_rawseti(L, -3, (int)i + 1);
        lua_pop(L, 1);
    }
    luaL_argcheck(L, found < count, 1, "the key, or what it is unique within, is no column");
    return found;
}

/* new{...} -> rows */
static int new_rows(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "columns");
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_getfield(L, 1, "key");
    size_t count = dk_rawlen(L, 2);
    size_t key = push_names(L, 2, count, 3), within = 0;
    lua_getfield(L, 1, "within");
    if (!lua_isnil(L, -1)) {
        within = push_names(L, 2, count, lua_gettop(L)) + 1;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    dk_column *columns = lua_newuserdata(L, (count + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        columns[i] = to_column(L);
        lua_pop(L, 1);
    }
    dk_rows_options options = {
        columns, count, key, flag(L, 1, "keep"), flag(L, 1, "foreign"), flag(L, 1, "fold_keys"),
        within};
    rows *r = dk_newobject(L, sizeof *r, &ROWS);
    r->names = LUA_NOREF;
    r->rows = dk_rows_new(&options);
    if (!r->rows)
        return no_memory(L);
    r->self.lives = true;
    lua_pushvalue(L, 4);
    r->names = luaL_ref(L, LUA_REGISTRYINDEX);
    return 1;
}

static size_t column_count(const rows *r)
{
    return dk_rows_options_of(r->rows)->count;
}

/* The column of the name on top of the stack, or NO_COLUMN. Leaves the stack as it was. */
static int column_named(lua_State *L, const rows *r)
{
    int found = NO_COLUMN;
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    for (size_t i = 0; found < 0 && i < column_count(r); i++) {
        lua_rawgeti(L, -1, (int)i + 1);
        if (lua_rawequal(L, -1, -3))
            found = (int)i;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

/* rows:fields({"name", ...}, strict) */
static int rows_fields(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    bool strict = lua_toboolean(L, 3);
    rows *r = check_rows(L, 1);
    size_t count = dk_rawlen(L, 2);
    int *fields = malloc((count + 1) * sizeof *fields);
    if (!fields)
        return no_memory(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        fields[i] = column_named(L, r);
        if (strict && lua_type(L, -1) == LUA_TSTRING && dk_rawlen(L, -1) == 0)
            fields[i] = NAMELESS;
        lua_pop(L, 1);
    }
    free(r->fields);
    r->fields = fields;
    r->field_count = count;
    return 0;
}

static void set_number(lua_State *L, const char *name, size_t value)
{
    dk_pushwhole(L, (double)value);
    lua_setfield(L, -2, name);
}

/* The value of a row that is there, copied: the collector may close the rows before Lua has it. */
static bool copy_value(dk_buffer *copy, const rows *r, size_t index, size_t column)
{
    size_t n;
    const char *text = dk_rows_value(r->rows, index, column, &n);
    dk_buffer_clear(copy);
    return text && dk_buffer_add(copy, text, n);
}

static void push_copy(lua_State *L, const dk_buffer *copy)
{
    lua_pushlstring(L, copy->length ? copy->data : "", copy->length);
}

/* What rows:take and rows:add say about a key that is there already; the key is on top. */
static int push_twice(lua_State *L, const dk_rows_first *first, size_t line)
{
    dk_buffer *first_key = NULL;
    if (first->row != DK_ROWS_NONE) {
        first_key = dk_newbuffer(L, false);
        const rows *r = check_rows(L, 1);
        if (!copy_value(first_key, r, first->row, dk_rows_options_of(r->rows)->key))
            return no_memory(L);
        lua_insert(L, -2);
    }
    lua_pushboolean(L, 0);
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "key");
    set_number(L, "line", line);
    set_number(L, "first_line", first->line);
    lua_pushboolean(L, first->exact);
    lua_setfield(L, -2, "exact");
    if (first_key) {
        push_copy(L, first_key);
        lua_setfield(L, -2, "first_key");
    }
    return 2;
}

static int push_full(lua_State *L, size_t line)
{
    lua_pushnil(L);
    lua_createtable(L, 0, 2);
    dk_setstring(L, "message", "more lines than can be counted");
    set_number(L, "line", line);
    return 2;
}

/* The record that the reader has, field by field. */
static dk_rows_code take_record(rows *r, const dk_csv *csv, dk_rows_first *first)
{
    dk_rows_code code = DK_ROWS_OK;
    for (size_t i = 0; i < r->field_count && code == DK_ROWS_OK; i++) {
        size_t n;
        const char *text = dk_csv_field(csv, i, &n);
        if (r->fields[i] >= 0)
            code = dk_rows_set(r->rows, (size_t)r->fields[i], text, n);
        else if (r->fields[i] == NAMELESS && n > 0)
            code = DK_ROWS_REFUSED;
    }
    if (code == DK_ROWS_OK)
        return dk_rows_end(r->rows, dk_csv_line(csv), true, first);
    dk_rows_drop(r->rows);
    return code;
}

static bool copy_key_field(dk_buffer *copy, const rows *r, const dk_csv *csv)
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
static int push_untaken(lua_State *L, const rows *r, dk_reader *reader, dk_rows_code code,
                        const dk_rows_first *first, dk_buffer *copy)
{
    size_t line = dk_csv_line(reader->csv);
    switch (code) {
    case DK_ROWS_REFUSED:
        return dk_push_row(L, reader, copy);
    case DK_ROWS_TWICE:
        if (!copy_key_field(copy, r, reader->csv))
            return no_memory(L);
        push_copy(L, copy);
        return push_twice(L, first, line);
    case DK_ROWS_FULL:
        return push_full(L, line);
    default:
        return no_memory(L);
    }
}

/* rows:take(reader) */
static int rows_take(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L, true);
    rows *r = check_rows(L, 1);
    dk_reader *reader = dk_check_reader(L, 2);
    luaL_argcheck(L, r->fields && r->field_count == reader->expected, 2, "other columns");
    dk_rows_first first;
    dk_rows_code code = DK_ROWS_OK;
    int results = 0;
    while (code == DK_ROWS_OK && results == 0) {
        reader->telling = false;
        dk_csv_step step = dk_csv_next(reader->csv);
        if (step == DK_CSV_MORE || step == DK_CSV_END)
            return 0;
        reader->telling = true;
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
    reader->telling = false;
    return results;
}

/* The list at the index as items; false where it is none. */
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

static dk_rows_code set_list(lua_State *L, rows *r, size_t column, int index)
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

static dk_rows_code set_text(lua_State *L, rows *r, size_t column, int index)
{
    size_t n;
    const char *text = lua_tolstring(L, index, &n);
    if (!dk_rows_options_of(r->rows)->foreign && dk_utf8_check(text, n) != n)
        return DK_ROWS_REFUSED;
    return dk_rows_set(r->rows, column, text, n);
}

/* The value at the index, which stays on the stack until the row is ended; numbers are text. What a
 * service sends in another type than it says is its affair: it counts as absent. */
static dk_rows_code set_value(lua_State *L, rows *r, size_t column, int index)
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

static int answer(lua_State *L, dk_rows_code code, const dk_rows_first *first, size_t line, int key)
{
    switch (code) {
    case DK_ROWS_OK:
        lua_pushboolean(L, 1);
        return 1;
    case DK_ROWS_TWICE:
        lua_pushvalue(L, key);
        return push_twice(L, first, line);
    case DK_ROWS_FULL:
        return luaL_error(L, "more rows than can be counted");
    case DK_ROWS_NO_MEMORY:
        return no_memory(L);
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

/* rows:add(values, line) */
static int rows_add(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t line = check_line(L, 3);
    lua_settop(L, 3);
    rows *r = check_rows(L, 1);
    size_t count = column_count(r);
    bool foreign = dk_rows_options_of(r->rows)->foreign;
    dk_checkstack(L, (int)count + 8, "too many columns");
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 4, (int)i + 1);
        lua_gettable(L, 2);
        if (foreign && lua_type(L, -1) == LUA_TNUMBER && dk_json_push_number(L, -1))
            lua_replace(L, -2);
    }
    r = check_rows(L, 1); /* whatever the table's __index did */
    dk_rows_first first;
    dk_rows_code code = DK_ROWS_OK;
    for (size_t i = 0; i < count && code == DK_ROWS_OK; i++)
        code = set_value(L, r, i, (int)i + 5);
    if (code == DK_ROWS_OK)
        code = dk_rows_end(r->rows, line, !dk_rows_options_of(r->rows)->foreign, &first);
    else
        dk_rows_drop(r->rows);
    return answer(L, code, &first, line, (int)dk_rows_options_of(r->rows)->key + 5);
}

/* rows:claim(key, line) */
static int rows_claim(lua_State *L)
{
    size_t n, line = check_line(L, 3);
    const char *key = luaL_checklstring(L, 2, &n);
    rows *r = check_rows(L, 1);
    dk_rows_first first;
    dk_rows_code code = dk_rows_set(r->rows, dk_rows_options_of(r->rows)->key, key, n);
    if (code == DK_ROWS_OK)
        code = dk_rows_end(r->rows, line, false, &first);
    else
        dk_rows_drop(r->rows);
    return answer(L, code, &first, line, 2);
}

/* rows:count() */
static int rows_count(lua_State *L)
{
    dk_pushwhole(L, (double)dk_rows_count(check_rows(L, 1)->rows));
    return 1;
}

static void push_items(lua_State *L, const char *items, size_t n)
{
    lua_newtable(L);
    for (int i = 1; n > 0; i++) {
        const char *end = memchr(items, '\0', n);
        size_t length = end ? (size_t)(end - items) : n;
        lua_pushlstring(L, items, length);
        lua_rawseti(L, -2, i);
        length += end != NULL;
        items += length;
        n -= length;
    }
}

static void push_value(lua_State *L, dk_form form, const char *text, size_t n)
{
    if (form == DK_FORM_LIST)
        push_items(L, text, n);
    else if (form == DK_FORM_BOOLEAN && n == 4 && memcmp(text, "true", n) == 0)
        lua_pushboolean(L, 1);
    else if (form == DK_FORM_BOOLEAN && n == 5 && memcmp(text, "false", n) == 0)
        lua_pushboolean(L, 0);
    else
        lua_pushlstring(L, text, n);
}

/* rows:get(i) -> values, secrets or nil, key, line */
static int rows_get(lua_State *L)
{
    rows *r = check_kept(L, 1);
    size_t index = check_index(L, 2, dk_rows_count(r->rows));
    size_t count = column_count(r), key = dk_rows_options_of(r->rows)->key;
    double line = (double)dk_rows_line(r->rows, index);
    lua_settop(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    lua_createtable(L, 0, (int)count);
    lua_pushnil(L);
    dk_buffer *copy = dk_newbuffer(L, true);
    for (size_t i = 0; i < count; i++) {
        r = check_rows(L, 1);
        dk_column column = dk_rows_options_of(r->rows)->columns[i];
        if (!copy_value(copy, r, index, i)) {
            if (copy->failed)
                return no_memory(L);
            continue;
        }
        if (column.secret && lua_isnil(L, 5)) {
            lua_newtable(L);
            lua_replace(L, 5);
        }
        lua_rawgeti(L, 3, (int)i + 1);
        push_value(L, column.form, copy->length ? copy->data : "", copy->length);
        lua_rawset(L, column.secret ? 5 : 4);
    }
    copy_value(copy, check_rows(L, 1), index, key);
    if (copy->failed)
        return no_memory(L);
    lua_settop(L, 6); /* the copy below what is pushed now */
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 5);
    push_copy(L, copy);
    dk_pushwhole(L, line);
    return 4;
}

/* rows:find(key[, within]) */
static int rows_find(lua_State *L)
{
    size_t n, m;
    const char *key = luaL_checklstring(L, 2, &n), *within = luaL_optlstring(L, 3, "", &m);
    lua_settop(L, 3);
    lua_newtable(L);
    uint32_t row;
    if (!dk_rows_find(check_kept(L, 1)->rows, key, n, within, m, &row))
        return no_memory(L);
    for (int i = 1; row != DK_ROWS_NONE; i++) {
        dk_pushwhole(L, (double)row + 1);
        lua_rawseti(L, -2, i);
        row = dk_rows_before(check_rows(L, 1)->rows, row);
    }
    return 1;
}

static int rows_gc(lua_State *L)
{
    rows *r = dk_endself(L, &ROWS);
    if (!r)
        return 0;
    dk_rows_free(r->rows);
    r->rows = NULL;
    free(r->fields);
    r->fields = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, r->names);
    r->names = LUA_NOREF;
    return 0;
}

/* The column whose name is on top of the stack, or DK_NO_COLUMN. Takes the name off. */
static size_t optional_column(lua_State *L, const rows *r)
{
    int column = lua_isnil(L, -1) ? -1 : column_named(L, r);
    lua_pop(L, 1);
    return column < 0 ? DK_NO_COLUMN : (size_t)column;
}

/* rows:match(service, {...}) -> match */
static int rows_match(lua_State *L)
{
    luaL_checktype(L, 3, LUA_TTABLE);
    dk_match_options options = {flag(L, 3, "prune"), flag(L, 3, "rotate"), flag(L, 3, "reactivate"),
                                DK_NO_COLUMN, DK_NO_COLUMN};
    match_object *o = dk_newobject(L, sizeof *o, &MATCH);
    lua_getfield(L, 3, "inactive");
    lua_getfield(L, 3, "id");
    rows *source = check_kept(L, 1), *service = check_kept(L, 2);
    luaL_argcheck(L, column_count(service) >= column_count(source), 2, "other columns");
    options.id = optional_column(L, source);
    options.inactive = optional_column(L, source);
    if (!dk_match_make(&o->match, source->rows, service->rows, &options))
        return no_memory(L);
    o->self.lives = true;
    return 1;
}

static dk_match *check_match(lua_State *L)
{
    match_object *o = dk_checkself(L, 1, &MATCH);
    return &o->match;
}

/* match:counts() */
static int match_counts(lua_State *L)
{
    dk_match m = *check_match(L);
    lua_createtable(L, 0, DK_ACTIONS + 5);
    for (int i = 0; i < DK_ACTIONS; i++)
        set_number(L, action_names[i], m.counts[i]);
    set_number(L, "deactivations", m.deactivations);
    set_number(L, "reactivations", m.reactivations);
    set_number(L, "spared", m.spared);
    set_number(L, "active", m.active);
    set_number(L, "met", m.met);
    return 1;
}

/* match:steps() */
static int match_steps(lua_State *L)
{
    dk_pushwhole(L, (double)check_match(L)->steps);
    return 1;
}

/* match:at(step) */
static int match_at(lua_State *L)
{
    dk_match *m = check_match(L);
    size_t step = check_index(L, 2, m->steps);
    uint32_t other = dk_match_other(m, step);
    bool of_source = step < m->source;
    lua_pushstring(L, action_names[dk_match_action(m, step)]);
    if (of_source)
        dk_pushwhole(L, (double)step + 1);
    else
        lua_pushnil(L);
    if (other != DK_ROWS_NONE)
        dk_pushwhole(L, (double)other + 1);
    else
        lua_pushnil(L);
    return 3;
}

/* match:set(step, action) */
static int match_set(lua_State *L)
{
    dk_action action = (dk_action)luaL_checkoption(L, 3, NULL, action_names);
    dk_match *m = check_match(L);
    size_t step = check_index(L, 2, m->source);
    bool needs_other = action == DK_UPDATE || action == DK_UNCHANGED || action == DK_FIXED;
    luaL_argcheck(L, action != DK_DELETE, 3, "a row of the source cannot be deleted");
    luaL_argcheck(L, !needs_other || dk_match_other(m, step) != DK_ROWS_NONE, 3,
                  "the service has no such row");
    dk_match_set(m, step, action);
    return 0;
}

/* match:next(step), from 0 */
static int match_next(lua_State *L)
{
    lua_Number from = luaL_checknumber(L, 2);
    dk_match *m = check_match(L);
    luaL_argcheck(L, from >= 0 && from <= (lua_Number)m->steps, 2, "there is no such step");
    for (size_t step = (size_t)from; step < m->steps; step++)
        if (dk_match_action(m, step) != DK_UNCHANGED) {
            dk_pushwhole(L, (double)step + 1);
            return 1;
        }
    return 0;
}

/* match:digest(source, service, steps, more) */
static int match_digest(lua_State *L)
{
    size_t n;
    const char *more = luaL_checklstring(L, 5, &n);
    char hex[DK_DIGEST_HEX + 1];
    dk_match *m = check_match(L);
    rows *source = check_kept(L, 2), *service = check_kept(L, 3);
    luaL_argcheck(L, dk_rows_count(source->rows) == m->source, 2, "another source");
    luaL_argcheck(L, dk_rows_count(service->rows) == m->service, 3, "another service");
    dk_digest *digest = dk_digest_new();
    if (!digest)
        return luaL_error(L, "libcrypto cannot compute SHA-256");
    dk_digest_add(digest, more, n);
    dk_match_digest(m, source->rows, service->rows, lua_toboolean(L, 4), digest);
    bool ok = dk_digest_end(digest, hex);
    dk_digest_free(digest);
    if (!ok)
        return luaL_error(L, "libcrypto cannot compute SHA-256");
    lua_pushlstring(L, hex, DK_DIGEST_HEX);
    return 1;
}

static int match_gc(lua_State *L)
{
    match_object *o = dk_endself(L, &MATCH);
    if (o)
        dk_match_free(&o->match);
    return 0;
}

/* normal(form, text) */
static int normal(lua_State *L)
{
    dk_form form = form_named(L, luaL_checkstring(L, 1));
    size_t n;
    const char *text = luaL_checklstring(L, 2, &n);
    luaL_argcheck(L, form != DK_FORM_LIST, 1, "a list has no one text");
    dk_buffer *out = dk_newbuffer(L, true);
    switch (dk_form_apply(form, text, n, out)) {
    case DK_FORM_AS_IS:
        lua_pushvalue(L, 2);
        return 1;
    case DK_FORM_CHANGED:
        push_copy(L, out);
        dk_buffer_free(out);
        return 1;
    case DK_FORM_NO_MEMORY:
        return no_memory(L);
    case DK_FORM_REFUSED:
        break;
    }
    lua_pushnil(L);
    return 1;
}

/* part(key, count). Its own key of the hash is a constant, which must never change: a journal of
 * one version is resumed by the next, and machines may have different ones. */
static int part(lua_State *L)
{
    static const dk_hash_key shard_key = {UINT64_C(0x73207920626b6464),
                                          UINT64_C(0x64726168732079ab)};
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    double count = luaL_checknumber(L, 2);
    luaL_argcheck(L, count >= 1 && count <= 1e6 && count == (double)(uint32_t)count, 2,
                  "a whole number of parts is wanted");
    dk_buffer folded = {0};
    if (!dk_text_skeleton(text, n, &folded)) {
        dk_buffer_free(&folded);
        return no_memory(L);
    }
    uint64_t hash = dk_hash(&shard_key, folded.length ? folded.data : "", folded.length);
    dk_buffer_free(&folded);
    dk_pushwhole(L, (double)(hash % (uint64_t)count + 1));
    return 1;
}

int dk_open_rows(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"fields", rows_fields}, {"take", rows_take}, {"add", rows_add},   {"claim", rows_claim},
        {"count", rows_count},   {"get", rows_get},   {"find", rows_find}, {"match", rows_match},
        {"close", rows_gc},      {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__gc", rows_gc}, {"__close", rows_gc}, {NULL, NULL}};
    static const luaL_Reg match_methods[] = {
        {"counts", match_counts}, {"steps", match_steps},   {"at", match_at}, {"set", match_set},
        {"next", match_next},     {"digest", match_digest}, {NULL, NULL}};
    static const luaL_Reg match_metamethods[] = {{"__gc", match_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"new", new_rows}, {"normal", normal}, {"part", part}, {NULL, NULL}};
    dk_newtype(L, &ROWS, methods, metamethods);
    dk_newtype(L, &MATCH, match_methods, match_metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
