/* Which proxy a client's calls go through, as curl decides it, and what of its URL may be shown. */
#ifndef DK_PROXY_H
#define DK_PROXY_H

#include "transport.h"

#include "base/buffer.h"

typedef struct dk_proxy {
    const char *url;  /* NULL: there is none */
    const char *from; /* the variable that names it; "the option proxy" */
} dk_proxy;

/* The option's, else the environment's for https: plain http is spoken on loopback alone, which is
 * never given to the environment's proxy. What NO_PROXY names is left to libcurl. */
dk_proxy dk_proxy_of(const dk_transport *transport);

/* Writes "host:port" of a proxy's URL: no name, no password. False: it cannot be read. */
bool dk_proxy_name(const char *url, dk_buffer *out);

/* Adds the password of the proxy's URL, or all of one that cannot be read, to a list of secrets.
 * False where memory ran out. */
bool dk_proxy_secrets(const dk_transport *transport, dk_buffer *secrets);

#endif
