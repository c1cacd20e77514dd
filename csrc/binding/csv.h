/* ddokta.core.csv: the CSV reader for Lua. */
#ifndef DK_BINDING_CSV_H
#define DK_BINDING_CSV_H

#include "compat.h"

/* Leaves the module's table on the stack. */
int dk_open_csv(lua_State *L);

#endif
