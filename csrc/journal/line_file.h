/* An append-only file of lines that survives the death of its writer. It is locked against other
 * writers, it says what is on the disk, and a line that was cut short is as if it had never been
 * begun. */
#ifndef DK_LINE_FILE_H
#define DK_LINE_FILE_H

#include "base/buffer.h"

#include <stdint.h>
#include <sys/types.h>

/* Longer lines are neither written nor read. */
#define DK_LINE_MAX (64u << 20)

typedef enum dk_file_code {
    DK_FILE_OK,
    DK_FILE_SYSTEM,  /* the system refused: `error` is its errno, or 0 where `what` says it all */
    DK_FILE_IN_USE,  /* another has it open: `holder`, 0 where it is not known who */
    DK_FILE_FOREIGN, /* not a file of this sort: it is left as it is */
    DK_FILE_DAMAGED, /* `line` is not as it was written */
    DK_FILE_NO_MEMORY,
    DK_FILE_CODES
} dk_file_code;

typedef struct dk_file_failure {
    dk_file_code code;
    const char *what; /* "cannot be written": goes behind the file's name; a static string */
    int error;
    pid_t holder;
    size_t line; /* from 1 */
} dk_file_failure;

/* Sets what went wrong, and is false. error: an errno, or 0; _system: the errno that is set. */
bool dk_file_fail(dk_file_failure *failure, dk_file_code code, const char *what, int error);
bool dk_file_fail_system(dk_file_failure *failure, const char *what);
bool dk_file_fail_memory(dk_file_failure *failure);

typedef enum dk_file_mode {
    DK_FILE_APPEND, /* made if it is not there, mode 0600; locked until it is closed */
    DK_FILE_SHARED, /* the same, but locked only until dk_line_file_share, and for each commit: the
                     * lines of others come between */
    DK_FILE_READ    /* as it is now; no lock */
} dk_file_mode;

typedef struct dk_line_file {
    int fd; /* -1: closed */
    char *path;
    dk_file_mode mode;
    bool locked;
    pid_t owner;             /* a fork of it must not write */
    bool unlisted;           /* its folder may not have it on the disk */
    bool torn;               /* behind `size` stands a piece of a line */
    uint64_t size;           /* of the whole lines that are on the disk */
    dk_buffer pending;       /* whole lines, to be written by the next commit */
    dk_file_failure failure; /* the last one */
    dk_file_failure end;     /* of a write or a sync: nothing is taken any more */
    uint64_t block_at;       /* where `block` is from */
    dk_buffer block;         /* what was read last */
} dk_line_file;

/* magic: how the first line of such a file begins. Where another stands, nothing is touched. False:
 * f->failure. f is to be closed in either case. */
bool dk_line_file_open(dk_line_file *f, const char *path, const char *magic, dk_file_mode mode);

/* The line at an offset below size + pending.length, without its line end; valid until the next
 * call. The next one begins at offset + *n + 1. */
bool dk_line_file_at(dk_line_file *f, uint64_t offset, const char **line, size_t *n);

/* What stands from this offset on is as if it had never been written; the next write cuts it
 * away. */
void dk_line_file_cut(dk_line_file *f, uint64_t offset);

/* Where the next line will begin: what is added to `pending` must end in a line end. */
uint64_t dk_line_file_end(const dk_line_file *f);

/* Of DK_FILE_SHARED: gives the lock up until the next commit. */
void dk_line_file_share(dk_line_file *f);

/* Are lines still taken? False: f->failure says what ended it. */
bool dk_line_file_takes(dk_line_file *f);

/* Writes what is pending and waits until the disk has it: true means that it is there after any
 * death, of the process or of the machine. After a failure the whole lines that were written stay,
 * and every later commit fails alike. */
bool dk_line_file_commit(dk_line_file *f);

/* Gives the file another name while it is locked, so that nobody finds it under the old one who has
 * not waited for the lock. What has the new name already is lost. Both names must be of one file
 * system. */
bool dk_line_file_move(dk_line_file *f, const char *to);

/* Gives the lock up; what is pending is lost. */
void dk_line_file_close(dk_line_file *f);

#endif
