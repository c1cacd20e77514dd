/* What is ours in libcurl's TLS: whom a connection trusts, and that it is looked at for a flood. */
#ifndef DK_TLS_H
#define DK_TLS_H

#include "base/clock.h"

#include <curl/curl.h>
#include <stdbool.h>

/* The certificates to trust. libcurl would read them for each new connection: with a system's
 * bundle that takes 20 ms and more, in which the host's loop stands still. It keeps them only where
 * it has no folder of them, and Debian's has one. */
typedef struct dk_trust {
    struct x509_store_st *store; /* NULL: not yet read */
    dk_time read;
} dk_trust;

void dk_trust_free(dk_trust *t);

struct dk_connections;

/* Has both done for the connections that the handle makes. True: whom they trust is set here, by
 * connections->ca_file and what libcurl trusts by itself, and libcurl need not read any. False:
 * that is left to libcurl; where its TLS is not the OpenSSL that we have ourselves, all is. */
bool dk_tls_watch(struct dk_connections *connections, CURL *easy);

#endif
