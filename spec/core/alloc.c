/* Failing allocations; see alloc.h. */
#include "alloc.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* what --wrap calls the library's own */
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *block, size_t n);
void __real_free(void *block);
CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running);
CURLMcode __real_curl_multi_perform(CURLM *multi, int *running);

static unsigned long fail_at, asked; /* fail_at 0: none does */
static bool rest_fails;
static long in_use;
static bool in_machine; /* libcurl is at work on transfers */

void alloc_fail_at(unsigned long n, bool rest)
{
    fail_at = n;
    asked = 0;
    rest_fails = rest;
}

void alloc_fail_none(void)
{
    fail_at = 0;
}

unsigned long alloc_asked(void)
{
    return asked;
}

long alloc_in_use(void)
{
    return in_use;
}

static bool fails(void)
{
    if (!fail_at)
        return false;
    asked++;
    if (asked != fail_at && !(rest_fails && asked > fail_at))
        return false;
    errno = ENOMEM; /* as malloc leaves it */
    return true;
}

static void *counted(void *block)
{
    in_use += block != NULL;
    return block;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : counted(__real_malloc(n));
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : counted(__real_calloc(count, n));
}

void *__wrap_realloc(void *block, size_t n)
{
    if (fails())
        return NULL;
    void *moved = __real_realloc(block, n);
    if (!block)
        counted(moved);
    return moved;
}

void __wrap_free(void *block)
{
    in_use -= block != NULL;
    __real_free(block);
}

char *__wrap_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = __wrap_malloc(n);
    return copy ? memcpy(copy, text, n) : NULL;
}

/* --- libcurl's ----------------------------------------------------------------------------------
 *
 * What it allocates for a handle, a URL or a list of headers can fail. What it allocates while it
 * is at work on transfers cannot: 7.88 divides by zero where it has no memory for a socket's entry.
 * That it may run out there is played by what it then answers. */

CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running)
{
    if (fails())
        return CURLM_OUT_OF_MEMORY;
    in_machine = true;
    CURLMcode code = __real_curl_multi_socket_action(multi, fd, mask, running);
    in_machine = false;
    return code;
}

CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running)
{
    in_machine = true;
    CURLMcode code = __real_curl_multi_perform(multi, running);
    in_machine = false;
    return code;
}

static void *its_malloc(size_t n)
{
    return in_machine ? counted(__real_malloc(n)) : __wrap_malloc(n);
}

static void *its_calloc(size_t count, size_t n)
{
    return in_machine ? counted(__real_calloc(count, n)) : __wrap_calloc(count, n);
}

static void *its_realloc(void *block, size_t n)
{
    if (!in_machine)
        return __wrap_realloc(block, n);
    void *moved = __real_realloc(block, n);
    return block ? moved : counted(moved);
}

static char *its_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = its_malloc(n);
    return copy ? memcpy(copy, text, n) : NULL;
}

void alloc_give_to_libcurl(void)
{
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, its_malloc, __wrap_free, its_realloc, its_strdup,
                         its_calloc);
}
