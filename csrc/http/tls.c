/* What is ours in libcurl's TLS; see tls.h. */
#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

/* As long libcurl keeps certificates, too. */
#define KEPT (24 * 60 * 60 * DK_SECOND)

/* What libcurl trusts where it is not told. False: it does not say, as before 7.70, or was built
 * without; then trust is left to it. */
static bool find_defaults(const char **file, const char **folder)
{
    *file = *folder = NULL;
#if LIBCURL_VERSION_NUM >= 0x074600
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->age >= CURLVERSION_SEVENTH) {
        *file = info->cainfo;
        *folder = info->capath;
    }
#endif
    return *file || *folder;
}

/* Reads the file; what is in the folder is read when it is needed. */
static bool fill(X509_STORE *store, const char *file, const char *folder)
{
    X509_LOOKUP *lookup;
    if (file && (!(lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file())) ||
                 X509_LOOKUP_load_file(lookup, file, X509_FILETYPE_PEM) != 1))
        return false;
    if (folder && (!(lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir())) ||
                   X509_LOOKUP_add_dir(lookup, folder, X509_FILETYPE_PEM) != 1))
        return false;
    /* as libcurl has it: an intermediate authority may be trusted as well */
    return X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

void dk_tls_free(dk_tls *tls)
{
    X509_STORE_free(tls->trusted);
    tls->trusted = NULL;
}

static CURLcode read_trusted(dk_tls *tls, const char *file, const char *folder)
{
    dk_time now = dk_clock_now();
    if (tls->trusted && now - tls->read < KEPT)
        return CURLE_OK;
    dk_tls_free(tls);
    tls->trusted = X509_STORE_new();
    tls->read = now;
    if (!tls->trusted)
        return CURLE_OUT_OF_MEMORY;
    bool done = fill(tls->trusted, tls->ca_file ? tls->ca_file : file, folder);
    ERR_clear_error();
    if (!done)
        dk_tls_free(tls);
    return done ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

/* A CURLOPT_SSL_CTX_FUNCTION: for each new connection. */
static CURLcode set_up(CURL *easy, void *context, void *user)
{
    dk_tls *tls = user;
    const char *file, *folder;
    (void)easy;
    dk_flood_watch(&tls->flood, context);
    if (!find_defaults(&file, &folder))
        return CURLE_OK;
    CURLcode code = read_trusted(tls, file, folder);
    if (code == CURLE_OK)
        SSL_CTX_set1_cert_store(context, tls->trusted);
    return code;
}

/* Is libcurl's TLS the library that our own calls go to? Forks of OpenSSL and other releases of it
 * have other structures. */
static bool is_ours(const char *theirs)
{
    char version[32], ours[48];
    if (sscanf(OpenSSL_version(OPENSSL_VERSION), "OpenSSL %31s", version) != 1)
        return false;
    snprintf(ours, sizeof ours, "OpenSSL/%s", version);
    return theirs && strcmp(theirs, ours) == 0;
}

bool dk_tls_watch(dk_tls *tls, CURL *easy)
{
    const char *file, *folder;
    tls->is_trusting = is_ours(curl_version_info(CURLVERSION_NOW)->ssl_version) &&
                       curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_up) == CURLE_OK &&
                       curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls) == CURLE_OK &&
                       find_defaults(&file, &folder);
    return tls->is_trusting;
}
