/* An append-only file of lines; see line_file.h. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "line_file.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 65536

bool dk_file_fail(dk_file_failure *failure, dk_file_code code, const char *what, int error)
{
    *failure = (dk_file_failure){code, what, error, 0, 0};
    return false;
}

bool dk_file_fail_system(dk_file_failure *failure, const char *what)
{
    return dk_file_fail(failure, DK_FILE_SYSTEM, what, errno);
}

bool dk_file_fail_memory(dk_file_failure *failure)
{
    return dk_file_fail(failure, DK_FILE_NO_MEMORY, "needs more memory than there is", 0);
}

/* --- the lock --------------------------------------------------------------------------------- */

/* Byte 0 is the lock: of the open file, so that a second one in the same process is refused too,
 * and gone when its holder dies. Byte 1 is locked in the old way, for that alone tells whose it
 * is. */
enum { LOCK_BYTE, HOLDER_BYTE };

static struct flock byte_lock(off_t byte)
{
    struct flock l;
    memset(&l, 0, sizeof l); /* l_pid must be 0 */
    l.l_type = F_WRLCK;
    l.l_whence = SEEK_SET;
    l.l_start = byte;
    l.l_len = 1;
    return l;
}

static bool is_taken(int error)
{
    return error == EAGAIN || error == EACCES || error == EWOULDBLOCK;
}

