/* ddokta.core.fingerprint: keyed fingerprints of secrets, and digests, for Lua.
 *
 *   key(path) -> key | nil, err    reads the key's file, or makes one
 *   key:of(text, ...)              -> HMAC-SHA-256 in hexadecimal; ("ab", "c") is not ("a", "bc")
 *   key:close()                    wipes it, as the collector does
 *   digest(text, ...)              -> SHA-256 in hexadecimal; ("ab", "c") is not ("a", "bc")
 *   salt()                         -> 128 random bits in hexadecimal | nil, message
 *
 * The key itself is never a Lua value.
 */
#include "fingerprint.h"
#include "file_error.h"
#include "object.h"

#include "base/digest.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/wipe.h"
#include "journal/fingerprint.h"

#include <errno.h>

static const dk_type KEY = {"ddokta.fingerprint.key", "this key is closed", NULL};

enum { MAX_PARTS = 16, SALT = 16 };

typedef struct key {
    dk_object self;
    unsigned char bytes[DK_FINGERPRINT_KEY];
} key;

static int read_key(lua_State *L)
{
    dk_file_failure failure;
    const char *path = dk_checkpath(L, 1);
    luaL_argcheck(L, *path, 1, "a path is wanted");
    key *k = dk_newobject(L, sizeof *k, &KEY);
    k->self.lives = dk_fingerprint_key(path, k->bytes, &failure);
    return k->self.lives ? 1 : dk_fail_file(L, path, &failure);
}

static int key_of(lua_State *L)
{
    dk_text parts[MAX_PARTS];
    char hex[DK_FINGERPRINT_HEX + 1];
    int count = lua_gettop(L) - 1;
    luaL_argcheck(L, count >= 1 && count <= MAX_PARTS, 2, "1 to 16 texts are wanted");
    for (int i = 0; i < count; i++)
        parts[i].data = luaL_checklstring(L, i + 2, &parts[i].length);
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

static int digest_of(lua_State *L)
{
    char hex[DK_DIGEST_HEX + 1];
    int count = lua_gettop(L);
    luaL_argcheck(L, count >= 1, 1, "a text is wanted");
    for (int i = 1; i <= count; i++)
        luaL_checkstring(L, i); /* it may raise, which must not happen below */
    dk_digest *digest = dk_digest_new();
    if (!digest)
        return luaL_error(L, "libcrypto cannot compute SHA-256");
    for (int i = 1; i <= count; i++) {
        size_t n;
        const char *text = lua_tolstring(L, i, &n);
        dk_digest_add(digest, text, n);
    }
    bool ok = dk_digest_end(digest, hex);
    dk_digest_free(digest);
    if (!ok)
        return luaL_error(L, "libcrypto cannot compute SHA-256");
    lua_pushlstring(L, hex, DK_DIGEST_HEX);
    return 1;
}

static int make_salt(lua_State *L)
{
    unsigned char bytes[SALT];
    char hex[2 * SALT + 1];
    if (!dk_random_bytes(bytes, sizeof bytes)) {
        lua_pushnil(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    dk_hex_write(bytes, sizeof bytes, hex);
    lua_pushlstring(L, hex, 2 * SALT);
    return 1;
}

int dk_open_fingerprint(lua_State *L)
{
    static const luaL_Reg methods[] = {{"of", key_of}, {"close", key_close}, {NULL, NULL}};
    static const luaL_Reg metamethods[] = {
        {"__gc", key_close}, {"__close", key_close}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"key", read_key}, {"digest", digest_of}, {"salt", make_salt}, {NULL, NULL}};
    dk_newtype(L, &KEY, methods, metamethods);
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
