/* Ctrl-C that ends a run in order; see interrupt.c. */
#ifndef DK_BINDING_INTERRUPT_H
#define DK_BINDING_INTERRUPT_H

#include "compat.h"

/* Pushes the table. */
int dk_open_interrupt(lua_State *L);

#endif
