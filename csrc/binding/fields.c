/* A body's fields checked; see fields.h. */
#include "fields.h"
#include "error.h"
#include "json.h"
#include "resource.h"

/* --- required fields -------------------------------------------------------------------------- */

/* Pushes the field that a row means: of a flat table, or of the envelope's resource. */
static void push_field_of_body(lua_State *L, const dk_operation *operation, int body,
                               const char *name, size_t n)
{
    lua_pushlstring(L, name, n);
    if (lua_isstring(L, body)) { /* an id */
        if (!dk_words_have("id", name, n)) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        return;
    }
    if (dk_is_json_api(operation) && dk_is_envelope(L, body))
        dk_push_envelope_field(L, body);
    else
        lua_rawget(L, body);
}

unsigned dk_absent_fields(lua_State *L, const dk_operation *operation, int body, const char *list)
{
    unsigned bits = 0, bit = 1;
    size_t n;
    int top = lua_gettop(L);
    for (const char *word; (word = dk_words_next(&list, &n)); bit <<= 1) {
        push_field_of_body(L, operation, body, word, n);
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

int dk_check_required(lua_State *L, const dk_operation *operation, int body)
{
    bool list = operation->shape == DK_JSON_API_LIST && lua_istable(L, body);
    size_t n = list ? dk_rawlen(L, body) : 0;
    if (list && (dk_is_envelope(L, body) || (n == 0 && dk_json_is_array(L, body))))
        return 0;
    for (size_t k = n ? 1 : 0; k <= n; k++) {
        int top = lua_gettop(L), resource = body;
        if (k) {
            lua_rawgeti(L, body, (int)k);
            resource = top + 1;
            if (!lua_istable(L, resource) && !lua_isstring(L, resource))
                return 0; /* encode_resource has the words for it */
        }
        unsigned missing = dk_absent_fields(L, operation, resource, operation->required);
        if (missing)
            return dk_fail(L, DK_INVALID_REQUEST, operation, "missing: %s",
                           push_words(L, operation->required, missing));
        lua_settop(L, top);
    }
    return 0;
}

/* --- unknown fields --------------------------------------------------------------------------- */

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

/* What a table may have besides the names that are known. */
enum {
    NONE = 0,
    URNS = 1, /* extensions of SCIM */
    ANY_OTHERS =
        2 /* it was read, and has more than its description says, as services grow: only what
                    * is one slip away from a known name is taken for a mistake */
};

/* Are the names of the table on top of the stack known? Else pushes the first that is not. */
static bool check_names(lua_State *L, names known, unsigned others)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        size_t n = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : NULL;
        if (!name || is_known(known, name, n) || ((others & URNS) && memchr(name, ':', n)) ||
            ((others & ANY_OTHERS) && !nears(known, name, n)))
            continue;
        lua_pop(L, 1);
        return false;
    }
    return true;
}

/* The same of the member of the table on top of the stack, where that is a table. */
static bool check_member(lua_State *L, const char *member, names known, unsigned others)
{
    dk_pushraw(L, lua_gettop(L), member);
    if (lua_istable(L, -1) && !check_names(L, known, others))
        return false;
    lua_pop(L, 1);
    return true;
}

static const char *or_none(const char *list)
{
    return list ? list : "";
}

/* The same of the table on top of the stack: a resource, or an element of the body. */
static bool check_resource(lua_State *L, const dk_operation *operation, bool enveloped)
{
    const char *own = dk_is_json_api(operation) ? "id type" : "";
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
    unsigned others = !given && dk_hasraw(L, lua_gettop(L), "id") ? ANY_OTHERS : NONE;
    if (!enveloped)
        return check_names(L, fields, others | (operation->shape == DK_SCIM ? URNS : NONE));
    if (!check_names(L, members, NONE)) {
        lua_pushfstring(L, "data.%s", lua_tostring(L, -1));
        return false;
    }
    return check_member(L, "attributes", fields, others) &&
           check_member(L, "relationships", relationships, others);
}

bool dk_check_fields(lua_State *L, const dk_operation *operation, int body)
{
    bool enveloped = dk_is_json_api(operation) && dk_is_envelope(L, body);
    int top = lua_gettop(L);
    lua_pushvalue(L, body);
    if (enveloped)
        dk_pushraw(L, body, "data");
    else if (operation->shape == DK_SCIM_PATCH && dk_hasraw(L, body, "Operations"))
        dk_pushraw(L, body, "Operations");
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
