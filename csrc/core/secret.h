/* Keys in memory that is wiped, and what of them a text may show: nothing. */
#ifndef DK_SECRET_H
#define DK_SECRET_H

#include "buffer.h"

/* memset that a compiler may not remove. */
void dk_wipe(void *memory, size_t n);

/* Replaces each occurrence of a secret by "(secret)"; secrets shorter than 4 bytes are left alone,
 * for they would shred the text. False where memory ran out: then show nothing of the text. */
bool dk_redact(dk_buffer *text, const char *secret, size_t n);

/* Replaces the values of JSON members whose name says that they are secret: dk_is_secret_name. */
bool dk_redact_members(dk_buffer *text);

/* Replaces what the secret members of a JSON text (a request's body) hold, as they stand there and
 * as they read. */
bool dk_redact_values(dk_buffer *text, const dk_buffer *json);

/* Is this the name of a field that holds a secret: client_secret, api_key, password, ...? */
bool dk_is_secret_name(const char *name, size_t n);

#endif
