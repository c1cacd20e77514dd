/* The changes that make a service match a source: one action for each row of the source, and a
 * deletion for what only the service has. A step is a change by its number: the source's rows come
 * first, in their order, then the deletions. Nothing of it is text: rows are looked up where they
 * are packed. */
#ifndef DK_MATCH_H
#define DK_MATCH_H

#include "base/digest.h"
#include "rows.h"

typedef enum dk_action {
    DK_CREATE,
    DK_UPDATE,
    DK_UNCHANGED,
    DK_DELETE,
    DK_KEY_TWICE,   /* a conflict: the service has more than one of that key */
    DK_KEY_VARIANT, /* a conflict: the service has one whose key reads like this one */
    DK_ROW_VARIANT, /* a conflict: the source has one whose key reads like this one, the service
                       none */
    DK_OTHER_ID,    /* a conflict: by its id it is one thing of the service, by its key another */
    DK_SAME_THING,  /* a conflict: another row means the same thing of the service */
    DK_FIXED,       /* a conflict: what an update cannot change differs */
    DK_REFUSED,     /* a conflict that was found elsewhere */
    DK_ACTIONS
} dk_action;

#define DK_NO_COLUMN SIZE_MAX

typedef struct dk_match_options {
    bool prune;      /* what only the service has is deleted */
    bool rotate;     /* secrets are a difference */
    bool reactivate; /* who is inactive at the service and in the source becomes active again */
    size_t inactive; /* the column in which "false" is what a deletion leaves; or DK_NO_COLUMN */
    size_t id;       /* the column by which a thing is known whatever its key; or DK_NO_COLUMN */
} dk_match_options;

typedef struct dk_match {
    size_t source;         /* the first steps are the source's rows, in their order */
    size_t steps;          /* and these deletions */
    size_t service;        /* how many rows the service has */
    unsigned char *action; /* of each of the source's rows: a dk_action */
    uint32_t *other;       /* the service's row, or DK_ROWS_NONE */
    uint32_t *deleted;     /* the service's rows that are deleted */
    size_t counts[DK_ACTIONS];
    size_t deactivations; /* updates after which a thing is inactive */
    size_t reactivations; /* updates after which a thing is active again */
    size_t spared;        /* not deleted, though no row means them: their keys read like a row's */
    size_t active;        /* the service's rows that are not inactive */
    size_t met;           /* the source's rows that mean, or read like, one of the service */
} dk_match;

/* The rows of both were kept, and have the same columns first. False when there is no memory. */
bool dk_match_make(dk_match *match, dk_rows *source, dk_rows *service,
                   const dk_match_options *options);
void dk_match_free(dk_match *match);

/* The action of a step, from 0; the source's row of step i is i. */
dk_action dk_match_action(const dk_match *match, size_t step);
uint32_t dk_match_other(const dk_match *match, size_t step);
/* A better judgement of one of the source's rows. */
void dk_match_set(dk_match *match, size_t step, dk_action action);

/* Adds what the steps do, or (steps false) what the source asks for, to a digest: of secrets only
 * whether they are there. */
void dk_match_digest(const dk_match *match, const dk_rows *source, const dk_rows *service,
                     bool steps, dk_digest *digest);

/* Is what the service has in this column the value that the source asks for? Where scratch has
 * failed since, it is not known. */
bool dk_match_same(const dk_column *column, const char *wanted, size_t n, const char *there,
                   size_t there_n, dk_buffer *scratch);

#endif
