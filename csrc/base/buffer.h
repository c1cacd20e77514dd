/* A growable run of bytes that remembers whether memory ran out. */
#ifndef DK_BUFFER_H
#define DK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dk_buffer {
    char *data;
    size_t length;
    size_t capacity;
    bool secret; /* wipe the memory when it is outgrown or freed */
    bool failed; /* an allocation failed: the content is incomplete */
} dk_buffer;

/* Appends n bytes; false (and `failed`) where memory ran out. */
bool dk_buffer_add(dk_buffer *b, const void *bytes, size_t n);
bool dk_buffer_adds(dk_buffer *b, const char *string);
bool dk_buffer_addc(dk_buffer *b, char c);
/* printf for short pieces: numbers and names, not for outside data of any length */
bool dk_buffer_addf(dk_buffer *b, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* A NUL behind the content, not counted in length; never NULL unless memory ran out. */
const char *dk_buffer_string(dk_buffer *b);
void dk_buffer_clear(dk_buffer *b);
void dk_buffer_free(dk_buffer *b);

#endif
