/* ddokta.core.journal: files of lines that outlive their writer, for Lua.
 *
 *   open(path, sort[, mode]) -> journal | nil, err. mode:
 *       "append"                      locked until it is closed (as where none is given)
 *       "shared"                      locked for what is read until share(), and for each commit
 *       "read"
 *   journal:header()                  -> its text | nil: it is new
 *   journal:start(members)            writes the header of a new one
 *   journal:load(steps)               checks all lines; steps: how many there may be
 *   journal:cut()                     -> the number of the line from which on the file is not
 *                                     whole, as a death or a power cut leaves it; it is cut off
 *                                     there before the next line is written | nil
 *   journal:step(n, state, members)   adds a line; raises where the state cannot follow
 *   journal:line(members)             adds a line that is no step's
 *   journal:commit()                  brings what was added to the disk
 *   journal:pending()                 -> how many bytes a commit would write
 *   journal:state(n)                  -> "begin", "done", "failed", "unknown", "saved" | nil
 *   journal:may(n, state)             -> can that follow now?
 *   journal:next(after, state)        -> the first step behind `after` in that state | nil
 *   journal:counts()                  -> {begin =, done =, ...}
 *   journal:last(n)                   -> the text of the step's last line | nil
 *   journal:read([offset, number])    -> text, next offset, next number | nil at the end
 *   journal:whole([offset])           -> text, next offset: the same, but what is damaged is
 *                                     passed by
 *   journal:move(path)                gives the file another name, under the lock
 *   journal:share()                   of a shared one: others may have the lock now
 *   journal:close()                   commits and gives the lock up
 *   journal:abandon()                 as a death would: what was not committed is lost. So does
 *                                     the collector, which keeps no order between files
 *
 * What can fail answers true, or nil and an error: code "in_use" (pid), "foreign", "damaged"
 * (line), "file", "no_memory". Members are tables, encoded as JSON; one that JSON cannot hold
 * raises. Nothing here keeps secrets out: lua/ddokta/bulk/journal.lua does.
 */
#include "journal.h"
#include "buffer.h"
#include "file_error.h"
#include "json.h"
#include "object.h"

#include "journal/journal.h"

static const dk_type JOURNAL = {"ddokta.journal", "this journal is closed", NULL};

typedef struct journal {
    dk_object self;
    dk_journal core;
    int path; /* a registry reference to it */
    char sort[16];
} journal;

/* True, or what the journal's file has failed of. */
static int answer(lua_State *L, const journal *j, bool done)
{
    dk_file_failure failure = j->core.file.failure;
    if (done) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, j->path);
    return dk_fail_file(L, lua_tostring(L, -1), &failure);
}

static int fail(lua_State *L, const journal *j)
{
    return answer(L, j, false);
}

/* Pushes a text of the journal's own, which the next look at it would overwrite. */
static void push_text(lua_State *L, dk_buffer *copy, const char *text, size_t n)
{
    if (!dk_buffer_add(copy, text, n))
        dk_no_memory(L);
    dk_pushbuffer(L, copy);
    dk_buffer_free(copy);
}

static size_t check_count(lua_State *L, int index)
{
    lua_Number n = luaL_checknumber(L, index);
    luaL_argcheck(L, n >= 0 && n <= 1e9 && n == (double)(size_t)n, index,
                  "a whole number is wanted");
    return (size_t)n;
}

static dk_step_state check_state(lua_State *L, int index)
{
    const char *name = luaL_checkstring(L, index);
    for (int s = DK_STEP_BEGUN; s < DK_STEP_STATES; s++)
        if (strcmp(name, dk_step_names[s]) == 0)
            return (dk_step_state)s;
    luaL_argerror(L, index, lua_pushfstring(L, "no step can be '%s'", name));
    return DK_STEP_NONE;
}

/* Pushes the members at the index as JSON, {} for nil. */
static const dk_buffer *check_members(lua_State *L, int index)
{
    lua_settop(L, index);
    dk_buffer *members = dk_newbuffer(L);
    if (lua_isnil(L, index))
        return members;
    luaL_checktype(L, index, LUA_TTABLE);
    if (!dk_json_encode(L, index, NULL, members))
        luaL_argerror(L, index, lua_tostring(L, -1));
    luaL_argcheck(L, members->data[0] == '{', index, "a table with names is wanted");
    return members;
}

/* --- opening and closing ---------------------------------------------------------------------- */

