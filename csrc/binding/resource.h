/* JSON:API documents made of flat tables, in which attributes, relationships, id and type share one
 * namespace (jsonapi.org, 1.1, "Fields"). answer.h is the way back. */
#ifndef DK_BINDING_RESOURCE_H
#define DK_BINDING_RESOURCE_H

#include "compat.h"

#include "base/buffer.h"
#include "http/operation.h"

bool dk_is_json_api(const dk_operation *operation);

/* Is the value at the index {data = {...}}, as the service documents it? */
bool dk_is_envelope(lua_State *L, int body);

/* Leaves on top of the stack what the resource in the envelope has under the name that is there
 * now. What is left below it is the caller's to take away. */
void dk_push_envelope_field(lua_State *L, int envelope);

/* Makes the body at the index a flat resource or a list of them, but for an envelope, which goes as
 * it is. False: pushes why it cannot be. */
bool dk_make_flat(lua_State *L, const dk_operation *operation, int body);

/* Appends the document of a body that is flat, or an envelope. path_id: see dk_body_from. False:
 * pushes why it cannot be. */
bool dk_encode_document(lua_State *L, const dk_operation *operation, int body, int path_id,
                        dk_buffer *out);

#endif
