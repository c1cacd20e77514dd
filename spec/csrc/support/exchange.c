/* A server and an engine in one process; see exchange.h. */
#include "exchange.h"
#include "suites.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

server start_server(void)
{
    server s = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(s.fd >= 0);
    assert_int_equal(0, bind(s.fd, (struct sockaddr *)&address, n));
    assert_int_equal(0, listen(s.fd, 16));
    assert_int_equal(0, getsockname(s.fd, (struct sockaddr *)&address, &n));
    fcntl(s.fd, F_SETFL, O_NONBLOCK);
    s.port = ntohs(address.sin_port);
    return s;
}

dk_time give_up_at(void)
{
    return dk_clock_now() + PATIENCE;
}

void turn(dk_engine *e, dk_time give_up)
{
    dk_engine_step(e, TURN);
    if (dk_clock_now() > give_up)
        fail_msg("nothing happens");
}

int accept_one(dk_engine *e, server s)
{
    dk_time give_up = give_up_at();
    int fd;
    while ((fd = accept(s.fd, NULL, NULL)) < 0)
        turn(e, give_up);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

bool read_request(dk_engine *e, int fd, char *text, size_t size)
{
    dk_time give_up = give_up_at();
    size_t have = 0;
    for (;;) {
        ssize_t n = read(fd, text + have, size - 1 - have);
        if (n == 0)
            return false;
        if (n > 0)
            have += (size_t)n;
        text[have] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        size_t body = length ? (size_t)atoi(length + 16) : 0;
        if (end && have >= (size_t)(end + 4 - text) + body)
            return true;
        turn(e, give_up);
    }
}

void answer(int fd, const char *text)
{
    assert_int_equal((ssize_t)strlen(text), write(fd, text, strlen(text)));
}

int serve(dk_engine *e, server s, const char *text)
{
    char request[4096];
    int fd = accept_one(e, s);
    assert_true(read_request(e, fd, request, sizeof request));
    answer(fd, text);
    return fd;
}

dk_engine *new_engine(unsigned max_in_flight)
{
    /* the environment's proxy is not for loopback */
    dk_transport transport = {.proxy = strdup("")};
    dk_engine *e = dk_engine_new(transport, max_in_flight, 100);
    assert_non_null(e);
    dk_engine_watch(e, true);
    return e;
}

const dk_operation *row(const char *name)
{
    for (size_t i = 0; i < dk_operations_count; i++)
        if (strcmp(dk_operations[i].name, name) == 0)
            return &dk_operations[i];
    fail_msg("no operation %s", name);
    return NULL;
}

dk_call *new_call(const char *name, int port, const char *body)
{
    static const char *const id[] = {"the-id"};
    static const size_t length[] = {6};
    const dk_operation *operation = row(name);
    char base[64];
    dk_credentials none = {0};
    dk_call *call = dk_call_new();
    assert_non_null(call);
    snprintf(base, sizeof base, "http://127.0.0.1:%d", port);
    assert_true(dk_request_begin(&call->request, operation, base, id, length));
    if (body)
        dk_buffer_adds(&call->request.body, body);
    call->request.headers =
        dk_headers_new(&none, NULL, operation, operation->body ? DK_JSON : DK_NOTHING);
    assert_non_null(call->request.headers);
    call->options = (dk_call_options){.timeout = 5 * DK_SECOND,
                                      .attempt_timeout = 5 * DK_SECOND,
                                      .connect_timeout = 5 * DK_SECOND,
                                      .max_retries = 0,
                                      .max_response_bytes = 1000};
    return call;
}

void submit(dk_engine *e, dk_call *call)
{
    const char *why;
    if (!dk_engine_submit(e, call, &why))
        fail_msg("not taken: %s", why);
}

void finish(dk_engine *e, dk_call *call)
{
    dk_time give_up = give_up_at();
    while (call->state != DK_DONE)
        turn(e, give_up);
}

void free_all(dk_engine *e, dk_call *call, server s)
{
    dk_engine_free_call(e, call);
    dk_engine_release(e);
    if (s.fd >= 0)
        close(s.fd);
}

bool anything_comes(dk_engine *e, server s)
{
    dk_time until = dk_clock_now() + DK_SECOND / 5;
    int fd = -1;
    bool came = false;
    while (!came && dk_clock_now() < until) {
        char byte;
        dk_engine_step(e, TURN);
        if (fd < 0 && (fd = accept(s.fd, NULL, NULL)) >= 0)
            fcntl(fd, F_SETFL, O_NONBLOCK);
        came = fd >= 0 && read(fd, &byte, 1) > 0;
    }
    if (fd >= 0)
        close(fd);
    return came;
}
