/* Servers that send without end; see flood.h. */
#include "flood.h"

#include <openssl/ssl.h>
#include <stdbool.h>

#define MOST_RECORDS 1000
#define PATIENCE     (DK_SECOND / 5)

/* Makes each read fail from now on, as that of a connection that broke. A close_notify that never
 * came could pass for the end of an answer that has no length. */
static long refuse_reads(BIO *bio, int what, const char *bytes, size_t n, int argument, long other,
                         int result, size_t *done)
{
    (void)bytes, (void)n, (void)argument, (void)other, (void)done;
    if (what != BIO_CB_READ)
        return result;
    BIO_clear_retry_flags(bio);
    return -1;
}

/* For each record. */
static void count_record(int sent, int version, int type, const void *bytes, size_t n, SSL *ssl,
                         void *user)
{
    dk_flood *f = user;
    (void)version, (void)bytes, (void)n;
    if (sent || type != SSL3_RT_HEADER || ++f->records % MOST_RECORDS != 0)
        return;
    dk_time now = dk_clock_now();
    if (f->since == 0)
        f->since = now;
    else if (now - f->since >= PATIENCE) {
        BIO_set_callback_ex(SSL_get_rbio(ssl), refuse_reads);
        f->ended = true;
    }
}

void dk_flood_watch(dk_flood *f, struct ssl_ctx_st *context)
{
    SSL_CTX_set_msg_callback(context, count_record);
    SSL_CTX_set_msg_callback_arg(context, f);
}
