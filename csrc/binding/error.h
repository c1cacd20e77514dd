/* The error table that doc/errors.md describes: its fields, and its one readable line of
 * tostring. */
#ifndef DK_BINDING_ERROR_H
#define DK_BINDING_ERROR_H

#include "compat.h"

#include "http/failure.h"
#include "http/operation.h"

/* Registers the error's metatable and pushes it. */
int dk_open_error(lua_State *L);

/* Pushes nil and an error made before anything was sent. operation may be NULL. Answers 2. */
int dk_fail(lua_State *L, dk_kind kind, const dk_operation *operation, const char *format, ...);

/* Pushes an error with its kind and its operation. The caller sets the other fields, and then calls
 * dk_clean_error. */
void dk_push_error(lua_State *L, dk_kind kind, const dk_operation *operation);

#endif
