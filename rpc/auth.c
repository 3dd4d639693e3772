/* Basic authentication: see auth.h. */
#include "rpc/auth.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "rpc/base64.h"

#define SHA1_BYTES   20
#define SHA256_BYTES 32

/* By their digests: so neither the length nor the place of a difference can be timed. */
static bool equal(const char *a, size_t a_length, const char *b, size_t b_length)
{
        uint8_t x[SHA256_BYTES], y[SHA256_BYTES];

        if (gnutls_hash_fast(GNUTLS_DIG_SHA256, a, a_length, x) < 0 ||
                gnutls_hash_fast(GNUTLS_DIG_SHA256, b, b_length, y) < 0)
                return false;
        return gnutls_memcmp(x, y, sizeof(x)) == 0;
}

static bool password_fits(const char *stored, const char *given, size_t length)
{
        uint8_t digest[SHA1_BYTES];
        char hex[2 * SHA1_BYTES + 1];

        if (!text_starts(stored, "{SHA}"))
                return equal(stored, strlen(stored), given, length);
        if (gnutls_hash_fast(GNUTLS_DIG_SHA1, given, length, digest) < 0)
                return false;
        for (size_t i = 0; i < SHA1_BYTES; i++)
                (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]); /* always two digits */
        stored += strlen("{SHA}");
        return equal(stored, strlen(stored), hex, strlen(hex));
}

enum auth_result auth_check(const char *username, const char *password, const char *header)
{
        CLEANUP(text_clear) struct text decoded = {};
        const char *colon, *data;
        size_t user_length;
        bool user_fits;

        if (!username || !*username)
                return AUTH_GOOD;
        if (!header || strncasecmp(header, "basic", 5) != 0 || header[5] != ' ')
                return AUTH_DENIED;
        header += 5 + strspn(header + 5, " ");
        if (base64_decode(&decoded, header, strlen(header)) < 0)
                return AUTH_MALFORMED;
        data = text_string(&decoded);
        colon = memchr(data, ':', decoded.length);
        if (!colon)
                return AUTH_MALFORMED;
        user_length = (size_t)(colon - data);
        user_fits = equal(username, strlen(username), data, user_length);
        /* Both are always compared. */
        return password_fits(
                       password ? password : "", colon + 1, decoded.length - user_length - 1) &&
                               user_fits
                       ? AUTH_GOOD
                       : AUTH_DENIED;
}
