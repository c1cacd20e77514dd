/* Memory overwritten; see wipe.h. */
#include "wipe.h"

#include <string.h>

void dk_wipe(void *memory, size_t n)
{
    if (!n)
        return;
    memset(memory, 0, n);
#if defined(__GNUC__)
    __asm__ __volatile__("" : : "r"(memory) : "memory"); /* who knows who reads it yet */
#else
    volatile unsigned char *p = memory;
    while (n--)
        *p++ = 0;
#endif
}
