/* Lua 5.1 to 5.5 and LuaJIT under one set of names, all our own: lua* names are the VM's, and some
 * of the VMs export more of them than others. Every file of the binding includes it first. */
#ifndef DK_COMPAT_H
#define DK_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if LUA_VERSION_NUM >= 503
#define DK_HAS_INTEGERS 1
#else
#define DK_HAS_INTEGERS 0
#endif

#define DK_MOST_EXACT 9007199254740992.0 /* 2^53: up to it every whole number is a double */

size_t dk_rawlen(lua_State *L, int index);
int dk_absindex(lua_State *L, int index);

/* Sets functions in the table on top of the stack; each has the `upvalues` values above it. */
void dk_setclosures(lua_State *L, const luaL_Reg *functions, int upvalues);
void dk_setfuncs(lua_State *L, const luaL_Reg *functions);

/* Room for n more values; raises where there is none. */
void dk_checkstack(lua_State *L, int n, const char *why);

/* Raises; `return dk_no_memory(L)` in a function of Lua's. */
int dk_no_memory(lua_State *L);

/* A path argument, in which C would not see what is behind a NUL. */
const char *dk_checkpath(lua_State *L, int index);

/* Registry entries are found by the address of a static variable. dk_setregistry takes the value
 * off the stack. */
void dk_pushregistry(lua_State *L, const void *key);
void dk_setregistry(lua_State *L, const void *key);

/* Has the value at the index the metatable that is in the registry under the key? */
bool dk_has_metatable(lua_State *L, int index, const void *key);

/* Pushes a whole number: an integer where Lua has them. */
void dk_pushwhole(lua_State *L, double number);

/* Makes a whole number at the index the digits that stand for it on every Lua: 2.0 is 2. One too
 * large to be exact stays a number, as all else stays what it is. */
void dk_whole_to_text(lua_State *L, int index);

/* A table's own member: what a metatable makes of a missing one is not sent either. */
void dk_pushraw(lua_State *L, int table, const char *name);
bool dk_hasraw(lua_State *L, int table, const char *name);

/* Is what the table at the index has under the name true? */
bool dk_flag(lua_State *L, int table, const char *name);

/* Set a field of the table on top of the stack. */
void dk_setnumber(lua_State *L, const char *name, double number);
void dk_setwhole(lua_State *L, const char *name, double number);
void dk_setstring(lua_State *L, const char *name, const char *value);
void dk_setboolean(lua_State *L, const char *name, bool value);

#endif
