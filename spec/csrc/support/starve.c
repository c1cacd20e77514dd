/* Scenarios run out of memory; see starve.h. */
#include "starve.h"
#include "alloc.h"
#include "suites.h"

outcome done_if(bool whole)
{
    return whole ? DONE : FAILED;
}

#define MOST_ALLOCATIONS 5000

/* Runs it with the n-th allocation failing; false: it needs fewer. */
static bool fails_well(const scenario *s, unsigned long n, bool rest)
{
    long before = alloc_in_use();
    alloc_fail_at(n, rest);
    outcome came_to = s->run();
    alloc_fail_none();
    unsigned long asked = alloc_asked();
    if (alloc_in_use() != before)
        fail_msg("allocation %lu fails: %ld blocks are lost", n, alloc_in_use() - before);
    if (asked < n && came_to != DONE)
        fail_msg("nothing fails, and yet it does not work");
    if (asked >= n && came_to == DONE && !s->tolerant)
        fail_msg("allocation %lu fails, and nobody is told", n);
    return asked >= n;
}

void runs_out_of_memory_anywhere(void **state)
{
    const scenario *s = *state;
    for (int rest = 0; rest <= 1; rest++) {
        unsigned long n = 1;
        assert_int_equal(DONE, s->run()); /* and what is made once is made */
        while (fails_well(s, n, rest))
            if (++n > MOST_ALLOCATIONS)
                fail_msg("it needs ever more memory");
        if (s->least)
            assert_true(n > s->least);
        else
            assert_int_equal(1, n);
        assert_int_equal(DONE, s->run()); /* and nothing is spoilt */
    }
}
