/* A binary heap of calls; see wakeups.h. */
#include "wakeups.h"

#include "base/array.h"

#include <stdlib.h>

bool dk_wakeups_reserve(dk_wakeups *w)
{
    return dk_array_reserve(&w->calls, &w->capacity, w->count, sizeof(dk_call *));
}

static void put(dk_wakeups *w, size_t i, dk_call *call)
{
    w->calls[i] = call;
    call->heap_index = i;
}

static void rise(dk_wakeups *w, size_t i)
{
    dk_call *call = w->calls[i];
    for (; i > 0; i = (i - 1) / 2) {
        dk_call *above = w->calls[(i - 1) / 2];
        if (above->wake <= call->wake)
            break;
        put(w, i, above);
    }
    put(w, i, call);
}

static void sink(dk_wakeups *w, size_t i)
{
    dk_call *call = w->calls[i];
    for (;;) {
        size_t below = 2 * i + 1;
        if (below >= w->count)
            break;
        if (below + 1 < w->count && w->calls[below + 1]->wake < w->calls[below]->wake)
            below++;
        if (w->calls[below]->wake >= call->wake)
            break;
        put(w, i, w->calls[below]);
        i = below;
    }
    put(w, i, call);
}

void dk_wakeups_add(dk_wakeups *w, dk_call *call)
{
    put(w, w->count, call);
    rise(w, w->count++);
}

void dk_wakeups_moved(dk_wakeups *w, dk_call *call)
{
    rise(w, call->heap_index);
    sink(w, call->heap_index);
}

void dk_wakeups_remove(dk_wakeups *w, dk_call *call)
{
    size_t i = call->heap_index;
    dk_call *last = w->calls[--w->count];
    if (last == call)
        return;
    put(w, i, last);
    dk_wakeups_moved(w, last);
}

dk_call *dk_wakeups_first(const dk_wakeups *w)
{
    return w->count ? w->calls[0] : NULL;
}

void dk_wakeups_free(dk_wakeups *w)
{
    free(w->calls);
    *w = (dk_wakeups){0};
}