static void shut(lua_State *L, journal *j)
{
    dk_journal_close(&j->core);
    luaL_unref(L, LUA_REGISTRYINDEX, j->path);
    j->path = LUA_NOREF;
}

static int journal_open(lua_State *L)
{
    static const char *const modes[] = {"append", "shared", "read", NULL};
    const char *path = dk_checkpath(L, 1);
    size_t n;
    const char *sort = luaL_checklstring(L, 2, &n);
    int mode = luaL_checkoption(L, 3, "append", modes);
    luaL_argcheck(L, n > 0 && n < sizeof(((journal *)0)->sort), 2, "a short word is wanted");
    lua_pushvalue(L, 1);
    int kept = luaL_ref(L, LUA_REGISTRYINDEX);
    journal *j = dk_newobject(L, sizeof *j, &JOURNAL);
    j->path = kept;
    memcpy(j->sort, sort, n);
    j->self.lives = dk_journal_open(&j->core, path, sort, (dk_file_mode)mode);
    if (j->self.lives)
        return 1;
    dk_file_failure failure = j->core.file.failure;
    shut(L, j); /* the lock is not to wait for the collector */
    return dk_fail_file(L, path, &failure);
}

/* Writes what is pending, and gives the lock up whatever came of it. */
static int journal_close(lua_State *L)
{
    journal *j = dk_endself(L, &JOURNAL);
    if (!j)
        return 0;
    bool done = dk_line_file_commit(&j->core.file);
    dk_file_failure failure = j->core.file.failure;
    lua_rawgeti(L, LUA_REGISTRYINDEX, j->path);
    shut(L, j);
    if (!done)
        return dk_fail_file(L, lua_tostring(L, -1), &failure);
    lua_pushboolean(L, 1);
    return 1;
}

static int journal_abandon(lua_State *L)
{
    journal *j = dk_endself(L, &JOURNAL);
    if (j)
        shut(L, j);
    return 0;
}

static int journal_share(lua_State *L)
{
    journal *j = dk_checkself(L, 1, &JOURNAL);
    dk_line_file_share(&j->core.file);
    return 0;
}

static int journal_move(lua_State *L)
{
    const char *to = dk_checkpath(L, 2);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    return answer(L, j, dk_line_file_move(&j->core.file, to));
}

static int journal_header(lua_State *L)
{
    dk_buffer *copy = dk_newbuffer(L);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    size_t n;
    const char *text = dk_journal_header(&j->core, &n);
    if (!text && j->core.file.failure.code != DK_FILE_OK)
        return fail(L, j);
    if (!text)
        return 0;
    push_text(L, copy, text, n);
    return 1;
}

static int journal_start(lua_State *L)
{
    const dk_buffer *members = check_members(L, 2);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    return answer(L, j, dk_journal_start(&j->core, j->sort, members->data, members->length));
}

static int journal_load(lua_State *L)
{
    size_t steps = check_count(L, 2);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    return answer(L, j, dk_journal_load(&j->core, steps));
}

