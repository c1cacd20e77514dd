/* csrc/rows/csv.c. Many more texts go through it in csv_spec.lua. */
#include "rows/csv.h"
#include "spec/csrc/support/suites.h"

#include "base/buffer.h"

#include <string.h>

/* What comes of a text that is fed in pieces of that length: [field|field] of each record, (code
 * line:column) of each error. */
static void read_text(const char *text, size_t piece, bool dialect, dk_buffer *out)
{
    dk_csv *csv = dk_csv_new(&(dk_csv_options){.dialect = dialect});
    size_t n = strlen(text), at = 0;
    dk_buffer_clear(out);
    for (;;) {
        dk_csv_step step = dk_csv_next(csv);
        if (step == DK_CSV_END)
            break;
        if (step == DK_CSV_MORE) {
            size_t some = n - at < piece ? n - at : piece;
            assert_true(dk_csv_feed(csv, text + at, some));
            at += some;
            if (some == 0)
                dk_csv_finish(csv);
            continue;
        }
        const dk_csv_place *fault = dk_csv_fault(csv);
        if (step == DK_CSV_ERROR)
            dk_buffer_addf(out, "(%d %zu:%zu)", fault->code, fault->line, fault->column);
        for (size_t i = 0; step == DK_CSV_ROW && i < dk_csv_count(csv); i++) {
            size_t length;
            const char *field = dk_csv_field(csv, i, &length);
            dk_buffer_addf(out, "%c%.*s", i ? '|' : '[', (int)length, field);
        }
        if (step == DK_CSV_ROW)
            dk_buffer_addc(out, ']');
    }
    dk_csv_finish(csv);
    assert_false(dk_csv_feed(csv, "x", 1)); /* no more was promised */
    dk_csv_free(csv);
}

static void a_text_is_read_alike_however_it_is_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text, *read;
        bool dialect;
    } rows[] = {
        {"a,b\nc,d", "[a|b][c|d]", false},
        {"a,b\r\n\r\n\rc,\r", "[a|b][c|]", false},
        {"\xef\xbb\xbf\"a,\"\"b\"\"\r\nc\",d\n", "[a,\"b\"\r\nc|d]", false},
        {"'=1+1,''@x,'x\n", "[=1+1|'@x|'x]", false},
        {"a;b\n1;2\n", "[a|b][1|2]", true},
        {"sep=|\na|b,c\n", "[a|b,c]", true},
        {"a\"b\nc\n", "(2 1:2)[c]", false},
        {"\"a\"b\nc\n", "(1 1:4)[c]", false},
        {"a\n\"b\nc", "[a](3 2:1)", false},
        {"a\xff\nb", "(7 1:0)[b]", false},
        {"a,b;c\n", "(10 1:1)", true},
        {"name\na;b\n", "[name](11 2:1)", true},
    };
    dk_buffer out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 9; piece++) {
            read_text(rows[i].text, piece, rows[i].dialect, &out);
            assert_string_equal(rows[i].read, TEXT(out));
        }
    dk_buffer_free(&out);
}

static void every_code_has_its_words(void **state)
{
    (void)state;
    for (int a = DK_CSV_OK; a <= DK_CSV_NO_MEMORY; a++)
        for (int b = DK_CSV_OK; b < a; b++)
            assert_string_not_equal(dk_csv_message((dk_csv_code)a), dk_csv_message((dk_csv_code)b));
}

int csv_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_read_alike_however_it_is_cut),
        cmocka_unit_test(every_code_has_its_words),
    };
    return RUN_SUITE("csv", tests);
}
