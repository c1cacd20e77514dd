/* Blocks of memory; see arena.h. */
#include "arena.h"
#include "wipe.h"

#include <stdint.h>
#include <stdlib.h>

#define BLOCK ((size_t)1 << 18)

typedef struct dk_arena_block {
    struct dk_arena_block *previous;
    size_t used, size;
    unsigned char bytes[];
} block;

static block *new_block(block *previous, size_t n)
{
    size_t size = n > BLOCK ? n : BLOCK;
    block *b = size > SIZE_MAX - sizeof *b ? NULL : malloc(sizeof *b + size);
    if (b) {
        b->previous = previous;
        b->used = 0;
        b->size = size;
    }
    return b;
}

void *dk_arena_take(dk_arena *arena, size_t n)
{
    block *b = arena->last;
    if (!b || n > b->size - b->used) {
        b = new_block(arena->last, n);
        if (!b)
            return NULL;
        arena->last = b;
    }
    void *bytes = b->bytes + b->used;
    b->used += n;
    return bytes;
}

void dk_arena_free(dk_arena *arena)
{
    while (arena->last) {
        block *b = arena->last;
        arena->last = b->previous;
        dk_wipe(b->bytes, b->used);
        free(b);
    }
}
