/* An old libcurl; see old_libcurl.h. */
#include "old_libcurl.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <unistd.h>

/* what --wrap calls the library's own */
curl_version_info_data *__real_curl_version_info(CURLversion version);
CURLMsg *__real_curl_multi_info_read(CURLM *multi, int *left);
CURLMcode __real_curl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode __real_curl_multi_cleanup(CURLM *multi);
CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);

static int peer = -1; /* that is gone */
static old_libcurl_writes wrote;

void old_libcurl_begin(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    close(ends[0]);
    peer = ends[1];
    wrote = (old_libcurl_writes){0};
}

void old_libcurl_end(void)
{
    close(peer);
    peer = -1;
}

old_libcurl_writes old_libcurl_wrote(void)
{
    return wrote;
}

static void write_one(int *count)
{
    if (peer >= 0 && write(peer, "x", 1) < 0)
        ++*count;
}

curl_version_info_data *__wrap_curl_version_info(CURLversion version)
{
    static curl_version_info_data old;
    curl_version_info_data *real = __real_curl_version_info(version);
    if (peer < 0)
        return real;
    old = *real;
    old.version_num = 0x075600;
    old.features &= ~CURL_VERSION_HTTP2;
    return &old;
}

CURLMsg *__wrap_curl_multi_info_read(CURLM *multi, int *left)
{
    write_one(&wrote.at_work);
    return __real_curl_multi_info_read(multi, left);
}

CURLMcode __wrap_curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
    write_one(&wrote.taken_off);
    return __real_curl_multi_remove_handle(multi, easy);
}

CURLMcode __wrap_curl_multi_cleanup(CURLM *multi)
{
    write_one(&wrote.closed);
    return __real_curl_multi_cleanup(multi);
}

CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    CURLcode code;
    va_list arguments;
    va_start(arguments, option);
    if (option < CURLOPTTYPE_OBJECTPOINT) {
        long value = va_arg(arguments, long);
        code = peer >= 0 && option == CURLOPT_HTTP_VERSION && value > CURL_HTTP_VERSION_1_1
                   ? CURLE_UNSUPPORTED_PROTOCOL
                   : __real_curl_easy_setopt(easy, option, value);
    } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_OFF_T + 10000) {
        code = __real_curl_easy_setopt(easy, option, va_arg(arguments, curl_off_t));
    } else {
        code = __real_curl_easy_setopt(easy, option, va_arg(arguments, void *));
    }
    va_end(arguments);
    return code;
}
