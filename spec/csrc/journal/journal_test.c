/* csrc/journal/journal.c */
#include "journal/journal.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/disk.h"
#include "spec/csrc/support/suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void assert_refused(dk_file_code code, size_t line)
{
    dk_journal j;
    bool good =
        dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND) && dk_journal_load(&j, STEPS);
    assert_false(good);
    assert_int_equal(code, j.file.failure.code);
    assert_int_equal(line, j.file.failure.line);
    assert_non_null(j.file.failure.what);
    dk_journal_close(&j);
}

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
    text[disk_read(text, sizeof text - 1)] = '\0';
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
    assert_int_equal(0, stat(disk_path, &s));
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
    size_t whole = disk_read(text, sizeof text);
    for (size_t cut = 0; cut <= whole; cut++) {
        disk_write(text, cut);
        bool opened = dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND);
        if (cut > 0 && cut < sizeof "{\"ddokta_" - 1) { /* it may be anybody's */
            assert_false(opened);
            assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
            dk_journal_close(&j);
            struct stat left;
            assert_int_equal(0, stat(disk_path, &left));
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
    return disk_read(text, room);
}

static void any_changed_byte_is_found_and_its_line_named(void **state)
{
    (void)state;
    char text[1024], changed[1024];
    size_t second, n = write_two_commits(text, sizeof text, &second), line = 1;
    for (size_t i = 0; i < second; i++) {
        memcpy(changed, text, n);
        changed[i] ^= 1;
        disk_write(changed, n);
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
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
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
                disk_write(changed, n);
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
    size_t n = disk_read(text, sizeof text);
    for (size_t from = 0; from < n - 1; from += from ? 1 : 18) {
        memcpy(changed, text, n);
        memset(changed + from, '\0', n - from - (from & 1)); /* with its line end, and without */
        disk_write(changed, n);
        assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
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
    disk_write(text, n);
    dk_journal j;
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_load(&j, STEPS));
    assert_int_equal(2, j.counts[DK_STEP_BEGUN]);
    dk_journal_close(&j);
    text[ends[0] + 9] = '7';
    disk_write(text, n);
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
        unlink(disk_path);
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
        disk_write(texts[i], n);
        dk_journal j;
        if (dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND))
            assert_int_equal(3,
                             i); /* a header cut short: it is not touched before it is begun anew */
        else
            assert_int_equal(DK_FILE_FOREIGN, j.file.failure.code);
        dk_journal_close(&j);
        assert_int_equal(n, disk_read(after, sizeof after));
        assert_memory_equal(texts[i], after, n);
    }
}

static void a_newer_format_is_refused(void **state)
{
    (void)state;
    dk_journal j;
    assert_true(dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND));
    assert_true(dk_journal_line(&j, "{\"ddokta_journal\":2}", 20));
    assert_true(dk_line_file_commit(&j.file));
    dk_journal_close(&j);
    assert_refused(DK_FILE_FOREIGN, 0);
}

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
    bool good = dk_journal_open(&j, disk_path, "journal", DK_FILE_APPEND) &&
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
        unlink(disk_path);
        alloc_fail_at(++n, true);
        good = lives();
        assert_int_equal(before, alloc_in_use());
    }
    assert_true(good && n > 5);
}

int journal_suite(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, disk_set_up, disk_tear_down)
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
        CASE(a_long_line_is_read_and_one_too_long_is_not_taken),
        CASE(memory_may_run_out_anywhere),
    };
    return RUN_SUITE("journal", tests);
}
