/* Random numbers; see random.h. */
#include "random.h"

#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

bool dk_random_bytes(void *bytes, size_t n)
{
    return getentropy(bytes, n) == 0;
}

uint64_t dk_random_seed(void)
{
    uint64_t seed;
    struct timespec t;
    if (dk_random_bytes(&seed, sizeof seed))
        return seed;
    clock_gettime(CLOCK_REALTIME, &t);
    seed = (uint64_t)t.tv_nsec << 32 ^ (uint64_t)t.tv_sec ^ (uint64_t)getpid() << 16;
    return seed ^ (uint64_t)clock() << 48 ^ (uint64_t)(uintptr_t)&seed << 8;
}

/* xorshift64 (Marsaglia) */
double dk_random_fraction(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) / 9007199254740992.0;
}
