/* Random numbers: bytes from the system, which nobody can foretell, and a quick generator for
 * waits. */
#ifndef DK_RANDOM_H
#define DK_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most 256. False where the system has none: errno says why. */
bool dk_random_bytes(void *bytes, size_t n);

/* The same; where the system has none, a number that other processes and other times do not come
 * to, made of the clocks and the process's id. */
uint64_t dk_random_seed(void);

/* 0 <= x < 1. state: a seed that is not 0; moved on. */
double dk_random_fraction(uint64_t *state);

#endif
