/* How an attempt ended, once libcurl is done with it: with an answer, or with which kind of
 * failure. */
#ifndef DK_OUTCOME_H
#define DK_OUTCOME_H

#include "retry.h"
#include "transfer.h"

/* Notes in the transfer's call what became of its attempt: status, code, words, detail, kind.
 * Answers what that means for trying again. */
dk_outcome dk_outcome_of(dk_transfer *t, CURLcode code);

#endif
