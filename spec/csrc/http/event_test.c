/* csrc/http/event.c */
#include "http/event.h"
#include "spec/csrc/support/alloc.h"
#include "spec/csrc/support/suites.h"

static void nothing_is_recorded_while_nobody_watches(void **state)
{
    (void)state;
    dk_events events = {0};
    dk_event event = {.type = DK_EVENT_WAIT};
    dk_events_add(&events, &event);
    assert_false(dk_events_next(&events, &event));
    dk_events_free(&events);
}

static void events_come_in_their_order(void **state)
{
    (void)state;
    dk_events events = {.watched = true};
    dk_call call = {.id = 7, .attempts = 2, .status = 503, .kind = DK_SERVER};
    call.request.operation = dk_operations;
    dk_event event;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            event = dk_event_of(DK_EVENT_ANSWER, &call, i);
            dk_events_add(&events, &event);
        }
        for (int i = 0; i < 200; i++) {
            assert_true(dk_events_next(&events, &event));
            assert_true(event.seconds == i && event.call == 7);
        }
        assert_false(dk_events_next(&events, &event));
    }
    assert_int_equal(DK_EVENT_ANSWER, event.type);
    assert_int_equal(2, event.attempt);
    assert_int_equal(503, event.status);
    assert_int_equal(DK_SERVER, event.kind);
    assert_ptr_equal(dk_operations, event.operation);
    dk_events_free(&events);
}

static void without_memory_one_is_left_out(void **state)
{
    (void)state;
    dk_events events = {.watched = true};
    dk_event event = {.type = DK_EVENT_WAIT};
    alloc_fail_at(1, false);
    dk_events_add(&events, &event);
    alloc_fail_none();
    event.type = DK_EVENT_LIMIT;
    dk_events_add(&events, &event);
    assert_true(dk_events_next(&events, &event));
    assert_int_equal(DK_EVENT_LIMIT, event.type);
    assert_false(dk_events_next(&events, &event));
    dk_events_free(&events);
}

int event_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_recorded_while_nobody_watches),
        cmocka_unit_test(events_come_in_their_order),
        cmocka_unit_test(without_memory_one_is_left_out),
    };
    return RUN_SUITE("event", tests);
}
