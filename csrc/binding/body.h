/* Makes a request's body of a Lua table, in the shape that the operation's row asks for. */
#ifndef DK_BINDING_BODY_H
#define DK_BINDING_BODY_H

#include "compat.h"

#include "http/request.h"

/* Writes the body at the index. path_id: the index of the path's last parameter, 0 where it has
 * none. strict: a field that the row does not know is a bug in the script: nil and the field's
 * name, a string, are pushed. 0, or how many values were pushed: those, or what dk_fail answers. */
int dk_body_from(lua_State *L, int body, int path_id, bool strict, const dk_operation *operation,
                 dk_request *request);

#endif
