/* SipHash-2-4 (Aumasson, Bernstein): a keyed hash of short texts. Whoever writes a file of names
 * does not know the key, and so cannot choose names that all fall together. */
#ifndef DK_HASH_H
#define DK_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct dk_hash_key {
    uint64_t k0, k1;
} dk_hash_key;

/* A key that nobody knows, from the system; see dk_random_seed. */
dk_hash_key dk_hash_key_new(void);

uint64_t dk_hash(const dk_hash_key *key, const void *bytes, size_t n);

#endif
