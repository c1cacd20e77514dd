/* Lua's allocator and C's can fail at any allocation of the binding: a script sees "not enough
 * memory" or nil and an error, never a crash, and after lua_close nothing is left, of Lua's memory
 * or C's. The binding's own objects are linked in, so that spec/core/alloc.c counts what they
 * allocate; lines "ok N - name" and "not ok N - name", as of core-test. */
#include "../core/alloc.h"
#include "../core/loopback.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int luaopen_ddokta_core(lua_State *L);

/* --- scenarios ---------------------------------------------------------------------------------
 *
 * Lua that answers true where all went well, else nil and an error. `core` is the module,
 * `refusing` and `serving` are base URLs, serve() gives the server its turn. */

typedef struct scenario {
    const char *name, *script;
    bool loads; /* core is not loaded before it */
} scenario;

#define NEW_CLIENT                                                                                 \
    "local function new_client(url)\n"                                                             \
    "  return core.client { service = 'datadog', base_url = url, api_key = 'api-key-one',\n"       \
    "    app_key = 'app-key-one', user_agent = 'spec', proxy = '', ca_file = '/ca',\n"             \
    "    client_cert = '/cert', client_key = '/key', timeout = 5, attempt_timeout = 5,\n"          \
    "    connect_timeout = 5, max_retries = 0, max_in_flight = 4, max_api_capacity = 100,\n"       \
    "    max_response_bytes = 100000, on_event = true }\n"                                         \
    "end\n"                                                                                        \
    "local function row(name)\n"                                                                   \
    "  for i, operation in ipairs(core.operations) do\n"                                           \
    "    if operation.name == name then return i end\n"                                            \
    "  end\n"                                                                                      \
    "end\n"

#define CALL                                                                                       \
    "local function call(client, name, ...)\n"                                                     \
    "  local call, id = client:submit(nil, row(name), ...)\n"                                      \
    "  if not call then return nil, id end\n"                                                      \
    "  while not call:done() do client:step(0.001) serve() end\n"                                  \
    "  return call:result()\n"                                                                     \
    "end\n"

#define ACCOUNT                                                                                    \
    "{ name = 'a', domain = 'a.okta.com', auth_method = 'oauth', client_secret = 'swordfish' }"

static const scenario scenarios[] = {
    {"loading", "return require 'ddokta.core' ~= nil", true},
    {"a client",
     NEW_CLIENT "local client, err = new_client(refusing)\n"
                "if not client then return nil, err end\n"
                "local ok\n"
                "ok, err = client:set_key('api_key', 'api-key-two')\n"
                "if not ok then return nil, err end\n"
                "local view = client:with { timeout = 1 }\n"
                "view:stats()\n"
                "return tostring(view) ~= nil",
     false},
    {"a refused client",
     "local client, err = core.client { service = 'datadog', base_url = 'https://u:p@x/' }\n"
     "assert(not client)\n"
     "return tostring(err):find('user or password', 1, true) ~= nil, err",
     false},
    {"a call that is refused",
     NEW_CLIENT CALL "local client, err = new_client(refusing)\n"
                     "if not client then return nil, err end\n"
                     "local result\n"
                     "result, err = call(client, 'create_okta_account', " ACCOUNT ")\n"
                     "assert(not result)\n"
                     "return err.code == 'COULDNT_CONNECT' and #tostring(err) > 0, err",
     false},
    {"a call that is answered",
     NEW_CLIENT CALL
     "local client, err = new_client(serving)\n"
     "if not client then return nil, err end\n"
     "local list, response = call(client, 'list_okta_accounts')\n"
     "if not list then return nil, response end\n"
     "assert(list[1].name == 'one' and list[2].id == '2')\n"
     "assert(response.status == 200 and response.headers['x-ratelimit-name'] == 'a')\n"
     "assert(response.body.data[1].id == '1' and response.rate_limit.limit == 5)\n"
     "while client:event() do end\n"
     "client:pollfds() client:stats() client:close()\n"
     "return true",
     false},
    {"a call that is answered with an error",
     NEW_CLIENT CALL "local client, err = new_client(serving)\n"
                     "if not client then return nil, err end\n"
                     "local result\n"
                     "result, err = call(client, 'create_okta_account', " ACCOUNT ")\n"
                     "assert(not result)\n"
                     "local text = tostring(err)\n"
                     "assert(not text:find 'swordfish' and not (err.body or ''):find 'swordfish')\n"
                     "return err.kind == 'forbidden' and err.errors[2] ~= nil, err",
     false},
    {"what must not be sent",
     NEW_CLIENT "local client, err = new_client(refusing)\n"
                "if not client then return nil, err end\n"
                "local call\n"
                "call, err = client:submit(nil, row 'create_okta_account', { name = 'a' })\n"
                "assert(not call)\n"
                "return err.message:find 'domain' ~= nil, err",
     false},
    {"JSON",
     "local text = "
     "'{\"a\":[],\"b\":[1,2.5,123456789012345678901234567890,null],\"c\":{\"d\":\"\\\\u0000\"}}'\n"
     "local value, err = core.json.decode(text)\n"
     "if not value then return nil, err end\n"
     "text, err = core.json.encode(value)\n"
     "if not text then return nil, err end\n"
     "assert(not core.json.decode '[NaN]' and not core.json.encode { print })\n"
     "return text:find('123456789012345678901234567890', 1, true) ~= nil",
     false},
    {"CSV",
     "local reader = core.csv.reader {}\n"
     "reader:feed('name,note\\na,\"x\\n\"\"y\"\"\"\\n' .. ('z'):rep(2000) .. ',\\nb\"c\\nd')\n"
     "reader:finish()\n"
     "local header, fault = reader:next()\n"
     "if not header then return nil, fault end\n"
     "reader:columns(header)\n"
     "local row, line = reader:next()\n"
     "if not row then return nil, line end\n"
     "assert(row.note == 'x\\n\"y\"')\n"
     "row, line = reader:next()\n"
     "if not row then return nil, line end\n"
     "assert(#row.name == 2000)\n"
     "local nothing, problem = reader:next()\n"
     "assert(not nothing)\n"
     "if problem.code ~= 'quote_in_text' then return nil, problem end\n"
     "nothing, problem = reader:next()\n"
     "assert(not nothing)\n"
     "if problem.code ~= 'field_count' then return nil, problem end\n"
     "reader:close()\n"
     "return true",
     false},
};

