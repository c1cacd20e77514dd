/* A disk that fails when it is told to; see disk.h. */
#include "disk.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

failing_disk disk = {.room = -1};
char disk_folder[64], disk_path[128];

static bool is_interrupted(int *left)
{
    if (*left == 0)
        return false;
    --*left;
    errno = EINTR;
    return true;
}

static int answer(int error)
{
    errno = error;
    return error ? -1 : 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    if (is_interrupted(&disk.interrupt))
        return -1;
    if (disk.write_error)
        return answer(disk.write_error);
    if (disk.piece && n > disk.piece)
        n = disk.piece;
    if (disk.room == 0)
        return answer(ENOSPC);
    if (disk.room > 0 && n > (size_t)disk.room)
        n = (size_t)disk.room;
    if (disk.room > 0)
        disk.room -= (long)n;
    struct iovec piece = {(void *)bytes, n};
    return pwritev(fd, &piece, 1, offset);
}

int fdatasync(int fd)
{
    (void)fd;
    disk.syncs++;
    return is_interrupted(&disk.sync_interrupt) ? -1 : answer(disk.sync_error);
}

int fsync(int fd)
{
    (void)fd;
    disk.folder_syncs++;
    return answer(disk.folder_error);
}

int ftruncate(int fd, off_t length)
{
    return disk.cut_error ? answer(disk.cut_error) : (int)syscall(SYS_ftruncate, fd, (long)length);
}

void disk_mend(void)
{
    memset(&disk, 0, sizeof disk);
    disk.room = -1;
}

int disk_set_up(void **state)
{
    (void)state;
    disk_mend();
    snprintf(disk_folder, sizeof disk_folder, "/tmp/ddokta-journal-XXXXXX");
    if (!mkdtemp(disk_folder))
        return -1;
    snprintf(disk_path, sizeof disk_path, "%s/journal", disk_folder);
    return 0;
}

int disk_tear_down(void **state)
{
    (void)state;
    disk_mend();
    unlink(disk_path);
    rmdir(disk_folder);
    return 0;
}

size_t disk_read(char *out, size_t room)
{
    FILE *file = fopen(disk_path, "rb");
    assert_non_null(file);
    size_t n = fread(out, 1, room, file);
    fclose(file);
    return n;
}

void disk_write(const char *text, size_t n)
{
    FILE *file = fopen(disk_path, "wb");
    assert_non_null(file);
    assert_int_equal(n, fwrite(text, 1, n, file));
    fclose(file);
}
