/* Lua's allocator and C's can fail at any allocation of the binding: a script sees "not enough
 * memory" or nil and an error, never a crash, and after lua_close nothing is left, of Lua's memory
 * or C's, nor any secret in what C gave back on the way. The binding's own objects are linked in,
 * so that spec/csrc/support/alloc.c counts what they allocate; lines "ok N - name" and "not ok N -
 * name", as of core-test. */
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/loopback.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int luaopen_ddokta_core(lua_State *L);

/* --- scenarios ---------------------------------------------------------------------------------
 *
 * Loading the module, and the scenes of scenes.lua: Lua that answers true where all went well, else
 * nil and an error. */

#define LOADING 0 /* of the scenarios; the scenes are 1 to their count */

/* `scenes` and what they need; the names of the globals are set below. */
static const char prelude[] =
    "core = require 'ddokta.core'\n"
    "scenes = dofile('spec/csrc/binding/scenes.lua').scenes { core = core, serving = serving,\n"
    "  refusing = refusing, serve = serve, search = search, dir = dir, watch = function(...) "
    "return ... end,\n"
    "  change = function(list) return list end }\n";

/* --- the server ------------------------------------------------------------------------------- */

#define HEADERS                                                                                    \
    "X-RateLimit-Name: a\r\nX-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: 4\r\n"                  \
    "X-RateLimit-Reset: 5\r\n"

static loopback serving, refusing;

static const char *answer(const char *request)
{
    if (strncmp(request, "GET", 3) == 0)
        return "HTTP/1.1 200 OK\r\n" HEADERS "Content-Length: 102\r\n\r\n"
               "{\"data\":[{\"id\":\"1\",\"type\":\"t\",\"attributes\":{\"name\":\"one\"}},"
               "{\"id\":\"2\",\"attributes\":{},\"x\":[],\"y\":1.0}]}";
    if (strstr(request, "/application_keys "))
        return "HTTP/1.1 201 Made\r\nContent-Length: 79\r\n\r\n"
               "{\"data\":{\"id\":\"1\",\"type\":\"t\",\"attributes\":{\"name\":\"n\",\"key\":"
               "\"N3WLY-M4DE-KEY\"}}}";
    return "HTTP/1.1 403 No\r\n" HEADERS "Content-Length: 70\r\n\r\n"
           "{\"errors\":[\"no\",{\"title\":\"No\",\"detail\":\"swordfish\"}],\"errorCode\":\"E1\"}";
}

static int serve(lua_State *L)
{
    return loopback_serve(&serving, answer) ? 0 : luaL_error(L, "the server cannot answer");
}

/* search(): raises where memory of C still has a secret in it */
static int search(lua_State *L)
{
    const char *secret = alloc_holds();
    return secret ? luaL_error(L, "still in use with it in it: %s", secret) : 0;
}

/* --- Lua's memory ----------------------------------------------------------------------------- */

/* What must not be found in memory that C gave back. */
static const char *const secrets[] = {"api-key-one",    "api-key-two", "app-key-one",  "swordfish",
                                      "N3WLY-M4DE-KEY", "pr0xy-w0rd",  "k3y-passw0rd", NULL};

/* How many allocations fail: one, which Lua tries again behind a collection; two in a row; all. */
typedef enum mode { ONCE, TWICE, ALWAYS, MODES } mode;

static struct {
    unsigned long fail_at, asked; /* fail_at 0: none fails */
    mode mode;
    size_t in_use;
} memory;

static bool fails(void)
{
    static const unsigned long more[MODES] = {0, 1, (unsigned long)-1};
    if (!memory.fail_at)
        return false;
    memory.asked++;
    return memory.asked >= memory.fail_at && memory.asked - memory.fail_at <= more[memory.mode];
}

/* the C library's own: what is Lua's is not counted as C's */
void *__real_realloc(void *block, size_t n);
void __real_free(void *block);

/* lua_Alloc: to free and to make smaller never fails. */
static void *allocate(void *user, void *block, size_t old, size_t wanted)
{
    (void)user;
    if (!block)
        old = 0;
    if (wanted > old && fails())
        return NULL;
    memory.in_use += wanted - old;
    if (wanted == 0) {
        __real_free(block);
        return NULL;
    }
    return __real_realloc(block, wanted);
}

/* --- running ---------------------------------------------------------------------------------- */

static char folder[] = "/tmp/ddokta-alloc-XXXXXX";

static void set_url(lua_State *L, const char *name, int port)
{
    lua_pushfstring(L, "http://127.0.0.1:%d", port);
    lua_setglobal(L, name);
}

/* Pushes a scenario's function. */
static bool push_scenario(lua_State *L, int scenario)
{
    if (scenario == LOADING)
        return luaL_loadstring(L, "return require 'ddokta.core' ~= nil") == LUA_OK;
    if (luaL_dostring(L, prelude))
        return false;
    lua_getglobal(L, "scenes");
    lua_rawgeti(L, -1, scenario);
    lua_getfield(L, -1, "run");
    return true;
}

/* A state with the scenario's function on top of the stack, or NULL. */
static lua_State *prepare(int scenario)
{
#if LUA_VERSION_NUM >= 505
    lua_State *L = lua_newstate(allocate, NULL, 0); /* the seed of its hashes */
#else
    lua_State *L = lua_newstate(allocate, NULL);
#endif
    if (!L)
        return NULL;
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_ddokta_core);
    lua_setfield(L, -2, "ddokta.core");
    lua_pushcfunction(L, serve);
    lua_setglobal(L, "serve");
    lua_pushcfunction(L, search);
    lua_setglobal(L, "search");
    set_url(L, "refusing", refusing.port);
    set_url(L, "serving", serving.port);
    lua_pushstring(L, folder);
    lua_setglobal(L, "dir");
    /* cjson is another's: it is loaded before anything fails */
    if (luaL_dostring(L, "require 'cjson'") || !push_scenario(L, scenario)) {
        printf("# %s\n", lua_tostring(L, -1));
        lua_close(L);
        return NULL;
    }
    return L;
}

