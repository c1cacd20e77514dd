/* csrc/journal/journal.c and csrc/journal/line_file.c, on disks that fail when they are told to. */
#include "journal/journal.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- a disk that does what the test says: these stand before libc's --------------------------- */

static struct {
    int syncs, folder_syncs;     /* how many there were */
    size_t piece;                /* a write takes no more than that; 0: all */
    int interrupt;               /* that many writes are interrupted */
    int sync_interrupt;          /* and syncs */
    long room;                   /* bytes until the disk is full; -1: it is never */
    int write_error, sync_error; /* errno */
    int folder_error, cut_error;
} disk = {.room = -1};

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

/* --- a journal in a folder of its own --------------------------------------------------------- */

static char folder[64], path[128];

static void mend_disk(void)
{
    memset(&disk, 0, sizeof disk);
    disk.room = -1;
}

static int set_up(void **state)
{
    (void)state;
    mend_disk();
    snprintf(folder, sizeof folder, "/tmp/ddokta-journal-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/journal", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mend_disk();
    unlink(path);
    rmdir(folder);
    return 0;
}

#define HEADER "{\"plan\":\"p\"}"
enum { STEPS = 10 };

static void start(dk_journal *j)
{
    assert_true(dk_journal_open(j, path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_start(j, "journal", HEADER, sizeof HEADER - 1));
    assert_true(dk_journal_load(j, STEPS));
}

static void reopen(dk_journal *j)
{
    dk_journal_close(j);
    assert_true(dk_journal_open(j, path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_load(j, STEPS));
}

static bool step(dk_journal *j, size_t number, dk_step_state state)
{
    return dk_journal_step(j, number, state, "{}", 2);
}

static size_t read_all(char *out, size_t room)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(out, 1, room, file);
    fclose(file);
    return n;
}

static void write_all(const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(n, fwrite(text, 1, n, file));
    fclose(file);
}

static void assert_refused(dk_file_code code, size_t line)
{
    dk_journal j;
    bool good = dk_journal_open(&j, path, "journal", DK_FILE_APPEND) && dk_journal_load(&j, STEPS);
    assert_false(good);
    assert_int_equal(code, j.file.failure.code);
    assert_int_equal(line, j.file.failure.line);
    assert_non_null(j.file.failure.what);
    dk_journal_close(&j);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void the_checksum_is_that_of_zip(void **state)
{
    (void)state;
    assert_int_equal(0xcbf43926, dk_crc32("123456789", 9));
    assert_int_equal(0, dk_crc32("", 0));
}

static void lines_are_as_documented(void **state)
{
    (void)state;
    dk_journal j;
    char text[512], line[128];
    start(&j);
    assert_true(dk_journal_step(&j, 7, DK_STEP_BEGUN, "{\"key\":\"a\"}", 11));
    assert_true(dk_journal_line(&j, "{\"x\":1}", 7));
    assert_true(dk_line_file_commit(&j.file));
    text[read_all(text, sizeof text - 1)] = '\0';
    const char header[] = "{\"ddokta_journal\":1,\"plan\":\"p\",\"synced\":true,\"crc\":\"";
    assert_int_equal(0, strncmp(text, header, sizeof header - 1));
    const char *second = strchr(text, '\n') + 1;
    const char body[] = "{\"step\":7,\"state\":\"begin\",\"key\":\"a\",\"synced\":true";
    snprintf(line, sizeof line, "%s,\"crc\":\"%08x\"}\n", body,
             (unsigned)dk_crc32(body, sizeof body - 1));
    assert_int_equal(0, strncmp(second, line, strlen(line)));
    assert_int_equal(0, strncmp(strchr(second, '\n') + 1, "{\"x\":1,\"crc\":\"", 14));
    dk_journal_close(&j);
    struct stat s;
    assert_int_equal(0, stat(path, &s));
    assert_int_equal(0600, s.st_mode & 07777);
}

static void what_is_not_committed_is_not_there(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    assert_int_equal(1, disk.syncs);
    assert_int_equal(1, disk.folder_syncs); /* the new name as well */
    for (size_t i = 1; i <= 8; i++)
        assert_true(step(&j, i, DK_STEP_BEGUN));
    assert_int_equal(1, disk.syncs);
    assert_true(dk_line_file_commit(&j.file));
    assert_int_equal(2, disk.syncs); /* one for all eight */
    assert_true(dk_line_file_commit(&j.file));
    assert_int_equal(2, disk.syncs); /* none for nothing */
    assert_int_equal(1, disk.folder_syncs);
    assert_true(step(&j, 9, DK_STEP_BEGUN));
    reopen(&j);
    assert_int_equal(8, j.counts[DK_STEP_BEGUN]);
    assert_int_equal(DK_STEP_NONE, dk_journal_state(&j, 9));
    dk_journal_close(&j);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void states_follow_in_order_only(void **state)
{
    (void)state;
    /* from, to, allowed */
    static const int rows[][3] = {
        {DK_STEP_NONE, DK_STEP_BEGUN, 1},      {DK_STEP_NONE, DK_STEP_FAILED, 1},
        {DK_STEP_NONE, DK_STEP_DONE, 0},       {DK_STEP_NONE, DK_STEP_UNKNOWN, 0},
        {DK_STEP_BEGUN, DK_STEP_BEGUN, 1},     {DK_STEP_BEGUN, DK_STEP_DONE, 1},
        {DK_STEP_BEGUN, DK_STEP_SAVED, 0},     {DK_STEP_DONE, DK_STEP_BEGUN, 0},
        {DK_STEP_DONE, DK_STEP_DONE, 0},       {DK_STEP_DONE, DK_STEP_FAILED, 0},
        {DK_STEP_FAILED, DK_STEP_BEGUN, 1},    {DK_STEP_FAILED, DK_STEP_DONE, 0},
        {DK_STEP_UNKNOWN, DK_STEP_DONE, 1},    {DK_STEP_UNKNOWN, DK_STEP_BEGUN, 1},
        {DK_STEP_UNKNOWN, DK_STEP_UNKNOWN, 1}, {DK_STEP_SAVED, DK_STEP_SAVED, 0},
    };
    dk_journal j;
    start(&j);
    j.file.size = 1000;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        j.last[0] = 10 << 3 | (uint64_t)rows[i][0];
        assert_int_equal(rows[i][2], dk_journal_may(&j, 1, (dk_step_state)rows[i][1]));
    }
    assert_false(dk_journal_may(&j, 0, DK_STEP_BEGUN));
    assert_false(dk_journal_may(&j, STEPS + 1, DK_STEP_BEGUN));
    dk_journal_close(&j);
}

static void no_outcome_before_the_intent_is_on_the_disk(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_false(step(&j, 1, DK_STEP_DONE));
    assert_int_equal(DK_STEP_BEGUN, dk_journal_state(&j, 1));
    assert_true(dk_line_file_commit(&j.file));
    assert_true(step(&j, 1, DK_STEP_DONE));
    assert_false(step(&j, 1, DK_STEP_BEGUN));
    dk_journal_close(&j);
}

static void the_last_line_of_a_step_is_found(void **state)
{
    (void)state;
    dk_journal j;
    size_t n;
    start(&j);
    assert_null(dk_journal_last(&j, 1, &n));
    for (size_t i = 1; i <= STEPS; i++)
        assert_true(step(&j, i, DK_STEP_BEGUN));
    assert_int_equal(0, strncmp(dk_journal_last(&j, 4, &n), "{\"step\":4,\"state\":\"begin\"", 25));
    assert_true(dk_line_file_commit(&j.file));
    assert_true(dk_journal_step(&j, 3, DK_STEP_DONE, "{\"id\":\"x\"}", 10));
    assert_int_equal(0, strncmp(dk_journal_last(&j, 3, &n), "{\"step\":3,\"state\":\"done\"", 24));
    assert_int_equal(0, strncmp(dk_journal_last(&j, 4, &n), "{\"step\":4,\"state\":\"begin\"", 25));
    assert_true(dk_line_file_commit(&j.file));
    reopen(&j);
    assert_int_equal(0, strncmp(dk_journal_last(&j, 3, &n), "{\"step\":3,\"state\":\"done\"", 24));
    assert_int_equal(9, j.counts[DK_STEP_BEGUN]);
    assert_int_equal(1, j.counts[DK_STEP_DONE]);
    assert_int_equal(1, dk_journal_next(&j, 0, DK_STEP_BEGUN));
    assert_int_equal(4, dk_journal_next(&j, 2, DK_STEP_BEGUN));
    assert_int_equal(3, dk_journal_next(&j, 0, DK_STEP_DONE));
    assert_int_equal(0, dk_journal_next(&j, 3, DK_STEP_DONE));
    dk_journal_close(&j);
}

/* --- what stands in the file ------------------------------------------------------------------ */

static void a_tail_torn_anywhere_is_cut_off(void **state)
{
    (void)state;
    dk_journal j;
    char text[1024];
    start(&j);
    size_t header = j.file.size;
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    size_t one = j.file.size;
    assert_true(step(&j, 2, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
    size_t whole = read_all(text, sizeof text);
    for (size_t cut = 0; cut <= whole; cut++) {
        write_all(text, cut);
        bool opened = dk_journal_open(&j, path, "journal", DK_FILE_APPEND);
        if (cut > 0 && cut < sizeof "{\"ddokta_" - 1) { /* it may be anybody's */
            assert_false(opened);
            assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
            dk_journal_close(&j);
            struct stat left;
            assert_int_equal(0, stat(path, &left));
            assert_int_equal(cut, left.st_size);
            continue;
        }
        assert_true(opened);
        if (cut < header) { /* as new */
            size_t n;
            assert_null(dk_journal_header(&j, &n));
            assert_true(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
        }
        assert_true(dk_journal_load(&j, STEPS));
        assert_int_equal(cut < one ? 0 : cut < whole ? 1 : 2, j.counts[DK_STEP_BEGUN]);
        struct stat s; /* nothing is cut before something is written */
        assert_int_equal(0, fstat(j.file.fd, &s));
        assert_int_equal(cut < header ? header : cut, s.st_size);
        assert_true(step(&j, 3, DK_STEP_BEGUN));
        assert_true(dk_line_file_commit(&j.file));
        reopen(&j);
        assert_false(j.file.torn);
        assert_int_equal(DK_STEP_BEGUN, dk_journal_state(&j, 3));
        assert_int_equal(cut < one ? 1 : cut < whole ? 2 : 3, j.counts[DK_STEP_BEGUN]);
        dk_journal_close(&j);
    }
}

/* A header, two commits of two steps each; how long it is. */
static size_t write_two_commits(char *text, size_t room, size_t *second)
{
    dk_journal j;
    start(&j);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_true(step(&j, 2, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    *second = j.file.size;
    assert_true(step(&j, 1, DK_STEP_DONE));
    assert_true(step(&j, 3, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
    return read_all(text, room);
}

static void any_changed_byte_is_found_and_its_line_named(void **state)
{
    (void)state;
    char text[1024], changed[1024];
    size_t second, n = write_two_commits(text, sizeof text, &second), line = 1;
    for (size_t i = 0; i < second; i++) {
        memcpy(changed, text, n);
        changed[i] ^= 1;
        write_all(changed, n);
        if (i < 18) /* its first words say whose it is; then comes the version */
            assert_refused(DK_FILE_FOREIGN, 0);
        else
            assert_refused(DK_FILE_DAMAGED, line);
        if (text[i] == '\n')
            line++;
    }
}

static void assert_cut(size_t line, bool is_done)
{
    dk_journal j;
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_load(&j, STEPS));
    assert_int_equal(line, j.cut);
    assert_int_equal(is_done ? DK_STEP_DONE : DK_STEP_BEGUN, dk_journal_state(&j, 1));
    assert_int_equal(DK_STEP_BEGUN, dk_journal_state(&j, 2));
    assert_int_equal(DK_STEP_NONE, dk_journal_state(&j, 3));
    assert_true(step(&j, 4, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    reopen(&j);
    assert_int_equal(0, j.cut);
    assert_int_equal(DK_STEP_BEGUN, dk_journal_state(&j, 4));
    assert_int_equal(DK_STEP_NONE, dk_journal_state(&j, 3));
    dk_journal_close(&j);
}

/* What was not synced may be there in part, in any order, as zeros or as what the block held
 * before. */
static void a_tail_that_a_power_cut_has_garbled_is_cut_off(void **state)
{
    (void)state;
    static const char fillings[] = {'\0', 'x', '\n', '{'};
    char text[1024], changed[1024];
    size_t second, n = write_two_commits(text, sizeof text, &second);
    size_t third = (size_t)((char *)memchr(text + second, '\n', n - second) - text) + 1;
    for (size_t f = 0; f < sizeof fillings; f++)
        for (size_t from = second; from < n; from++)
            for (size_t to = from + 1; to <= n; to += to < from + 3 ? 1 : 17) {
                memcpy(changed, text, n);
                memset(changed + from, fillings[f], to - from);
                if (memcmp(changed, text, n) == 0)
                    continue;
                write_all(changed, n);
                size_t first = from;
                while (changed[first] == text[first])
                    first++;
                if (first < third)
                    assert_cut(4, false);
                else
                    assert_cut(5, true);
            }
}

static void a_header_that_never_reached_the_disk_is_begun_anew(void **state)
{
    (void)state;
    dk_journal j;
    char text[512], changed[512];
    size_t length;
    start(&j);
    dk_journal_close(&j);
    size_t n = read_all(text, sizeof text);
    for (size_t from = 0; from < n - 1; from += from ? 1 : 18) {
        memcpy(changed, text, n);
        memset(changed + from, '\0', n - from - (from & 1)); /* with its line end, and without */
        write_all(changed, n);
        assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
        assert_null(dk_journal_header(&j, &length));
        assert_true(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
        reopen(&j);
        dk_journal_close(&j);
    }
}

/* Older versions marked nothing: whatever is damaged there is refused. */
static void without_marks_no_whole_line_is_cut_off(void **state)
{
    (void)state;
    char text[1024], line[256];
    static const char *const bodies[] = {
        "{\"ddokta_journal\":1,\"plan\":\"p\"",
        "{\"step\":1,\"state\":\"begin\"",
        "{\"step\":2,\"state\":\"begin\"",
    };
    size_t n = 0, ends[3];
    for (size_t i = 0; i < 3; i++) {
        int length = snprintf(line, sizeof line, "%s,\"crc\":\"%08x\"}\n", bodies[i],
                              (unsigned)dk_crc32(bodies[i], strlen(bodies[i])));
        memcpy(text + n, line, (size_t)length);
        n += (size_t)length;
        ends[i] = n;
    }
    write_all(text, n);
    dk_journal j;
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_load(&j, STEPS));
    assert_int_equal(2, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
    text[ends[0] + 9] = '7';
    write_all(text, n);
    assert_refused(DK_FILE_DAMAGED, 2);
}

static void lines_that_cannot_follow_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t steps;
    } rows[] = {
        {"{\"step\":1,\"state\":\"done\"", STEPS},   {"{\"step\":1,\"state\":\"eaten\"", STEPS},
        {"{\"step\":0,\"state\":\"begin\"", STEPS},  {"{\"step\":11,\"state\":\"begin\"", STEPS},
        {"{\"step\":-1,\"state\":\"begin\"", STEPS}, {"{\"step\":1", STEPS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dk_journal j;
        char line[128];
        start(&j);
        int n = snprintf(line, sizeof line, "%s}", rows[i].line);
        assert_true(dk_journal_line(&j, line, (size_t)n));
        assert_true(dk_line_file_commit(&j.file));
        dk_journal_close(&j);
        assert_refused(DK_FILE_DAMAGED, 2);
        unlink(path);
    }
}

static void other_files_are_left_as_they_are(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "name,domain\na,b",
        "{\"ddokta_backup\":1,\"plan\":\"p\"}\n",
        "x",
        "{\"ddokta_journal\":x",
        "{}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char after[128];
        size_t n = strlen(texts[i]);
        write_all(texts[i], n);
        dk_journal j;
        if (dk_journal_open(&j, path, "journal", DK_FILE_APPEND))
            assert_int_equal(3,
                             i); /* a header cut short: it is not touched before it is begun anew */
        else
            assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
        dk_journal_close(&j);
        assert_int_equal(n, read_all(after, sizeof after));
        assert_memory_equal(texts[i], after, n);
    }
}

static void a_newer_format_is_refused(void **state)
{
    (void)state;
    dk_journal j;
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_line(&j, "{\"ddokta_journal\":2}", 20));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
    assert_refused(DK_FILE_FOREIGN, 0);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    dk_journal j;
    const char *const paths[] = {"/dev/full", "/dev/null"};
    for (size_t i = 0; i < 2; i++) {
        assert_false(dk_journal_open(&j, paths[i], "journal", DK_FILE_APPEND));
        assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
        dk_journal_close(&j);
    }
    assert_int_equal(0, mkfifo(path, 0600));
    assert_false(
        dk_journal_open(&j, path, "journal", DK_FILE_READ)); /* without waiting for a writer */
    assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
    dk_journal_close(&j);
    assert_false(dk_journal_open(&j, folder, "journal", DK_FILE_APPEND));
    assert_int_equal(EISDIR, j.file.failure.error);
    dk_journal_close(&j);
    assert_false(dk_journal_open(&j, "/nowhere/at/all", "journal", DK_FILE_APPEND));
    assert_int_equal(ENOENT, j.file.failure.error);
    dk_journal_close(&j);
}

/* --- the disk fails --------------------------------------------------------------------------- */

static void short_and_interrupted_writes_are_gone_on_with(void **state)
{
    (void)state;
    dk_journal j;
    disk.piece = 3;
    disk.interrupt = 5;
    start(&j);
    for (size_t i = 1; i <= STEPS; i++)
        assert_true(step(&j, i, DK_STEP_BEGUN));
    disk.interrupt = 2;
    assert_true(dk_line_file_commit(&j.file));
    disk.piece = 0;
    assert_true(step(&j, 1, DK_STEP_DONE));
    disk.sync_interrupt = 2;
    assert_true(dk_line_file_commit(&j.file));
    assert_int_equal(0, disk.sync_interrupt);
    reopen(&j);
    assert_int_equal(STEPS - 1, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
}

static void a_full_disk_leaves_whole_lines(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    for (size_t i = 1; i <= STEPS; i++)
        assert_true(step(&j, i, DK_STEP_BEGUN));
    size_t line = j.file.pending.length / STEPS; /* about: the tenth is a byte longer */
    disk.room = (long)(4 * line + line / 2);
    assert_false(dk_line_file_commit(&j.file));
    assert_int_equal(ENOSPC, j.file.failure.error);
    disk.room = -1; /* what failed once is not trusted again */
    assert_false(dk_line_file_commit(&j.file));
    assert_false(step(&j, 1, DK_STEP_BEGUN));
    assert_int_equal(ENOSPC, j.file.failure.error);
    for (size_t i = 1; i <= STEPS; i++) { /* written or not, each line is found as it is */
        char begin[32];
        size_t n;
        int wanted = snprintf(begin, sizeof begin, "{\"step\":%u,", (unsigned)i);
        const char *text = dk_journal_last(&j, i, &n);
        assert_non_null(text);
        assert_memory_equal(begin, text, (size_t)wanted);
        assert_int_equal('}', text[n - 1]);
    }
    reopen(&j);
    assert_false(j.file.torn);
    assert_int_equal(4, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
}

static void a_full_disk_that_cannot_be_cut_leaves_a_torn_tail(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_true(step(&j, 2, DK_STEP_BEGUN));
    disk.room = (long)j.file.pending.length - 5;
    disk.cut_error = EIO;
    assert_false(dk_line_file_commit(&j.file));
    assert_int_equal(ENOSPC, j.file.failure.error);
    disk.room = -1;
    reopen(&j);
    assert_true(j.file.torn);
    assert_int_equal(1, j.counts[DK_STEP_BEGUN]);
    assert_true(step(&j, 2, DK_STEP_BEGUN));
    assert_false(dk_line_file_commit(&j.file)); /* behind a torn tail nothing is written */
    assert_int_equal(EIO, j.file.failure.error);
    disk.cut_error = 0;
    reopen(&j);
    assert_int_equal(1, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
}

static void a_broken_disk_is_an_error_that_stays(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    disk.sync_error = EIO;
    assert_false(dk_line_file_commit(&j.file));
    assert_int_equal(EIO, j.file.failure.error);
    disk.sync_error = 0; /* a second sync would say that all is well, and it is not */
    assert_false(dk_line_file_commit(&j.file));
    assert_int_equal(EIO, j.file.failure.error);
    dk_journal_close(&j);
    unlink(path);
    disk.write_error = EIO;
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_false(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
    assert_int_equal(EIO, j.file.failure.error);
    dk_journal_close(&j);
}

static void a_folder_that_cannot_be_synced_is_an_error(void **state)
{
    (void)state;
    dk_journal j;
    disk.folder_error = EIO;
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_false(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
    dk_journal_close(&j);
    unlink(path);
    disk.folder_error = EINVAL; /* a file system that has no such thing */
    start(&j);
    dk_journal_close(&j);
}

static void whoever_opens_it_has_its_folder_synced(void **state)
{
    (void)state;
    dk_journal j;
    start(&j); /* the first may have died before he did */
    dk_journal_close(&j);
    disk.folder_syncs = 0;
    reopen(&j);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    assert_int_equal(1, disk.folder_syncs);
    assert_true(step(&j, 2, DK_STEP_BEGUN));
    assert_true(dk_line_file_commit(&j.file));
    assert_int_equal(1, disk.folder_syncs);
    dk_journal_close(&j);
}

static void what_was_removed_takes_no_more(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    unlink(path);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_false(dk_line_file_commit(&j.file));
    assert_string_equal("was removed while it was written", j.file.failure.what);
    assert_int_equal(0, j.file.failure.error);
    assert_false(step(&j, 2, DK_STEP_BEGUN));
    dk_journal_close(&j);
}

static void the_limit_of_a_file_is_an_error_not_a_signal(void **state)
{
    (void)state;
    dk_journal j;
    start(&j);
    struct rlimit before, limit;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
    limit = before;
    limit.rlim_cur = j.file.size + 90;
    for (size_t i = 1; i <= 3; i++)
        assert_true(step(&j, i, DK_STEP_BEGUN));
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
    bool committed = dk_line_file_commit(&j.file);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
    assert_false(committed);
    assert_int_equal(EFBIG, j.file.failure.error);
    reopen(&j);
    assert_int_equal(1, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
}

/* --- the lock --------------------------------------------------------------------------------- */

static void two_cannot_share_it(void **state)
{
    (void)state;
    dk_journal j, other;
    start(&j);
    assert_false(dk_journal_open(&other, path, "journal", DK_FILE_APPEND));
    assert_int_equal(DK_FILE_IN_USE, other.file.failure.code);
    dk_journal_close(&other);
    assert_true(dk_journal_open(&other, path, "journal", DK_FILE_READ)); /* looking is free */
    assert_true(dk_journal_line(&other, "{\"x\":1}", 7));
    assert_false(dk_line_file_commit(&other.file));
    dk_journal_close(&other);
    dk_journal_close(&j);
    assert_true(dk_journal_open(&other, path, "journal", DK_FILE_APPEND));
    dk_journal_close(&other);
}

/* Runs in a child: holds the journal, says so, and waits to be killed. */
static void hold(int out)
{
    dk_journal j;
    bool held = dk_journal_open(&j, path, "journal", DK_FILE_APPEND);
    if (write(out, held ? "y" : "n", 1) != 1)
        _exit(2);
    pause();
    _exit(0);
}

static void its_holder_is_named_and_death_frees_it(void **state)
{
    (void)state;
    dk_journal j;
    int ends[2];
    char held = 0;
    assert_int_equal(0, pipe(ends));
    pid_t child = fork();
    if (child == 0)
        hold(ends[1]);
    assert_int_equal(1, read(ends[0], &held, 1));
    assert_int_equal('y', held);
    assert_false(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    assert_int_equal(DK_FILE_IN_USE, j.file.failure.code);
    assert_int_equal(child, j.file.failure.holder);
    dk_journal_close(&j);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(dk_journal_open(&j, path, "journal", DK_FILE_APPEND));
    dk_journal_close(&j);
    close(ends[0]);
    close(ends[1]);
}

static void a_fork_writes_nothing(void **state)
{
    (void)state;
    dk_journal j;
    int status = 0;
    start(&j);
    uint64_t size = j.file.size;
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    pid_t child = fork();
    if (child == 0)
        _exit(dk_line_file_commit(&j.file) ? 1 : 0);
    waitpid(child, &status, 0);
    assert_int_equal(0, WEXITSTATUS(status));
    char text[512];
    assert_int_equal(size, read_all(text, sizeof text));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
}

/* --- size ------------------------------------------------------------------------------------- */

static void a_long_line_is_read_and_one_too_long_is_not_taken(void **state)
{
    (void)state;
    dk_journal j;
    enum { LONG = 300000 };
    size_t n;
    start(&j);
    char *text = malloc(DK_LINE_MAX + 1);
    assert_non_null(text);
    memset(text, 'x', DK_LINE_MAX);
    memcpy(text, "{\"a\":\"", 6);
    assert_false(dk_journal_line(&j, text, DK_LINE_MAX));
    assert_int_equal(0, j.file.pending.length);
    memcpy(text + LONG - 2, "\"}", 2);
    assert_true(step(&j, 1, DK_STEP_BEGUN));
    assert_true(dk_journal_line(&j, text, LONG));
    assert_true(dk_journal_step(&j, 2, DK_STEP_BEGUN, text, LONG));
    assert_true(dk_line_file_commit(&j.file));
    reopen(&j);
    assert_int_equal(2, j.counts[DK_STEP_BEGUN]);
    assert_non_null(dk_journal_last(&j, 2, &n));
    assert_true(n > LONG && n < LONG + 100);
    dk_journal_close(&j);
    free(text);
}

/* A journal's whole life; false: memory ran out, and the failure says so. */
static bool lives(void)
{
    dk_journal j;
    size_t n;
    bool good = dk_journal_open(&j, path, "journal", DK_FILE_APPEND) &&
                dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1) &&
                dk_journal_load(&j, STEPS) && step(&j, 1, DK_STEP_BEGUN) &&
                dk_line_file_commit(&j.file) && dk_journal_last(&j, 1, &n);
    alloc_fail_none();
    if (!good)
        assert_true(j.file.failure.code == DK_FILE_NO_MEMORY || j.file.failure.error == ENOMEM);
    dk_journal_close(&j);
    return good;
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    unsigned long n = 0;
    long before = alloc_in_use();
    bool good = false;
    while (!good && n < 100) {
        unlink(path);
        alloc_fail_at(++n, true);
        good = lives();
        assert_int_equal(before, alloc_in_use());
    }
    assert_true(good && n > 5);
}

int journal_suite(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_checksum_is_that_of_zip),
        CASE(lines_are_as_documented),
        CASE(what_is_not_committed_is_not_there),
        CASE(states_follow_in_order_only),
        CASE(no_outcome_before_the_intent_is_on_the_disk),
        CASE(the_last_line_of_a_step_is_found),
        CASE(a_tail_torn_anywhere_is_cut_off),
        CASE(any_changed_byte_is_found_and_its_line_named),
        CASE(a_tail_that_a_power_cut_has_garbled_is_cut_off),
        CASE(a_header_that_never_reached_the_disk_is_begun_anew),
        CASE(without_marks_no_whole_line_is_cut_off),
        CASE(lines_that_cannot_follow_are_refused),
        CASE(other_files_are_left_as_they_are),
        CASE(a_newer_format_is_refused),
        CASE(what_is_no_file_is_refused),
        CASE(short_and_interrupted_writes_are_gone_on_with),
        CASE(a_full_disk_leaves_whole_lines),
        CASE(a_full_disk_that_cannot_be_cut_leaves_a_torn_tail),
        CASE(a_broken_disk_is_an_error_that_stays),
        CASE(a_folder_that_cannot_be_synced_is_an_error),
        CASE(whoever_opens_it_has_its_folder_synced),
        CASE(what_was_removed_takes_no_more),
        CASE(the_limit_of_a_file_is_an_error_not_a_signal),
        CASE(two_cannot_share_it),
        CASE(its_holder_is_named_and_death_frees_it),
        CASE(a_fork_writes_nothing),
        CASE(a_long_line_is_read_and_one_too_long_is_not_taken),
        CASE(memory_may_run_out_anywhere),
    };
    return RUN_SUITE("journal", tests);
}
