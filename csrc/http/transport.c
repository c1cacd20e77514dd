/* The options of connections; see transport.h. */
#include "transport.h"

#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

static void wipe_text(char *text)
{
    if (text)
        dk_wipe(text, strlen(text));
}

void dk_transport_forget(dk_transport *t)
{
    wipe_text(t->proxy); /* may hold a password */
    wipe_text(t->client_key_password);
}

void dk_transport_free(dk_transport *t)
{
    dk_transport_forget(t);
    free(t->proxy);
    free(t->ca_file);
    free(t->client_cert);
    free(t->client_key);
    free(t->client_key_password);
    *t = (dk_transport){0};
}
