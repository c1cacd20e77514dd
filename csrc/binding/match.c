/* The comparison of a service's rows with those of a source, as Lua holds it.
 *
 *   rows:match(service, {prune =, rotate =, reactivate =, inactive = column, id = column}) -> match
 *
 *   match:counts()      -> {create =, ..., deactivations =, reactivations =, spared =, active =,
 *                          met =}
 *   match:steps()       -> how many
 *   match:at(step)      -> action, row of the source or nil, row of the service or nil
 *   match:set(step, action)
 *   match:next(step)    -> the next step after it in which something is to be done, or nil
 *   match:digest(source, service, more)
 *                       -> SHA-256 in hexadecimal of what the steps do to the service, or (service
 *                          nil) of what the source asks for, and of the text `more`; of secrets
 *                          only whether they are there
 */
#include "match.h"
#include "rows.h"

#include "base/digest.h"
#include "rows/match.h"

static const dk_type MATCH = {"ddokta.match", "this match is gone", NULL};

typedef struct match_object {
    dk_object self;
    dk_match match;
} match_object;

static const char *const action_names[DK_ACTIONS + 1] = {
    [DK_CREATE] = "create",     [DK_UPDATE] = "update",         [DK_UNCHANGED] = "unchanged",
    [DK_DELETE] = "delete",     [DK_KEY_TWICE] = "key_twice",   [DK_KEY_VARIANT] = "key_variant",
    [DK_FIXED] = "fixed",       [DK_REFUSED] = "refused",       [DK_ROW_VARIANT] = "row_variant",
    [DK_OTHER_ID] = "other_id", [DK_SAME_THING] = "same_thing",
};

/* The column whose name is on top of the stack, or DK_NO_COLUMN. Takes the name off. */
static size_t optional_column(lua_State *L, const dk_rows_object *r)
{
    int column = lua_isnil(L, -1) ? -1 : dk_column_named(L, r);
    lua_pop(L, 1);
    return column < 0 ? DK_NO_COLUMN : (size_t)column;
}

int dk_rows_match(lua_State *L)
{
    luaL_checktype(L, 3, LUA_TTABLE);
    dk_match_options options = {dk_flag(L, 3, "prune"), dk_flag(L, 3, "rotate"),
                                dk_flag(L, 3, "reactivate"), DK_NO_COLUMN, DK_NO_COLUMN};
    match_object *o = dk_newobject(L, sizeof *o, &MATCH);
    lua_getfield(L, 3, "inactive");
    lua_getfield(L, 3, "id");
    dk_rows_object *source = dk_checkrows(L, 1), *service = dk_checkrows(L, 2);
    luaL_argcheck(
        L, dk_rows_options_of(service->rows)->count >= dk_rows_options_of(source->rows)->count, 2,
        "other columns");
    options.id = optional_column(L, source);
    options.inactive = optional_column(L, source);
    if (!dk_match_make(&o->match, source->rows, service->rows, &options))
        return dk_no_memory(L);
    o->self.lives = true;
    return 1;
}

static int match_counts(lua_State *L)
{
    const match_object *o = dk_checkself(L, 1, &MATCH);
    dk_match m = o->match;
    lua_createtable(L, 0, DK_ACTIONS + 5);
    for (int i = 0; i < DK_ACTIONS; i++)
        dk_setwhole(L, action_names[i], (double)m.counts[i]);
    dk_setwhole(L, "deactivations", (double)m.deactivations);
    dk_setwhole(L, "reactivations", (double)m.reactivations);
    dk_setwhole(L, "spared", (double)m.spared);
    dk_setwhole(L, "active", (double)m.active);
    dk_setwhole(L, "met", (double)m.met);
    return 1;
}

static int match_steps(lua_State *L)
{
    const match_object *o = dk_checkself(L, 1, &MATCH);
    dk_pushwhole(L, (double)o->match.steps);
    return 1;
}

static int match_at(lua_State *L)
{
    match_object *o = dk_checkself(L, 1, &MATCH);
    dk_match *m = &o->match;
    size_t step = dk_checkrow(L, 2, m->steps);
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

static int match_set(lua_State *L)
{
    dk_action action = (dk_action)luaL_checkoption(L, 3, NULL, action_names);
    match_object *o = dk_checkself(L, 1, &MATCH);
    dk_match *m = &o->match;
    size_t step = dk_checkrow(L, 2, m->source);
    bool needs_other = action == DK_UPDATE || action == DK_UNCHANGED || action == DK_FIXED;
    luaL_argcheck(L, action != DK_DELETE, 3, "a row of the source cannot be deleted");
    luaL_argcheck(L, !needs_other || dk_match_other(m, step) != DK_ROWS_NONE, 3,
                  "the service has no such row");
    dk_match_set(m, step, action);
    return 0;
}

static int match_next(lua_State *L)
{
    lua_Number from = luaL_checknumber(L, 2);
    match_object *o = dk_checkself(L, 1, &MATCH);
    dk_match *m = &o->match;
    luaL_argcheck(L, from >= 0 && from <= (lua_Number)m->steps, 2, "there is no such step");
    for (size_t step = (size_t)from; step < m->steps; step++)
        if (dk_match_action(m, step) != DK_UNCHANGED) {
            dk_pushwhole(L, (double)step + 1);
            return 1;
        }
    return 0;
}

static int match_digest(lua_State *L)
{
    size_t n;
    const char *more = luaL_checklstring(L, 4, &n);
    char hex[DK_DIGEST_HEX + 1];
    match_object *o = dk_checkself(L, 1, &MATCH);
    dk_match *m = &o->match;
    bool steps = !lua_isnil(L, 3);
    dk_rows_object *source = dk_checkrows(L, 2), *service = steps ? dk_checkrows(L, 3) : NULL;
    luaL_argcheck(L, dk_rows_count(source->rows) == m->source, 2, "another source");
    luaL_argcheck(L, !steps || dk_rows_count(service->rows) == m->service, 3, "another service");
    dk_digest *digest = dk_digest_new();
    if (!digest)
        return luaL_error(L, "libcrypto cannot compute SHA-256");
    dk_digest_add(digest, more, n);
    dk_match_digest(m, source->rows, steps ? service->rows : NULL, steps, digest);
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

void dk_open_match(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"counts", match_counts}, {"steps", match_steps},   {"at", match_at}, {"set", match_set},
        {"next", match_next},     {"digest", match_digest}, {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__gc", match_gc}, {NULL, NULL}};
    dk_newtype(L, &MATCH, methods, metamethods);
}
