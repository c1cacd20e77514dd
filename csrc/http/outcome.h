/* What an attempt came to, once libcurl is done with it: its answer, or of what kind the failure
 * is. */
#ifndef DK_OUTCOME_H
#define DK_OUTCOME_H

#include "retry.h"
#include "transfer.h"

/* Notes in the transfer's call what became of its attempt: status, code, words, detail, kind.
 * Answers what that means for trying again. */
dk_outcome dk_outcome_of(dk_transfer *t, CURLcode code);

#endif
