/* The set of keys; see keyset.h. It is cut into segments by the hash's upper bits: each grows
 * alone, by a quarter, so that there is never a second copy of the whole, and they start at
 * different sizes, so that they do not all grow at once. */
#include "keyset.h"

#include <stdlib.h>

#define SEGMENTS   32
#define FIRST_SIZE 32 /* entries of the smallest segment */

/* What a wide set has beside each entry. */
typedef struct wide {
    uint32_t hash; /* its upper half */
    uint32_t extra;
} wide;

typedef struct segment {
    dk_keyset_entry *entries; /* value 0: free */
    wide *beside;             /* NULL in a narrow set */
    uint32_t used, size;
} segment;

struct dk_keyset {
    bool is_wide;
    segment segments[SEGMENTS];
};

dk_keyset *dk_keyset_new(dk_keyset_width width)
{
    dk_keyset *set = calloc(1, sizeof(dk_keyset));
    if (set)
        set->is_wide = width == DK_KEYSET_WIDE;
    return set;
}

static void free_segment(segment *s)
{
    free(s->entries);
    free(s->beside);
}

void dk_keyset_free(dk_keyset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < SEGMENTS; i++)
        free_segment(&set->segments[i]);
    free(set);
}

static segment *segment_of(dk_keyset *set, uint64_t hash)
{
    return &set->segments[hash >> 59];
}

/* Where the search for a hash starts: its lower half, scaled to the size. */
static uint32_t home(const segment *s, uint32_t lower)
{
    return (uint32_t)((uint64_t)lower * s->size >> 32);
}

static bool has_hash(const segment *s, uint32_t i, uint64_t hash)
{
    return s->entries[i].hash == (uint32_t)hash &&
           (!s->beside || s->beside[i].hash == (uint32_t)(hash >> 32));
}

dk_keyset_entry *dk_keyset_find(dk_keyset *set, uint64_t hash, dk_keyset_same *same,
                                const void *context, uint32_t **extra)
{
    segment *s = segment_of(set, hash);
    if (s->used == 0)
        return NULL;
    for (uint32_t i = home(s, (uint32_t)hash); s->entries[i].value;
         i = i + 1 == s->size ? 0 : i + 1)
        if (has_hash(s, i, hash) && (!same || same(context, &s->entries[i]))) {
            if (extra)
                *extra = &s->beside[i].extra;
            return &s->entries[i];
        }
    return NULL;
}

static void place(segment *s, dk_keyset_entry entry, wide beside)
{
    uint32_t i = home(s, entry.hash);
    while (s->entries[i].value)
        i = i + 1 == s->size ? 0 : i + 1;
    s->entries[i] = entry;
    if (s->beside)
        s->beside[i] = beside;
    s->used++;
}

static bool grow(segment *s, size_t number, bool is_wide)
{
    segment grown = {NULL, NULL, 0, 0};
    if (s->size > UINT32_MAX / 2)
        return false;
    grown.size = s->size ? s->size + s->size / 4 : (uint32_t)(FIRST_SIZE + number % 8);
    grown.entries = calloc(grown.size, sizeof *grown.entries);
    if (is_wide)
        grown.beside = malloc(grown.size * sizeof *grown.beside);
    if (!grown.entries || (is_wide && !grown.beside)) {
        free_segment(&grown);
        return false;
    }
    for (uint32_t i = 0; i < s->size; i++)
        if (s->entries[i].value)
            place(&grown, s->entries[i], s->beside ? s->beside[i] : (wide){0, 0});
    free_segment(s);
    *s = grown;
    return true;
}

bool dk_keyset_add(dk_keyset *set, uint64_t hash, uint32_t value, uint32_t extra)
{
    segment *s = segment_of(set, hash);
    if ((uint64_t)s->used * 5 >= (uint64_t)s->size * 4 &&
        !grow(s, (size_t)(hash >> 59), set->is_wide))
        return false;
    place(s, (dk_keyset_entry){(uint32_t)hash, value}, (wide){(uint32_t)(hash >> 32), extra});
    return true;
}
