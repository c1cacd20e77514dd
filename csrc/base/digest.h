/* SHA-256 of libcrypto, of things of a length each, so that no two lists of things look alike. */
#ifndef DK_DIGEST_H
#define DK_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DK_DIGEST_HEX 64 /* digits */

typedef struct dk_digest dk_digest;

/* NULL: no memory, or a libcrypto without SHA-256. */
dk_digest *dk_digest_new(void);
void dk_digest_free(dk_digest *digest);

/* Adds a thing; NULL is one that is not there, which is not an empty one. */
void dk_digest_add(dk_digest *digest, const char *bytes, size_t n);

/* The end: in hexadecimal and a NUL. False where anything before failed. */
bool dk_digest_end(dk_digest *digest, char hex[DK_DIGEST_HEX + 1]);

#endif
