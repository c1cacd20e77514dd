/* What happened to calls; see event.h. */
#include "event.h"

#include "base/array.h"

#include <stdlib.h>

dk_event dk_event_of(dk_event_type type, const dk_call *call, double seconds)
{
    return (dk_event){.type = type,
                      .call = call->id,
                      .operation = call->request.operation,
                      .attempt = call->attempts,
                      .status = call->status,
                      .kind = call->kind,
                      .seconds = seconds};
}

void dk_events_add(dk_events *events, const dk_event *event)
{
    if (events->watched &&
        dk_array_reserve(&events->all, &events->capacity, events->count, sizeof *events->all))
        events->all[events->count++] = *event;
}

bool dk_events_next(dk_events *events, dk_event *out)
{
    if (events->fetched == events->count) {
        events->fetched = events->count = 0;
        return false;
    }
    *out = events->all[events->fetched++];
    return true;
}

void dk_events_free(dk_events *events)
{
    free(events->all);
    *events = (dk_events){0};
}
