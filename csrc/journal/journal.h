/* A journal: a header, then a line for each thing that happened, each line with its own checksum.
 * A step is a change of the plan, by its number; the journal knows where the last line of each step
 * is. It knows nothing more of what a line means: doc/json/journal.json has the members. */
#ifndef DK_JOURNAL_H
#define DK_JOURNAL_H

#include "line_file.h"

#define DK_JOURNAL_VERSION 1

typedef enum dk_step_state {
    DK_STEP_NONE,    /* nothing is known of it */
    DK_STEP_BEGUN,   /* may have been sent */
    DK_STEP_DONE,    /* nothing comes behind that */
    DK_STEP_FAILED,  /* the service refused it, or it never left */
    DK_STEP_UNKNOWN, /* was sent, and nobody knows what became of it */
    DK_STEP_SAVED,   /* of a backup: what it replaces or removes is kept; nothing comes behind it */
    DK_STEP_STATES
} dk_step_state;

/* As they stand in a line; "" for DK_STEP_NONE. */
extern const char *const dk_step_names[DK_STEP_STATES];

typedef struct dk_journal {
    dk_line_file file;
    size_t header;  /* its length; 0: there is none yet */
    bool marked;    /* is the first line of each commit marked? Not by older versions */
    size_t cut;     /* the first line of what a death left behind the whole ones; 0: nothing */
    uint64_t *last; /* by step - 1: where its last line begins, and the state in the low bits */
    size_t steps;   /* how many there may be */
    size_t counts[DK_STEP_STATES];
} dk_journal;

/* sort: "journal", "backup", ...: the first member of the header is "ddokta_<sort>", the format's
 * version. The header is checked, what is behind it is not read. False: j->file.failure; j is to be
 * closed in either case. */
bool dk_journal_open(dk_journal *j, const char *path, const char *sort, dk_file_mode mode);

/* The header's line, NULL in a new one. */
const char *dk_journal_header(dk_journal *j, size_t *n);

/* Writes the header of a new one, at once. object: JSON text, {...}, its members. */
bool dk_journal_start(dk_journal *j, const char *sort, const char *object, size_t n);

/* Checks every line and finds out how far the steps are, of which there are at most `steps`. */
bool dk_journal_load(dk_journal *j, size_t steps);

/* The line at an offset, its checksum checked; `line`: its number, for the failure. The next one is
 * at offset + *n + 1. */
bool dk_journal_at(dk_journal *j, uint64_t offset, size_t line, const char **text, size_t *n);

/* The first whole line at or behind an offset, whatever is damaged before it; *offset is then its
 * own. False: there is none, or it cannot be read (j->file.failure.code says which). */
bool dk_journal_whole(dk_journal *j, uint64_t *offset, const char **text, size_t *n);

/* For damage that dk_journal_at found. Is the damage only the unsynced end? A commit begins only
 * when the one before is on the disk, and marks its first line. So damage that no marked line
 * follows was never relied on: the file is cut there, and j->cut is `line`. In a file of an older
 * version, which has no marks, any whole line counts as marked. */
bool dk_journal_ends_at(dk_journal *j, uint64_t offset, size_t line);

/* Is that a state that a step may come to now? What was sent before its intent was on the disk, or
 * is done, may not. */
bool dk_journal_may(const dk_journal *j, size_t step, dk_step_state state);

/* Adds a line; it is on the disk after the next dk_line_file_commit. */
bool dk_journal_step(dk_journal *j, size_t step, dk_step_state state, const char *object, size_t n);
bool dk_journal_line(dk_journal *j, const char *object, size_t n);

/* step: from 1; of others the answer is DK_STEP_NONE. */
dk_step_state dk_journal_state(const dk_journal *j, size_t step);

/* The first step behind `after` in that state, 0: there is none. */
size_t dk_journal_next(const dk_journal *j, size_t after, dk_step_state state);

/* A step's last line; NULL: it has none, or it cannot be read (j->file.failure.code says which). */
const char *dk_journal_last(dk_journal *j, size_t step, size_t *n);

void dk_journal_close(dk_journal *j);

/* CRC-32 as in zip and PNG. */
uint32_t dk_crc32(const char *bytes, size_t n);

#endif
