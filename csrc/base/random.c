/* Random bytes; see random.h. */
#include "random.h"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

bool dk_random_bytes(void *bytes, size_t n)
{
    return getentropy(bytes, n) == 0;
}
