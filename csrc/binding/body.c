/* Writing bodies; see body.h. Members come in order, as dk_json_encode writes them. */
#include "body.h"
#include "arguments.h"
#include "error.h"
#include "json.h"

/* Pushes a table's own member: what a metatable makes of a missing one is not sent either. */
static void push_member(lua_State *L, int table, const char *name)
{
    table = dk_absindex(L, table);
    lua_pushstring(L, name);
    lua_rawget(L, table);
}

/* Where a JSON:API resource keeps its fields. */
static const char *const rooms[] = {"attributes", "relationships"};
#define ROOMS (sizeof rooms / sizeof *rooms)

static const char PATCH_SCHEMA[] = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/* --- JSON:API --------------------------------------------------------------------------------- */

/* Writes a member's name, after a comma where it is not the first. */
static void begin_member(dk_buffer *out, const char *name)
{
    if (out->length && out->data[out->length - 1] != '{')
        dk_buffer_addc(out, ',');
    dk_buffer_addc(out, '"');
    dk_buffer_adds(out, name);
    dk_buffer_adds(out, "\":");
}

/* Makes a whole number on top of the stack text: ids are. False: it is neither. */
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
        push_member(L, value, "type");
        if (lua_type(L, -1) == LUA_TSTRING)
            type = lua_tolstring(L, -1, &n); /* the table holds it */
        push_member(L, value, "id");
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

static bool has_member(lua_State *L, int table, const char *name)
{
    push_member(L, table, name);
    bool has = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return has;
}

/* Is the table on top of the stack a relationship as it was read: {data = ...}, or without data, as
 * one that is null or not told is? */
static bool is_relationship(lua_State *L)
{
    return has_member(L, -1, "data") ||
           (!has_member(L, -1, "id") && (has_member(L, -1, "links") || has_member(L, -1, "meta")));
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

/* The relationships of the flat resource at index i, which the row lists as "name:type" in order.
 */
static bool encode_relationships(lua_State *L, const dk_operation *operation, int i, dk_buffer *out)
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
        lua_rawget(L, i);
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

/* Pushes the id that the flat resource at index i is sent with: its own, or the path's. */
static void push_id(lua_State *L, const dk_operation *operation, int i, int path_id)
{
    lua_pushnil(L);
    if (dk_words_have(operation->read_only, "id", 2))
        return;
    lua_pop(L, 1);
    push_member(L, i, "id");
    if (lua_isnil(L, -1) && operation->path_id && path_id) {
        lua_pop(L, 1);
        lua_pushvalue(L, path_id);
    }
}

/* A flat table, or an id where no more than that is sent, as a resource. */
static bool encode_resource(lua_State *L, const dk_operation *operation, int i, int path_id,
                            dk_buffer *out)
{
    /* what a flat resource has beside its attributes */
    const char *beside = dk_words_have(operation->required, "type", 4) ? "id" : "id type";
    const char *const skip[] = {beside, operation->read_only ? operation->read_only : "",
                                operation->relationships ? operation->relationships : "", NULL};
    if (operation->bare && !operation->relationships && lua_isstring(L, i)) {
        lua_pushvalue(L, i);
        return encode_identifier(L, operation->type, strlen(operation->type), out);
    }
    if (!lua_istable(L, i)) {
        lua_pushfstring(L, "a resource must be a table, not a %s", luaL_typename(L, i));
        return false;
    }
    if (dk_rawlen(L, i) > 0) {
        lua_pushliteral(L, "a resource is needed, not a list");
        return false;
    }
    dk_buffer_addc(out, '{');
    if (!operation->bare) {
        begin_member(out, "attributes");
        if (!dk_json_encode(L, i, skip, out))
            return false;
    }
    push_id(L, operation, i, path_id);
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
    if (!encode_relationships(L, operation, i, out))
        return false;
    begin_member(out, "type");
    dk_buffer_addc(out, '"');
    dk_buffer_adds(out, operation->type);
    return dk_buffer_adds(out, "\"}");
}

/* Is the table at index i {data = {...}}, as the service documents it? */
static bool is_envelope(lua_State *L, int i)
{
    if (!lua_istable(L, i))
        return false;
    push_member(L, i, "data");
    bool is = lua_istable(L, -1);
    lua_pop(L, 1);
    return is;
}

/* --- half an envelope: a resource as the service documents it, without data around it --- */

static bool is_json_api(const dk_operation *operation)
{
    return operation->shape == DK_JSON_API || operation->shape == DK_JSON_API_LIST;
}

/* Does this member stay behind? room: where it is; NULL: in the resource itself. An attribute
 * called id or type is one where the row has it: see set_own_field in answer.c. */
static bool stays(const dk_operation *operation, const char *room, const char *name, size_t n,
                  bool table)
{
    if (!room)
        return table && dk_words_have("attributes relationships", name, n);
    return dk_words_have("id type", name, n) && !dk_words_have(operation->required, name, n);
}

/* Why this member of a room cannot stand in the flat table; NULL: it can. */
static const char *misplaced(lua_State *L, const dk_operation *operation, const char *room,
                             const char *name, size_t n, int flat)
{
    if (strcmp(room, "relationships") == 0 && !dk_words_have(operation->relationships, name, n))
        return "this operation has no such relationship";
    if (!dk_words_have("id type", name, n) && has_member(L, flat, name))
        return "it is given twice, here and beside it";
    return NULL;
}

/* Copies the members of the table at index `from`, a room's or the resource's own, to the flat one.
 * False: pushes why it cannot be. */
static bool copy_members(lua_State *L, const dk_operation *operation, const char *room, int from,
                         int flat)
{
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        size_t n = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : "";
        if (stays(operation, room, name, n, lua_istable(L, -1)))
            continue;
        const char *why = room ? misplaced(L, operation, room, name, n, flat) : NULL;
        if (why) {
            lua_pushfstring(L, "%s.%s: %s", room, name, why);
            return false;
        }
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, flat);
    }
    return true;
}

