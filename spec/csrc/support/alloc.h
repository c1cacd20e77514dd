/* An allocator that fails when it is told to. The linker puts it in front of malloc and its kin for
 * all that core-test is made of, libcurl is given it at its start; other libraries keep their
 * own. */
#ifndef SPEC_CORE_ALLOC_H
#define SPEC_CORE_ALLOC_H

#include <stdbool.h>

/* Before anything else of libcurl is used. */
void alloc_give_to_libcurl(void);

/* From now on the n-th allocation fails, n from 1; and all behind it too, if `rest`. */
void alloc_fail_at(unsigned long n, bool rest);
/* No more do. */
void alloc_fail_none(void);
/* How many were asked for between the two. */
unsigned long alloc_asked(void);

/* How many blocks are in use. */
long alloc_in_use(void);

/* From now on what is given back is searched for these (NULL behind the last): blocks that are
 * freed or moved, and libcurl's lists of headers, which are filled by us. What libcurl allocates
 * for itself is not. */
void alloc_search(const char *const *secrets);
/* What was found, since the last time this was asked: NULL where nothing was. */
const char *alloc_found(void);
/* One of them that is in a block still in use, of those of ours that were asked for since; or
 * NULL. */
const char *alloc_holds(void);

#endif
