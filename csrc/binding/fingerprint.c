/* ddokta.core.fingerprint: keyed fingerprints of secrets, for Lua.
 *
 *   key(path) -> key | nil, err    reads the key's file, or makes one
 *   key:of(text, ...)              -> HMAC-SHA-256 in hexadecimal; ("ab", "c") is not ("a", "bc")
 *   key:close()                    wipes it, as the collector does
 *
 * The key itself is never a Lua value.
 */
#include "fingerprint.h"
#include "journal.h"
#include "object.h"

#include "core/fingerprint.h"
#include "core/secret.h"

static const dk_type KEY = {"ddokta.fingerprint.key", "this key is closed"};

enum { MAX_PARTS = 16 };

typedef struct key {
    dk_object self;
    unsigned char bytes[DK_FINGERPRINT_KEY];
} key;

static int read_key(lua_State *L)
{
    dk_file_failure failure;
    size_t n;
    const char *path = luaL_checklstring(L, 1, &n);
    luaL_argcheck(L, n > 0 && strlen(path) == n, 1, "a path without NUL is wanted");
    key *k = dk_newobject(L, sizeof *k, &KEY);
    k->self.lives = dk_fingerprint_key(path, k->bytes, &failure);
    return k->self.lives ? 1 : dk_fail_file(L, path, &failure);
}

static int key_of(lua_State *L)
{
    dk_text_part parts[MAX_PARTS];
    char hex[DK_FINGERPRINT_HEX + 1];
    int count = lua_gettop(L) - 1;
    luaL_argcheck(L, count >= 1 && count <= MAX_PARTS, 2, "1 to 16 texts are wanted");
    for (int i = 0; i < count; i++)
        parts[i].bytes = luaL_checklstring(L, i + 2, &parts[i].n);
    const key *k = dk_checkself(L, 1, &KEY);
    if (!dk_fingerprint(k->bytes, parts, (size_t)count, hex))
        return luaL_error(L, "libcrypto cannot compute HMAC-SHA-256");
    lua_pushlstring(L, hex, DK_FINGERPRINT_HEX);
    return 1;
}

static int key_close(lua_State *L)
{
    key *k = dk_endself(L, &KEY);
    if (k)
        dk_wipe(k->bytes, sizeof k->bytes);
    return 0;
}

int dk_open_fingerprint(lua_State *L)
{
    static const luaL_Reg methods[] = {{"of", key_of}, {"close", key_close}, {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", key_close}, {"__close", key_close}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"key", read_key}, {NULL, NULL}};
    dk_newtype(L, &KEY, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
