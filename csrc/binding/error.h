/* The error table of the contract: fields, and one readable line of tostring. */
#ifndef DK_BINDING_ERROR_H
#define DK_BINDING_ERROR_H

#include "compat.h"
#include "http/session.h"

/* Registers the error's metatable and pushes it. */
int dk_open_error(lua_State *L);

/* Pushes nil and an error made before anything was sent. operation may be NULL. Answers 2. */
int dk_fail(lua_State *L, dk_kind kind, const dk_operation *operation, const char *format, ...);

/* Pushes nil and the error that a call ended with. Answers 2. */
int dk_fail_call(lua_State *L, const dk_session *session, const dk_call *call);

/* The same for an answer that came with success and cannot be read; the reason is the string on
 * top of the stack. */
int dk_fail_answer(lua_State *L, const dk_session *session, dk_call *call);

/* Pushes a text of the service's without the secrets, and so that it can be shown. */
void dk_push_clean(lua_State *L, dk_buffer *secrets, const char *text);

/* show(text) -> the text as it can be shown, see core/visible.h; line ends stay */
int dk_shown(lua_State *L);

/* Sets the field rate_limit of the table on top of the stack, if the headers have any. */
void dk_set_rate_limit(lua_State *L, dk_text head);

#endif
