/* One call in flight, as Lua holds it. */
#ifndef DK_BINDING_CALL_H
#define DK_BINDING_CALL_H

#include "compat.h"
#include "core/session.h"

void dk_open_call(lua_State *L);

/* Pushes a call of its own, owned by the collector, one more user of the session. */
dk_call *dk_newcall(lua_State *L, dk_session *session);

/* The call at index i, if it is one of the session whose result was fetched: it may be used again.
 * NULL else. */
dk_call *dk_usedcall(lua_State *L, int i, const dk_session *session);

#endif