/* Replaces the resource at index i, where it has attributes = {...} or relationships = {...} as the
 * service documents it, by one that is flat. False: pushes why it cannot be. */
static bool unfold(lua_State *L, const dk_operation *operation, int i)
{
    int flat = lua_gettop(L) + 1;
    bool folded = false;
    for (size_t r = 0; r < ROOMS && lua_istable(L, i); r++) {
        push_member(L, i, rooms[r]);
        folded |= lua_istable(L, -1);
        lua_pop(L, 1);
    }
    if (!folded)
        return true;
    lua_newtable(L);
    if (!copy_members(L, operation, NULL, i, flat))
        return false;
    for (size_t r = 0; r < ROOMS; r++) {
        push_member(L, i, rooms[r]);
        if (lua_istable(L, -1) && !copy_members(L, operation, rooms[r], flat + 1, flat))
            return false;
        lua_settop(L, flat);
    }
    lua_replace(L, i);
    return true;
}

/* The same of each resource in the list at index i, which is replaced as well. */
static bool unfold_all(lua_State *L, const dk_operation *operation, int i)
{
    int n = (int)dk_rawlen(L, i), list = lua_gettop(L) + 1;
    if (!n)
        return true;
    lua_createtable(L, n, 0);
    for (int k = 1; k <= n; k++) {
        lua_rawgeti(L, i, k);
        if (!unfold(L, operation, list + 1))
            return false;
        lua_rawseti(L, list, k);
    }
    lua_replace(L, i);
    return true;
}

/* Makes the body at index i a flat resource or a list of them, but for an envelope, which goes as
 * it is. False: pushes why it is neither. */
static bool make_flat(lua_State *L, const dk_operation *operation, int i)
{
    bool object;
    if (!is_json_api(operation) || !lua_istable(L, i) || is_envelope(L, i))
        return true;
    if (operation->shape == DK_JSON_API)
        return unfold(L, operation, i);
    const char *why = dk_json_no_list(L, i, &object);
    if (object)
        return unfold(L, operation, i);
    if (!why && is_empty(L, i) && !dk_json_is_array(L, i))
        why = "it is empty; ddokta.array{} is a list of none";
    if (why)
        lua_pushstring(L, why);
    return !why && unfold_all(L, operation, i);
}

