/* A server and an engine in one process and one thread: the engine never blocks longer than it is
 * told, so that both take turns. Whatever takes too long is a failed test. */
#ifndef SPEC_EXCHANGE_H
#define SPEC_EXCHANGE_H

#include "http/engine.h"

#define TURN     (DK_SECOND / 100)
#define PATIENCE (10 * DK_SECOND)

#define GET    "list_okta_accounts"
#define POST   "create_okta_account"
#define DELETE "delete_okta_account"
#define PATH   "/api/v2/integrations/okta/accounts"

#define OK_ANSWER   "HTTP/1.1 200 OK\r\nX-Dd-Version: 1\r\nContent-Length: 2\r\n\r\n{}"
#define BUSY_ANSWER "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"

typedef struct server {
    int fd, port;
} server;

server start_server(void);
dk_time give_up_at(void);
/* Gives the engine a turn. */
void turn(dk_engine *e, dk_time give_up);
int accept_one(dk_engine *e, server s);
/* Reads a request to its end (Content-Length counts) and says so; false: the client hung up. */
bool read_request(dk_engine *e, int fd, char *text, size_t size);
void answer(int fd, const char *text);
/* Takes a connection, reads its request and answers. */
int serve(dk_engine *e, server s, const char *text);
/* Does a request come over a new connection? Watched for a moment: what must not happen has no
 * event to wait for. A connection alone does no harm. */
bool anything_comes(dk_engine *e, server s);

/* An engine whose events are recorded. */
dk_engine *new_engine(unsigned max_in_flight);
/* A row of the operation map: the engine's queue knows no others. */
const dk_operation *row(const char *name);
/* A call that is tried once, for five seconds. */
dk_call *new_call(const char *name, int port, const char *body);
void submit(dk_engine *e, dk_call *call);
/* Takes turns until the call is done. */
void finish(dk_engine *e, dk_call *call);
void free_all(dk_engine *e, dk_call *call, server s);

#endif
