/* The resources in answers; see answer.h. */
#include "answer.h"
#include "buffer.h"
#include "json.h"
#include "resource.h"

#include "base/ascii.h"
#include "http/header.h"
#include "http/url.h"

#include <math.h>

const char *const dk_page_places[DK_PAGINGS] = {
    [DK_PAGES] = "page[number]",
    [DK_INDEX] = "startIndex",
    [DK_AFTER] = "after",
};

/* Pushes what the table has under the name at index `name`; true where there is something. */
static bool push_named(lua_State *L, int table, int name)
{
    lua_pushvalue(L, name);
    lua_rawget(L, table);
    return !lua_isnil(L, -1);
}

/* Sets a field; an attribute that has its name, which JSON:API forbids and a team's synchronisation
 * has, moves to a table `attributes`. */
static void set_own_field(lua_State *L, int into, int name, int value)
{
    if (push_named(L, into, name)) {
        lua_getfield(L, into, "attributes");
        if (!lua_istable(L, -1)) {
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_setfield(L, into, "attributes");
        }
        lua_pushvalue(L, name);
        lua_pushvalue(L, value + 1);
        lua_rawset(L, -3);
    }
    lua_pushvalue(L, name);
    lua_pushvalue(L, value);
    lua_rawset(L, into);
}

/* What becomes of a field that is there already. */
enum present { REPLACE, KEEP };

/* Copies the fields of the table at index `from`, but for the envelope's own two. */
static void copy_fields(lua_State *L, int from, int into, enum present present)
{
    for (lua_pushnil(L); lua_next(L, from);) {
        int value = lua_gettop(L), key = value - 1;
        const char *name = lua_type(L, key) == LUA_TSTRING ? lua_tostring(L, key) : "";
        bool envelope = strcmp(name, "attributes") == 0 || strcmp(name, "relationships") == 0;
        if (!envelope && !(present == KEEP && push_named(L, into, key)))
            set_own_field(L, into, key, value);
        lua_settop(L, key);
    }
}

/* Replaces the JSON:API resource on top of the stack by the flat one: attributes, relationships, id
 * and type share one namespace (jsonapi.org, 1.1, "Fields"), in which id and type come first. */
static void flatten(lua_State *L)
{
    int resource = lua_gettop(L);
    if (!lua_istable(L, resource))
        return;
    lua_getfield(L, resource, "attributes");
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    int flat = lua_gettop(L);
    copy_fields(L, resource, flat, REPLACE);
    lua_getfield(L, resource, "relationships");
    if (lua_istable(L, -1))
        copy_fields(L, lua_gettop(L), flat, KEEP);
    lua_settop(L, flat);
    lua_replace(L, resource);
}

/* Pushes a member whose name SCIM lets a server write in any case (RFC 7643, 2.1). */
static void push_scim_member(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    if (!lua_isnil(L, -1))
        return;
    lua_pop(L, 1);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && dk_ascii_same_string(lua_tostring(L, -2), name)) {
            lua_remove(L, -2);
            return;
        }
    lua_pushnil(L);
}

/* A number at path names[0].names[1]... of the table; -1: there is none. */
static double number_at(lua_State *L, int table, const char *const names[])
{
    int top = lua_gettop(L);
    double number = -1;
    lua_pushvalue(L, table);
    for (; *names && lua_istable(L, -1); names++)
        push_scim_member(L, lua_gettop(L), *names);
    if (!*names && lua_isnumber(L, -1)) /* or a string of digits */
        number = lua_tonumber(L, -1);
    lua_settop(L, top);
    return number;
}

/* The same of a number that counts something. */
static double count_at(lua_State *L, int table, const char *const names[])
{
    double number = number_at(L, table, names);
    return number >= 0 && number <= DK_MOST_EXACT && number == floor(number) ? number : -1;
}

static const char *const total_results[] = {"totalResults", NULL};

/* Replaces the decoded body on top of the stack by the resource or list that it holds. False: it
 * holds none. `{}` where a list is due is no empty one: none may be taken for all there is. */
