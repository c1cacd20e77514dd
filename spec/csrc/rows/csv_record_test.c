/* csrc/rows/csv_record.c */
#include "rows/csv_record.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static dk_csv_record record_of(const char *const *fields, size_t count)
{
    dk_csv_record r = {.max_field = 100, .max_size = 1000};
    dk_csv_record_begin(&r, 5);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(DK_CSV_FITS, dk_csv_record_add(&r, fields[i], strlen(fields[i])));
        assert_int_equal(DK_CSV_FITS, dk_csv_record_end_field(&r));
    }
    return r;
}

static void fields_come_back_as_they_were_added(void **state)
{
    (void)state;
    static const char *const fields[] = {"a", "", "bcd"};
    dk_csv_record r = record_of(fields, 3);
    for (size_t i = 0; i < 3; i++) {
        size_t n;
        const char *text = dk_csv_record_field(&r, i, &n);
        assert_int_equal(strlen(fields[i]), n);
        assert_memory_equal(fields[i], text, n);
    }
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(DK_CSV_FITS, dk_csv_record_end_field(&r));
    assert_int_equal(103, r.count);
    dk_csv_record_begin(&r, 6);
    assert_int_equal(0, r.count);
    dk_csv_record_free(&r);
}

static void there_is_a_limit_to_fields_and_records(void **state)
{
    (void)state;
    dk_csv_record r = {.max_field = 4, .max_size = 6};
    dk_csv_record_begin(&r, 1);
    assert_int_equal(DK_CSV_FIELD_IS_FULL, dk_csv_record_add(&r, "12345", 5));
    assert_int_equal(DK_CSV_FITS, dk_csv_record_add(&r, "1234", 4));
    assert_int_equal(DK_CSV_FITS, dk_csv_record_end_field(&r));
    assert_int_equal(DK_CSV_RECORD_IS_FULL, dk_csv_record_add(&r, "123", 3));
    assert_int_equal(DK_CSV_FITS, dk_csv_record_add(&r, "12", 2));
    for (size_t i = 1; i < 6; i++)
        assert_int_equal(DK_CSV_FITS, dk_csv_record_end_field(&r));
    assert_int_equal(DK_CSV_RECORD_IS_FULL, dk_csv_record_end_field(&r)); /* of empty ones too */
    dk_csv_record_free(&r);
}

static void a_bad_byte_is_found_in_its_field_and_line(void **state)
{
    (void)state;
    static const char *const fields[] = {"a\r\nb\n", "\rc", "d\n\xff"}, *cut[] = {"\xc3", "\xa4"};
    size_t field, line;
    dk_csv_record r = record_of(fields, 2);
    assert_false(dk_csv_record_find_bad(&r, &field, &line));
    dk_csv_record_free(&r);
    r = record_of(fields, 3);
    assert_true(dk_csv_record_find_bad(&r, &field, &line));
    assert_int_equal(2, field);
    assert_int_equal(9, line); /* it began in 5 */
    dk_csv_record_free(&r);
    r = record_of(cut, 2); /* a character must not cross two fields */
    assert_true(dk_csv_record_find_bad(&r, &field, &line));
    assert_int_equal(0, field);
    dk_csv_record_free(&r);
}

static void the_header_is_known_again(void **state)
{
    (void)state;
    static const char *const header[] = {"name", "domain"}, *again[] = {"NAME", "Domain"};
    static const char *const marked[] = {"\xef\xbb\xbfname", "domain"};
    static const char *const others[][2] = {{"named", "omain"}, {"name", "domains"}, {"n", ""}};
    dk_csv_kept kept = {0};
    dk_csv_record r = record_of(header, 2);
    assert_false(dk_csv_kept_is(&kept, &r)); /* nothing is kept */
    assert_true(dk_csv_kept_set(&kept, &r));
    assert_true(dk_csv_kept_is(&kept, &r));
    dk_csv_record_free(&r);
    r = record_of(again, 2);
    assert_true(dk_csv_kept_is(&kept, &r));
    dk_csv_record_free(&r);
    r = record_of(marked, 2);
    assert_true(dk_csv_kept_is(&kept, &r));
    dk_csv_record_free(&r);
    for (size_t i = 0; i < 3; i++) {
        r = record_of(others[i], 2);
        assert_false(dk_csv_kept_is(&kept, &r));
        dk_csv_record_free(&r);
    }
    dk_csv_kept_free(&kept);
}

int csv_record_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_back_as_they_were_added),
        cmocka_unit_test(there_is_a_limit_to_fields_and_records),
        cmocka_unit_test(a_bad_byte_is_found_in_its_field_and_line),
        cmocka_unit_test(the_header_is_known_again),
    };
    return RUN_SUITE("csv_record", tests);
}
