/* csrc/http/call.c */
#include "http/call.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

#include <string.h>

static void a_new_call_knows_nothing(void **state)
{
    (void)state;
    dk_call *call = dk_call_new();
    assert_int_equal(DK_NEW, call->state);
    assert_true(call->retry_after == -1);
    assert_true(call->head.secret && call->body.secret); /* answers hold keys that were made */
    dk_call_free(call);
    dk_call_free(NULL);
}

static void a_cleared_one_keeps_its_memory_within_bounds(void **state)
{
    (void)state;
    static char large[100000];
    dk_call *call = dk_call_new();
    call->status = 200;
    call->attempts = 3;
    call->ambiguous = true;
    call->retry_after = 7;
    call->request.body.secret = true;
    dk_buffer_adds(&call->request.url, "https://example.com");
    dk_buffer_adds(&call->request.body, "{}");
    dk_buffer_add(&call->body, large, sizeof large);
    size_t kept = call->request.url.capacity;
    dk_call_clear(call);
    assert_int_equal(0, call->status);
    assert_int_equal(0, call->attempts);
    assert_false(call->ambiguous);
    assert_true(call->retry_after == -1);
    assert_int_equal(0, call->request.url.length);
    assert_int_equal(kept, call->request.url.capacity);
    assert_true(call->request.body.secret && call->body.secret);
    assert_int_equal(0, call->body.capacity); /* what was large is given back */
    dk_call_free(call);
}

static void what_it_was_sent_with_is_wiped(void **state)
{
    (void)state;
    static const char *const secrets[] = {"the-body-of-a-call", "the-answer-to-it", NULL};
    dk_call *call = dk_call_new();
    call->request.body.secret = true;
    dk_buffer_adds(&call->request.body, secrets[0]);
    dk_buffer_adds(&call->body, secrets[1]);
    alloc_search(secrets);
    dk_call_free(call);
    assert_null(alloc_found());
    alloc_search(NULL);
}

int call_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_call_knows_nothing),
        cmocka_unit_test(a_cleared_one_keeps_its_memory_within_bounds),
        cmocka_unit_test(what_it_was_sent_with_is_wiped),
    };
    return RUN_SUITE("call", tests);
}
