/* Every allocation below the binding can fail, and each failure is an error value: no crash, no
 * leak, and what is left can be freed. Each scenario runs with its first allocation failing, its
 * second, and so on until it needs no more; and again with all behind that one failing as well. */
#ifndef SPEC_STARVE_H
#define SPEC_STARVE_H

#include <stdbool.h>

/* What a scenario came to; one that says DONE did all that it should. */
typedef enum outcome { DONE, FAILED } outcome;

outcome done_if(bool whole);

typedef struct scenario {
    const char *name;
    outcome (*run)(void);
    unsigned long least; /* allocations that it makes at least; 0: it makes none */
    bool tolerant;       /* what some allocations are for is done without */
} scenario;

/* A test of cmocka; its state is a scenario. */
void runs_out_of_memory_anywhere(void **state);

#endif