enum { COUNT = sizeof scenarios / sizeof *scenarios };

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
    return "HTTP/1.1 403 No\r\n" HEADERS "Content-Length: 70\r\n\r\n"
           "{\"errors\":[\"no\",{\"title\":\"No\",\"detail\":\"swordfish\"}],\"errorCode\":\"E1\"}";
}

static int serve(lua_State *L)
{
    return loopback_serve(&serving, answer) ? 0 : luaL_error(L, "the server cannot answer");
}

/* --- Lua's memory ----------------------------------------------------------------------------- */

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

static void set_url(lua_State *L, const char *name, int port)
{
    lua_pushfstring(L, "http://127.0.0.1:%d", port);
    lua_setglobal(L, name);
}

/* A state with the scenario's function on top of the stack, or NULL. */
static lua_State *prepare(const scenario *s)
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
    set_url(L, "refusing", refusing.port);
    set_url(L, "serving", serving.port);
    /* cjson is another's: it is loaded before anything fails */
    if (luaL_dostring(L, "require 'cjson'") ||
        (!s->loads && luaL_dostring(L, "core = require 'ddokta.core'")) ||
        luaL_loadstring(L, s->script)) {
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
    if (status != LUA_OK) /* ours, raised for C's memory; or an assertion of the script's */
        return strstr(luaL_tolstring(L, -1, NULL), "memory") ? FAILED : WRONG;
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
static bool fails_well(const scenario *s, bool of_lua, mode how, unsigned long n, bool *enough)
{
    long blocks = alloc_in_use();
    lua_State *L = prepare(s);
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
    return right;
}

#define MOST 20000

static bool survives(const scenario *s, bool of_lua, mode how, unsigned long *needed)
{
    bool enough = false;
    for (unsigned long n = 1; !enough; n++) {
        if (n > MOST)
            return complain("and it needs ever more", n, "");
        if (!fails_well(s, of_lua, how, n, &enough))
            return false;
        *needed = n - 1;
    }
    return true;
}

int main(void)
{
    int failed = 0, line = 0;
    alloc_give_to_libcurl();
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
    for (int i = 0; i < COUNT; i++) {
        static const char *const modes[] = {"once", "twice", "for good"};
        for (int how = ONCE; how < MODES * 2; how++) {
            bool of_lua = how < MODES, enough;
            unsigned long needed = 0;
            if (how == MODES + TWICE) /* C's allocations are not tried again */
                continue;
            /* what is made once is made */
            bool right = fails_well(&scenarios[i], true, ONCE, MOST, &enough) &&
                         survives(&scenarios[i], of_lua, how % MODES, &needed);
            failed += !right;
            printf("%s %d - %s: %s fails %s, at each of %lu\n", right ? "ok" : "not ok", ++line,
                   scenarios[i].name, of_lua ? "Lua's allocator" : "C's allocator",
                   modes[how % MODES], needed);
        }
    }
    loopback_close(&serving);
    loopback_close(&refusing);
    return failed ? 1 : 0;
}
