/* ddokta.core.fingerprint: keyed fingerprints of secrets, for Lua. */
#ifndef DK_BINDING_FINGERPRINT_H
#define DK_BINDING_FINGERPRINT_H

#include "compat.h"

/* Pushes the table. */
int dk_open_fingerprint(lua_State *L);

#endif
