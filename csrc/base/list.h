/* A doubly linked list whose links are in what it holds, as TAILQ of <sys/queue.h> has it: nothing
 * is allocated, and what is in a list leaves it without being looked for. A link is the first
 * member of what it links, so that a pointer to one is a pointer to the other. */
#ifndef DK_LIST_H
#define DK_LIST_H

#include <stdbool.h>

typedef struct dk_link {
    struct dk_link *previous, *next; /* NULL at the ends, and both in no list */
} dk_link;

typedef struct dk_list {
    dk_link *first, *last; /* NULL while it is empty */
} dk_list;

/* Puts a link that is in no list before `next`, or at the end where that is NULL. */
void dk_list_insert(dk_list *list, dk_link *link, dk_link *next);
/* Takes out a link that is in this list. */
void dk_list_remove(dk_list *list, dk_link *link);
/* Is the link in this list or in another? In this one, where it can be in no other. */
bool dk_list_has(const dk_list *list, const dk_link *link);

#endif
