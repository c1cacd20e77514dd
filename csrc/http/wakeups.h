/* The calls that wait for a time, the earliest first: a binary heap over dk_call.wake. */
#ifndef DK_WAKEUPS_H
#define DK_WAKEUPS_H

#include "call.h"

typedef struct dk_wakeups {
    dk_call **calls;
    size_t count, capacity;
} dk_wakeups;

/* Room for one more, so that adding cannot fail. */
bool dk_wakeups_reserve(dk_wakeups *w);
void dk_wakeups_add(dk_wakeups *w, dk_call *call);
void dk_wakeups_remove(dk_wakeups *w, dk_call *call);
/* call->wake has changed */
void dk_wakeups_moved(dk_wakeups *w, dk_call *call);
dk_call *dk_wakeups_first(const dk_wakeups *w);
void dk_wakeups_free(dk_wakeups *w);

#endif
