/* Arrays that grow. */
#ifndef DK_ARRAY_H
#define DK_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Has the array (the address of the pointer to it) room for one item more than `count`? If not, it
 * gets twice the room, so that adding takes constant time on the average. False where memory ran
 * out: then it is as it was. */
bool dk_array_reserve(void *array, size_t *capacity, size_t count, size_t item_size);

#endif
