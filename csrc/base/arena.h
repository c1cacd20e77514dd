/* Memory for many small pieces that are freed together. It grows in blocks that never move, and is
 * wiped when it is freed: rows of a source hold secrets. */
#ifndef DK_ARENA_H
#define DK_ARENA_H

#include <stddef.h>

typedef struct dk_arena {
    struct dk_arena_block *last;
} dk_arena;

/* n bytes of any alignment, or NULL when there is no memory. */
void *dk_arena_take(dk_arena *arena, size_t n);
void dk_arena_free(dk_arena *arena);

#endif
