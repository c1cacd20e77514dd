/* Failing allocations; see alloc.h. */
#include "alloc.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
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

/* --- searching -------------------------------------------------------------------------------- */

static const char *const *secrets; /* NULL: none is searched for */
static const char *found;

void alloc_search(const char *const *list)
{
    secrets = list;
    found = NULL;
}

const char *alloc_found(void)
{
    const char *one = found;
    found = NULL;
    return one;
}

static const char *secret_in(const void *block)
{
    const char *bytes = block;
    size_t n = malloc_usable_size((void *)(uintptr_t)block);
    for (const char *const *s = secrets; s && *s; s++)
        for (size_t at = 0, length = strlen(*s); at + length <= n; at++)
            if (bytes[at] == **s && memcmp(bytes + at, *s, length) == 0)
                return *s;
    return NULL;
}

static void search(const void *block)
{
    const char *secret = block ? secret_in(block) : NULL;
    if (secret)
        found = secret;
}

/* the blocks in use; what is asked for last is mostly given back first */
static void *blocks[4096];
static size_t blocks_count;

static void note(void *block)
{
    if (block && secrets && blocks_count < sizeof blocks / sizeof *blocks)
        blocks[blocks_count++] = block;
}

static void forget(const void *block)
{
    for (size_t i = blocks_count; block && i-- > 0;)
        if (blocks[i] == block) {
            blocks[i] = blocks[--blocks_count];
            return;
        }
}

const char *alloc_holds(void)
{
    const char *secret = NULL;
    for (size_t i = 0; i < blocks_count && !secret; i++)
        secret = secret_in(blocks[i]);
    return secret;
}

/* A block as if nobody had ever had it: what libcurl left in it is not ours. */
static void *blank(void *block, size_t from)
{
    size_t n = block ? malloc_usable_size(block) : 0;
    if (secrets && n > from)
        memset((char *)block + from, 0, n - from);
    return block;
}

static void *ours(void *block, size_t from)
{
    note(block);
    return blank(block, from);
}

/* --- failing ---------------------------------------------------------------------------------- */

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
    return fails() ? NULL : ours(counted(__real_malloc(n)), 0);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : ours(counted(__real_calloc(count, n)), count * n);
}

void *__wrap_realloc(void *block, size_t n)
{
    if (fails())
        return NULL;
    if (!block)
        return ours(counted(__real_malloc(n)), 0);
    size_t old = malloc_usable_size(block), kept = old < n ? old : n;
    search(block); /* whether it moves is the C library's affair */
    void *moved = __real_realloc(block, n);
    if (moved)
        forget(block);
    return ours(moved, kept);
}

void __wrap_free(void *block)
{
    search(block);
    forget(block);
    in_use -= block != NULL;
    __real_free(block);
}

/* libcurl's, of lists that are ours */
void __real_curl_slist_free_all(struct curl_slist *list);
void __wrap_curl_slist_free_all(struct curl_slist *list);

void __wrap_curl_slist_free_all(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        search(item->data);
    __real_curl_slist_free_all(list);
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
    return !in_machine && fails() ? NULL : blank(counted(__real_malloc(n)), 0);
}

static void *its_calloc(size_t count, size_t n)
{
    return !in_machine && fails() ? NULL : counted(__real_calloc(count, n));
}

static void *its_realloc(void *block, size_t n)
{
    if (!in_machine && fails())
        return NULL;
    void *moved = __real_realloc(block, n);
    return block ? moved : counted(moved);
}

static char *its_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = its_malloc(n);
    return copy ? memcpy(copy, text, n) : NULL;
}

static void its_free(void *block)
{
    in_use -= block != NULL;
    __real_free(block);
}

void alloc_give_to_libcurl(void)
{
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, its_malloc, its_free, its_realloc, its_strdup,
                         its_calloc);
}
