/* What a call's method answers beside the resource: status, headers, body, and what a list's page
 * has. */
#ifndef DK_BINDING_RESPONSE_H
#define DK_BINDING_RESPONSE_H

#include "compat.h"

#include "http/call.h"

void dk_open_response(lua_State *L);

/* Pushes the response of a call that was answered. Most of its fields are seldom asked for, and
 * made when they are. */
void dk_push_response(lua_State *L, dk_call *call);

/* Pushes the text of its body. */
void dk_push_response_body(lua_State *L, int response);

#endif
