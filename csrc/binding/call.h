/* One call in flight, as Lua holds it. */
#ifndef DK_BINDING_CALL_H
#define DK_BINDING_CALL_H

#include "compat.h"
#include "core/session.h"

void dk_open_call(lua_State *L);

/* Pushes a call of its own, owned by the collector, one more user of the session. */
dk_call *dk_newcall(lua_State *L, dk_session *session);

#endif
