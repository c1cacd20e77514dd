/* A hash table that finds a number by the 64-bit hash of a key.
 *
 * The keys are not in it. A caller who has them can compare them (dk_keyset_same), which keeps two
 * keys with the same hash apart. A narrow set stores only half of each hash, so that its callers
 * must compare; a million keys take 12 bytes each. A wide set stores the whole hash and a second
 * number; they take 23 bytes each. */
#ifndef DK_KEYSET_H
#define DK_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dk_keyset dk_keyset;

typedef struct dk_keyset_entry {
    uint32_t hash;  /* its lower half */
    uint32_t value; /* never 0 */
} dk_keyset_entry;

/* Is this entry, whose hash is right as far as it is kept, the wanted one? */
typedef bool dk_keyset_same(const void *context, const dk_keyset_entry *entry);

typedef enum dk_keyset_width { DK_KEYSET_NARROW, DK_KEYSET_WIDE } dk_keyset_width;

/* NULL when there is no memory. */
dk_keyset *dk_keyset_new(dk_keyset_width width);
void dk_keyset_free(dk_keyset *set);

/* The entry, or NULL. Of a wide set same may be NULL: the hash alone decides; and *extra, where it
 * is asked for, is the second number. */
dk_keyset_entry *dk_keyset_find(dk_keyset *set, uint64_t hash, dk_keyset_same *same,
                                const void *context, uint32_t **extra);

/* Adds what dk_keyset_find did not find; false when there is no memory. */
bool dk_keyset_add(dk_keyset *set, uint64_t hash, uint32_t value, uint32_t extra);

#endif
