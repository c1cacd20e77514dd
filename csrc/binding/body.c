/* A request's body in the shape that its row asks for; see body.h. */
#include "body.h"
#include "error.h"
#include "fields.h"
#include "json.h"
#include "resource.h"

/* --- SCIM ------------------------------------------------------------------------------------- */

static const char PATCH_SCHEMA[] = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/* Pushes {schemas = {schema}} with the fields of the table at that index above it. */
static void push_with_schema(lua_State *L, int body, const char *schema)
{
    lua_newtable(L);
    lua_createtable(L, 1, 0);
    lua_pushstring(L, schema);
    lua_rawseti(L, -2, 1);
    lua_setfield(L, -2, "schemas");
    for (lua_pushnil(L); lua_next(L, body);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

static bool encode_scim(lua_State *L, const dk_operation *operation, int body, dk_buffer *out)
{
    const char *const skip[] = {operation->read_only ? operation->read_only : "", NULL};
    if (dk_hasraw(L, body, "schemas"))
        return dk_json_encode(L, body, skip, out);
    push_with_schema(L, body, operation->type);
    return dk_json_encode(L, lua_gettop(L), skip, out);
}

/* A whole message, one operation, or a list of them. RFC 7644, 3.5.2: at least one. */
static bool encode_patch(lua_State *L, int body, dk_buffer *out)
{
    dk_pushraw(L, body, "Operations");
    bool message = !lua_isnil(L, -1), one = dk_hasraw(L, body, "op");
    bool none =
        message ? lua_istable(L, -1) && dk_rawlen(L, -1) == 0 : !one && dk_rawlen(L, body) == 0;
    lua_pop(L, 1);
    if (none) {
        lua_pushliteral(L, "there is no operation in it");
        return false;
    }
    if (message)
        return dk_json_encode(L, body, NULL, out);
    dk_buffer_adds(out, one ? "{\"Operations\":[" : "{\"Operations\":");
    if (!dk_json_encode(L, body, NULL, out))
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

static bool encode_form(lua_State *L, const char *type, int body, dk_buffer *out)
{
    for (lua_pushnil(L); lua_next(L, body); lua_pop(L, 1)) {
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

/* --- all of them ------------------------------------------------------------------------------ */

static bool encode(lua_State *L, const dk_operation *operation, int body, int path_id,
                   dk_buffer *out)
{
    const char *const skip[] = {operation->read_only ? operation->read_only : "", NULL};
    if (operation->body == DK_FORM)
        return encode_form(L, operation->type, body, out);
    switch (operation->shape) {
    case DK_JSON_API:
    case DK_JSON_API_LIST:
        return dk_encode_document(L, operation, body, path_id, out);
    case DK_SCIM:
        return encode_scim(L, operation, body, out);
    case DK_SCIM_PATCH:
        return encode_patch(L, body, out);
    default:
        return dk_json_encode(L, body, skip, out);
    }
}

int dk_body_from(lua_State *L, int body, int path_id, bool strict, const dk_operation *operation,
                 dk_request *request)
{
    if (operation->body == DK_OPTIONAL_BODY && lua_isnoneornil(L, body))
        return 0;
    bool id = operation->bare && !operation->relationships && lua_isstring(L, body);
    if (!lua_istable(L, body) && !id)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "the body must be a table, not %s",
                       lua_isnoneornil(L, body) ? "nothing" : luaL_typename(L, body));
    if (!dk_make_flat(L, operation, body))
        return dk_fail(L, DK_INVALID_REQUEST, operation, "%s", lua_tostring(L, -1));
    if (strict && !dk_check_fields(L, operation, body)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    int failed = dk_check_required(L, operation, body);
    if (failed)
        return failed;
    request->lacks = dk_absent_fields(L, operation, body, operation->wanted);
    request->content = operation->body == DK_FORM ? DK_MULTIPART : DK_JSON;
    bool done = encode(L, operation, body, path_id, &request->body);
    if (request->body.failed)
        return dk_no_memory(L);
    if (!done)
        return dk_fail(L, DK_INVALID_REQUEST, operation, "%s", lua_tostring(L, -1));
    return 0;
}