static bool unwrap(lua_State *L, const dk_operation *operation)
{
    const char *holder = dk_is_json_api(operation) ? "data" : operation->result;
    int body = lua_gettop(L);
    if (holder) {
        if (dk_json_is_array(L, body))
            return false;
        push_scim_member(L, body, holder);
        if (lua_isnil(L, -1) && operation->shape == DK_SCIM &&
            number_at(L, body, total_results) == 0) {
            lua_pop(L, 1); /* may be absent then: RFC 7644, 3.4.2 */
            dk_json_push_array(L);
        }
        lua_replace(L, body);
    }
    return lua_istable(L, body) && dk_json_is_array(L, body) == operation->list;
}

/* Replaces the JSON:API resource, or each of the list, on top of the stack by the flat one. */
static void flatten_all(lua_State *L, bool list)
{
    if (!list) {
        flatten(L);
        return;
    }
    size_t n = dk_rawlen(L, -1);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, (int)i);
        flatten(L);
        lua_rawseti(L, -2, (int)i);
    }
}

/* --- pages: each sets `next`, the query of the next page, where there is one ------------------ */

typedef struct page {
    const dk_call *call;
    const char *base_url;
    int body, response; /* indices */
    double count;       /* of what this page has */
    double total;       /* -1: not told */
} page;

static void set_next_number(lua_State *L, const page *p, const char *name, double number)
{
    lua_createtable(L, 0, 1);
    dk_setwhole(L, name, number);
    lua_setfield(L, p->response, "next");
}

static void set_next_text(lua_State *L, const page *p, const char *name, const char *text, size_t n)
{
    lua_createtable(L, 0, 1);
    lua_pushlstring(L, text, n);
    lua_setfield(L, -2, name);
    lua_setfield(L, p->response, "next");
}

/* What a service gives on one page at least, where it is asked for as much. */
#define SURE_PAGE_SIZE 100

/* How many a full page of this list has: what the answer says, else what was asked for, if that
 * makes this page the last: a service may give less. 0: not known. */
static double page_size(lua_State *L, const page *p, double number)
{
    static const char *const told[][4] = {{"meta", "page", "size", NULL},
                                          {"meta", "pagination", "size", NULL}};
    static const char *const most[] = {"meta", "page", "max_page_size", NULL};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        double size = number_at(L, p->body, told[i]);
        if (size > 0)
            return size;
    }
    double size = p->call->request.page_size, allowed = number_at(L, p->body, most);
    if (allowed > 0 && size > allowed)
        size = allowed;
    bool sure = size <= SURE_PAGE_SIZE || size <= allowed;
    return sure && number * size + p->count == p->total ? size : 0;
}

/* How much comes before this page: what the answer says, else full pages. Where their size is not
 * known a short last page is taken for one like the others, and one more that is empty ends the
 * list. */
static double before_page(lua_State *L, const page *p, double number)
{
    static const char *const offset[] = {"meta", "pagination", "offset", NULL};
    double before = number_at(L, p->body, offset), each = page_size(L, p, number);
    return before >= 0 ? before : number * (each > p->count ? each : p->count);
}

static bool next_by_number(lua_State *L, page *p)
{
    static const char *const totals[][4] = {{"meta", "page", "total_filtered_count", NULL},
                                            {"meta", "page", "total_count", NULL},
                                            {"meta", "page", "total", NULL},
                                            {"meta", "pagination", "total", NULL}};
    for (size_t i = 0; i < sizeof totals / sizeof *totals && p->total < 0; i++)
        p->total = count_at(L, p->body, totals[i]);
    double number = p->call->request.place > 0 ? p->call->request.place : 0;
    if (p->count > 0 && (p->total < 0 || before_page(L, p, number) + p->count < p->total))
        set_next_number(L, p, dk_page_places[DK_PAGES], number + 1);
    return true;
}

