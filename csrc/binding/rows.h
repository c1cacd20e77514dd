/* ddokta.core.rows: packed rows and their comparison for Lua. */
#ifndef DK_BINDING_ROWS_H
#define DK_BINDING_ROWS_H

#include "compat.h"

/* Leaves the module's table on the stack. */
int dk_open_rows(lua_State *L);

#endif