static bool encode_document(lua_State *L, const dk_operation *operation, int i, int path_id,
                            dk_buffer *out)
{
    if (is_envelope(L, i))
        return dk_json_encode(L, i, NULL, out);
    dk_buffer_adds(out, "{\"data\":");
    if (operation->shape != DK_JSON_API_LIST)
        return encode_resource(L, operation, i, path_id, out) && dk_buffer_addc(out, '}');
    bool one = !dk_json_is_array(L, i); /* not a list of them */
    size_t n = one ? 0 : dk_rawlen(L, i);
    dk_buffer_addc(out, '[');
    for (size_t k = 1; k <= n; k++) {
        if (k > 1)
            dk_buffer_addc(out, ',');
        lua_rawgeti(L, i, (int)k);
        if (!encode_resource(L, operation, lua_gettop(L), 0, out))
            return false;
        lua_pop(L, 1);
    }
    if (one && !encode_resource(L, operation, i, 0, out))
        return false;
    return dk_buffer_adds(out, "]}");
}

/* --- SCIM ------------------------------------------------------------------------------------- */

/* Pushes {schemas = {schema}} with the fields of the table at index i above it. */
static void push_with_schema(lua_State *L, int i, const char *schema)
{
    lua_newtable(L);
    lua_createtable(L, 1, 0);
    lua_pushstring(L, schema);
    lua_rawseti(L, -2, 1);
    lua_setfield(L, -2, "schemas");
    for (lua_pushnil(L); lua_next(L, i);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

static bool encode_scim(lua_State *L, const dk_operation *operation, int i, dk_buffer *out)
{
    const char *const skip[] = {operation->read_only ? operation->read_only : "", NULL};
    if (has_member(L, i, "schemas"))
        return dk_json_encode(L, i, skip, out);
    push_with_schema(L, i, operation->type);
    return dk_json_encode(L, lua_gettop(L), skip, out);
}

/* A whole message, one operation, or a list of them. RFC 7644, 3.5.2: at least one. */
static bool encode_patch(lua_State *L, int i, dk_buffer *out)
{
    push_member(L, i, "Operations");
    bool message = !lua_isnil(L, -1), one = has_member(L, i, "op");
    bool none =
        message ? lua_istable(L, -1) && dk_rawlen(L, -1) == 0 : !one && dk_rawlen(L, i) == 0;
    lua_pop(L, 1);
    if (none) {
        lua_pushliteral(L, "there is no operation in it");
        return false;
    }
    if (message)
        return dk_json_encode(L, i, NULL, out);
    dk_buffer_adds(out, one ? "{\"Operations\":[" : "{\"Operations\":");
    if (!dk_json_encode(L, i, NULL, out))
        return false;
    dk_buffer_adds(out, one ? "],\"schemas\":[\"" : ",\"schemas\":[\"");
    dk_buffer_adds(out, PATCH_SCHEMA);
    return dk_buffer_adds(out, "\"]}");
}

/* --- forms ------------------------------------------------------------------------------------ */

static bool holds(const char *text, size_t n, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; n - (size_t)(at - text) >= length; at++) {
        at = memchr(at, word[0], n - (size_t)(at - text) - length + 1);
        if (!at)
            return false;
        if (memcmp(at, word, length) == 0)
            return true;
    }
    return false;
}

/* One file of the form: its media type, the field's name, and its content on top of the stack. */
static bool encode_file(lua_State *L, const char *type, const char *name, size_t name_n,
                        dk_buffer *out)
{
    size_t n = 0;
    const char *content = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    const char *why =
        !content ? ": the file's content is needed, a string"
        : holds(content, n, DK_BOUNDARY)
            ? ": it holds the line that stands between the parts of a form"
        : memchr(name, '"', name_n) || memchr(name, '\r', name_n) || memchr(name, '\n', name_n)
            ? ": no name for a field"
            : NULL;
    if (why) {
        lua_pushlstring(L, name, name_n);
        lua_pushstring(L, why);
        lua_concat(L, 2);
        return false;
    }
    dk_buffer_adds(out, "--" DK_BOUNDARY "\r\nContent-Disposition: form-data; name=\"");
    dk_buffer_add(out, name, name_n);
    dk_buffer_adds(out, "\"; filename=\"");
    dk_buffer_add(out, name, name_n);
    dk_buffer_addc(out, '.');
    dk_buffer_adds(out, strchr(type, '/') + 1); /* recorded: a name that ends so, and the type */
    dk_buffer_adds(out, "\"\r\nContent-Type: ");
    dk_buffer_adds(out, type);
    dk_buffer_adds(out, "\r\n\r\n");
    dk_buffer_add(out, content, n);
    return dk_buffer_adds(out, "\r\n");
}

static bool encode_form(lua_State *L, const char *type, int i, dk_buffer *out)
{
    for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1)) {
        size_t n;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : NULL;
        if (!name) {
            lua_pushliteral(L, "a form's fields have names");
            return false;
        }
        if (!encode_file(L, type, name, n, out))
            return false;
    }
    return dk_buffer_adds(out, "--" DK_BOUNDARY "--\r\n");
}

