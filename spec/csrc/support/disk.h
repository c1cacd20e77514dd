/* A disk that does what a test says: its pwrite, fdatasync, fsync and ftruncate stand before
 * libc's. And a file on it, in a folder of its own. */
#ifndef SPEC_DISK_H
#define SPEC_DISK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct failing_disk {
    int syncs, folder_syncs;     /* how many there were */
    size_t piece;                /* a write takes no more than that; 0: all */
    int interrupt;               /* that many writes are interrupted */
    int sync_interrupt;          /* and syncs */
    long room;                   /* bytes until the disk is full; -1: it is never */
    int write_error, sync_error; /* errno */
    int folder_error, cut_error;
} failing_disk;

extern failing_disk disk;
extern char disk_folder[64], disk_path[128];

/* All is well again. */
void disk_mend(void);
/* Of a test (cmocka): the folder is made, is gone with the file. */
int disk_set_up(void **state);
int disk_tear_down(void **state);

/* The file's content; how many bytes it has. */
size_t disk_read(char *out, size_t room);
void disk_write(const char *text, size_t n);

#endif
