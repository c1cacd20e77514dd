/* A buffer in a userdata: the collector frees it, so no error that Lua raises can leak it. */
#ifndef DK_BINDING_BUFFER_H
#define DK_BINDING_BUFFER_H

#include "compat.h"

#include "base/buffer.h"

/* Registers the type. */
void dk_open_buffer(lua_State *L);

/* Pushes a new one. */
dk_buffer *dk_newbuffer(lua_State *L);
/* One for secrets: its memory is wiped before it is freed. */
dk_buffer *dk_newsecretbuffer(lua_State *L);

/* Pushes the buffer's bytes as a string. */
void dk_pushbuffer(lua_State *L, const dk_buffer *buffer);

#endif
