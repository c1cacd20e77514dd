/* csrc/http/flood.c, with two ends of TLS in memory: the server writes record after record. */
#include "http/flood.h"
#include "spec/csrc/support/suites.h"

#include <openssl/ssl.h>
#include <string.h>

typedef struct ends {
    SSL_CTX *contexts[2];
    SSL *client, *server;
    dk_flood flood;
} ends;

/* TLS 1.2 without certificates. */
static SSL *new_end(SSL_CTX *context, BIO *bio)
{
    assert_int_equal(1, SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION));
    assert_int_equal(1, SSL_CTX_set_cipher_list(context, "ADH:@SECLEVEL=0"));
    SSL_CTX_set_dh_auto(context, 1);
    SSL *ssl = SSL_new(context);
    assert_non_null(ssl);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

static int set_up(void **state)
{
    static ends e;
    BIO *near, *far;
    memset(&e, 0, sizeof e);
    e.contexts[0] = SSL_CTX_new(TLS_client_method());
    e.contexts[1] = SSL_CTX_new(TLS_server_method());
    assert_int_equal(1, BIO_new_bio_pair(&near, 0, &far, 0));
    dk_flood_watch(&e.flood, e.contexts[0]);
    e.client = new_end(e.contexts[0], near);
    e.server = new_end(e.contexts[1], far);
    SSL_set_connect_state(e.client);
    SSL_set_accept_state(e.server);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(e.client);
        SSL_do_handshake(e.server);
    }
    *state = &e;
    return SSL_is_init_finished(e.client) && SSL_is_init_finished(e.server) ? 0 : -1;
}

static int tear_down(void **state)
{
    ends *e = *state;
    SSL_free(e->client);
    SSL_free(e->server);
    SSL_CTX_free(e->contexts[0]);
    SSL_CTX_free(e->contexts[1]);
    return 0;
}

/* The server sends records of one byte each, and the client reads them. False: a read failed. */
static bool read_records(ends *e, unsigned n)
{
    char byte;
    while (n--) {
        assert_int_equal(1, SSL_write(e->server, "x", 1));
        if (SSL_read(e->client, &byte, 1) != 1)
            return false;
    }
    return true;
}

static void records_without_end_break_the_connection_off(void **state)
{
    ends *e = *state;
    dk_time begun = dk_clock_now();
    while (read_records(e, 100))
        assert_true(dk_clock_now() - begun < 10 * DK_SECOND);
    assert_true(e->flood.ended);
    assert_true(dk_clock_now() - begun >= DK_SECOND / 5); /* a burst is let pass */
    assert_true(e->flood.records >= 2000);
    assert_false(read_records(e, 1)); /* and it stays broken */
}

static void whoever_brings_something_may_go_on(void **state)
{
    ends *e = *state;
    dk_time until = dk_clock_now() + DK_SECOND / 2;
    while (dk_clock_now() < until) {
        assert_true(read_records(e, 500));
        dk_flood_over(&e->flood); /* some of an answer came */
    }
    assert_false(e->flood.ended);
}

int flood_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_without_end_break_the_connection_off, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whoever_brings_something_may_go_on, set_up, tear_down),
    };
    return RUN_SUITE("flood", tests);
}
