/* SHA-256 (libcrypto's) of a list of texts. Each is hashed with its length, so that ("ab", "c") and
 * ("a", "bc") differ. */
#ifndef DK_DIGEST_H
#define DK_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DK_DIGEST_HEX 64 /* digits */

typedef struct dk_digest dk_digest;

/* NULL: no memory, or a libcrypto without SHA-256. */
dk_digest *dk_digest_new(void);
void dk_digest_free(dk_digest *digest);

/* Adds a text; NULL is one that is not there, which is not the same as an empty one. */
void dk_digest_add(dk_digest *digest, const char *bytes, size_t n);

/* Writes the digest in hexadecimal, and a NUL. False where anything failed, now or before. */
bool dk_digest_end(dk_digest *digest, char hex[DK_DIGEST_HEX + 1]);

#endif
