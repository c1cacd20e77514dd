/* Arrays that grow; see array.h. */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS 16

bool dk_array_reserve(void *array, size_t *capacity, size_t count, size_t item_size)
{
    void *items;
    if (count < *capacity)
        return true;
    if (*capacity > SIZE_MAX / 2 / item_size)
        return false;
    size_t wanted = *capacity ? *capacity * 2 : FIRST_ITEMS;
    memcpy(&items, array, sizeof items); /* a pointer of any type */
    items = realloc(items, wanted * item_size);
    if (!items)
        return false;
    memcpy(array, &items, sizeof items);
    *capacity = wanted;
    return true;
}