/* 0, or the errno. */
static int lock_now(int fd)
{
#ifdef F_OFD_SETLK
    struct flock l = byte_lock(LOCK_BYTE);
    if (fcntl(fd, F_OFD_SETLK, &l) == 0)
        return 0;
    if (errno != EINVAL) /* a kernel older than 3.15 */
        return errno;
#endif
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

static bool fail_in_use(dk_line_file *f)
{
    struct flock l = byte_lock(HOLDER_BYTE);
    bool known = fcntl(f->fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK && l.l_pid > 0;
    dk_file_fail(&f->failure, DK_FILE_IN_USE, "is in use", 0);
    f->failure.holder = known ? l.l_pid : 0;
    return false;
}

/* Who shares a file holds it for one read or one write. */
#define SHARED_WAIT (5 * DK_SECOND)

static int lock_in_turn(int fd)
{
    const struct timespec pause = {0, 2000000};
    for (dk_time until = dk_clock_now() + SHARED_WAIT;;) {
        int error = lock_now(fd);
        if (!is_taken(error) || dk_clock_now() >= until)
            return error;
        nanosleep(&pause, NULL);
    }
}

static bool lock(dk_line_file *f)
{
    int error = f->mode == DK_FILE_SHARED ? lock_in_turn(f->fd) : lock_now(f->fd);
    if (is_taken(error))
        return fail_in_use(f);
    if (error)
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "cannot be locked", error);
    struct flock l = byte_lock(HOLDER_BYTE);
    (void)fcntl(f->fd, F_SETLK, &l); /* a courtesy */
    f->locked = true;
    return true;
}

static void unlock(dk_line_file *f)
{
    struct flock l = byte_lock(HOLDER_BYTE);
    l.l_type = F_UNLCK;
    (void)fcntl(f->fd, F_SETLK, &l);
#ifdef F_OFD_SETLK
    l = byte_lock(LOCK_BYTE);
    l.l_type = F_UNLCK;
    (void)fcntl(f->fd, F_OFD_SETLK, &l);
#endif
    (void)flock(f->fd, LOCK_UN);
    f->locked = false;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Is the open file still what the path names? Its last holder may have removed it meanwhile. */
static bool is_current(const dk_line_file *f)
{
    struct stat mine, named;
    return fstat(f->fd, &mine) == 0 && stat(f->path, &named) == 0 && mine.st_dev == named.st_dev &&
           mine.st_ino == named.st_ino;
}

static bool open_file(dk_line_file *f)
{
    /* not blocking: a pipe without a reader is refused below, not waited for */
    int flags = (f->mode == DK_FILE_READ ? O_RDONLY : O_RDWR | O_CREAT) | O_NONBLOCK;
    for (int tries = 0; tries < 16; tries++) {
        f->fd = dk_open(f->path, flags, 0600);
        if (f->fd < 0)
            return dk_file_fail_system(&f->failure, "cannot be opened");
        if (f->mode == DK_FILE_READ)
            return true;
        struct stat s;
        if (fstat(f->fd, &s) == 0 && !S_ISREG(s.st_mode))
            return true; /* refused by the caller; a lock means nothing */
        if (!lock(f))
            return false;
        if (is_current(f))
            return true;
        close(f->fd);
        f->fd = -1;
    }
    return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "is removed by others again and again", 0);
}

/* Sets f->size: behind the last line end. */
static bool find_end(dk_line_file *f, uint64_t end)
{
    char block[4096];
    for (uint64_t at = end; at > 0;) {
        size_t n = at < sizeof block ? (size_t)at : sizeof block;
        at -= n;
        if (dk_read_all(f->fd, block, n, at) != (ssize_t)n)
            return dk_file_fail_system(&f->failure, "cannot be read");
        for (size_t i = n; i > 0; i--)
            if (block[i - 1] == '\n') {
                f->size = at + i;
                f->torn = f->size < end;
                return true;
            }
    }
    f->size = 0;
    f->torn = end > 0;
    return true;
}

/* What of a magic a cut first line must still have: `{"ddokta_`, which no other's file begins
 * with. */
#define LEAST_MAGIC 9

/* The first block of a new file whose length reached the disk and whose bytes did not. */
static bool is_blank(const dk_line_file *f, uint64_t end)
{
    char block[4096];
    size_t n = (size_t)end;
    if (end == 0 || end > sizeof block || dk_read_all(f->fd, block, n, 0) != (ssize_t)n)
        return false;
    while (n > 0 && block[n - 1] == '\0')
        n--;
    return n == 0;
}

static bool has_magic(dk_line_file *f, const char *magic, uint64_t end)
{
    char first[64];
    size_t n = strlen(magic);
    if (n > sizeof first)
        n = sizeof first;
    if (n > end)
        n = (size_t)end; /* its first line was cut short */
    if (dk_read_all(f->fd, first, n, 0) != (ssize_t)n)
        return dk_file_fail_system(&f->failure, "cannot be read");
    if (memcmp(first, magic, n) != 0 || (n > 0 && n < LEAST_MAGIC))
        return dk_file_fail(&f->failure, DK_FILE_FOREIGN, "is a file of another sort", 0);
    return true;
}

bool dk_line_file_open(dk_line_file *f, const char *path, const char *magic, dk_file_mode mode)
{
    struct stat s;
    memset(f, 0, sizeof *f);
    f->fd = -1;
    f->mode = mode;
    f->owner = getpid();
    f->path = strdup(path);
    if (!f->path)
        return dk_file_fail_memory(&f->failure);
    if (!open_file(f))
        return false;
    if (fstat(f->fd, &s) != 0)
        return dk_file_fail_system(&f->failure, "cannot be looked at");
    if (!S_ISREG(s.st_mode))
        return dk_file_fail(&f->failure, DK_FILE_FOREIGN, "is not a regular file", 0);
    uint64_t end = (uint64_t)s.st_size;
    if ((!is_blank(f, end) && !has_magic(f, magic, end)) || !find_end(f, end))
        return false;
    f->unlisted = true; /* whoever made it may have died before he had its folder synced */
    return true;
}

bool dk_line_file_move(dk_line_file *f, const char *to)
{
    if (f->fd < 0 || f->mode != DK_FILE_APPEND)
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "is not open for writing", 0);
    if (!is_current(f))
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "was removed by others", 0);
    /* Both folders: a name that is gone from the one must not be missing in the other. */
    if (rename(f->path, to) != 0 || !dk_sync_folder(to) || !dk_sync_folder(f->path))
        return dk_file_fail_system(&f->failure, "cannot be put aside");
    return true;
}

void dk_line_file_close(dk_line_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    free(f->path);
    f->path = NULL;
    dk_buffer_free(&f->pending);
    dk_buffer_free(&f->block);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The line at an offset of what is in memory, or false: its end is not there. */
static bool line_in(const dk_buffer *b, uint64_t from, const char **line, size_t *n)
{
    if (from >= b->length)
        return false;
    const char *end = memchr(b->data + from, '\n', b->length - (size_t)from);
    if (!end)
        return false;
    *line = b->data + from;
    *n = (size_t)(end - *line);
    return true;
}

/* Reads `n` bytes from `offset` on, fewer at the end. */
static bool fill(dk_line_file *f, uint64_t offset, size_t n)
{
    if (n > f->size - offset)
        n = (size_t)(f->size - offset);
    if (f->block.capacity < n)
        dk_buffer_free(&f->block);
    f->block.length = 0;
    if (!f->block.data) {
        f->block.data = malloc(n);
        f->block.capacity = f->block.data ? n : 0;
        if (!f->block.data)
            return dk_file_fail_memory(&f->failure);
    }
    if (dk_read_all(f->fd, f->block.data, n, offset) != (ssize_t)n)
        return dk_file_fail_system(&f->failure, "cannot be read");
    f->block.length = n;
    f->block_at = offset;
    return true;
}

bool dk_line_file_at(dk_line_file *f, uint64_t offset, const char **line, size_t *n)
{
    if (offset >= f->size) {
        if (line_in(&f->pending, offset - f->size, line, n))
            return true;
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "has no line there", 0);
    }
    if (offset >= f->block_at && line_in(&f->block, offset - f->block_at, line, n))
        return true;
    /* a whole line ends below f->size, so this ends */
    for (size_t wanted = BLOCK; wanted <= 2u * DK_LINE_MAX; wanted *= 2) {
        if (!fill(f, offset, wanted))
            return false;
        if (line_in(&f->block, 0, line, n))
            return true;
    }
    return dk_file_fail(&f->failure, DK_FILE_DAMAGED, "has a line that is too long", 0);
}

