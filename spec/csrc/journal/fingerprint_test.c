/* csrc/journal/fingerprint.c */
#include "journal/fingerprint.h"
#include "spec/csrc/support/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[160];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/ddokta-key-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a/b/key", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const rest[] = {"/a/b/key", "/a/b", "/a", ""};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        char name[160];
        snprintf(name, sizeof name, "%s%s", folder, rest[i]);
        remove(name);
    }
    return access(folder, F_OK) == 0 ? -1 : 0; /* a draft was left behind */
}

static void it_is_hmac_sha_256(void **state)
{
    (void)state;
    /* computed with openssl mac -digest SHA256 -macopt hexkey:... HMAC over 8 bytes of length,
     * text */
    static const unsigned char key[DK_FINGERPRINT_KEY] = {1, 2, 3};
    const dk_text hello = {"hello", 5};
    char hex[DK_FINGERPRINT_HEX + 1];
    assert_true(dk_fingerprint(key, &hello, 1, hex));
    assert_string_equal("e74c7909c792c84c5e0c8cee7688880846278d44070368a38cf8a346523ac8da", hex);
}

static void parts_are_kept_apart(void **state)
{
    (void)state;
    unsigned char key[DK_FINGERPRINT_KEY] = {0};
    const dk_text one[] = {{"ab", 2}, {"c", 1}}, two[] = {{"a", 1}, {"bc", 2}};
    char a[DK_FINGERPRINT_HEX + 1], b[DK_FINGERPRINT_HEX + 1];
    assert_true(dk_fingerprint(key, one, 2, a));
    assert_true(dk_fingerprint(key, two, 2, b));
    assert_string_not_equal(a, b);
    key[31] = 1;
    assert_true(dk_fingerprint(key, two, 2, a));
    assert_string_not_equal(a, b);
    assert_true(dk_fingerprint(key, NULL, 0, a)); /* of nothing, there is one too */
}

static void a_key_is_made_once_and_is_ours_alone(void **state)
{
    (void)state;
    unsigned char key[DK_FINGERPRINT_KEY], again[DK_FINGERPRINT_KEY];
    static const unsigned char zero[DK_FINGERPRINT_KEY];
    dk_file_failure failure;
    struct stat s;
    assert_true(dk_fingerprint_key(path, key, &failure));
    assert_true(dk_fingerprint_key(path, again, &failure));
    assert_memory_equal(key, again, sizeof key);
    assert_memory_not_equal(key, zero, sizeof key);
    assert_int_equal(0, stat(path, &s));
    assert_int_equal(0600, s.st_mode & 07777);
    assert_int_equal(65, s.st_size);
    unlink(path);
    assert_true(dk_fingerprint_key(path, again, &failure));
    assert_memory_not_equal(key, again, sizeof key);
}

static void of_many_that_make_it_at_once_all_have_the_same(void **state)
{
    (void)state;
    enum { MANY = 16 };
    unsigned char key[DK_FINGERPRINT_KEY], theirs[DK_FINGERPRINT_KEY];
    dk_file_failure failure;
    int ends[2];
    assert_int_equal(0, pipe(ends));
    for (int i = 0; i < MANY; i++)
        if (fork() == 0) {
            bool good = dk_fingerprint_key(path, key, &failure);
            _exit(good && write(ends[1], key, sizeof key) == sizeof key ? 0 : 1);
        }
    for (int i = 0; i < MANY; i++) {
        int status = 1;
        assert_true(wait(&status) > 0);
        assert_int_equal(0, status);
    }
    assert_true(dk_fingerprint_key(path, key, &failure));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(sizeof theirs, read(ends[0], theirs, sizeof theirs));
        assert_memory_equal(key, theirs, sizeof key);
    }
    close(ends[0]);
    close(ends[1]);
}

static void write_key(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(0, chmod(path, mode));
}

static void a_bad_key_is_refused_and_kept(void **state)
{
    (void)state;
    unsigned char key[DK_FINGERPRINT_KEY];
    dk_file_failure failure;
    char good[80], text[96];
    assert_true(dk_fingerprint_key(path, key, &failure));
    FILE *file = fopen(path, "rb");
    good[fread(good, 1, sizeof good - 1, file)] = '\0';
    fclose(file);
    const char *const bad[] = {"", "x\n", "-----BEGIN PRIVATE KEY-----\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_key(bad[i], 0600);
        assert_false(dk_fingerprint_key(path, key, &failure));
        assert_int_equal(DK_FILE_FOREIGN, failure.code);
    }
    snprintf(text, sizeof text, "%s0", good); /* a byte too many, one too few, no digit */
    write_key(text, 0600);
    assert_false(dk_fingerprint_key(path, key, &failure));
    good[64] = '\0';
    write_key(good, 0600);
    assert_false(dk_fingerprint_key(path, key, &failure));
    snprintf(text, sizeof text, "%.63sg\n", good);
    write_key(text, 0600);
    assert_false(dk_fingerprint_key(path, key, &failure));
    snprintf(text, sizeof text, "%s\n", good);
    write_key(text, 0640);
    assert_false(dk_fingerprint_key(path, key, &failure));
    assert_int_equal(DK_FILE_SYSTEM, failure.code);
    write_key(text, 0600);
    assert_true(dk_fingerprint_key(path, key, &failure));
}

static void a_place_that_cannot_be_is_an_error(void **state)
{
    (void)state;
    unsigned char key[DK_FINGERPRINT_KEY];
    dk_file_failure failure;
    assert_false(dk_fingerprint_key("/dev/null/key", key, &failure));
    assert_int_equal(DK_FILE_SYSTEM, failure.code);
    assert_false(dk_fingerprint_key("/proc/nowhere/key", key, &failure));
    assert_true(failure.error != 0);
    assert_false(dk_fingerprint_key(folder, key, &failure));
}

int fingerprint_suite(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(it_is_hmac_sha_256),
        CASE(parts_are_kept_apart),
        CASE(a_key_is_made_once_and_is_ours_alone),
        CASE(of_many_that_make_it_at_once_all_have_the_same),
        CASE(a_bad_key_is_refused_and_kept),
        CASE(a_place_that_cannot_be_is_an_error),
    };
    return RUN_SUITE("fingerprint", tests);
}
