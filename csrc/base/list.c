/* A doubly linked list; see list.h. */
#include "list.h"

#include <stddef.h>

void dk_list_insert(dk_list *list, dk_link *link, dk_link *next)
{
    dk_link *previous = next ? next->previous : list->last;
    link->previous = previous;
    link->next = next;
    if (previous)
        previous->next = link;
    else
        list->first = link;
    if (next)
        next->previous = link;
    else
        list->last = link;
}

void dk_list_remove(dk_list *list, dk_link *link)
{
    if (link->previous)
        link->previous->next = link->next;
    else
        list->first = link->next;
    if (link->next)
        link->next->previous = link->previous;
    else
        list->last = link->previous;
    link->previous = link->next = NULL;
}

bool dk_list_has(const dk_list *list, const dk_link *link)
{
    return link->previous || link->next || list->first == link;
}
