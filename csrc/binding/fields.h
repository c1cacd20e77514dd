/* Checks a body's fields: the ones that its row requires are there, and no unknown ones. */
#ifndef DK_BINDING_FIELDS_H
#define DK_BINDING_FIELDS_H

#include "compat.h"

#include "http/operation.h"

/* Does any resource in the body at the index lack a required field? A list is looked through; an
 * envelope with one is left to the service. 0, or what dk_fail answers. */
int dk_check_required(lua_State *L, const dk_operation *operation, int body);

/* Which fields of a list of names the body at the index has not, a bit each. */
unsigned dk_absent_fields(lua_State *L, const dk_operation *operation, int body, const char *list);

/* Is every field of the body at the index known? Else pushes the name of the first that is not. */
bool dk_check_fields(lua_State *L, const dk_operation *operation, int body);

#endif