/* --- fields that must be there ---------------------------------------------------------------- */

/* Pushes the field that a row means: of a flat table, or of the envelope's resource. */
static void push_field(lua_State *L, const dk_operation *operation, int i, const char *name,
                       size_t n)
{
    lua_pushlstring(L, name, n);
    if (lua_isstring(L, i)) { /* an id */
        if (!dk_words_have("id", name, n)) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        return;
    }
    bool enveloped = is_json_api(operation) && is_envelope(L, i);
    if (!enveloped) {
        lua_rawget(L, i);
        return;
    }
    push_member(L, i, "data");
    for (size_t r = 0; r < ROOMS; r++) {
        push_member(L, -1, rooms[r]);
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, -3);
            lua_rawget(L, -2);
            if (!lua_isnil(L, -1))
                return;
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pushvalue(L, -2); /* the resource's own: its id */
    lua_rawget(L, -2);
}

/* The fields of a list that the body at index i has not, a bit each. */
static unsigned absent(lua_State *L, const dk_operation *operation, int i, const char *list)
{
    unsigned bits = 0, bit = 1;
    size_t n;
    int top = lua_gettop(L);
    for (const char *word; (word = dk_words_next(&list, &n)); bit <<= 1) {
        push_field(L, operation, i, word, n);
        if (lua_isnil(L, -1) || lua_islightuserdata(L, -1))
            bits |= bit;
        lua_settop(L, top);
    }
    return bits;
}

/* Pushes the words of a list that the bits say, with commas between them. */
static const char *push_words(lua_State *L, const char *list, unsigned bits)
{
    size_t n;
    bool first = true;
    lua_pushliteral(L, "");
    for (const char *word; bits && (word = dk_words_next(&list, &n)); bits >>= 1)
        if (bits & 1) {
            lua_pushstring(L, first ? "" : ", ");
            lua_pushlstring(L, word, n);
            lua_concat(L, 3);
            first = false;
        }
    return lua_tostring(L, -1);
}

/* Does any resource at index i lack a required field? A list is looked through; an envelope with
 * one is left to the service. */
static int check_required(lua_State *L, const dk_operation *operation, int i)
{
    bool list = operation->shape == DK_JSON_API_LIST && lua_istable(L, i);
    size_t n = list ? dk_rawlen(L, i) : 0;
    if (list && (is_envelope(L, i) || (n == 0 && dk_json_is_array(L, i))))
        return 0;
    for (size_t k = n ? 1 : 0; k <= n; k++) {
        int top = lua_gettop(L), resource = i;
        if (k) {
            lua_rawgeti(L, i, (int)k);
            resource = top + 1;
            if (!lua_istable(L, resource) && !lua_isstring(L, resource))
                return 0; /* encode_resource has the words for it */
        }
        unsigned missing = absent(L, operation, resource, operation->required);
        if (missing)
            return dk_fail(L, DK_INVALID_REQUEST, operation, "missing: %s",
                           push_words(L, operation->required, missing));
        lua_settop(L, top);
    }
    return 0;
}

/* --- fields that nobody knows ----------------------------------------------------------------- */

/* The names that may stand in one place of a body, lists with a NULL behind the last. */
typedef const char *const *names;

static bool is_known(names known, const char *name, size_t n)
{
    for (; *known; known++)
        if (dk_words_have(*known, name, n))
            return true;
    return false;
}

static bool nears(names known, const char *name, size_t n)
{
    for (; *known; known++)
        if (dk_words_have_near(*known, name, n))
            return true;
    return false;
}

/* Are the names of the table on top of the stack known? Else pushes the first that is not. A
 * resource that was read (`read`) may have more than its description says, as services grow: there
 * only what is one slip away from a known name is taken for a mistake. urns: extensions of SCIM. */
static bool check_names(lua_State *L, names known, bool read, bool urns)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        size_t n = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : NULL;
        if (!name || is_known(known, name, n) || (urns && memchr(name, ':', n)) ||
            (read && !nears(known, name, n)))
            continue;
        lua_pop(L, 1);
        return false;
    }
    return true;
}

