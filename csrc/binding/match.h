/* The comparison of two sets of rows, as Lua holds it. */
#ifndef DK_BINDING_MATCH_H
#define DK_BINDING_MATCH_H

#include "compat.h"

/* Registers the type; rows:match makes one. */
void dk_open_match(lua_State *L);

#endif
