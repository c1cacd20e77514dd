/* The userdata that Lua holds, and the one check of self that every method begins with.
 *
 * A finalizer may run at any allocation of Lua, a metamethod wherever a table is read or a value
 * made text, and either may call any method of any object: of one that has ended, or of the one
 * whose method is at work. So a method goes in this order:
 *   1. arguments: whatever may run Lua's code; and buffers of its own (buffer.h), if it needs any.
 *   2. dk_checkself
 *   3. what C does. Lua is handed nothing that C may free or move: it is copied to such a buffer
 *      first, for Lua 5.1 and LuaJIT collect before they copy. Behind a call that allocates, self
 *      is checked again before it is looked at.
 */
#ifndef DK_BINDING_OBJECT_H
#define DK_BINDING_OBJECT_H

#include "compat.h"

/* What each begins with. */
typedef struct dk_object {
    bool lives; /* set by who makes it, once it is whole */
    bool busy;  /* one of its methods is at work, and no other may begin meanwhile */
} dk_object;

typedef struct dk_type {
    const char *name;  /* its metatable's in the registry */
    const char *ended; /* what a method says of an object that has ended: "this reader is closed" */
    const char *busy;  /* and of one that is busy; NULL: none ever is */
} dk_type;

/* The object of that type at the index. Raises where it is another type, has ended or is busy. */
void *dk_checkself(lua_State *L, int index, const dk_type *type);

/* The same for a method that has an answer where it has ended (NULL), and may be called while
 * another is at work. */
void *dk_self(lua_State *L, int index, const dk_type *type);

/* For __gc and close(): the object, which has ended from now on; NULL: it had. */
void *dk_endself(lua_State *L, const dk_type *type);

/* The userdata of that type, ended or not, or NULL; raises nothing. */
void *dk_testudata(lua_State *L, int index, const dk_type *type);

/* A new userdata of a registered type, all zero: not yet alive. */
void *dk_newobject(lua_State *L, size_t size, const dk_type *type);

/* Registers a type: methods, and what __gc and the rest of the metamethods do. Leaves nothing. All
 * of them find the type's metatable as their upvalue: see dk_self. */
void dk_newtype(lua_State *L, const dk_type *type, const luaL_Reg *methods,
                const luaL_Reg *metamethods);

#endif
