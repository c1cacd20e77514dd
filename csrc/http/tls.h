/* What we add to libcurl's TLS: the certificates that a connection trusts, and a watch for
 * floods. */
#ifndef DK_TLS_H
#define DK_TLS_H

#include "flood.h"

#include <curl/curl.h>
#include <stdbool.h>

typedef struct dk_tls {
    dk_flood flood;
    const char *ca_file; /* trusted beside what libcurl trusts; NULL: none. The engine's */
    /* The certificates to trust. libcurl would read them for each new connection: with a system's
     * bundle that takes 20 ms and more, in which the host's loop stands still. It keeps them only
     * where it has no folder of them, and Debian's has one. */
    struct x509_store_st *trusted; /* NULL: not yet read */
    dk_time read;
    bool is_trusting; /* whom connections trust is set here, and not by libcurl */
} dk_tls;

/* Has the connections that the handle makes trust ca_file and what libcurl trusts by itself, and be
 * looked at for a flood. True: libcurl need not read certificates. False: whom they trust is left
 * to libcurl; where its TLS is not the OpenSSL that we have ourselves, the flood as well. */
bool dk_tls_watch(dk_tls *tls, CURL *easy);
void dk_tls_free(dk_tls *tls);

#endif
