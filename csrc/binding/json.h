/* JSON between Lua and a service: what a resource that is read and written back must not lose. */
#ifndef DK_BINDING_JSON_H
#define DK_BINDING_JSON_H

#include "compat.h"

#include "base/buffer.h"

/* Loads lua-cjson and pushes the table {decode, encode, null, array}. */
int dk_open_json(lua_State *L);
void dk_open_json_decode(lua_State *L);

/* Decodes the text at the index. Pushes the value and answers true, or pushes a message (a string)
 * and answers false. A null in an object is an absent field, in an array ddokta.null; an empty
 * array is an array again when it is sent; whole numbers are integers where Lua has them; a whole
 * number that Lua cannot hold exactly becomes a value with its digits (tostring gives them). */
bool dk_json_decode(lua_State *L, int index);

/* Appends the value at the index: members sorted by name, numbers as short as they stay exact.
 * Pushes nothing and answers true, or pushes a message with the path and answers false.
 * skip: names of members of the outermost table that are left out, lists as in operation.h
 * with a NULL behind the last; or NULL. */
bool dk_json_encode(lua_State *L, int index, const char *const *skip, dk_buffer *out);

/* Pushes the number at the index as JSON writes it, whatever the locale. False, and pushes nothing:
 * it is not finite. */
bool dk_json_push_number(lua_State *L, int index);

/* Why the value at the index is no list without holes (a static string, in dk_json_encode's words),
 * or NULL where it is one: an empty table is. *object: it is a table with named members alone. */
const char *dk_json_no_list(lua_State *L, int index, bool *object);

/* Pushes an empty array. */
void dk_json_push_array(lua_State *L);

/* Is the value at the index an array, as decoded: has it elements, or is it an empty one? */
bool dk_json_is_array(lua_State *L, int index);

/* Pushes a value that keeps the digits of a whole number that Lua cannot hold. */
void dk_json_push_digits(lua_State *L, const char *digits);
bool dk_json_is_digits(lua_State *L, int index);

#endif
