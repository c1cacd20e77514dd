/* Keyed fingerprints of secrets: whoever reads one cannot try secrets on it without the key, which
 * lives in a file of its own. */
#ifndef DK_FINGERPRINT_H
#define DK_FINGERPRINT_H

#include "line_file.h"

#include "base/text.h"

#define DK_FINGERPRINT_KEY 32 /* bytes */
#define DK_FINGERPRINT_HEX 64 /* digits */

/* Reads the key from the file, or makes one: random, mode 0600, folders that are missing made too.
 * A key that others may read is refused. */
bool dk_fingerprint_key(const char *path, unsigned char key[DK_FINGERPRINT_KEY],
                        dk_file_failure *failure);

/* HMAC-SHA-256 of the parts, each with its length, in hexadecimal and a NUL. False: libcrypto has
 * no memory, or no SHA-256. */
bool dk_fingerprint(const unsigned char key[DK_FINGERPRINT_KEY], const dk_text *parts, size_t count,
                    char hex[DK_FINGERPRINT_HEX + 1]);

#endif
