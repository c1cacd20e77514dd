/* ddokta.core.rows: packed rows for Lua.
 *
 *   rows.new{columns =, key =, within =, keep =, foreign =, fold_keys =} -> rows
 *     columns    a list of {name =, form =, required =, secret =, immutable =, fold =, separator =,
 *                max =}; what these mean is said in bulk/kinds/init.lua
 *     key        the name of the column by which rows are found
 *     within     the column within whose value a key names one row; nil: everywhere
 *     keep       values too (false: only which keys there are)
 *     foreign    a service's rows, taken as they are
 *     fold_keys  to the service a key's letter case means nothing
 *   rows.normal(form, text)  -> the text in its form, or nil
 *   rows.part(key, count)    -> 1 to count: the part of a whole that a key belongs to, the same on
 *                            every machine, and for all keys that read alike
 *
 *   rows:fields(names, strict)  which columns the fields of a CSV reader are; unknown names are
 *                            left out. strict: a record with something under the name "" is refused
 *   rows:take(reader), rows:add(values, line), rows:claim(key, line)  see rows_add.c
 *   rows:count()
 *   rows:get(i)              -> values, secrets or nil, key, line
 *   rows:find(key[, within]) -> a list of the rows whose keys read like it (text.skeleton)
 *   rows:match(service, options) -> match: see match.c
 *   rows:close()
 */
#include "rows.h"
#include "buffer.h"

#include "base/hash.h"
#include "base/text.h"
#include "rows/form.h"

#include <stdlib.h>

const dk_type DK_ROWS = {"ddokta.rows", "these rows are closed", NULL};

dk_rows_object *dk_checkrows(lua_State *L, int index)
{
    dk_rows_object *r = dk_checkself(L, index, &DK_ROWS);
    luaL_argcheck(L, dk_rows_options_of(r->rows)->keep, index, "the values were not kept");
    return r;
}

size_t dk_checkrow(lua_State *L, int index, size_t count)
{
    lua_Number number = luaL_checknumber(L, index);
    luaL_argcheck(L, number >= 1 && number <= (lua_Number)count, index, "there is no such row");
    return (size_t)number - 1;
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
    dk_column column = {.form = DK_FORM_TEXT, .separator = ';'};
    int table = lua_gettop(L);
    luaL_checktype(L, table, LUA_TTABLE);
    column.required = dk_flag(L, table, "required");
    column.secret = dk_flag(L, table, "secret");
    column.immutable = dk_flag(L, table, "immutable");
    column.fold = dk_flag(L, table, "fold");
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
    dk_rows_options options = {columns,
                               count,
                               key,
                               dk_flag(L, 1, "keep"),
                               dk_flag(L, 1, "foreign"),
                               dk_flag(L, 1, "fold_keys"),
                               within};
    dk_rows_object *r = dk_newobject(L, sizeof *r, &DK_ROWS);
    r->names = LUA_NOREF;
    r->rows = dk_rows_new(&options);
    if (!r->rows)
        return dk_no_memory(L);
    r->self.lives = true;
    lua_pushvalue(L, 4);
    r->names = luaL_ref(L, LUA_REGISTRYINDEX);
    return 1;
}

int dk_column_named(lua_State *L, const dk_rows_object *r)
{
    int found = DK_IGNORED;
    size_t count = dk_rows_options_of(r->rows)->count;
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    for (size_t i = 0; found < 0 && i < count; i++) {
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
    dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
    size_t count = dk_rawlen(L, 2);
    int *fields = malloc((count + 1) * sizeof *fields);
    if (!fields)
        return dk_no_memory(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (int)i + 1);
        fields[i] = dk_column_named(L, r);
        if (strict && lua_type(L, -1) == LUA_TSTRING && dk_rawlen(L, -1) == 0)
            fields[i] = DK_NAMELESS;
        lua_pop(L, 1);
    }
    free(r->fields);
    r->fields = fields;
    r->field_count = count;
    return 0;
}

