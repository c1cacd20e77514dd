/* The program that ddokta is measured against: the same calls on libcurl's multi interface, written
 * for speed. It keeps its easy handles, speaks HTTP/2 over one connection, sends the headers that
 * ddokta sends, and decodes nothing: the answers' bytes are counted.
 *
 * usage: libcurl URL CALLS AT_ONCE
 * environment: DDOKTA_CA_FILE, DD_API_KEY, DD_APP_KEY, BENCH_USER_AGENT */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_AT_ONCE 1000

static long left, failed;
static unsigned long long bytes;

static size_t count_bytes(char *data, size_t one, size_t n, void *user)
{
    (void)data;
    (void)one;
    (void)user;
    bytes += n;
    return n;
}

static struct curl_slist *header(struct curl_slist *list, const char *format, const char *variable)
{
    char line[512];
    const char *value = variable ? getenv(variable) : NULL;
    snprintf(line, sizeof line, format, value ? value : "");
    return curl_slist_append(list, line);
}

static CURL *new_handle(const char *url, struct curl_slist *headers)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        exit(2);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, getenv("BENCH_USER_AGENT"));
    curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("DDOKTA_CA_FILE"));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
    return easy;
}

/* Takes note of what is done and sends the next call with the same handle. */
static void collect(CURLM *multi)
{
    int queued;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &queued));) {
        CURL *easy = m->easy_handle;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (m->data.result != CURLE_OK || status != 200)
            failed++;
        curl_multi_remove_handle(multi, easy);
        if (left > 0) {
            left--;
            curl_multi_add_handle(multi, easy);
        }
    }
}

int main(int argc, char **argv)
{
    long calls = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    long at_once = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    if (calls < 1 || at_once < 1 || at_once > MAX_AT_ONCE) {
        fprintf(stderr, "usage: libcurl URL CALLS AT_ONCE\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    if (!multi)
        return 2;
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    struct curl_slist *headers = header(NULL, "Accept: application/json", NULL);
    headers = header(headers, "DD-API-KEY: %s", "DD_API_KEY");
    headers = header(headers, "DD-APPLICATION-KEY: %s", "DD_APP_KEY");

    static CURL *handles[MAX_AT_ONCE];
    left = calls;
    for (long i = 0; i < at_once && left > 0; i++, left--) {
        handles[i] = new_handle(argv[1], headers);
        curl_multi_add_handle(multi, handles[i]);
    }
    for (int running = 1; running || left > 0;) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return 1;
        collect(multi);
        if (running && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
            return 1;
    }
    for (long i = 0; i < at_once && handles[i]; i++)
        curl_easy_cleanup(handles[i]);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    printf("%ld calls, %llu bytes\n", calls - failed, bytes);
    return failed ? 1 : 0;
}
