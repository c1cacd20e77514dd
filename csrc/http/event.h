/* What happened to calls, recorded for those who watch: nothing here calls back. */
#ifndef DK_EVENT_H
#define DK_EVENT_H

#include "call.h"

typedef enum dk_event_type {
    DK_EVENT_ATTEMPT, /* leaves */
    DK_EVENT_ANSWER,  /* came, or failed to */
    DK_EVENT_WAIT,    /* before it is tried again */
    DK_EVENT_LIMIT    /* all calls under a rate limit wait until it opens */
} dk_event_type;

typedef struct dk_event {
    dk_event_type type;
    double call;
    const dk_operation *operation;
    int attempt;
    long status;    /* of an answer; 0: none came */
    dk_kind kind;   /* of an answer */
    double seconds; /* how long the attempt took, or the wait will */
    char limit[64]; /* the limit's name, shortened where it must be */
} dk_event;

typedef struct dk_events {
    bool watched; /* else nothing is recorded */
    dk_event *all;
    size_t fetched, count, capacity;
} dk_events;

dk_event dk_event_of(dk_event_type type, const dk_call *call, double seconds);

/* One that cannot be recorded for want of memory is left out: the call itself is not touched. */
void dk_events_add(dk_events *events, const dk_event *event);
/* The next one, oldest first; false: there is none. */
bool dk_events_next(dk_events *events, dk_event *out);
void dk_events_free(dk_events *events);

#endif