/* itemsPerPage may be wrong: what came is counted. Without a total, which should be there (RFC
 * 7644, 3.4.2), an empty page ends the list; pages that a cursor led to end with one that gives no
 * other (RFC 9865). */
static bool next_by_index(lua_State *L, page *p)
{
    p->total = count_at(L, p->body, total_results);
    push_scim_member(L, p->body, "nextCursor");
    size_t n = 0;
    const char *cursor = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    double from = p->call->request.place > 1 ? p->call->request.place : 1;
    if (n > 0)
        set_next_text(L, p, "cursor", cursor, n);
    else if (p->count > 0 && (p->total < 0 || from - 1 + p->count < p->total) &&
             !p->call->request.by_cursor)
        set_next_number(L, p, dk_page_places[DK_INDEX], from + p->count);
    return true;
}

/* Is the link's path that of this list, perhaps with something before it? */
static bool same_path(const page *p, const char *url)
{
    const dk_buffer *asked = &p->call->request.url;
    size_t base = strlen(p->base_url), length = strcspn(url, "?#"), n = base;
    while (n < asked->length && asked->data[n] != '?')
        n++;
    n -= base;
    return length >= n && memcmp(url + length - n, asked->data + base, n) == 0;
}

/* Only the cursor of the link is used, so that no key is sent to another host. Behind a gateway the
 * link names the service's own host: then its path must be that of this list. A next link to
 * another list on another host is an error, because the rest of the list cannot be read. */
static bool next_by_link(lua_State *L, page *p)
{
    dk_text head = {p->call->head.data, p->call->head.length}, target;
    if (!head.length || !dk_header_link(head, "next", &target))
        return true;
    const char *name = dk_page_places[DK_AFTER];
    lua_pushlstring(L, target.data, target.length);
    const char *url = lua_tostring(L, -1);
    bool relative = strncmp(url, "//", 2) != 0 && url[strcspn(url, ":/?#")] != ':';
    bool failed = false;
    bool elsewhere = !relative && !dk_url_same_host(url, p->base_url, &failed);
    if (failed)
        return dk_no_memory(L);
    if (elsewhere && !same_path(p, url)) {
        lua_pushfstring(L, "its next page is another list on another host: %s", url);
        return false;
    }
    dk_buffer *cursor = dk_newbuffer(L);
    bool found = dk_url_find(url, name, cursor);
    if (cursor->failed)
        return dk_no_memory(L);
    if (found)
        set_next_text(L, p, name, cursor->data ? cursor->data : "", cursor->length);
    if (!found)
        lua_pushfstring(L, "the link to its next page has no \"%s\"", name);
    return found;
}

static bool (*const next_page_of[DK_PAGINGS])(lua_State *, page *) = {
    [DK_PAGES] = next_by_number,
    [DK_INDEX] = next_by_index,
    [DK_AFTER] = next_by_link,
};

/* The list on top of the stack is a page of the body at that index. */
static bool set_page(lua_State *L, const dk_call *call, const char *base_url, int body,
                     int response)
{
    page p = {call, base_url, body, response, (double)dk_rawlen(L, -1), -1};
    int top = lua_gettop(L);
    if (!next_page_of[call->request.operation->paging](L, &p))
        return false;
    lua_settop(L, top);
    if (p.total >= 0) {
        dk_pushwhole(L, p.total);
        lua_setfield(L, response, "total");
    }
    return true;
}

bool dk_answer(lua_State *L, const dk_call *call, const char *base_url, int response)
{
    const dk_operation *operation = call->request.operation;
    int body = lua_gettop(L);
    lua_pushvalue(L, body);
    if (!unwrap(L, operation)) {
        lua_pushfstring(L, "there is no %s in it", operation->list ? "list" : "resource");
        return false;
    }
    if (dk_is_json_api(operation))
        flatten_all(L, operation->list);
    if (operation->paging != DK_WHOLE && !set_page(L, call, base_url, body, response))
        return false;
    lua_remove(L, body);
    return true;
}