/* The same of the member of the table on top of the stack, where that is a table. */
static bool check_member(lua_State *L, const char *member, names known, bool read)
{
    push_member(L, lua_gettop(L), member);
    if (lua_istable(L, -1) && !check_names(L, known, read, false))
        return false;
    lua_pop(L, 1);
    return true;
}

static const char *or_none(const char *list)
{
    return list ? list : "";
}

/* The table on top of the stack is a resource, or what else the body is made of. */
static bool check_resource(lua_State *L, const dk_operation *operation, bool enveloped)
{
    const char *own = is_json_api(operation) ? "id type" : "";
    const char *const fields[] = {or_none(operation->fields), or_none(operation->read_only), own,
                                  enveloped ? "" : or_none(operation->relationships), NULL};
    const char *const relationships[] = {or_none(operation->relationships),
                                         or_none(operation->read_only), NULL};
    static const char *const members[] = {"id type attributes relationships links meta", NULL};
    if (!lua_istable(L, -1))
        return true; /* an id, or what the encoder has words for */
    /* what a script makes up has no id, but for a POST that is about it */
    bool given = !operation->bare && strcmp(operation->method, "POST") == 0 &&
                 dk_words_have(operation->required, "id", 2);
    bool read = !given && has_member(L, lua_gettop(L), "id");
    if (!enveloped)
        return check_names(L, fields, read, operation->shape == DK_SCIM);
    if (!check_names(L, members, false, false)) {
        lua_pushfstring(L, "data.%s", lua_tostring(L, -1));
        return false;
    }
    return check_member(L, "attributes", fields, read) &&
           check_member(L, "relationships", relationships, read);
}

/* Is every field of the body at index i known? Else pushes the name of the first that is not. */
static bool check_fields(lua_State *L, const dk_operation *operation, int i)
{
    bool enveloped = is_json_api(operation) && is_envelope(L, i);
    int top = lua_gettop(L);
    lua_pushvalue(L, i);
    if (enveloped)
        push_member(L, i, "data");
    else if (operation->shape == DK_SCIM_PATCH && has_member(L, i, "Operations"))
        push_member(L, i, "Operations");
    size_t n = lua_istable(L, -1) ? dk_rawlen(L, -1) : 0;
    for (size_t k = n ? 1 : 0; k <= n; k++) {
        int resource = lua_gettop(L);
        if (k)
            lua_rawgeti(L, resource, (int)k);
        if (!check_resource(L, operation, enveloped))
            return false;
        lua_settop(L, resource);
    }
    lua_settop(L, top);
    return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool encode(lua_State *L, const dk_operation *operation, int i, int path_id, dk_buffer *out)
{
    const char *const skip[] = {operation->read_only ? operation->read_only : "", NULL};
    if (operation->body == DK_FORM)
        return encode_form(L, operation->type, i, out);
    switch (operation->shape) {
    case DK_JSON_API:
    case DK_JSON_API_LIST:
        return encode_document(L, operation, i, path_id, out);
    case DK_SCIM:
        return encode_scim(L, operation, i, out);
    case DK_SCIM_PATCH:
        return encode_patch(L, i, out);
    default:
        return dk_json_encode(L, i, skip, out);
    }
}

int dk_body_from(lua_State *L, int i, int path_id, bool strict, const dk_operation *operation,
                 dk_request *request)
{
    if (operation->body == DK_OPTIONAL_BODY && lua_isnoneornil(L, i))
        return 0;
    bool id = operation->bare && !operation->relationships && lua_isstring(L, i);
    if (!lua_istable(L, i) && !id)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "the body must be a table, not %s",
                       lua_isnoneornil(L, i) ? "nothing" : luaL_typename(L, i));
    if (!make_flat(L, operation, i))
        return dk_fail(L, DK_INVALID_REQUEST, operation, "%s", lua_tostring(L, -1));
    if (strict && !check_fields(L, operation, i)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    int failed = check_required(L, operation, i);
    if (failed)
        return failed;
    request->lacks = absent(L, operation, i, operation->wanted);
    request->content = operation->body == DK_FORM ? DK_MULTIPART : DK_JSON;
    bool done = encode(L, operation, i, path_id, &request->body);
    if (request->body.failed)
        return luaL_error(L, "not enough memory");
    if (!done)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "%s", lua_tostring(L, -1));
    return 0;
}
