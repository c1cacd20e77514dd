/* The comparison of two sets of rows, as Lua holds it. */
#ifndef DK_BINDING_MATCH_H
#define DK_BINDING_MATCH_H

#include "compat.h"

void dk_open_match(lua_State *L);

/* rows:match(service, {...}) -> match */
int dk_rows_match(lua_State *L);

#endif
