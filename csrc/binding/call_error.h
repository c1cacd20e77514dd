/* The error of a call: what the service said, or what went wrong on the way. */
#ifndef DK_BINDING_CALL_ERROR_H
#define DK_BINDING_CALL_ERROR_H

#include "compat.h"

#include "http/session.h"

/* Pushes nil and the error that a call ended with. Answers 2. */
int dk_fail_call(lua_State *L, const dk_session *session, const dk_call *call);

/* The same for an answer that came with success and cannot be read; the reason is the string on
 * top of the stack. */
int dk_fail_answer(lua_State *L, const dk_session *session, dk_call *call);

/* Sets the field rate_limit of the table on top of the stack, if the headers have any. */
void dk_set_rate_limit(lua_State *L, dk_text head);

#endif
