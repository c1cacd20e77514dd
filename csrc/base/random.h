/* Bytes that nobody can foretell, of the system. */
#ifndef DK_RANDOM_H
#define DK_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* At most 256. False where the system has none: errno says why. */
bool dk_random_bytes(void *bytes, size_t n);

#endif
