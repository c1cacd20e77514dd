/* A growable run of bytes; see buffer.h. */
#include "buffer.h"
#include "wipe.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(dk_buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (more <= b->capacity - b->length)
        return true;
    size_t wanted = b->capacity ? b->capacity : 256;
    while (wanted - b->length < more) {
        if (wanted > SIZE_MAX / 2) {
            b->failed = true;
            return false;
        }
        wanted *= 2;
    }
    /* realloc would leave a copy of a secret behind */
    char *grown = b->secret ? malloc(wanted) : realloc(b->data, wanted);
    if (!grown) {
        b->failed = true;
        return false;
    }
    if (b->secret && b->data) {
        memcpy(grown, b->data, b->length);
        dk_wipe(b->data, b->capacity);
        free(b->data);
    }
    b->data = grown;
    b->capacity = wanted;
    return true;
}

bool dk_buffer_add(dk_buffer *b, const void *bytes, size_t n)
{
    if (!reserve(b, n))
        return false;
    if (n)
        memcpy(b->data + b->length, bytes, n);
    b->length += n;
    return true;
}

bool dk_buffer_adds(dk_buffer *b, const char *string)
{
    return dk_buffer_add(b, string, strlen(string));
}

bool dk_buffer_addc(dk_buffer *b, char c)
{
    return dk_buffer_add(b, &c, 1);
}

bool dk_buffer_addf(dk_buffer *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n < 0 || !reserve(b, (size_t)n + 1)) {
        b->failed = true;
        return false;
    }
    va_start(arguments, format);
    vsnprintf(b->data + b->length, (size_t)n + 1, format, arguments);
    va_end(arguments);
    b->length += (size_t)n;
    return true;
}

const char *dk_buffer_string(dk_buffer *b)
{
    if (!reserve(b, 1))
        return NULL;
    b->data[b->length] = '\0';
    return b->data;
}

void dk_buffer_clear(dk_buffer *b)
{
    if (b->secret && b->data)
        dk_wipe(b->data, b->length); /* what is behind it goes with the memory */
    b->length = 0;
    b->failed = false;
}

void dk_buffer_free(dk_buffer *b)
{
    if (b->secret && b->data)
        dk_wipe(b->data, b->capacity);
    free(b->data);
    b->data = NULL;
    b->length = b->capacity = 0;
    b->failed = false;
}
