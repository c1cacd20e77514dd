/* From a method's arguments to a request: path parameters, then the body, then the query. */
#ifndef DK_BINDING_ARGUMENTS_H
#define DK_BINDING_ARGUMENTS_H

#include "compat.h"
#include "http/request.h"

/* How many arguments an operation takes at most. */
int dk_arguments(const dk_operation *operation);

/* Replaces a query whose values say their text themselves (filters) by one of these texts. That is
 * for before a request is begun: __tostring may raise, and do whatever else. */
void dk_settle_query(lua_State *L, int i);

/* Makes the request from the arguments at index i and on; the stack ends with the last that the
 * operation takes. 0, or how many values were pushed, see dk_body_from: a caller's mistake ends
 * here. */
int dk_request_from(lua_State *L, int i, const char *base_url, bool strict,
                    const dk_operation *operation, dk_request *request);

#endif