void dk_line_file_cut(dk_line_file *f, uint64_t offset)
{
    f->size = offset;
    f->torn = true;
    dk_buffer_clear(&f->block);
}

uint64_t dk_line_file_end(const dk_line_file *f)
{
    return f->size + f->pending.length;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Of a write that failed the whole lines stay, for they are true; the rest of one goes. */
static void keep_whole_lines(dk_line_file *f, size_t written)
{
    while (written > 0 && f->pending.data[written - 1] != '\n')
        written--;
    f->size += written;
    f->pending.length -= written;
    memmove(f->pending.data, f->pending.data + written, f->pending.length);
    f->torn = ftruncate(f->fd, (off_t)f->size) != 0;
}

/* What the kernel could not write it may forget, and say of the next sync that all is well: there
 * is no second try. */
static bool fail_for_good(dk_line_file *f, const char *what)
{
    dk_file_fail_system(&f->failure, what);
    f->end = f->failure;
    return false;
}

static bool write_pending(dk_line_file *f)
{
    size_t written;
    if (f->torn && ftruncate(f->fd, (off_t)f->size) != 0)
        return fail_for_good(f, "cannot be cut to its last whole line");
    f->torn = false;
    if (!dk_write_all(f->fd, f->pending.data, f->pending.length, f->size, &written)) {
        int error = errno;
        keep_whole_lines(f, written);
        errno = error;
        return fail_for_good(f, "cannot be written");
    }
    return true;
}

/* Has it no name any more? Then nobody will find what is in it. */
static bool was_removed(const dk_line_file *f)
{
    struct stat s;
    return fstat(f->fd, &s) == 0 && s.st_nlink == 0;
}

void dk_line_file_share(dk_line_file *f)
{
    if (f->mode == DK_FILE_SHARED && f->locked)
        unlock(f);
}

/* Takes the lock of a shared file, and finds the end anew, for others have written behind it. */
static bool join(dk_line_file *f)
{
    struct stat s;
    if (f->mode != DK_FILE_SHARED || f->locked)
        return true;
    if (!lock(f))
        return false;
    if (fstat(f->fd, &s) != 0)
        return dk_file_fail_system(&f->failure, "cannot be looked at");
    dk_buffer_clear(&f->block);
    return find_end(f, (uint64_t)s.st_size);
}

bool dk_line_file_takes(dk_line_file *f)
{
    if (f->end.code == DK_FILE_OK)
        return true;
    f->failure = f->end;
    return false;
}

static bool bring_to_disk(dk_line_file *f)
{
    if (!write_pending(f))
        return false;
    if (!dk_sync_file(f->fd) || (f->unlisted && !dk_sync_folder(f->path)))
        return fail_for_good(f, "cannot be brought to the disk");
    f->unlisted = false;
    if (was_removed(f)) {
        errno = 0;
        return fail_for_good(f, "was removed while it was written");
    }
    f->size += f->pending.length;
    dk_buffer_clear(&f->pending);
    return true;
}

bool dk_line_file_commit(dk_line_file *f)
{
    if (!dk_line_file_takes(f))
        return false;
    if (f->pending.length == 0)
        return true;
    if (f->fd < 0 || f->mode == DK_FILE_READ)
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "is not open for writing", 0);
    if (getpid() != f->owner)
        return dk_file_fail(&f->failure, DK_FILE_SYSTEM, "belongs to the process that opened it",
                            0);
    bool was_locked = f->locked;
    bool done = join(f) && bring_to_disk(f);
    if (!was_locked)
        dk_line_file_share(f);
    return done;
}
