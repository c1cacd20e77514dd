/* csrc/journal/line_file.c, under a journal, on disks that fail when they are told to. */
#include "journal/journal.h"
#include "spec/csrc/support/disk.h"
#include "spec/csrc/support/suites.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER "{\"plan\":\"p\"}"
enum { STEPS = 10 };

static void start(dk_journal *j)
{
    assert_true(dk_journal_open(j, disk_path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_start(j, "journal", HEADER, sizeof HEADER - 1));
    assert_true(dk_journal_load(j, STEPS));
}

static void reopen(dk_journal *j)
{
    dk_journal_close(j);
    assert_true(dk_journal_open(j, disk_path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_load(j, STEPS));
}

static bool step(dk_journal *j, size_t number, dk_step_state state)
{
    return dk_journal_step(j, number, state, "{}", 2);
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
    assert_int_equal(0, mkfifo(disk_path, 0600));
    assert_false(
        dk_journal_open(&j, disk_path, "journal", DK_FILE_READ)); /* without waiting for a writer */
    assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
    dk_journal_close(&j);
    assert_false(dk_journal_open(&j, disk_folder, "journal", DK_FILE_APPEND));
    assert_int_equal(EISDIR, j.file.failure.error);
    dk_journal_close(&j);
    assert_false(dk_journal_open(&j, "/nowhere/at/all", "journal", DK_FILE_APPEND));
    assert_int_equal(ENOENT, j.file.failure.error);
    dk_journal_close(&j);
}

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
    unlink(disk_path);
    disk.write_error = EIO;
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
    assert_false(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
    assert_int_equal(EIO, j.file.failure.error);
    dk_journal_close(&j);
}

static void a_folder_that_cannot_be_synced_is_an_error(void **state)
{
    (void)state;
    dk_journal j;
    disk.folder_error = EIO;
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
    assert_false(dk_journal_start(&j, "journal", HEADER, sizeof HEADER - 1));
    dk_journal_close(&j);
    unlink(disk_path);
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
    unlink(disk_path);
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

static void two_cannot_share_it(void **state)
{
    (void)state;
    dk_journal j, other;
    start(&j);
    assert_false(dk_journal_open(&other, disk_path, "journal", DK_FILE_APPEND));
    assert_int_equal(DK_FILE_IN_USE, other.file.failure.code);
    dk_journal_close(&other);
    assert_true(dk_journal_open(&other, disk_path, "journal", DK_FILE_READ)); /* looking is free */
    assert_true(dk_journal_line(&other, "{\"x\":1}", 7));
    assert_false(dk_line_file_commit(&other.file));
    dk_journal_close(&other);
    dk_journal_close(&j);
    assert_true(dk_journal_open(&other, disk_path, "journal", DK_FILE_APPEND));
    dk_journal_close(&other);
}

/* Runs in a child: holds the journal, says so, and waits to be killed. */
static void hold(int out)
{
    dk_journal j;
    bool held = dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND);
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
    assert_false(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
    assert_int_equal(DK_FILE_IN_USE, j.file.failure.code);
    assert_int_equal(child, j.file.failure.holder);
    dk_journal_close(&j);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
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
    if (child == 0) {
        bool wrote = dk_line_file_commit(&j.file);
        dk_journal_close(&j);
        _exit(wrote ? 1 : 0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(0, WEXITSTATUS(status));
    char text[512];
    assert_int_equal(size, disk_read(text, sizeof text));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
}

int line_file_suite(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, disk_set_up, disk_tear_down)
    const struct CMUnitTest tests[] = {
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
    };
    return RUN_SUITE("line_file", tests);
}
