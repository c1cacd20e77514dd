/* One call in flight, as Lua holds it. */
#ifndef DK_BINDING_CALL_H
#define DK_BINDING_CALL_H

#include "compat.h"
#include "http/session.h"

void dk_open_call(lua_State *L);

/* Pushes a call, owned by the collector, whose request can be written: the one at the index, if it
 * is one of the session whose result was fetched, else a new one. Nothing else may use it until
 * dk_begancall(its index); where an error comes between it is not used again. */
dk_call *dk_begincall(lua_State *L, int index, dk_session *session);
void dk_begancall(lua_State *L, int index);

#endif
