/* Takes secrets out of texts that will be shown.
 *
 * What dk_secrets_redact finds of a secret in a text: the secret as it is and in other
 * letter case; in the escapes of JSON, JavaScript, Python, URLs, forms, HTML and XML, up to three
 * of them one over the other; in base64 (both alphabets, wherever in the encoded text it begins)
 * and hexadecimal, also under those; a beginning of it that is at least eight bytes and a quarter
 * of it. And the value of whatever member or parameter has a secret's name.
 *
 * What is not: a secret of less than four bytes (six in base64 and hexadecimal); one that was taken
 * apart, turned round, encrypted, hashed, or put into other characters than these encodings do. */
#ifndef DK_SECRET_H
#define DK_SECRET_H

#include "base/buffer.h"

/* A list of secrets is a buffer of them, one behind the other; it must be a `secret` one. One of
 * less than four bytes is left out: it would shred each text. False where memory ran out. */
bool dk_secrets_add(dk_buffer *secrets, const char *secret, size_t n);

/* Adds the values that have a secret's name in a text that is sent, JSON or a form. */
bool dk_secrets_add_members(dk_buffer *secrets, const char *text, size_t n);

/* Replaces by "(secret)" what the text has of these secrets, and the value of all that has a
 * secret's name: a string, a number, and whatever is in an object or array. JSON stays JSON. Takes
 * time linear in the text, and in the secrets. False where memory ran out: then show nothing of the
 * text. */
bool dk_secrets_redact(const dk_buffer *secrets, dk_buffer *text);

#endif
