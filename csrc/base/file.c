/* Files on the disk; see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

int dk_open(const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

void dk_close(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

ssize_t dk_read_all(int fd, char *out, size_t n, uint64_t offset)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, out + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* A write at or beyond RLIMIT_FSIZE would be answered with a signal that kills. */
static bool is_beyond_limit(uint64_t offset)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           offset >= limit.rlim_cur;
}

bool dk_write_all(int fd, const char *bytes, size_t n, uint64_t offset, size_t *done)
{
    *done = 0;
    while (*done < n) {
        if (is_beyond_limit(offset + *done)) {
            errno = EFBIG;
            return false;
        }
        ssize_t wrote = pwrite(fd, bytes + *done, n - *done, (off_t)(offset + *done));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            if (wrote == 0)
                errno = EIO;
            return false;
        }
        *done += (size_t)wrote;
    }
    return true;
}

bool dk_sync_file(int fd)
{
    int result;
    do
#ifdef F_FULLFSYNC /* where fsync leaves it in the disk's memory */
        result = fcntl(fd, F_FULLFSYNC);
#else
        result = fdatasync(fd);
#endif
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* The folder that the path is in, opened; -1: errno. */
static int open_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return dk_open(".", O_RDONLY | O_DIRECTORY, 0);
    size_t n = slash == path ? 1 : (size_t)(slash - path);
    char *folder = malloc(n + 1);
    if (!folder) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(folder, path, n);
    folder[n] = '\0';
    int fd = dk_open(folder, O_RDONLY | O_DIRECTORY, 0);
    free(folder);
    return fd;
}

bool dk_sync_folder(const char *path)
{
    int fd = open_folder(path);
    if (fd < 0)
        return errno == EACCES; /* a folder that may be entered and not listed */
    /* EINVAL: a file system that does not know it of folders */
    bool done = fsync(fd) == 0 || errno == EINVAL;
    dk_close(fd);
    return done;
}

bool dk_replace_file(const char *draft, const char *path, bool keeps_rights)
{
    struct stat old;
    int fd = dk_open(draft, O_RDONLY | O_NOFOLLOW, 0);
    if (fd < 0)
        return false;
    bool has_old = keeps_rights && stat(path, &old) == 0;
    bool done = (!has_old || fchmod(fd, old.st_mode & 0777) == 0) && dk_sync_file(fd);
    dk_close(fd);
    return done && rename(draft, path) == 0 && dk_sync_folder(path);
}
