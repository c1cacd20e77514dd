/* JSON:API resources: written from flat tables, and made flat where they are given as the service
 * documents them; see resource.h. Members come in the order of their names, as dk_json_encode
 * writes them. */
#include "resource.h"
#include "json.h"

/* The members of a resource that hold its fields. */
static const char *const resource_members[] = {"attributes", "relationships"};
#define RESOURCE_MEMBERS (sizeof resource_members / sizeof *resource_members)

bool dk_is_json_api(const dk_operation *operation)
{
    return operation->shape == DK_JSON_API || operation->shape == DK_JSON_API_LIST;
}

bool dk_is_envelope(lua_State *L, int body)
{
    if (!lua_istable(L, body))
        return false;
    dk_pushraw(L, body, "data");
    bool is = lua_istable(L, -1);
    lua_pop(L, 1);
    return is;
}

/* attributes and relationships are looked through first, then the resource's own: its id */
void dk_push_envelope_field(lua_State *L, int envelope)
{
    dk_pushraw(L, envelope, "data");
    for (size_t r = 0; r < RESOURCE_MEMBERS; r++) {
        dk_pushraw(L, -1, resource_members[r]);
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, -3);
            lua_rawget(L, -2);
            if (!lua_isnil(L, -1))
                return;
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pushvalue(L, -2);
    lua_rawget(L, -2);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Writes a member's name, after a comma where it is not the first. */
static void begin_member(dk_buffer *out, const char *name)
{
    if (out->length && out->data[out->length - 1] != '{')
        dk_buffer_addc(out, ',');
    dk_buffer_addc(out, '"');
    dk_buffer_adds(out, name);
    dk_buffer_adds(out, "\":");
}

/* Makes a whole number on top of the stack text, as ids are. False: it is not one, nor text. */
static bool make_text(lua_State *L)
{
    if (lua_type(L, -1) == LUA_TNUMBER)
        dk_whole_to_text(L, lua_gettop(L));
    return lua_type(L, -1) == LUA_TSTRING;
}

/* {"id":...,"type":...} of the value on top of the stack, which it takes: an id, or a table that
 * has one (a resource as it was read). */
static bool encode_identifier(lua_State *L, const char *type, size_t n, dk_buffer *out)
{
    int value = lua_gettop(L);
    if (lua_istable(L, value)) {
        dk_pushraw(L, value, "type");
        if (lua_type(L, -1) == LUA_TSTRING)
            type = lua_tolstring(L, -1, &n); /* the table holds it */
        dk_pushraw(L, value, "id");
    } else {
        lua_pushvalue(L, value);
    }
    if (!make_text(L)) {
        lua_pushliteral(L, "an id or a table with an id is needed");
        return false;
    }
    dk_buffer_addc(out, '{');
    begin_member(out, "id");
    if (!dk_json_encode(L, lua_gettop(L), NULL, out))
        return false;
    begin_member(out, "type");
    lua_pushlstring(L, type, n);
    if (!dk_json_encode(L, lua_gettop(L), NULL, out))
        return false;
    lua_settop(L, value - 1);
    return dk_buffer_addc(out, '}');
}

/* Is the table on top of the stack a relationship as it was read: {data = ...}, or without data, as
 * one that is null or not told is? */
static bool is_relationship(lua_State *L)
{
    return dk_hasraw(L, -1, "data") ||
           (!dk_hasraw(L, -1, "id") && (dk_hasraw(L, -1, "links") || dk_hasraw(L, -1, "meta")));
}

static bool is_empty(lua_State *L, int table)
{
    lua_pushnil(L);
    if (!lua_next(L, table))
        return true;
    lua_pop(L, 2);
    return false;
}

/* The list of ids on top of the stack. */
static bool encode_identifiers(lua_State *L, const char *type, size_t n, dk_buffer *out)
{
    int list = lua_gettop(L);
    bool object;
    const char *why = dk_json_no_list(L, list, &object);
    if (why) {
        lua_pushstring(L, object || !lua_istable(L, list) ? "a list of ids is needed" : why);
        return false;
    }
    dk_buffer_addc(out, '[');
    for (size_t i = 1; i <= dk_rawlen(L, list); i++) {
        if (i > 1)
            dk_buffer_addc(out, ',');
        lua_rawgeti(L, list, (int)i);
        if (!encode_identifier(L, type, n, out))
            return false;
    }
    return dk_buffer_addc(out, ']');
}

/* {"data":...} of the value on top of the stack: as it was read, or the id or ids of what is
 * related, or null. */
static bool encode_relationship(lua_State *L, const char *type, size_t n, bool many, dk_buffer *out)
{
    int value = lua_gettop(L);
    bool table = lua_istable(L, value);
    if (lua_islightuserdata(L, value) || (!many && table && is_empty(L, value)))
        return dk_buffer_adds(out, "{\"data\":null}");
    if (table && is_relationship(L))
        return dk_json_encode(L, value, NULL, out);
    dk_buffer_adds(out, "{\"data\":");
    if (!(many ? encode_identifiers : encode_identifier)(L, type, n, out))
        return false;
    lua_settop(L, value);
    return dk_buffer_addc(out, '}');
}

/* The relationships of the flat resource at that index, which the row lists as "name:type" in
 * order. */
static bool encode_relationships(lua_State *L, const dk_operation *operation, int resource,
                                 dk_buffer *out)
{
    const char *list = operation->relationships;
    size_t n;
    bool any = false;
    for (const char *word; (word = dk_words_next(&list, &n));) {
        bool many = dk_words_marks(word, &n) & DK_MANY;
        const char *colon = memchr(word, ':', n);
        size_t name_n = (size_t)(colon - word);
        lua_pushlstring(L, word, name_n);
        lua_pushvalue(L, -1);
        lua_rawget(L, resource);
        if (!lua_isnil(L, -1)) {
            if (any)
                dk_buffer_addc(out, ',');
            else
                begin_member(out, "relationships");
            dk_buffer_adds(out, any ? "\"" : "{\"");
            any = true;
            dk_buffer_add(out, word, name_n);
            dk_buffer_adds(out, "\":");
            if (!encode_relationship(L, colon + 1, n - name_n - 1, many, out)) {
                lua_pushlstring(L, word, name_n);
                lua_pushliteral(L, ": ");
                lua_pushvalue(L, -3);
                lua_concat(L, 3);
                return false;
            }
        }
        lua_pop(L, 2);
    }
    return any ? dk_buffer_addc(out, '}') : true;
}

/* Pushes the id that the flat resource at that index is sent with: its own, or the path's. */
static void push_id(lua_State *L, const dk_operation *operation, int resource, int path_id)
{
    lua_pushnil(L);
    if (dk_words_have(operation->read_only, "id", 2))
        return;
    lua_pop(L, 1);
    dk_pushraw(L, resource, "id");
    if (lua_isnil(L, -1) && operation->path_id && path_id) {
        lua_pop(L, 1);
        lua_pushvalue(L, path_id);
    }
}

/* A flat table, or an id where no more than that is sent, as a resource. */
static bool encode_resource(lua_State *L, const dk_operation *operation, int resource, int path_id,
                            dk_buffer *out)
{
    /* what a flat resource has beside its attributes */
    const char *beside = dk_words_have(operation->required, "type", 4) ? "id" : "id type";
    const char *const skip[] = {beside, operation->read_only ? operation->read_only : "",
                                operation->relationships ? operation->relationships : "", NULL};
    if (operation->bare && !operation->relationships && lua_isstring(L, resource)) {
        lua_pushvalue(L, resource);
        return encode_identifier(L, operation->type, strlen(operation->type), out);
    }
    if (!lua_istable(L, resource)) {
        lua_pushfstring(L, "a resource must be a table, not a %s", luaL_typename(L, resource));
        return false;
    }
    if (dk_rawlen(L, resource) > 0) {
        lua_pushliteral(L, "a resource is needed, not a list");
        return false;
    }
    dk_buffer_addc(out, '{');
    if (!operation->bare) {
        begin_member(out, "attributes");
        if (!dk_json_encode(L, resource, skip, out))
            return false;
    }
    push_id(L, operation, resource, path_id);
    if (!lua_isnil(L, -1)) {
        if (!make_text(L)) {
            lua_pushliteral(L, "id: a string is needed");
            return false;
        }
        begin_member(out, "id");
        if (!dk_json_encode(L, lua_gettop(L), NULL, out))
            return false;
    }
    lua_pop(L, 1);
    if (!encode_relationships(L, operation, resource, out))
        return false;
    begin_member(out, "type");
    dk_buffer_addc(out, '"');
    dk_buffer_adds(out, operation->type);
    return dk_buffer_adds(out, "\"}");
}

bool dk_encode_document(lua_State *L, const dk_operation *operation, int body, int path_id,
                        dk_buffer *out)
{
    if (dk_is_envelope(L, body))
        return dk_json_encode(L, body, NULL, out);
    dk_buffer_adds(out, "{\"data\":");
    if (operation->shape != DK_JSON_API_LIST)
        return encode_resource(L, operation, body, path_id, out) && dk_buffer_addc(out, '}');
    bool one = !dk_json_is_array(L, body); /* not a list of them */
    size_t n = one ? 0 : dk_rawlen(L, body);
    dk_buffer_addc(out, '[');
    for (size_t k = 1; k <= n; k++) {
        if (k > 1)
            dk_buffer_addc(out, ',');
        lua_rawgeti(L, body, (int)k);
        if (!encode_resource(L, operation, lua_gettop(L), 0, out))
            return false;
        lua_pop(L, 1);
    }
    if (one && !encode_resource(L, operation, body, 0, out))
        return false;
    return dk_buffer_adds(out, "]}");
}

/* --- made flat: a resource as the service documents it, without data around it ---------------- */

/* Is this member left out of the flat table? holder: which of the resource's members it is in;
 * NULL: it is the resource's own. An attribute called id or type is one where the row has it: see
 * set_own_field in answer.c. */
static bool is_left_out(const dk_operation *operation, const char *holder, const char *name,
                        size_t n, bool table)
{
    if (!holder)
        return table && dk_words_have("attributes relationships", name, n);
    return dk_words_have("id type", name, n) && !dk_words_have(operation->required, name, n);
}

/* Why this attribute or relationship cannot stand in the flat table; NULL: it can. */
static const char *misplaced(lua_State *L, const dk_operation *operation, const char *holder,
                             const char *name, size_t n, int flat)
{
    if (strcmp(holder, "relationships") == 0 && !dk_words_have(operation->relationships, name, n))
        return "this operation has no such relationship";
    if (!dk_words_have("id type", name, n) && dk_hasraw(L, flat, name))
        return "it is given twice, here and beside it";
    return NULL;
}

/* Copies the members of the table at index `from` (the resource, or the holder in it) to the flat
 * one. False: pushes why it cannot be. */
static bool copy_members(lua_State *L, const dk_operation *operation, const char *holder, int from,
                         int flat)
{
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        size_t n = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : "";
        if (is_left_out(operation, holder, name, n, lua_istable(L, -1)))
            continue;
        const char *why = holder ? misplaced(L, operation, holder, name, n, flat) : NULL;
        if (why) {
            lua_pushfstring(L, "%s.%s: %s", holder, name, why);
            return false;
        }
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, flat);
    }
    return true;
}

