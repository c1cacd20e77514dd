/* ddokta.core.text: text as people read it, for Lua. */
#ifndef DK_BINDING_TEXT_H
#define DK_BINDING_TEXT_H

#include "compat.h"

/* Leaves the module's table on the stack. */
int dk_open_text(lua_State *L);

#endif