static int journal_cut(lua_State *L)
{
    const journal *j = dk_checkself(L, 1, &JOURNAL);
    if (!j->core.cut)
        return 0;
    dk_pushwhole(L, (double)j->core.cut);
    return 1;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int journal_step(lua_State *L)
{
    size_t step = check_count(L, 2);
    dk_step_state state = check_state(L, 3);
    const dk_buffer *members = check_members(L, 4);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    if (!dk_line_file_takes(&j->core.file))
        return fail(L, j);
    if (!dk_journal_may(&j->core, step, state))
        return luaL_error(L, "step %d cannot be '%s' now: it is '%s'%s", (int)step,
                          dk_step_names[state], dk_step_names[dk_journal_state(&j->core, step)],
                          step > j->core.steps ? ", there are not that many" : "");
    return answer(L, j, dk_journal_step(&j->core, step, state, members->data, members->length));
}

static int journal_line(lua_State *L)
{
    const dk_buffer *members = check_members(L, 2);
    luaL_argcheck(L, members->length > 2, 2, "a line has members");
    journal *j = dk_checkself(L, 1, &JOURNAL);
    return answer(L, j, dk_journal_line(&j->core, members->data, members->length));
}

static int journal_commit(lua_State *L)
{
    journal *j = dk_checkself(L, 1, &JOURNAL);
    return answer(L, j, dk_line_file_commit(&j->core.file));
}

static int journal_pending(lua_State *L)
{
    const journal *j = dk_checkself(L, 1, &JOURNAL);
    dk_pushwhole(L, (double)j->core.file.pending.length);
    return 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int journal_state(lua_State *L)
{
    size_t step = check_count(L, 2);
    const journal *j = dk_checkself(L, 1, &JOURNAL);
    dk_step_state state = dk_journal_state(&j->core, step);
    lua_pushstring(L, state == DK_STEP_NONE ? NULL : dk_step_names[state]);
    return 1;
}

static int journal_may(lua_State *L)
{
    size_t step = check_count(L, 2);
    dk_step_state state = check_state(L, 3);
    const journal *j = dk_checkself(L, 1, &JOURNAL);
    lua_pushboolean(L, dk_journal_may(&j->core, step, state));
    return 1;
}

static int journal_next(lua_State *L)
{
    size_t after = check_count(L, 2);
    dk_step_state state = check_state(L, 3);
    const journal *j = dk_checkself(L, 1, &JOURNAL);
    size_t step = dk_journal_next(&j->core, after, state);
    if (!step)
        return 0;
    dk_pushwhole(L, (double)step);
    return 1;
}

static int journal_counts(lua_State *L)
{
    lua_createtable(L, 0, DK_STEP_STATES);
    for (int s = DK_STEP_BEGUN; s < DK_STEP_STATES; s++) {
        const journal *j = dk_checkself(L, 1, &JOURNAL);
        dk_setwhole(L, dk_step_names[s], (double)j->core.counts[s]);
    }
    return 1;
}

static int journal_last(lua_State *L)
{
    size_t step = check_count(L, 2), n;
    dk_buffer *copy = dk_newbuffer(L);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    const char *text = dk_journal_last(&j->core, step, &n);
    if (!text)
        return j->core.file.failure.code == DK_FILE_OK ? 0 : fail(L, j);
    push_text(L, copy, text, n);
    return 1;
}

static int journal_read(lua_State *L)
{
    lua_Number offset = luaL_optnumber(L, 2, 0);
    size_t number = lua_isnoneornil(L, 3) ? 2 : check_count(L, 3), n;
    const char *text;
    bool first = lua_isnoneornil(L, 2);
    luaL_argcheck(L, offset >= 0 && offset < DK_MOST_EXACT, 2, "an offset is wanted");
    dk_buffer *copy = dk_newbuffer(L);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    if (first)
        offset = (lua_Number)j->core.header + 1;
    if (!j->core.header || (uint64_t)offset >= dk_line_file_end(&j->core.file))
        return 0;
    if (!dk_journal_at(&j->core, (uint64_t)offset, number, &text, &n))
        return dk_journal_ends_at(&j->core, (uint64_t)offset, number) ? 0 : fail(L, j);
    push_text(L, copy, text, n);
    dk_pushwhole(L, offset + (lua_Number)n + 1);
    dk_pushwhole(L, (double)number + 1);
    return 3;
}

static int journal_whole(lua_State *L)
{
    lua_Number from = luaL_optnumber(L, 2, 0);
    bool first = lua_isnoneornil(L, 2);
    const char *text;
    size_t n;
    luaL_argcheck(L, from >= 0 && from < DK_MOST_EXACT, 2, "an offset is wanted");
    dk_buffer *copy = dk_newbuffer(L);
    journal *j = dk_checkself(L, 1, &JOURNAL);
    uint64_t offset = first ? j->core.header + 1 : (uint64_t)from;
    if (!dk_journal_whole(&j->core, &offset, &text, &n))
        return j->core.file.failure.code == DK_FILE_OK ? 0 : fail(L, j);
    offset += n + 1;
    push_text(L, copy, text, n);
    dk_pushwhole(L, (double)offset);
    return 2;
}

int dk_open_journal(lua_State *L)
{
    static const luaL_Reg methods[] = {{"header", journal_header},   {"start", journal_start},
                                       {"load", journal_load},       {"step", journal_step},
                                       {"line", journal_line},       {"commit", journal_commit},
                                       {"may", journal_may},         {"state", journal_state},
                                       {"pending", journal_pending}, {"next", journal_next},
                                       {"counts", journal_counts},   {"last", journal_last},
                                       {"read", journal_read},       {"whole", journal_whole},
                                       {"move", journal_move},       {"share", journal_share},
                                       {"cut", journal_cut},         {"abandon", journal_abandon},
                                       {"close", journal_close},     {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", journal_abandon}, {"__close", journal_abandon}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"open", journal_open}, {NULL, NULL}};
    dk_newtype(L, &JOURNAL, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
