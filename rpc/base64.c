/* Base 64 decoding: see base64.h. */
#include "rpc/base64.h"

#include <errno.h>
#include <stdint.h>

static int digit(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        if (c == '+')
                return 62;
        return c == '/' ? 63 : -1;
}

int base64_decode(struct text *out, const char *s, size_t length)
{
        unsigned have = 0, padding = 0;
        uint32_t bits = 0;

        for (size_t i = 0; i < length; i++) {
                int d;

                if (text_is_space(s[i]))
                        continue;
                if (s[i] == '=') {
                        if (have + ++padding > 4 || have < 2)
                                return -EBADMSG;
                        continue;
                }
                d = digit(s[i]);
                if (d < 0 || padding)
                        return -EBADMSG;
                bits = bits << 6 | (uint32_t)d;
                if (++have < 4)
                        continue;
                text_append_bytes(out,
                        (const char[]){ (char)(bits >> 16), (char)(bits >> 8), (char)bits }, 3);
                have = 0;
                bits = 0;
        }
        if (have == 0 && padding == 0)
                return 0;
        if (have + padding != 4)
                return -EBADMSG;
        bits <<= 6 * padding;
        text_append_bytes(out, (const char[]){ (char)(bits >> 16), (char)(bits >> 8) }, have - 1);
        return 0;
}
