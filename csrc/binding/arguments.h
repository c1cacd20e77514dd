/* Makes a request of a method's arguments: path parameters, then the body, then the query. */
#ifndef DK_BINDING_ARGUMENTS_H
#define DK_BINDING_ARGUMENTS_H

#include "compat.h"
#include "http/request.h"

/* How many arguments an operation takes at most. */
int dk_arguments(const dk_operation *operation);

/* Replaces a query that has values with a __tostring (filters) by one that has their texts. To be
 * called before a request is begun: a __tostring may raise, or do anything else. */
void dk_settle_query(lua_State *L, int query);

/* Makes the request from the arguments; first: the index of the first, and the stack ends with the
 * last that the operation takes. 0, or how many values were pushed, see dk_body_from: a caller's
 * mistake ends here. */
int dk_request_from(lua_State *L, int first, const char *base_url, bool strict,
                    const dk_operation *operation, dk_request *request);

#endif
