/*
 * The set of keys; see keyset.h. It is cut into segments by the hash's upper bits: each grows
 * alone, by a quarter, so that there is never a second copy of the whole, and they start at
 * different sizes, so that they do not all grow at once.
 */
#include "keyset.h"

#include <stdlib.h>

#define SEGMENTS   32
#define FIRST_SIZE 32 /* entries of the smallest segment */

typedef struct segment {
    dk_keyset_entry *entries; /* value 0: free */
    uint32_t used, size;
} segment;

struct dk_keyset {
    segment segments[SEGMENTS];
};

dk_keyset *dk_keyset_new(void)
{
    return calloc(1, sizeof(dk_keyset));
}

void dk_keyset_free(dk_keyset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < SEGMENTS; i++)
        free(set->segments[i].entries);
    free(set);
}

static segment *segment_of(dk_keyset *set, uint64_t hash)
{
    return &set->segments[hash >> 59];
}

/* Where the search for a hash starts: its lower half, scaled to the size. */
static uint32_t home(const segment *s, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * s->size >> 32);
}

dk_keyset_entry *dk_keyset_find(dk_keyset *set, uint64_t hash, dk_keyset_same *same,
                                const void *context)
{
    segment *s = segment_of(set, hash);
    if (s->used == 0)
        return NULL;
    for (uint32_t i = home(s, hash); s->entries[i].value; i = i + 1 == s->size ? 0 : i + 1)
        if (s->entries[i].hash == hash && (!same || same(context, &s->entries[i])))
            return &s->entries[i];
    return NULL;
}

static void place(segment *s, const dk_keyset_entry *entry)
{
    uint32_t i = home(s, entry->hash);
    while (s->entries[i].value)
        i = i + 1 == s->size ? 0 : i + 1;
    s->entries[i] = *entry;
    s->used++;
}

static bool grow(segment *s, size_t number)
{
    segment grown = {NULL, 0, 0};
    if (s->size > UINT32_MAX / 2)
        return false;
    grown.size = s->size ? s->size + s->size / 4 : (uint32_t)(FIRST_SIZE + number % 8);
    grown.entries = calloc(grown.size, sizeof *grown.entries);
    if (!grown.entries)
        return false;
    for (uint32_t i = 0; i < s->size; i++)
        if (s->entries[i].value)
            place(&grown, &s->entries[i]);
    free(s->entries);
    *s = grown;
    return true;
}

bool dk_keyset_add(dk_keyset *set, uint64_t hash, uint32_t value, uint32_t extra)
{
    segment *s = segment_of(set, hash);
    dk_keyset_entry entry = {hash, value, extra};
    if ((uint64_t)s->used * 5 >= (uint64_t)s->size * 4 && !grow(s, (size_t)(hash >> 59)))
        return false;
    place(s, &entry);
    return true;
}
