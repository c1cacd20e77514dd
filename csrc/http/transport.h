/* How a client reaches its service: the options of its connections, the same for all its calls. */
#ifndef DK_TRANSPORT_H
#define DK_TRANSPORT_H

#include <stdbool.h>

/* The strings are the transport's own (malloc); NULL: libcurl's default. */
typedef struct dk_transport {
    char *proxy;
    char *ca_file;
    char *client_cert;
    char *client_key;
    char *client_key_password; /* NULL: none. Without one an encrypted key cannot be used */
    bool is_loopback;          /* what is called: the environment's proxy is not for it */
} dk_transport;

/* Wipes the passwords, which become empty: nothing is sent any more. */
void dk_transport_forget(dk_transport *t);
void dk_transport_free(dk_transport *t);

#endif