/* Did it do all it should, or say that it could not? What it says stays on the stack. */
typedef enum outcome { DONE, FAILED, WRONG } outcome;

static outcome run(lua_State *L)
{
    int status = lua_pcall(L, 0, 2, 0);
    memory.fail_at = 0;
    alloc_fail_none();
    if (status == LUA_ERRMEM)
        return FAILED;
    if (status != LUA_OK) { /* ours, raised for C's memory; or an assertion of the script's */
        const char *words = luaL_tolstring(L, -1, NULL);
        return strstr(words, "memory") || strstr(words, "libcrypto") ? FAILED : WRONG;
    }
    if (lua_toboolean(L, -2))
        return DONE;
    bool said = lua_istable(L, -1) || lua_isstring(L, -1);
    luaL_tolstring(L, -1, NULL);
    return said ? FAILED : WRONG;
}

static bool complain(const char *what, unsigned long n, const char *words)
{
    printf("# allocation %lu fails: %s%s\n", n, what, words);
    return false;
}

/* Runs a scenario with the n-th allocation failing, of Lua's or of C's; *enough: it needs fewer. */
static bool fails_well(int scenario, bool of_lua, mode how, unsigned long n, bool *enough)
{
    long blocks = alloc_in_use();
    lua_State *L = prepare(scenario);
    if (!L)
        return complain("no state", n, "");
    memory.mode = how;
    memory.asked = 0;
    memory.fail_at = of_lua ? n : 0;
    alloc_fail_at(of_lua ? (unsigned long)-1 : n, how == ALWAYS);
    outcome came_to = run(L);
    bool right = came_to != WRONG || complain("it says ", n, lua_tostring(L, -1));
    *enough = of_lua ? memory.asked < n : alloc_asked() < n;
    if (right && *enough && came_to != DONE)
        right = complain("which it does not need, and yet: ", n, luaL_tolstring(L, -1, NULL));
    lua_close(L);
    loopback_hang_up(&serving);
    if (memory.in_use)
        right = complain("Lua's memory is left", n, "");
    if (alloc_in_use() != blocks)
        right = complain("blocks of C are left", n, "");
    const char *secret = alloc_found();
    if (secret)
        right = complain("given back with it in it: ", n, secret);
    return right;
}

#define MOST 20000

static bool survives(int scenario, bool of_lua, mode how, unsigned long *needed)
{
    bool enough = false;
    for (unsigned long n = 1; !enough; n++) {
        if (n > MOST)
            return complain("and it needs ever more", n, "");
        if (!fails_well(scenario, of_lua, how, n, &enough))
            return false;
        *needed = n - 1;
    }
    return true;
}

/* How many there are, and their names, which are kept. */
static char names[64][64] = {"loading"};

static const char *name_of(int scenario)
{
    return names[scenario];
}

static int count_scenes(void)
{
    lua_State *L = prepare(1);
    int count = 0;
    if (!L)
        return 0;
    lua_getglobal(L, "scenes");
    for (; count + 1 < (int)(sizeof names / sizeof *names); count++) {
        if (lua_rawgeti(L, -1, count + 1) != LUA_TTABLE)
            break;
        lua_getfield(L, -1, "name");
        snprintf(names[count + 1], sizeof *names, "%s", lua_tostring(L, -1));
        lua_pop(L, 2);
    }
    lua_close(L);
    return count;
}

static void remove_folder(void)
{
    char command[sizeof folder + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        printf("# %s is left\n", folder);
}

/* usage: binding-test [number of a scene] */
int main(int argc, char **argv)
{
    int failed = 0, line = 0, only = argc > 1 ? atoi(argv[1]) : 0;
    alloc_give_to_libcurl();
    alloc_search(secrets);
    /* keeps cjson loaded: a sanitizer names what it loses (.ci/leaks) by its file */
    static lua_State *keeper;
    keeper = luaL_newstate();
    if (!keeper)
        return 1;
    luaL_openlibs(keeper);
    if (luaL_dostring(keeper, "require 'cjson'"))
        return 1;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (!loopback_open(&serving, true) || !loopback_open(&refusing, false))
        return 1;
    if (!mkdtemp(folder) || setenv("TMPDIR", folder, 1) != 0)
        return 1;
    int scenes = count_scenes();
    failed += scenes == 0;
    for (int i = only ? only : LOADING; i <= (only ? only : scenes); i++) {
        static const char *const modes[] = {"once", "twice", "for good"};
        bool enough;
        fails_well(i, true, ONCE, MOST, &enough); /* what the process makes once is made */
        for (int how = ONCE; how < MODES * 2; how++) {
            bool of_lua = how < MODES;
            unsigned long needed = 0;
            if (how == MODES + TWICE) /* C's allocations are not tried again */
                continue;
            bool right = fails_well(i, true, ONCE, MOST, &enough) &&
                         survives(i, of_lua, how % MODES, &needed);
            failed += !right;
            printf("%s %d - %s: %s fails %s, at each of %lu\n", right ? "ok" : "not ok", ++line,
                   name_of(i), of_lua ? "Lua's allocator" : "C's allocator", modes[how % MODES],
                   needed);
        }
    }
    remove_folder();
    loopback_close(&serving);
    loopback_close(&refusing);
    return failed ? 1 : 0;
}
