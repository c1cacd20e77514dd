/* What the handles of one client share: where it calls, as whom, and the engine. */
#ifndef DK_SESSION_H
#define DK_SESSION_H

#include "engine.h"

typedef struct dk_session {
    unsigned users;
    unsigned clients; /* of the users, those that are views of the client and not calls */
    bool closed;
    dk_service service;
    dk_buffer base_url;
    dk_credentials credentials;
    char *user_agent;                     /* NULL: none is sent */
    dk_headers *headers[DK_HEADERS_SETS]; /* NULL until first needed */
    dk_engine *engine;
} dk_session;

/* One user; takes over the engine's. NULL where memory ran out. user_agent may be NULL. */
dk_session *dk_session_new(dk_service service, dk_engine *engine, const char *user_agent);
dk_session *dk_session_share(dk_session *s);
void dk_session_release(dk_session *s);

/* Another key from the next call on; calls in flight keep theirs. False where memory ran out. */
bool dk_session_set_key(dk_session *s, dk_key key, const char *value, size_t n);

/* The headers of a request; one more user. NULL where memory ran out. */
dk_headers *dk_session_headers(dk_session *s, const dk_operation *operation, dk_content content);

/* Adds the keys to a list of secrets. False where memory ran out. */
bool dk_session_secrets(const dk_session *s, dk_buffer *secrets);

/* Closes the engine, and forgets the keys: no later call is sent, what would be its key is not
 * kept. A call that is done and was not yet fetched knows what it was sent with until it is. */
void dk_session_close(dk_session *s);

#endif
