/* Texts made fit to be shown: without secrets, and without characters that control a terminal or
 * cannot be seen. */
#ifndef DK_BINDING_CLEAN_H
#define DK_BINDING_CLEAN_H

#include "compat.h"

#include "base/buffer.h"
#include "http/session.h"

typedef struct dk_cleaner {
    dk_buffer *secrets, *text, *shown;
} dk_cleaner;

/* Pushes the three buffers of a cleaner, its `secrets` filled with those that the session and the
 * call know of. session and call may be NULL. dk_end_cleaner frees the buffers at once; without it
 * the collector does, later. */
dk_cleaner dk_push_cleaner(lua_State *L, const dk_session *session, const dk_call *call);
void dk_end_cleaner(const dk_cleaner *c);

/* Cleans every text of the error on top of the stack: the last step of making one. session and call
 * may be NULL. */
void dk_clean_error(lua_State *L, const dk_session *session, const dk_call *call);

/* Pushes a text of the service's, clean. */
void dk_push_clean(lua_State *L, dk_buffer *secrets, const char *text);

/* show(text) -> the text as it can be shown, see base/visible.h; line ends stay */
int dk_shown(lua_State *L);

#endif
