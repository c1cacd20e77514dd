/* SHA-256; see digest.h. */
#include "digest.h"
#include "hex.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>

#define BYTES 32

struct dk_digest {
    EVP_MD_CTX *context;
    bool failed;
};

dk_digest *dk_digest_new(void)
{
    dk_digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return NULL;
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1) {
        dk_digest_free(digest);
        return NULL;
    }
    return digest;
}

void dk_digest_free(dk_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

void dk_digest_add(dk_digest *digest, const char *bytes, size_t n)
{
    unsigned char length[8];
    uint64_t left = bytes ? (uint64_t)n + 1 : 0;
    for (size_t i = 0; i < sizeof length; i++, left >>= 8)
        length[i] = (unsigned char)left;
    if (EVP_DigestUpdate(digest->context, length, sizeof length) != 1 ||
        (bytes && EVP_DigestUpdate(digest->context, bytes, n) != 1))
        digest->failed = true;
}

bool dk_digest_end(dk_digest *digest, char hex[DK_DIGEST_HEX + 1])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (digest->failed || EVP_DigestFinal_ex(digest->context, bytes, &n) != 1 || n != BYTES)
        return false;
    dk_hex_write(bytes, BYTES, hex);
    return true;
}