/* Replaces the resource at that index, where it has attributes = {...} or relationships = {...} as
 * the service documents it, by one that is flat. False: pushes why it cannot be. */
static bool unfold(lua_State *L, const dk_operation *operation, int resource)
{
    int flat = lua_gettop(L) + 1;
    bool folded = false;
    for (size_t r = 0; r < RESOURCE_MEMBERS && lua_istable(L, resource); r++) {
        dk_pushraw(L, resource, resource_members[r]);
        folded |= lua_istable(L, -1);
        lua_pop(L, 1);
    }
    if (!folded)
        return true;
    lua_newtable(L);
    if (!copy_members(L, operation, NULL, resource, flat))
        return false;
    for (size_t r = 0; r < RESOURCE_MEMBERS; r++) {
        dk_pushraw(L, resource, resource_members[r]);
        if (lua_istable(L, -1) && !copy_members(L, operation, resource_members[r], flat + 1, flat))
            return false;
        lua_settop(L, flat);
    }
    lua_replace(L, resource);
    return true;
}

/* The same of each resource in the list at that index, which is replaced as well. */
static bool unfold_all(lua_State *L, const dk_operation *operation, int list)
{
    int n = (int)dk_rawlen(L, list), flat = lua_gettop(L) + 1;
    if (!n)
        return true;
    lua_createtable(L, n, 0);
    for (int k = 1; k <= n; k++) {
        lua_rawgeti(L, list, k);
        if (!unfold(L, operation, flat + 1))
            return false;
        lua_rawseti(L, flat, k);
    }
    lua_replace(L, list);
    return true;
}

bool dk_make_flat(lua_State *L, const dk_operation *operation, int body)
{
    bool object;
    if (!dk_is_json_api(operation) || !lua_istable(L, body) || dk_is_envelope(L, body))
        return true;
    if (operation->shape == DK_JSON_API)
        return unfold(L, operation, body);
    const char *why = dk_json_no_list(L, body, &object);
    if (object)
        return unfold(L, operation, body);
    if (!why && is_empty(L, body) && !dk_json_is_array(L, body))
        why = "it is empty; ddokta.array{} is a list of none";
    if (why)
        lua_pushstring(L, why);
    return !why && unfold_all(L, operation, body);
}
