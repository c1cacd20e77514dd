/* The map of the API as Lua reads it; see operations.h. */
#include "operations.h"
#include "json.h"

#include "http/operation.h"

#include <stdlib.h>

/* Sets a list of words as an array, of numbers where they are numbers; those that have all the
 * marks. */
static void set_list(lua_State *L, const char *name, const char *list, unsigned marks)
{
    const char *word;
    size_t n;
    int count = 0;
    dk_json_push_array(L); /* an empty list is one in JSON as well */
    while ((word = dk_words_next(&list, &n))) {
        if ((dk_words_marks(word, &n) & marks) != marks)
            continue;
        if (word[0] >= '0' && word[0] <= '9')
            dk_pushwhole(L, strtod(word, NULL));
        else
            lua_pushlstring(L, word, n);
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, name);
}

/* Sets a field that a row may have not; then it is absent. */
static void set_text(lua_State *L, const char *name, const char *value)
{
    if (value)
        dk_setstring(L, name, value);
}

static void set_words(lua_State *L, const char *name, const char *list)
{
    if (list)
        set_list(L, name, list, 0);
}

/* The same without what stands behind the names' colons. */
static void set_names(lua_State *L, const char *name, const char *list)
{
    const char *word;
    size_t n;
    int count = 0;
    if (!list)
        return;
    dk_json_push_array(L); /* an empty list is one in JSON as well */
    while ((word = dk_words_next(&list, &n))) {
        lua_pushlstring(L, word, strcspn(word, ": "));
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, name);
}

static void set_mark(lua_State *L, const char *name, bool is)
{
    if (!is)
        return;
    dk_setboolean(L, name, true);
}

/* Completes the row on top of the stack. */
static void set_fields(lua_State *L, const dk_operation *o)
{
    dk_setstring(L, "family", o->family);
    dk_setstring(L, "method", o->method);
    dk_setstring(L, "path", o->path);
    dk_setstring(L, "shape", dk_shape_names[o->shape]);
    set_text(L, "permission", o->permission);
    set_text(L, "bucket", o->bucket);
    set_list(L, "success", o->success, 0);
    set_list(L, "required", o->required, 0);
    set_words(L, "wanted", o->wanted);
    set_words(L, "read_only", o->read_only);
    set_words(L, "fields", o->fields);
    set_names(L, "relationships", o->relationships);
    set_list(L, "query", o->query, 0);
    set_list(L, "required_query", o->query, DK_REQUIRED);
    if (o->query && strchr(o->query, '+'))
        set_list(L, "repeated_query", o->query, DK_REPEATED);
    set_list(L, "errors", o->errors, 0);
    dk_setboolean(L, "paged", o->paging != DK_WHOLE);
    dk_setboolean(L, "body", o->body != DK_NO_BODY);
    dk_setboolean(L, "unstable", o->unstable);
    set_mark(L, "optional_body", o->body == DK_OPTIONAL_BODY);
    set_mark(L, "form", o->body == DK_FORM);
    set_mark(L, "bare", o->bare);
    set_mark(L, "path_id", o->path_id);
    set_mark(L, "list", o->list);
    set_mark(L, "empty", o->empty);
    set_text(L, "result", o->result);
    set_text(L, "sunset", o->sunset);
    dk_setstring(L, "doc", o->doc);
    if (!o->each) {
        lua_pushnil(L);
        lua_setfield(L, -2, "each");
    }
}

/* A field of the table at that index, without its metatable; stays on the stack. */
static const char *raw_text(lua_State *L, int table, const char *name)
{
    dk_pushraw(L, table, name);
    return lua_tostring(L, -1);
}

/* The row that the table at index 1 stands for, or NULL: somebody has written into it. */
static const dk_operation *row_of(lua_State *L)
{
    const char *name = raw_text(L, 1, "name"), *service = raw_text(L, 1, "service");
    for (size_t i = 0; name && service && i < dk_operations_count; i++) {
        const dk_operation *o = &dk_operations[i];
        if (strcmp(o->name, name) == 0 && strcmp(dk_service_names[o->service], service) == 0)
            return o;
    }
    return NULL;
}

/* __index(row, field) of a row that is not complete: it is now, and does not ask again. A program
 * that makes one call would pay for all 176 rows as much as for the rest of this module. */
static int complete_row(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    const dk_operation *o = row_of(L);
    lua_settop(L, 2);
    lua_pushvalue(L, 1);
    if (o)
        set_fields(L, o);
    lua_pushnil(L);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, 2);
    lua_rawget(L, 1);
    return 1;
}

void dk_push_operations(lua_State *L)
{
    lua_createtable(L, (int)dk_operations_count, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, complete_row);
    lua_setfield(L, -2, "__index");
    for (size_t i = 0; i < dk_operations_count; i++) {
        const dk_operation *o = &dk_operations[i];
        lua_createtable(L, 0, 4);
        dk_setstring(L, "name", o->name);
        dk_setstring(L, "service", dk_service_names[o->service]);
        if (o->each)
            dk_setstring(L, "each", o->each);
        else
            dk_setboolean(L, "each", false);
        lua_pushvalue(L, -2);
        lua_setmetatable(L, -2);
        lua_rawseti(L, -3, (int)i + 1);
    }
    lua_pop(L, 1);
}
