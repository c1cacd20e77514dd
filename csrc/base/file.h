/* Files that must survive a power cut: they are written whole, brought to the disk, and then given
 * their name in one step. Where the system refuses, the answer is false or -1: errno says why. */
#ifndef DK_FILE_H
#define DK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* open(2), which no signal interrupts; a program that the host starts does not inherit the file.
 * -1: errno. */
int dk_open(const char *path, int flags, mode_t mode);
/* close(2), which leaves errno as it is: why something failed before is not forgotten. */
void dk_close(int fd);

/* Reads n bytes at an offset, or as many as there are; how many came, -1: errno. */
ssize_t dk_read_all(int fd, char *out, size_t n, uint64_t offset);

/* Writes all of it at an offset, whatever is cut short or interrupted; *done bytes are there. */
bool dk_write_all(int fd, const char *bytes, size_t n, uint64_t offset, size_t *done);

/* Waits until the disk has what was written. */
bool dk_sync_file(int fd);

/* Makes a new name in the path's folder last. */
bool dk_sync_folder(const char *path);

/* Brings a file to the disk and gives it another's name, in one stroke: whoever opens that one
 * finds the old or the new, whole. keeps_rights: it gets those of what it replaces. */
bool dk_replace_file(const char *draft, const char *path, bool keeps_rights);

#endif
