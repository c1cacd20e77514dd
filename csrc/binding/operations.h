/* ddokta.core.operations: the map of the API, a table per operation. */
#ifndef DK_BINDING_OPERATIONS_H
#define DK_BINDING_OPERATIONS_H

#include "compat.h"

/* Pushes the list of all rows. Each has at once what clients are made of: name, service, each
 * (false: none); the rest of a row is there when it is looked at. */
void dk_push_operations(lua_State *L);

#endif