bool dk_copy_value(dk_buffer *copy, const dk_rows *rows, size_t row, size_t column)
{
    size_t n;
    const char *text = dk_rows_value(rows, row, column, &n);
    dk_buffer_clear(copy);
    return text && dk_buffer_add(copy, text, n);
}

/* rows:count() */
static int rows_count(lua_State *L)
{
    const dk_rows_object *r = dk_checkself(L, 1, &DK_ROWS);
    dk_pushwhole(L, (double)dk_rows_count(r->rows));
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
    dk_rows_object *r = dk_checkrows(L, 1);
    size_t row = dk_checkrow(L, 2, dk_rows_count(r->rows));
    size_t count = dk_rows_options_of(r->rows)->count, key = dk_rows_options_of(r->rows)->key;
    double line = (double)dk_rows_line(r->rows, row);
    lua_settop(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->names);
    lua_createtable(L, 0, (int)count);
    lua_pushnil(L);
    dk_buffer *copy = dk_newsecretbuffer(L);
    for (size_t i = 0; i < count; i++) {
        r = dk_checkself(L, 1, &DK_ROWS);
        dk_column column = dk_rows_options_of(r->rows)->columns[i];
        if (!dk_copy_value(copy, r->rows, row, i)) {
            if (copy->failed)
                return dk_no_memory(L);
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
    r = dk_checkself(L, 1, &DK_ROWS);
    dk_copy_value(copy, r->rows, row, key);
    if (copy->failed)
        return dk_no_memory(L);
    lua_settop(L, 6); /* the copy below what is pushed now */
    lua_pushvalue(L, 4);
    lua_pushvalue(L, 5);
    dk_pushbuffer(L, copy);
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
    const dk_rows_object *r = dk_checkrows(L, 1);
    if (!dk_rows_find(r->rows, key, n, within, m, &row))
        return dk_no_memory(L);
    for (int i = 1; row != DK_ROWS_NONE; i++) {
        dk_pushwhole(L, (double)row + 1);
        lua_rawseti(L, -2, i);
        r = dk_checkself(L, 1, &DK_ROWS);
        row = dk_rows_before(r->rows, row);
    }
    return 1;
}

static int rows_gc(lua_State *L)
{
    dk_rows_object *r = dk_endself(L, &DK_ROWS);
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

/* normal(form, text) */
static int normal(lua_State *L)
{
    dk_form form = form_named(L, luaL_checkstring(L, 1));
    size_t n;
    const char *text = luaL_checklstring(L, 2, &n);
    luaL_argcheck(L, form != DK_FORM_LIST, 1, "a list has no one text");
    dk_buffer *out = dk_newsecretbuffer(L);
    switch (dk_form_apply(form, text, n, out)) {
    case DK_FORM_AS_IS:
        lua_pushvalue(L, 2);
        return 1;
    case DK_FORM_CHANGED:
        dk_pushbuffer(L, out);
        dk_buffer_free(out);
        return 1;
    case DK_FORM_NO_MEMORY:
        return dk_no_memory(L);
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
        return dk_no_memory(L);
    }
    uint64_t hash = dk_hash(&shard_key, folded.length ? folded.data : "", folded.length);
    dk_buffer_free(&folded);
    dk_pushwhole(L, (double)(hash % (uint64_t)count + 1));
    return 1;
}

int dk_open_rows(lua_State *L)
{
    static const luaL_Reg methods[] = {{"fields", rows_fields}, {"take", dk_rows_take},
                                       {"add", dk_rows_add},    {"claim", dk_rows_claim},
                                       {"count", rows_count},   {"get", rows_get},
                                       {"find", rows_find},     {"match", dk_rows_match},
                                       {"close", rows_gc},      {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__gc", rows_gc}, {"__close", rows_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"new", new_rows}, {"normal", normal}, {"part", part}, {NULL, NULL}};
    dk_newtype(L, &DK_ROWS, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
