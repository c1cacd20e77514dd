/* The tries that libcurl makes by itself; see tries.h. */
#include "tries.h"
#include "retry.h"

/* Did anything of the last try leave that the service may act on? Some of the body; where there is
 * none, anything. */
static bool last_left(const dk_tries *t)
{
    long bytes = 0;
    if (t->call->request.body.length)
        return t->call->sent > 0;
    return curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK ||
           bytes > t->bytes;
}

/* Is this the first try, on a connection that it made and that nobody else has used? libcurl takes
 * one that another call has joined for a used one, also for the call that made it. */
static bool is_first_and_alone(const dk_tries *t)
{
    return t->count == 1 && t->anew && t->alone && t->traffic->requests == t->begun;
}

/* libcurl is about to send the request again. It does so in two cases: a used connection died
 * before an answer, or the server refused the stream and has not looked at it (RFC 9113, 8.7). Only
 * the second can happen in the first try on a connection that it made and has for itself; later
 * libcurl may take a death for a refusal, for it does not forget one (see dk_transfer_is_spent). */
static bool may_send_again(dk_tries *t)
{
    t->left |= !is_first_and_alone(t) && last_left(t);
    return dk_retry_by_libcurl(t->call->request.operation, t->left);
}

/* A CURLOPT_SEEKFUNCTION: libcurl asks for the body's beginning where it has sent some of it. */
static int rewind_body(void *user, curl_off_t offset, int origin)
{
    dk_tries *t = user;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > t->call->request.body.length)
        return CURL_SEEKFUNC_FAIL;
    if (!may_send_again(t))
        return CURL_SEEKFUNC_FAIL;
    t->call->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

#if LIBCURL_VERSION_NUM >= 0x075000
static void note_try(dk_tries *t)
{
    long connects = 0;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &t->bytes);
    t->anew = connects > t->connects;
    t->connects = connects;
    t->alone = t->traffic->on_wire == 1;
    t->begun = t->traffic->requests;
    t->count++;
}

/* A CURLOPT_PREREQFUNCTION: before each try, the first as well. None leaves with half a body, as
 * after HTTP_1_1_REQUIRED; and a call that may not be repeated does not leave on a connection that
 * was ended: libcurl looks at a kept one once a second (from 8.22 on), and never at a new one, which
 * a server that is going down may accept and end before the request. What comes on an idle
 * connection is its end (GOAWAY), on a new one a greeting. */
static int before_try(void *user, char *ip, char *own_ip, int port, int own_port)
{
    dk_tries *t = user;
    (void)ip, (void)own_ip, (void)port;
    bool may = t->count == 0 || may_send_again(t);
    note_try(t);
    if (t->call->sent > 0) {
        t->left = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (dk_retry_is_idempotent(t->call->request.operation))
        return CURL_PREREQFUNC_OK;
    bool idle = t->alone && !t->anew;
    t->hung_up = may && dk_connections_hung_up(t->connections, own_port, idle);
    return may && !t->hung_up && t->count <= DK_MOST_TRIES ? CURL_PREREQFUNC_OK
                                                           : CURL_PREREQFUNC_ABORT;
}
#endif

bool dk_tries_watch(dk_tries *t, CURL *easy, dk_connections *connections)
{
    t->easy = easy;
    t->connections = connections;
    if (curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, t) != CURLE_OK)
        return false;
#if LIBCURL_VERSION_NUM >= 0x075000
    t->asks = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_try) == CURLE_OK;
    return !t->asks || curl_easy_setopt(easy, CURLOPT_PREREQDATA, t) == CURLE_OK;
#else
    return true;
#endif
}

void dk_tries_begin(dk_tries *t, dk_call *call)
{
    t->call = call;
    t->count = 0;
    t->connects = t->bytes = 0;
    t->anew = t->alone = t->left = t->hung_up = false;
}

bool dk_tries_need_new_connection(const dk_tries *t, const dk_operation *operation, size_t body)
{
    return !t->asks && body == 0 && !dk_retry_is_idempotent(operation);
}

bool dk_tries_were_begun(const dk_tries *t)
{
    curl_off_t ready = 0;
    if (t->asks)
        return t->count > 0;
    return curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready) == CURLE_OK && ready > 0;
}

static curl_off_t uploaded(const dk_tries *t)
{
    curl_off_t bytes = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &bytes);
    return bytes;
}

/* Could none of the body be written that libcurl took, to a connection that was dead? It counts
 * anew with each try, so only the first is asked, on the connection that it began on; and only a
 * libcurl that was seen to count. A request without a body has nothing that it counts. */
static bool wrote_nothing(const dk_tries *t, CURLcode code)
{
    long connects = -1;
    if (!t->call->request.body.length)
        return false;
    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
    return code == CURLE_SEND_ERROR && t->count == 1 && connects == t->connects &&
           t->connections->uploads_count && uploaded(t) == 0;
}

bool dk_tries_were_not_sent(const dk_tries *t, CURLcode code)
{
    if (t->left)
        return false;
    return !dk_tries_were_begun(t) || t->hung_up || !last_left(t) || wrote_nothing(t, code);
}

void dk_tries_learn(dk_tries *t)
{
    if (t->call->sent > 0 && !t->connections->uploads_count)
        t->connections->uploads_count = uploaded(t) > 0;
}
