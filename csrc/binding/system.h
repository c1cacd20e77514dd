/* The few things of the operating system that Lua's own library lacks. */
#ifndef DK_BINDING_SYSTEM_H
#define DK_BINDING_SYSTEM_H

#include "compat.h"

/* Pushes the table. */
int dk_open_system(lua_State *L);

#endif
