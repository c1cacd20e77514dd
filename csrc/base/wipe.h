/* Memory that held a secret is overwritten before it is given back. */
#ifndef DK_WIPE_H
#define DK_WIPE_H

#include <stddef.h>

/* memset that a compiler may not remove. */
void dk_wipe(void *memory, size_t n);

#endif
