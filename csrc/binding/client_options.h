/* Reads a client's options from the table at index 1. lua/ddokta/options.lua has checked them and
 * filled in what was not given. */
#ifndef DK_BINDING_CLIENT_OPTIONS_H
#define DK_BINDING_CLIENT_OPTIONS_H

#include "compat.h"

#include "http/session.h"

/* What a view of a client may have of its own; what the table has not stays as it is. */
void dk_read_call_options(lua_State *L, dk_call_options *options);
void dk_read_strictness(lua_State *L, bool *lenient);

/* Why a string option cannot be used, or NULL; *name: which. Texts are on the stack afterwards. */
const char *dk_refused_option(lua_State *L, const char **name);

/* A session with its engine, NULL where memory ran out. */
dk_session *dk_session_from_options(lua_State *L);

/* Where the session calls, and with which keys. Each answers why not (a static string), or NULL;
 * *name: what cannot be used. The URL itself is not shown: what cannot be read may hold a
 * password. */
const char *dk_read_base_url(lua_State *L, dk_session *session, const char **name);
const char *dk_read_keys(lua_State *L, dk_session *session, const char **name);

/* Sets one key from the value at the index. Answers why it cannot be (a static string), or NULL. */
const char *dk_set_key(lua_State *L, dk_session *session, int key, int index);

#endif
