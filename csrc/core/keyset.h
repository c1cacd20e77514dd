/* A set of 64-bit hashes with two numbers each, for a million keys in 23 bytes apiece. What stands
 * behind a hash may be looked at (dk_keyset_same), so that two keys of one hash stay two. */
#ifndef DK_KEYSET_H
#define DK_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dk_keyset dk_keyset;

typedef struct dk_keyset_entry {
    uint64_t hash;
    uint32_t value; /* never 0 */
    uint32_t extra;
} dk_keyset_entry;

/* Is this entry, whose hash is right, the wanted one? */
typedef bool dk_keyset_same(const void *context, const dk_keyset_entry *entry);

/* NULL when there is no memory. */
dk_keyset *dk_keyset_new(void);
void dk_keyset_free(dk_keyset *set);

/* The entry, or NULL. same may be NULL: the hash alone decides. */
dk_keyset_entry *dk_keyset_find(dk_keyset *set, uint64_t hash, dk_keyset_same *same,
                                const void *context);

/* Adds what dk_keyset_find did not find; false when there is no memory. */
bool dk_keyset_add(dk_keyset *set, uint64_t hash, uint32_t value, uint32_t extra);

#endif
