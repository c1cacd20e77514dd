/* csrc/base/file.c. What a failing disk does to it: line_file_test.c. */
#include "base/file.h"
#include "spec/csrc/support/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ddokta-file-XXXXXX";
static char path[64], draft[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(draft, sizeof draft, "%s/draft", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(draft);
    return rmdir(folder);
}

static void make(const char *name, const char *text, mode_t mode)
{
    size_t done;
    int fd = dk_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_true(dk_write_all(fd, text, strlen(text), 0, &done));
    assert_int_equal(strlen(text), done);
    assert_int_equal(0, fchmod(fd, mode));
    dk_close(fd);
}

static void assert_holds(const char *text, mode_t mode)
{
    char have[64];
    struct stat s;
    int fd = dk_open(path, O_RDONLY, 0);
    assert_true(fd >= 0);
    assert_int_equal(strlen(text), dk_read_all(fd, have, sizeof have, 0));
    assert_memory_equal(text, have, strlen(text));
    assert_int_equal(0, fstat(fd, &s));
    assert_int_equal(mode, s.st_mode & 0777);
    dk_close(fd);
}

static void what_is_written_at_an_offset_is_read_there(void **state)
{
    (void)state;
    char text[8];
    size_t done;
    make(path, "0123456789", 0600);
    int fd = dk_open(path, O_RDWR, 0);
    assert_true(dk_write_all(fd, "abc", 3, 8, &done));
    assert_true(dk_sync_file(fd));
    assert_int_equal(4, dk_read_all(fd, text, 4, 7));
    assert_memory_equal("7abc", text, 4);
    assert_int_equal(1, dk_read_all(fd, text, sizeof text, 10)); /* as many as there are */
    assert_int_equal(0, dk_read_all(fd, text, sizeof text, 11));
    dk_close(fd);
}

static void a_failure_is_remembered_while_a_file_is_closed(void **state)
{
    (void)state;
    errno = EDQUOT;
    dk_close(-1);
    assert_int_equal(EDQUOT, errno);
    assert_int_equal(-1, dk_open(path, O_RDONLY, 0));
    assert_int_equal(ENOENT, errno);
}

static void a_program_that_is_started_does_not_inherit_it(void **state)
{
    (void)state;
    make(path, "", 0600);
    int fd = dk_open(path, O_RDONLY, 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    dk_close(fd);
}

static void a_file_is_replaced_whole(void **state)
{
    (void)state;
    make(path, "the old one", 0640);
    make(draft, "the new one", 0600);
    assert_true(dk_replace_file(draft, path, true));
    assert_holds("the new one", 0640); /* with the rights of what it replaces */
    assert_int_equal(-1, access(draft, F_OK));
    make(draft, "a private one", 0600);
    assert_true(dk_replace_file(draft, path, false));
    assert_holds("a private one", 0600);
    assert_false(dk_replace_file(draft, path, true)); /* there is no draft */
    assert_int_equal(ENOENT, errno);
    assert_holds("a private one", 0600);
}

static void the_folder_is_the_paths(void **state)
{
    (void)state;
    assert_true(dk_sync_folder(path));
    assert_true(dk_sync_folder("a-name-in-the-working-folder"));
    assert_true(dk_sync_folder("/a-name-in-the-root"));
    strcat(path, "/below");
    assert_false(dk_sync_folder(path));
    assert_int_equal(ENOENT, errno);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int file_suite(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_at_an_offset_is_read_there),
        TEST(a_failure_is_remembered_while_a_file_is_closed),
        TEST(a_program_that_is_started_does_not_inherit_it),
        TEST(a_file_is_replaced_whole),
        TEST(the_folder_is_the_paths),
    };
    return RUN_SUITE("file", tests);
}
