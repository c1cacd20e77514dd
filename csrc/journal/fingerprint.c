/* Keyed fingerprints; see fingerprint.h. */
#include "fingerprint.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 2 * DK_FINGERPRINT_KEY + 1 }; /* the file: the key in hexadecimal, a line end */

/* --- the key's file --------------------------------------------------------------------------- */

/* fd: of the file, which is closed. */
static bool read_key(int fd, unsigned char *key, dk_file_failure *failure)
{
    char line[LINE + 1];
    struct stat s;
    bool looked = fstat(fd, &s) == 0;
    ssize_t n;
    do
        n = looked && S_ISREG(s.st_mode) ? read(fd, line, sizeof line) : 0;
    while (n < 0 && errno == EINTR);
    dk_close(fd);
    if (!looked || n < 0)
        return dk_file_fail_system(failure, "cannot be read");
    if (s.st_mode & 077)
        return dk_file_fail(failure, DK_FILE_SYSTEM, "can be read by others (chmod 600 forbids it)",
                            0);
    bool good = n == LINE && line[LINE - 1] == '\n' && dk_hex_read(line, key, DK_FINGERPRINT_KEY);
    dk_wipe(line, sizeof line);
    return good || dk_file_fail(failure, DK_FILE_FOREIGN, "is not a key that ddokta made", 0);
}

/* Makes the folders that lead to the path. The path is changed and changed back. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(path, 0700);
        *slash = '/';
        if (made != 0 && errno != EEXIST && errno != EISDIR && errno != EROFS && errno != EACCES)
            return false; /* those others may stand above what is there: open() will tell */
    }
    return true;
}

/* Writes a key to a new file beside the path, which nobody else can be writing. */
static bool write_new(const char *path, const unsigned char *key)
{
    char line[LINE + 1];
    size_t done;
    dk_hex_write(key, DK_FINGERPRINT_KEY, line);
    line[LINE - 1] = '\n';
    int fd = dk_open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    bool good = fd >= 0 && dk_write_all(fd, line, LINE, 0, &done) && fsync(fd) == 0;
    int error = errno;
    dk_wipe(line, sizeof line);
    if (fd >= 0) {
        close(fd);
        if (!good)
            unlink(path);
    }
    errno = error;
    return good;
}

/* Makes the key's file in one stroke: it is there as a whole or not at all, and of two that make it
 * at once the first wins. */
static bool publish(const char *path, const char *draft, const unsigned char *key)
{
    if (!write_new(draft, key))
        return false;
    bool good = link(draft, path) == 0 || errno == EEXIST;
    int error = errno;
    unlink(draft);
    errno = error;
    return good && dk_sync_folder(path);
}

static bool make_key(const char *path, dk_file_failure *failure)
{
    unsigned char key[DK_FINGERPRINT_KEY], name[8];
    char suffix[2 * sizeof name + 1];
    dk_buffer draft = {0};
    if (!dk_random_bytes(key, sizeof key) || !dk_random_bytes(name, sizeof name))
        return dk_file_fail_system(failure, "cannot be made without random bytes");
    dk_hex_write(name, sizeof name, suffix);
    dk_buffer_adds(&draft, path);
    dk_buffer_addc(&draft, '.');
    dk_buffer_adds(&draft, suffix);
    bool good = dk_buffer_string(&draft) != NULL;
    if (!good)
        dk_file_fail_memory(failure);
    else if (!make_folders(draft.data) || !publish(path, draft.data, key))
        good = dk_file_fail_system(failure, "cannot be made");
    dk_wipe(key, sizeof key);
    dk_buffer_free(&draft);
    return good;
}

bool dk_fingerprint_key(const char *path, unsigned char key[DK_FINGERPRINT_KEY],
                        dk_file_failure *failure)
{
    int flags = O_RDONLY | O_NONBLOCK; /* a pipe without a writer is refused, not waited for */
    int fd = dk_open(path, flags, 0);
    if (fd < 0 && errno == ENOENT) {
        if (!make_key(path, failure))
            return false;
        fd = dk_open(path, flags, 0);
    }
    if (fd < 0)
        return dk_file_fail_system(failure, "cannot be opened");
    return read_key(fd, key, failure);
}

/* --- fingerprints ----------------------------------------------------------------------------- */

static void add_length(dk_buffer *b, size_t n)
{
    for (int i = 7; i >= 0; i--)
        dk_buffer_addc(b, (char)((uint64_t)n >> 8 * i & 0xff));
}

bool dk_fingerprint(const unsigned char key[DK_FINGERPRINT_KEY], const dk_text *parts, size_t count,
                    char hex[DK_FINGERPRINT_HEX + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    dk_buffer text = {.secret = true};
    for (size_t i = 0; i < count; i++) {
        add_length(&text, parts[i].length);
        dk_buffer_add(&text, parts[i].data, parts[i].length);
    }
    bool good = dk_buffer_string(&text) &&
                HMAC(EVP_sha256(), key, DK_FINGERPRINT_KEY, (const unsigned char *)text.data,
                     text.length, digest, &n) &&
                n * 2 == DK_FINGERPRINT_HEX;
    dk_buffer_free(&text);
    if (!good)
        return false;
    dk_hex_write(digest, n, hex);
    return true;
}
